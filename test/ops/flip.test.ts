import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { flip as twin } from "../reference/flip.ts";
import { anyShape, COPIES, drawInput } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";

describe("flip", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = anyShape(1, 4, 9).chain((shape) =>
      fc.record({ shape: fc.constant(shape), axes: fc.subarray([...shape.keys()]), seed: fc.integer() }),
    );
    fc.assert(
      fc.property(anyCase, ({ shape, axes, seed }) => {
        checkOp({
          inputs: { x: drawInput(shape, seed) },
          forward: ({ x }) => ops.flip(x, axes),
          twin: ({ x }) => twin(x, axes),
          backward: (dy, { x }) => ({ x: ops.flipBackward(dy, x, axes) }),
          tolerance: COPIES,
          seed,
        });
      }),
    );
  });

  it("counts axes from the end, and copies NaN", () => {
    expect([...ops.flip(tensor([1, Number.NaN, 3]), -1).data]).toEqual([3, Number.NaN, 1]);
  });

  refuses([
    [
      "an axis that is not there",
      () => ops.flip(zeros([2, 3]), 2),
      new ArgumentError("flip: axes must be a whole number from -2 to 1, got 2"),
    ],
    [
      "an axis twice",
      () => ops.flip(zeros([2, 3]), [1, -1]),
      new ArgumentError("flip: axes must name an axis once, got [1,-1]"),
    ],
    [
      "a wrong dy",
      () => ops.flipBackward(zeros([3]), zeros([2]), 0),
      new ShapeError("flipBackward: dy must be [2], got [3]"),
    ],
  ]);
});
