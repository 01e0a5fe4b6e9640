import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/norm.json";
import type { Array64 } from "../reference/array.ts";
import { groupNorm } from "../reference/groupNorm.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** A few roundings of numbers below 10, times up to 1 / sqrt(epsilon) where a group has no spread. */
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };
/** Differences of large slopes, where groups have little spread. */
const GRADIENT_TOLERANCE = { relative: 1e-3, absolute: 1e-3 };

const reshaped = ({ data }: Array64, shape: readonly number[]): Array64 => ({ shape, data });
const anyOf = (max: number) => fc.integer({ min: 1, max });

/** Inputs x, gamma, beta. */
function inputs(shape: readonly number[], parameters: readonly number[], seed: number) {
  const random = new Random(seed);
  const draw = (of: readonly number[]) => ({
    shape: of,
    data: random.floats(
      of.reduce((a, b) => a * b),
      -2,
      2,
    ),
  });
  return { x: draw(shape), gamma: draw(parameters), beta: draw(parameters) };
}

const gradients = ({ dx, dgamma, dbeta }: ops.NormGradients) => ({ x: dx, gamma: dgamma, beta: dbeta });

describe("groupNorm", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    const anyCase = fc.record({
      image: fc.tuple(anyOf(3), anyOf(5), anyOf(5)),
      groups: anyOf(4),
      share: anyOf(7),
      epsilon: fc.constantFrom(1e-3, 1e-1),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ image: [n, h, w], groups, share, epsilon, seed }) => {
        const c = groups * share;
        const options = { groups, epsilon };
        checkOp({
          inputs: inputs([n, h, w, c], [c], seed),
          forward: ({ x, gamma, beta }) => ops.groupNorm(x, gamma, beta, options),
          twin: ({ x, gamma, beta }) =>
            reshaped(groupNorm(reshaped(x, [n, h * w, c]), gamma, beta, groups, epsilon), x.shape),
          backward: (dy, { x, gamma }) => gradients(ops.groupNormBackward(dy, x, gamma, options)),
          tolerance: TOLERANCE,
          gradientTolerance: GRADIENT_TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("keeps NaN in its sample and group", () => {
    const x = tensor([1, 2, 3, Number.NaN, 5, 6, 7, 8], [2, 1, 1, 4]);
    const y = ops.groupNorm(x, tensor([1, 1, 1, 1]), zeros([4]), { groups: 2 }).data;
    expect([...y].map(Number.isNaN)).toEqual([false, false, true, true, false, false, false, false]);
  });

  it("finds the spread beside a large mean", () => {
    const x = tensor([10000, 10001, 10002, 10003], [1, 2, 2, 1]);
    const y = ops.groupNorm(x, tensor([1]), tensor([0]), { groups: 1, epsilon: 1e-9 });
    expectClose(
      y.data,
      [-3, -1, 1, 3].map((v) => v / Math.sqrt(5)),
      { relative: 1e-6, absolute: 0 },
    );
  });

  refuses([
    [
      "groups that do not divide the channels",
      () => ops.groupNorm(zeros([2, 2, 6]), zeros([6]), zeros([6]), { groups: 4 }),
      new ArgumentError("groupNorm: groups must divide the 6 channels of x [2,2,6], got 4"),
    ],
    [
      "an epsilon of 0",
      () => ops.groupNorm(zeros([2, 2, 6]), zeros([6]), zeros([6]), { groups: 2, epsilon: 0 }),
      new ArgumentError("groupNorm: epsilon must be a finite number > 0, got 0"),
    ],
    [
      "another gamma",
      () => ops.groupNorm(zeros([2, 2, 6]), zeros([5]), zeros([6]), { groups: 2 }),
      new ShapeError("groupNorm: gamma must be [6], got [5]"),
    ],
    [
      "a row",
      () => ops.groupNorm(zeros([6]), zeros([6]), zeros([6])),
      new ShapeError("groupNorm: x must be [N,H,W,C] or [H,W,C], got [6]"),
    ],
    [
      "a wrong dy",
      () => ops.groupNormBackward(zeros([1]), zeros([1, 1, 4]), zeros([4]), { groups: 2 }),
      new ShapeError("groupNormBackward: dy must be [1,1,4], got [1]"),
    ],
  ]);
});

describe("instanceNorm", () => {
  it("is groupNorm with every channel a group", () => {
    const { x, gamma, beta } = inputs([2, 3, 5, 6], [6], 1);
    const [image, g, b] = [x, gamma, beta].map(({ data, shape }) => tensor(data, shape));
    expect(ops.instanceNorm(image, g, b).data).toEqual(ops.groupNorm(image, g, b, { groups: 6 }).data);
    const [own, grouped] = [
      ops.instanceNormBackward(image, image, g),
      ops.groupNormBackward(image, image, g, { groups: 6 }),
    ];
    for (const name of ["dx", "dgamma", "dbeta"] as const) expect(own[name].data).toEqual(grouped[name].data);
  });
});

describe("layerNorm", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    const anyCase = fc.record({
      front: fc.array(anyOf(4), { maxLength: 3 }),
      own: fc.array(anyOf(6), { minLength: 1, maxLength: 2 }),
      epsilon: fc.constantFrom(1e-3, 1e-1),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ front, own, epsilon, seed }) => {
        const [n, c] = [front, own].map((sizes) => sizes.reduce((a, b) => a * b, 1));
        checkOp({
          inputs: inputs([...front, ...own], own, seed),
          forward: ({ x, gamma, beta }) => ops.layerNorm(x, gamma, beta, { epsilon }),
          twin: ({ x, gamma, beta }) =>
            reshaped(groupNorm(reshaped(x, [n, 1, c]), reshaped(gamma, [c]), reshaped(beta, [c]), 1, epsilon), x.shape),
          backward: (dy, { x, gamma }) => gradients(ops.layerNormBackward(dy, x, gamma, { epsilon })),
          tolerance: TOLERANCE,
          gradientTolerance: GRADIENT_TOLERANCE,
          seed,
        });
      }),
    );
  });

  refuses([
    [
      "a gamma that is not of the last axes",
      () => ops.layerNorm(zeros([2, 3]), zeros([2]), zeros([2])),
      new ShapeError("layerNorm: gamma must be [3], got [2]"),
    ],
    [
      "a gamma of more axes",
      () => ops.layerNorm(zeros([3]), zeros([1, 3]), zeros([1, 3])),
      new ShapeError("layerNorm: gamma must have the shape of the last axes of x [3], got [1,3]"),
    ],
  ]);
});

describe("PyTorch", () => {
  type Case = Record<"x" | "y" | "dy" | "dx" | "gamma" | "beta" | "dgamma" | "dbeta", FixtureTensor> & { eps: number };
  const NORMS = {
    layernorm: [ops.layerNorm, ops.layerNormBackward],
    groupnorm2: [ops.groupNorm, ops.groupNormBackward],
    instancenorm: [ops.instanceNorm, ops.instanceNormBackward],
  } as const;

  it.each(Object.keys(NORMS) as (keyof typeof NORMS)[])("agrees on %s", (name) => {
    const found = cases.find(({ op }) => op === name) as unknown as Case;
    const [forward, backward] = NORMS[name];
    const options = name === "groupnorm2" ? { groups: 2, epsilon: found.eps } : { epsilon: found.eps };
    const load = ({ data, shape }: FixtureTensor) => {
      const x = tensor(data, shape);
      return shape.length === 4 ? ops.transpose(x, [0, 2, 3, 1]) : x;
    };
    const [x, gamma, beta] = [load(found.x), load(found.gamma), load(found.beta)];
    expectClose(forward(x, gamma, beta, options).data, load(found.y).data, TOLERANCE, "y");
    const { dx, dgamma, dbeta } = backward(load(found.dy), x, gamma, options);
    expectClose(dx.data, load(found.dx).data, TOLERANCE, "dx");
    expectClose(dgamma.data, found.dgamma.data, TOLERANCE, "dgamma");
    expectClose(dbeta.data, found.dbeta.data, TOLERANCE, "dbeta");
  });
});
