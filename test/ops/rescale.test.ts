import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { rescale } from "../reference/rescale.ts";
import { anyShape, drawInput } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";

/** Two roundings of numbers below 20; scale and offset are rounded as well. */
const TOLERANCE = { relative: 1e-6, absolute: 4e-6 };

describe("rescale", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const factor = fc.double({ min: -10, max: 10, noNaN: true });
    const anyCase = fc.record({ shape: anyShape(0, 3, 9), scale: factor, offset: factor, seed: fc.integer() });
    fc.assert(
      fc.property(anyCase, ({ shape, scale, offset, seed }) => {
        checkOp({
          inputs: { x: drawInput(shape, seed) },
          forward: ({ x }) => ops.rescale(x, { scale, offset }),
          twin: ({ x }) => rescale(x, scale, offset),
          backward: (dy, { x }) => ({ x: ops.rescaleBackward(dy, x, { scale, offset }) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("leaves x as it is by default, and passes NaN on", () => {
    expect([...ops.rescale(tensor([1, Number.NaN])).data]).toEqual([1, Number.NaN]);
  });

  refuses([
    [
      "a scale that is not finite",
      () => ops.rescale(zeros([1]), { scale: Number.NaN }),
      new ArgumentError("rescale: scale must be a finite number, got NaN"),
    ],
    [
      "a wrong dy",
      () => ops.rescaleBackward(zeros([1]), zeros([2])),
      new ShapeError("rescaleBackward: dy must be [2], got [1]"),
    ],
  ]);
});
