import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, full, ops, ShapeError, zeros } from "../../src/index.ts";
import type { Array64 } from "../reference/array.ts";
import { alphaDropout, normalNoise, spatialDropout } from "../reference/noise.ts";
import { anyShape } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";
import { moments } from "../support/statistics.ts";

/** A few products and sums of numbers below 5; normal numbers themselves are right within 6e-7 of the quantile. */
const TOLERANCE = { relative: 2e-6, absolute: 5e-6 };

type Options = ops.DropoutOptions & ops.GaussianNoiseOptions;

const multiplied = (x: Array64, { rate, seed, stream = 0 }: Options) => {
  const noise = normalNoise(x.data.length, seed, stream);
  return { shape: x.shape, data: x.data.map((v, i) => v * (1 + noise[i] * Math.sqrt(rate / (1 - rate)))) };
};
const added = (x: Array64, { stddev, seed, stream = 0 }: Options) => {
  const noise = normalNoise(x.data.length, seed, stream);
  return { shape: x.shape, data: x.data.map((v, i) => v + noise[i] * stddev) };
};

const KINDS = {
  spatialDropout: [
    ops.spatialDropout,
    ops.spatialDropoutBackward,
    (x: Array64, { rate, seed, stream = 0 }: Options) => spatialDropout(x, rate, seed, stream),
  ],
  alphaDropout: [
    ops.alphaDropout,
    ops.alphaDropoutBackward,
    (x: Array64, { rate, seed, stream = 0 }: Options) => alphaDropout(x, rate, seed, stream),
  ],
  gaussianDropout: [ops.gaussianDropout, ops.gaussianDropoutBackward, multiplied],
  gaussianNoise: [ops.gaussianNoise, ops.gaussianNoiseBackward, added],
} as const;

describe.each(["spatialDropout", "alphaDropout", "gaussianDropout", "gaussianNoise"] as const)("%s", (kind) => {
  const [forward, backward, twin] = KINDS[kind];

  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      shape: anyShape(kind === "spatialDropout" ? 2 : 1, 4, 5),
      rate: fc.constantFrom(0, 0.1, 0.5, 0.9),
      stddev: fc.constantFrom(0, 0.5, 2),
      seed: fc.maxSafeNat(),
      stream: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, ...options }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        checkOp({
          inputs: { x: { shape, data: new Random(options.seed).floats(size, 1, 2) } },
          forward: ({ x }) => forward(x, options),
          twin: ({ x }) => twin(x, options),
          backward: (dy, { x }) => ({ x: backward(dy, x, options) }),
          tolerance: TOLERANCE,
        });
      }),
      { numRuns: 50 },
    );
  });

  it("does nothing with a rate, or a deviation, of 0", () => {
    const x = full([2, 3, 4], 1.5);
    const options = { rate: 0, stddev: 0, seed: 1 };
    for (const value of forward(x, options).data) expect(value).toBeCloseTo(1.5, 6);
  });

  const amount = kind === "gaussianNoise" ? "stddev" : "rate";
  const good = { rate: 0.5, stddev: 1, seed: 1 };
  refuses([
    [
      "a negative amount",
      () => forward(zeros([1, 1]), { ...good, rate: -1, stddev: -1 }),
      new ArgumentError(
        amount === "rate"
          ? `${kind}: rate must be a number from 0 up to, but not including, 1, got -1`
          : `${kind}: stddev must be a finite number >= 0, got -1`,
      ),
    ],
    [
      "a negative seed",
      () => forward(zeros([1, 1]), { ...good, seed: -1 }),
      new ArgumentError(`${kind}: seed must be a whole number from 0 to 2^53 - 1, got -1`),
    ],
    [
      "a wrong dy",
      () => backward(zeros([2]), zeros([1, 3]), good),
      new ShapeError(`${kind}Backward: dy must be [1,3], got [2]`),
    ],
  ]);
});

describe("normal noise", () => {
  const draw = (options: ops.GaussianNoiseOptions) => ops.gaussianNoise(zeros([100_000]), options).data.slice();

  it("has the moments of the normal distribution", () => {
    const { mean, variance, skewness, kurtosis } = moments(draw({ stddev: 1, seed: 3 }));
    // Four standard errors of 100,000 draws.
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(1 / 1e5));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 1e5));
    expect(Math.abs(skewness)).toBeLessThan(4 * Math.sqrt(6 / 1e5));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / 1e5));
  });

  it("differs from stream to stream and seed to seed", () => {
    const [a, b, c] = [
      draw({ stddev: 1, seed: 1 }),
      draw({ stddev: 1, seed: 2 }),
      draw({ stddev: 1, seed: 1, stream: 1 }),
    ];
    const correlation = (p: Float32Array, q: Float32Array) =>
      p.reduce((sum, v, i) => sum + v * q[i], 0) / Math.sqrt(1e5);
    expect(Math.abs(correlation(a, b))).toBeLessThan(4);
    expect(Math.abs(correlation(a, c))).toBeLessThan(4);
  });
});

describe("spatial dropout", () => {
  refuses([
    [
      "a row",
      () => ops.spatialDropout(zeros([3]), { rate: 0.5, seed: 1 }),
      new ShapeError("spatialDropout: x must be [N,...,C], got [3]"),
    ],
  ]);
});

describe("alpha dropout", () => {
  it("keeps mean 0 and variance 1", () => {
    const x = ops.gaussianNoise(zeros([100_000]), { stddev: 1, seed: 5 });
    const { mean, variance } = moments(ops.alphaDropout(x, { rate: 0.3, seed: 6 }).data);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  });
});
