import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { erase as twin } from "../reference/erase.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies; central differences of a sum are off by 1e-9. */
const TOLERANCE = { relative: 0, absolute: 1e-8 };

describe("erase", () => {
  it("equals the naive twin, and its gradient central differences, over random boxes", () => {
    const side = fc.double({ min: 0, max: 1, noNaN: true });
    const anyCase = fc.record({
      shape: fc.tuple(...[3, 7, 7, 6].map((max) => fc.integer({ min: 1, max }))),
      corners: fc.array(fc.tuple(side, side, side, side), { minLength: 3, maxLength: 3 }),
      value: fc.constantFrom(0, 3.5),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, corners, value, seed }) => {
        const [n, h, w] = shape;
        const boxes = corners.slice(0, n).map(([a, b, c, d]): ops.Box => {
          const [top, left] = [Math.floor(a * h), Math.floor(b * w)];
          return [top, left, Math.round(c * (h - top)), Math.round(d * (w - left))];
        });
        checkOp({
          inputs: { x: { shape, data: new Random(seed).floats(shape.reduce((a, b) => a * b)) } },
          forward: ({ x }) => ops.erase(x, boxes, { value }),
          twin: ({ x }) => twin(x, boxes, value),
          backward: (dy, { x }) => ({ x: ops.eraseBackward(dy, x, boxes, { value }) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("leaves NaN alone outside of the box, and takes it away inside", () => {
    const x = tensor([Number.NaN, Number.NaN], [1, 2, 1]);
    expect([...ops.erase(x, [0, 0, 1, 1]).data]).toEqual([0, Number.NaN]);
  });

  refuses([
    [
      "a box that reaches out",
      () => ops.erase(zeros([4, 4, 1]), [2, 0, 3, 4]),
      new ArgumentError(
        "erase: boxes must be [top, left, height, width] within [4,4], or 1 of these, one for each image, got [2,0,3,4]",
      ),
    ],
    [
      "a box too few",
      () => ops.erase(zeros([2, 4, 4, 1]), [[0, 0, 1, 1]]),
      new ArgumentError(
        "erase: boxes must be [top, left, height, width] within [4,4], or 2 of these, one for each image, got [[0,0,1,1]]",
      ),
    ],
    [
      "a value that is none",
      () => ops.erase(zeros([1, 1, 1]), [0, 0, 1, 1], { value: "0" as never }),
      new ArgumentError('erase: value must be a number, got "0"'),
    ],
    [
      "a flat tensor",
      () => ops.erase(zeros([4]), [0, 0, 1, 1]),
      new ShapeError("erase: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "a wrong dy",
      () => ops.eraseBackward(zeros([1, 1, 1]), zeros([1, 2, 1]), [0, 0, 1, 1]),
      new ShapeError("eraseBackward: dy must be [1,2,1], got [1,1,1]"),
    ],
  ]);
});
