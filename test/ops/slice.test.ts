import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { slice as twin } from "../reference/slice.ts";
import { anyShape, COPIES, drawInput } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";

describe("slice", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = anyShape().chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        // Two places of each axis, in either order, and a step.
        axes: fc.tuple(
          ...shape.map((n) => fc.record({ a: fc.nat(n - 1), b: fc.nat(n - 1), step: fc.integer({ min: 1, max: 3 }) })),
        ),
        fromEnd: fc.boolean(),
        seed: fc.integer(),
      }),
    );
    fc.assert(
      fc.property(anyCase, ({ shape, axes, fromEnd, seed }) => {
        const step = axes.map(({ a, b, step }) => (a <= b ? step : -step));
        const start = axes.map(({ a }, i) => (fromEnd ? a - shape[i] : a));
        const end = axes.map(({ a, b }, i) => (a <= b ? b + 1 : b > 0 ? b - 1 : -shape[i] - 1));
        const options = { start, end, step };
        checkOp({
          inputs: { x: drawInput(shape, seed) },
          forward: ({ x }) => ops.slice(x, options),
          twin: ({ x }) => twin(x, options),
          backward: (dy, { x }) => ({ x: ops.sliceBackward(dy, x, options) }),
          tolerance: COPIES,
          seed,
        });
      }),
    );
  });

  it("keeps the axes that are not named, and copies NaN", () => {
    const x = tensor([1, Number.NaN, 3, 4, 5, 6], [3, 2]);
    expect(ops.slice(x, { start: [-2] }).toArray()).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(ops.slice(x, { end: [1, 99] }).toArray()).toEqual([[1, Number.NaN]]);
    expect(ops.slice(x, { step: [-2] }).toArray()).toEqual([
      [5, 6],
      [1, Number.NaN],
    ]);
    expect(ops.slice(x).toArray()).toEqual(x.toArray());
  });

  it("splits into equal parts or parts of given sizes, which concat joins again", () => {
    const x = tensor(
      Float32Array.from({ length: 48 }, (_, i) => i),
      [2, 6, 4],
    );
    expect(ops.split(x, 2).map(({ shape }) => shape)).toEqual([
      [2, 6, 2],
      [2, 6, 2],
    ]);
    const parts = ops.split(x, [1, 3, 2], 1);
    expect(parts.map(({ shape }) => shape)).toEqual([
      [2, 1, 4],
      [2, 3, 4],
      [2, 2, 4],
    ]);
    expect(ops.concat(parts, 1).toArray()).toEqual(x.toArray());
  });

  refuses([
    [
      "nothing",
      () => ops.slice(zeros([4, 4]), { start: [2], end: [2] }),
      new ShapeError("slice: nothing of x [4,4] is left, got [0,4]"),
    ],
    [
      "a step of zero",
      () => ops.slice(zeros([4]), { step: [0] }),
      new ArgumentError("slice: step must not be 0, got [0]"),
    ],
    [
      "more axes than there are",
      () => ops.slice(zeros([4]), { start: [1, 1] }),
      new ArgumentError("slice: start must hold up to 1 whole numbers, one an axis, got [1,1]"),
    ],
    [
      "a fraction",
      () => ops.slice(zeros([4]), { end: [1.5] }),
      new ArgumentError("slice: end must hold up to 1 whole numbers, one an axis, got [1.5]"),
    ],
    [
      "a wrong dy",
      () => ops.sliceBackward(zeros([4]), zeros([4]), { end: [2] }),
      new ShapeError("sliceBackward: dy must be [2], got [4]"),
    ],
    [
      "parts that leave a rest",
      () => ops.split(zeros([1, 5]), 2),
      new ArgumentError("split: parts must divide the 5 elements of axis 1, got 2"),
    ],
    [
      "sizes that do not add up",
      () => ops.split(zeros([1, 5]), [2, 2], 1),
      new ArgumentError("split: parts must divide the 5 elements of axis 1, got [2,2]"),
    ],
    [
      "an axis that is not there",
      () => ops.split(zeros([4]), 2, 1),
      new ArgumentError("split: axis must be a whole number from -1 to 0, got 1"),
    ],
  ]);
});
