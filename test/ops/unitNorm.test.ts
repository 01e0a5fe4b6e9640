import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { array64 } from "../reference/array.ts";
import { unitNorm as twin } from "../reference/unitNorm.ts";
import { anyShape } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** A sum of up to 7^3 squares, its root, a quotient. Differences of short rows have a large third derivative. */
const TOLERANCE = { relative: 4e-6, absolute: 1e-6 };
const GRADIENT = { relative: 2e-5, absolute: 1e-5 };

describe("unitNorm", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes and axes", () => {
    fc.assert(
      fc.property(anyShape(1, 4), fc.integer({ min: 1, max: 3 }), fc.integer(), (shape, count, seed) => {
        const axis = Array.from({ length: Math.min(count, shape.length) }, (_, i) => -1 - i);
        const c = shape.slice(-axis.length).reduce((a, b) => a * b);
        const size = shape.reduce((a, b) => a * b);
        const random = new Random(seed);
        checkOp({
          // Away from 0, where rows of one element jump from -1 to 1.
          inputs: { x: { shape, data: random.floats(size, 0.1, 1).map((x) => (random.next() < 0.5 ? x : -x)) } },
          forward: ({ x }) => ops.unitNorm(x, { axis }),
          twin: ({ x: { data } }) => array64(shape, twin({ shape: [size / c, c], data }).data),
          backward: (dy, { x }) => ({ x: ops.unitNormBackward(dy, x, { axis }) }),
          tolerance: TOLERANCE,
          gradientTolerance: GRADIENT,
          seed,
        });
      }),
    );
  });

  it("keeps what has no length, and passes NaN on to its row alone", () => {
    expect(ops.unitNorm(zeros([1, 3])).toArray()).toEqual([[0, 0, 0]]);
    expect(ops.unitNormBackward(tensor([[1, 2, 3]]), zeros([1, 3])).toArray()).toEqual([[1e6, 2e6, 3e6]]);
    const rows = tensor([
      [Number.NaN, 1],
      [3, 4],
    ]);
    expect([...ops.unitNorm(rows).data]).toEqual([Number.NaN, Number.NaN, Math.fround(0.6), Math.fround(0.8)]);
  });

  refuses([
    ["no axes", () => ops.unitNorm(tensor(1)), new ShapeError("unitNorm: x must have at least one axis, got []")],
    [
      "an axis that is not last",
      () => ops.unitNorm(zeros([2, 3]), { axis: 0 }),
      new ArgumentError("unitNorm: axis must name the last axes, got 0"),
    ],
    [
      "an axis that is not there",
      () => ops.unitNorm(zeros([2, 3]), { axis: 2 }),
      new ArgumentError("unitNorm: axis must be a whole number from -2 to 1, got 2"),
    ],
    [
      "an option that is none",
      () => ops.unitNorm(zeros([2, 3]), { axes: 1 } as never),
      new ArgumentError('unitNorm: every option must be one of "axis", got "axes"; did you mean "axis"?'),
    ],
    [
      "a gradient of another shape",
      () => ops.unitNormBackward(zeros([3, 2]), zeros([2, 3])),
      new ShapeError("unitNormBackward: dy must be [2,3], got [3,2]"),
    ],
    ["no tensor", () => ops.unitNorm([1] as never), new ArgumentError("unitNorm: x must be a Tensor, got [1]")],
  ]);
});
