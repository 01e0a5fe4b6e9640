import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { upsample2d as twin } from "../reference/upsample2d.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies forward; backward sums of at most nine numbers below 1, rounded to f32. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-6 };

describe("upsample2d", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const factor = fc.integer({ min: 1, max: 3 });
    const anyCase = fc.record({
      shape: fc.tuple(...[2, 4, 4, 9].map((max) => fc.integer({ min: 1, max }))),
      size: fc.tuple(factor, factor),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, size, seed }) => {
        const data = new Random(seed).floats(shape.reduce((a, b) => a * b));
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => ops.upsample2d(x, size),
          twin: ({ x }) => twin(x, size),
          backward: (dy, { x }) => ({ x: ops.upsample2dBackward(dy, x, size) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  it("repeats rows and columns", () => {
    const y = ops.upsample2d(tensor([1, 2, 3, Number.NaN], [2, 2, 1]), [1, 2]);
    expect(y.shape).toEqual([2, 4, 1]);
    expect([...y.data]).toEqual([1, 1, 2, 2, 3, 3, Number.NaN, Number.NaN]);
  });

  refuses([
    [
      "a flat tensor",
      () => ops.upsample2d(zeros([4]), 2),
      new ShapeError("upsample2d: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "a size of zero",
      () => ops.upsample2d(zeros([1, 1, 1]), 0),
      new ArgumentError("upsample2d: size must be a whole number >= 1 or [vertical, horizontal], got 0"),
    ],
    [
      "a wrong dy",
      () => ops.upsample2dBackward(zeros([1, 1, 1]), zeros([1, 1, 1]), 2),
      new ShapeError("upsample2dBackward: dy must be [2,2,1], got [1,1,1]"),
    ],
  ]);
});
