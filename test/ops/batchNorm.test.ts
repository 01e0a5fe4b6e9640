import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, full, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/norm.json";
import { array64 } from "../reference/array.ts";
import * as twins from "../reference/batchNorm.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** y is at most a few deviations, its parts round once or twice; gradients sum up to 70 rows. */
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

const { NaN: nan } = Number;

const anyCase = fc.record({
  m: fc.constantFrom(1, 2, 5, 31, 32, 33, 70),
  // Rows of more than 64 channels, and of a multiple of 512, go their own ways.
  c: fc.oneof(
    { weight: 19, arbitrary: fc.integer({ min: 1, max: 11 }) },
    { weight: 1, arbitrary: fc.constantFrom(65, 512) },
  ),
  // Smaller ones are tested with torch's values: two close rows would bend too much for central differences.
  epsilon: fc.constantFrom(0.1, 1),
  seed: fc.integer(),
});

/** x [M,C] whose channels have means up to 2, and [C]s. */
function drawn({ m, c, seed }: { m: number; c: number; seed: number }) {
  const random = new Random(seed);
  const offsets = random.floats(c, -2, 2);
  const vector = (low = -1) => ({ shape: [c], data: random.floats(c, low, 1) });
  return {
    x: { shape: [m, c], data: random.floats(m * c).map((value, i) => value + offsets[i % c]) },
    gamma: vector(),
    beta: vector(),
    mean: vector(),
    variance: vector(0.01),
  };
}

describe("batchNorm", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, (shape) => {
        const { epsilon } = shape;
        const { mean, variance, ...inputs } = drawn(shape);
        const [m, v] = [tensor(mean.data), tensor(variance.data)];
        checkOp({
          inputs,
          forward: ({ x, gamma, beta }) => ops.batchNorm(x, gamma, beta, m, v, { epsilon }),
          twin: ({ x, gamma, beta }) =>
            twins.batchNorm(x, gamma, beta, array64([shape.c], m.data), array64([shape.c], v.data), epsilon),
          backward: (dy, { x, gamma }) => {
            const { dx, dgamma, dbeta } = ops.batchNormBackward(dy, x, gamma, m, v, { epsilon });
            return { x: dx, gamma: dgamma, beta: dbeta };
          },
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 1e-5, absolute: 3e-5 },
        });
        m.dispose();
        v.dispose();
      }),
    );
  });
});

describe("batchNormTraining", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, (shape) => {
        const { epsilon } = shape;
        const { x, gamma, beta } = drawn(shape);
        checkOp({
          inputs: { x, gamma, beta },
          forward: (t) => ops.batchNormTraining(t.x, t.gamma, t.beta, { epsilon }),
          twin: (t) => {
            const { mean, variance } = twins.statistics(t.x);
            return twins.batchNorm(t.x, t.gamma, t.beta, mean, variance, epsilon);
          },
          backward: (dy, t) => {
            const { dx, dgamma, dbeta } = ops.batchNormTrainingBackward(dy, t.x, t.gamma, { epsilon });
            return { x: dx, gamma: dgamma, beta: dbeta };
          },
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 1e-5, absolute: 3e-5 },
        });
      }),
    );
  });

  it("moves the running statistics as Keras does", () => {
    const { x } = drawn({ m: 37, c: 5, seed: 1 });
    const running = { mean: full([5], 0.5), variance: full([5], 2) };
    ops.batchNormTraining(tensor(x.data, x.shape), full([5], 1), zeros([5]), { momentum: 0.9, running });
    const { mean, variance } = twins.statistics(array64(x.shape, x.data));
    expectClose(
      running.mean.data,
      mean.data.map((value) => 0.45 + 0.1 * value),
      TOLERANCE,
      "mean",
    );
    expectClose(
      running.variance.data,
      variance.data.map((value) => 1.8 + 0.1 * value),
      TOLERANCE,
      "variance",
    );
  });

  it("holds where the mean is ten thousand times the deviation", () => {
    const values = new Random(2).floats(3000).map((value) => Math.fround(10000 + value));
    const { mean, variance } = twins.statistics(array64([1000, 3], values));
    const running = { mean: zeros([3]), variance: zeros([3]) };
    const y = ops.batchNormTraining(tensor(values, [1000, 3]), full([3], 1), zeros([3]), { momentum: 0, running });
    expectClose(running.mean.data, mean.data, { relative: 1e-7, absolute: 0 }, "mean");
    expectClose(running.variance.data, variance.data, { relative: 1e-6, absolute: 0 }, "variance");
    const [one, zero] = [array64([3], [1, 1, 1]), array64([3])];
    const expected = twins.batchNorm(array64([1000, 3], values), one, zero, mean, variance, 1e-3);
    // scale and shift are floats: 10000 / deviation * 2^-23 is 2e-3
    expectClose(y.data, expected.data, { relative: 0, absolute: 4e-3 }, "y");
  });

  interface Step {
    x: FixtureTensor;
    y: FixtureTensor;
    dy: FixtureTensor;
    dx: FixtureTensor;
    dgamma: FixtureTensor;
    dbeta: FixtureTensor;
    running_mean: FixtureTensor;
    running_var: FixtureTensor;
  }
  interface TorchCase {
    op: string;
    name: string;
    eps: number;
    momentum_torch: number;
    gamma: FixtureTensor;
    beta: FixtureTensor;
    train: Step[];
    eval: Pick<Step, "x" | "y" | "dy" | "dx">;
  }
  const torch = (cases as unknown as TorchCase[]).filter(({ op }) => op === "batch_norm");
  it.each(torch.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const channels = c.gamma.data.length;
    const [gamma, beta] = [tensor(c.gamma.data), tensor(c.beta.data)];
    const options = { epsilon: c.eps, momentum: 1 - c.momentum_torch };
    const running = { mean: zeros([channels]), variance: full([channels], 1) };
    let biased = [...running.variance.data];
    let torchVariance = biased;
    for (const step of c.train) {
      const [x, dy] = [channelsLast(step.x), channelsLast(step.dy)];
      const y = ops.batchNormTraining(x, gamma, beta, { ...options, running });
      expectClose(y.data, channelsLast(step.y).data, TOLERANCE, "y");
      expectClose(running.mean.data, step.running_mean.data, TOLERANCE, "running mean");
      // Torch adds the unbiased variance of the batch, m / (m - 1) times ours.
      const m = x.size / channels;
      const before = torchVariance;
      torchVariance = step.running_var.data;
      biased = biased.map((value, i) => {
        const added = torchVariance[i] - options.momentum * before[i];
        return options.momentum * value + (added * (m - 1)) / m;
      });
      expectClose(running.variance.data, biased, TOLERANCE, "running variance");
      const { dx, dgamma, dbeta } = ops.batchNormTrainingBackward(dy, x, gamma, options);
      expectClose(dx.data, channelsLast(step.dx).data, TOLERANCE, "dx");
      expectClose(dgamma.data, step.dgamma.data, TOLERANCE, "dgamma");
      expectClose(dbeta.data, step.dbeta.data, TOLERANCE, "dbeta");
    }
    const last = c.train.at(-1)!;
    const [mean, variance] = [tensor(last.running_mean.data), tensor(last.running_var.data)];
    const x = channelsLast(c.eval.x);
    const y = ops.batchNorm(x, gamma, beta, mean, variance, options);
    expectClose(y.data, channelsLast(c.eval.y).data, TOLERANCE, "eval y");
    const { dx } = ops.batchNormBackward(channelsLast(c.eval.dy), x, gamma, mean, variance, options);
    expectClose(dx.data, channelsLast(c.eval.dx).data, TOLERANCE, "eval dx");
  });

  it("accumulates dgamma and dbeta, leaves out what is not asked for, and may write dx over dy", () => {
    const { x, gamma } = drawn({ m: 40, c: 6, seed: 3 });
    const [tx, tg] = [tensor(x.data, x.shape), tensor(gamma.data)];
    const dy = tensor(new Random(4).floats(240), [40, 6]);
    const expected = ops.batchNormTrainingBackward(dy, tx, tg);
    const { kernels } = tx.runtime;
    const [mean, invStd, dgamma, scratch] = [zeros([6]), zeros([6]), full([6], 1), zeros([8, 8])];
    kernels.batchNormStatistics(tx.pointer, mean.pointer, invStd.pointer, 0, 0, 40, 6, 0, 1e-3, scratch.pointer);
    const at = [dy.pointer, tx.pointer, tg.pointer, mean.pointer, invStd.pointer] as const;
    kernels.batchNormBackward(...at, dy.pointer, dgamma.pointer, 0, 40, 6, 0, scratch.pointer);
    expect(dy.data).toEqual(expected.dx.data);
    expectClose(
      dgamma.data,
      expected.dgamma.data.map((value) => 1 + value),
      TOLERANCE,
      "dgamma",
    );
  });

  it("reads x for dgamma and dbeta alone where the statistics are frozen", () => {
    const dy = tensor([1, 2, 3, 4], [2, 2]);
    const [gamma, invStd, dx, scratch] = [tensor([2, 3]), tensor([0.5, 2]), zeros([2, 2]), full([8, 4], nan)];
    const unread = full([2, 2], nan).pointer;
    const at = [dy.pointer, unread, gamma.pointer, unread, invStd.pointer, dx.pointer] as const;
    dy.runtime.kernels.batchNormBackward(...at, 0, 0, 2, 2, 1, scratch.pointer);
    expect([...dx.data]).toEqual([1, 12, 3, 24]);
  });

  it("keeps NaN in its channel", () => {
    const x = tensor([1, 2, 3, nan, 5, 6], [2, 3]);
    const running = { mean: zeros([3]), variance: zeros([3]) };
    const y = ops.batchNormTraining(x, full([3], 1), zeros([3]), { running });
    expect([...y.data].map(Number.isNaN)).toEqual([true, false, false, true, false, false]);
    expect([...running.variance.data].map(Number.isNaN)).toEqual([true, false, false]);
    const frozen = ops.batchNorm(x, full([3], 1), zeros([3]), zeros([3]), full([3], 1));
    expect([...frozen.data].map(Number.isNaN)).toEqual([false, false, false, true, false, false]);
  });

  const [x, one] = [[2, 3], [3]];
  refuses([
    [
      "a gamma of another size",
      () => ops.batchNormTraining(zeros(x), zeros([2]), zeros(one)),
      new ShapeError("batchNormTraining: gamma must be [3], got [2]"),
    ],
    [
      "running statistics of another size",
      () => ops.batchNorm(zeros(x), zeros(one), zeros(one), zeros(one), zeros([4])),
      new ShapeError("batchNorm: variance must be [3], got [4]"),
    ],
    [
      "an epsilon of 0",
      () => ops.batchNormTraining(zeros(x), zeros(one), zeros(one), { epsilon: 0 }),
      new ArgumentError("batchNormTraining: epsilon must be a finite number > 0, got 0"),
    ],
    [
      "a momentum above 1",
      () => ops.batchNormTraining(zeros(x), zeros(one), zeros(one), { momentum: 1.5 }),
      new ArgumentError("batchNormTraining: momentum must be a number from 0 to 1, got 1.5"),
    ],
    [
      "a wrong dy",
      () => ops.batchNormTrainingBackward(zeros([3, 2]), zeros(x), zeros(one)),
      new ShapeError("batchNormTrainingBackward: dy must be [2,3], got [3,2]"),
    ],
  ]);
});

/** [N,C,H,W] -> [N,H,W,C]; [N,C] stays. */
function channelsLast({ shape, data }: FixtureTensor) {
  if (shape.length === 2) return tensor(data, shape);
  const [n, c, h, w] = shape;
  const pixels = h * w;
  const moved = Float32Array.from(data, (_, i) => {
    const [image, pixel, channel] = [Math.floor(i / (pixels * c)), Math.floor(i / c) % pixels, i % c];
    return data[(image * c + channel) * pixels + pixel];
  });
  return tensor(moved, [n, h, w, c]);
}
