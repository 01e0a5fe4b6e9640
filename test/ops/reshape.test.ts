import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { reshape as twin } from "../reference/reshape.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies only. The gradient's central differences are exact to 1e-9. */
const TOLERANCE = { relative: 0, absolute: 1e-7 };

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

describe("reshape", () => {
  it("equals the naive twin, and its gradient central differences, with and without -1", () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), fc.integer(), (shape, open, seed) => {
        const output = [...shape].reverse();
        const asked = open ? [-1, ...output.slice(1)] : output;
        checkOp({
          inputs: { x: { shape, data: new Random(seed).floats(shape.reduce((a, b) => a * b)) } },
          forward: ({ x }) => ops.reshape(x, asked),
          twin: ({ x }) => twin(x, output),
          backward: (dy, { x }) => ({ x: ops.reshape(dy, x.shape) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("copies: what becomes of x does not show, and NaN does", () => {
    const x = tensor([1, Number.NaN], [2]);
    const y = ops.reshape(x, [2, 1]);
    x.data[0] = 7;
    expect([...y.data]).toEqual([1, Number.NaN]);
    expect(ops.reshape(tensor([3], [1, 1]), []).shape).toEqual([]);
  });

  const once = "reshape: shape must hold whole numbers >= 1, and -1 at most once";
  refuses([
    [
      "too few elements",
      () => ops.reshape(zeros([2, 3]), [2, 2]),
      new ShapeError("reshape: shape [2,2] does not hold the 6 elements of x [2,3]"),
    ],
    [
      "what -1 cannot fill",
      () => ops.reshape(zeros([2, 3]), [4, -1]),
      new ShapeError("reshape: shape [4,-1] does not hold the 6 elements of x [2,3]"),
    ],
    ["two open sizes", () => ops.reshape(zeros([4]), [-1, -1]), new ArgumentError(`${once}, got [-1,-1]`)],
    ["a size of 0", () => ops.reshape(zeros([4]), [0, 4]), new ArgumentError(`${once}, got [0,4]`)],
    ["a fraction", () => ops.reshape(zeros([4]), [2.5]), new ArgumentError(`${once}, got [2.5]`)],
    ["no shape", () => ops.reshape(zeros([4]), 4 as never), new ArgumentError(`${once}, got 4`)],
    ["no tensor", () => ops.reshape(null as never, [1]), new ArgumentError("reshape: x must be a Tensor, got null")],
  ]);
});

describe("flatten", () => {
  it("makes one row per sample", () => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const rest = shape.slice(1).reduce((a, b) => a * b, 1);
        checkOp({
          inputs: { x: { shape, data: new Random(seed).floats(shape[0] * rest) } },
          forward: ({ x }) => ops.flatten(x),
          twin: ({ x }) => twin(x, [shape[0], rest]),
          backward: (dy, { x }) => ({ x: ops.reshape(dy, x.shape) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  refuses([
    ["a scalar", () => ops.flatten(tensor(1)), new ShapeError("flatten: x must have a first axis, got []")],
    ["no tensor", () => ops.flatten([1] as never), new ArgumentError("flatten: x must be a Tensor, got [1]")],
  ]);
});
