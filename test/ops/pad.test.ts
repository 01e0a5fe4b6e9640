import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { pad as twin } from "../reference/pad.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies only. The gradient's central differences are exact to 1e-9. */
const TOLERANCE = { relative: 0, absolute: 1e-7 };

const side = fc.integer({ min: 0, max: 3 });

describe("pad", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      shape: fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 5 }))),
      sides: fc.tuple(side, side, side, side),
      value: fc.constantFrom(0, -1.5, 3),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, sides, value, seed }) => {
        const data = new Random(seed).floats(shape.reduce((a, b) => a * b));
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => ops.pad(x, sides, { value }),
          twin: ({ x }) => twin(x, sides, value),
          backward: (dy, { x }) => ({ x: ops.padBackward(dy, x, sides, { value }) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  it("takes a single image, and a number or a pair of sides", () => {
    expect(ops.pad(zeros([2, 3, 1]), 1).shape).toEqual([4, 5, 1]);
    expect(ops.pad(zeros([2, 3, 1]), [1, 2]).shape).toEqual([4, 7, 1]);
  });

  it("copies NaN", () => {
    expect([...ops.pad(tensor([Number.NaN], [1, 1, 1]), [0, 0, 1, 0]).data]).toEqual([0, Number.NaN]);
  });

  const known = "a whole number >= 0, [vertical, horizontal] or [top, bottom, left, right]";
  refuses([
    ["a flat tensor", () => ops.pad(zeros([4]), 1), new ShapeError("pad: x must be [N,H,W,C] or [H,W,C], got [4]")],
    ["negative sides", () => ops.pad(zeros([1, 1, 1]), -1), new ArgumentError(`pad: sides must be ${known}, got -1`)],
    [
      "fractional sides",
      () => ops.pad(zeros([1, 1, 1]), [0.5, 1]),
      new ArgumentError(`pad: sides must be ${known}, got [0.5,1]`),
    ],
    [
      "three sides",
      () => ops.pad(zeros([1, 1, 1]), [1, 1, 1] as never),
      new ArgumentError(`pad: sides must be ${known}, got [1,1,1]`),
    ],
    [
      "a wrong value",
      () => ops.pad(zeros([1, 1, 1]), 1, { value: "0" as never }),
      new ArgumentError('pad: value must be a number, got "0"'),
    ],
    ["no tensor", () => ops.pad([1, 2] as never, 1), new ArgumentError("pad: x must be a Tensor, got [1,2]")],
    [
      "a wrong dy",
      () => ops.padBackward(zeros([1, 1, 1]), zeros([1, 1, 1]), 1),
      new ShapeError("padBackward: dy must be [3,3,1], got [1,1,1]"),
    ],
  ]);
});
