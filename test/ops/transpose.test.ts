import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { transpose as twin } from "../reference/transpose.ts";
import { anyShape, COPIES, drawInput } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";

describe("transpose", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = anyShape(1, 5, 9).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
        seed: fc.integer(),
      }),
    );
    fc.assert(
      fc.property(anyCase, ({ shape, order, seed }) => {
        checkOp({
          inputs: { x: drawInput(shape, seed) },
          forward: ({ x }) => ops.transpose(x, order),
          twin: ({ x }) => twin(x, order),
          backward: (dy, { x }) => ({ x: ops.transposeBackward(dy, x, order) }),
          tolerance: COPIES,
          seed,
        });
      }),
    );
  });

  it("reverses the axes where no order is given, and copies NaN", () => {
    const x = tensor([1, 2, 3, 4, Number.NaN, 6], [2, 3]);
    expect(ops.transpose(x).toArray()).toEqual([
      [1, 4],
      [2, Number.NaN],
      [3, 6],
    ]);
  });

  refuses([
    [
      "an axis twice",
      () => ops.transpose(zeros([2, 3]), [0, 0]),
      new ArgumentError("transpose: order must name each axis of x [2,3] once, such as [0,1], got [0,0]"),
    ],
    [
      "too few axes",
      () => ops.transpose(zeros([2, 3]), [0]),
      new ArgumentError("transpose: order must name each axis of x [2,3] once, such as [0,1], got [0]"),
    ],
    [
      "a wrong dy",
      () => ops.transposeBackward(zeros([2, 3]), zeros([2, 3])),
      new ShapeError("transposeBackward: dy must be [3,2], got [2,3]"),
    ],
  ]);
});
