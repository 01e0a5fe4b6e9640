import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/norm.json";
import { localResponseNorm } from "../reference/localResponseNorm.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** A sum of up to 9 squares, a logarithm and an exponential of 2 ulp each. */
const TOLERANCE = { relative: 2e-6, absolute: 2e-6 };

describe("localResponseNorm", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 19 })),
      size: fc.integer({ min: 1, max: 9 }),
      alpha: fc.double({ min: 0, max: 2, noNaN: true }),
      beta: fc.double({ min: 0, max: 2, noNaN: true }),
      k: fc.double({ min: 0.5, max: 2, noNaN: true }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, seed, ...options }) => {
        const { size, alpha, beta, k } = options;
        checkOp({
          inputs: { x: { shape, data: new Random(seed).floats(shape[0] * shape[1], -2, 2) } },
          forward: ({ x }) => ops.localResponseNorm(x, options),
          twin: ({ x }) => localResponseNorm(x, size, alpha, beta, k),
          backward: (dy, { x }) => ({ x: ops.localResponseNormBackward(dy, x, options) }),
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 1e-5, absolute: 1e-5 },
          seed,
        });
      }),
    );
  });

  it("equals PyTorch", () => {
    const { size, alpha, beta, k, ...all } = cases.find(({ op }) => op === "local_response_norm") as unknown as Record<
      "size" | "alpha" | "beta" | "k",
      number
    > &
      Record<"x" | "y" | "dy" | "dx", FixtureTensor>;
    const load = ({ data, shape }: FixtureTensor) => ops.transpose(tensor(data, shape), [0, 2, 3, 1]);
    const options = { size, alpha, beta, k };
    expectClose(ops.localResponseNorm(load(all.x), options).data, load(all.y).data, TOLERANCE, "y");
    const dx = ops.localResponseNormBackward(load(all.dy), load(all.x), options);
    expectClose(dx.data, load(all.dx).data, TOLERANCE, "dx");
  });

  it("keeps NaN among the channels that look at it", () => {
    const y = ops.localResponseNorm(tensor([Number.NaN, 1, 1, 1, 1]), { size: 3 });
    expect([...y.data].map(Number.isNaN)).toEqual([true, true, false, false, false]);
  });

  refuses([
    [
      "a size of 0",
      () => ops.localResponseNorm(zeros([4]), { size: 0 }),
      new ArgumentError("localResponseNorm: size must be a whole number >= 1, got 0"),
    ],
    [
      "a negative alpha",
      () => ops.localResponseNorm(zeros([4]), { alpha: -1 }),
      new ArgumentError("localResponseNorm: alpha must be a finite number >= 0, got -1"),
    ],
    [
      "a k of 0",
      () => ops.localResponseNorm(zeros([4]), { k: 0 }),
      new ArgumentError("localResponseNorm: k must be a finite number > 0, got 0"),
    ],
    [
      "a wrong dy",
      () => ops.localResponseNormBackward(zeros([3]), zeros([4])),
      new ShapeError("localResponseNormBackward: dy must be [4], got [3]"),
    ],
  ]);
});
