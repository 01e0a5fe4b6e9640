import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { forwardAdd, inferAdd } from "../../src/ops/add.ts";
import { add as twin } from "../reference/add.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** One rounding of a sum below 2; the gradients are copies. */
const TOLERANCE = { relative: 0, absolute: 2e-7 };

describe("add", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 0, maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const random = new Random(seed);
        const input = () => ({ shape, data: random.floats(shape.reduce((a, b) => a * b, 1)) });
        checkOp({
          inputs: { a: input(), b: input() },
          forward: ({ a, b }) => ops.add(a, b),
          twin: ({ a, b }) => twin(a, b),
          backward: (dy, { a, b }) => {
            const { da, db } = ops.addBackward(dy, a, b);
            return { a: da, b: db };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("adds in place", () => {
    const a = tensor([1, 2, 3, 4, 5]);
    const b = tensor([10, 20, 30, 40, 50]);
    forwardAdd(a.runtime.kernels, { a: a.pointer, b: b.pointer, y: a.pointer }, inferAdd("add", a.shape, b.shape));
    expect([...a.data]).toEqual([11, 22, 33, 44, 55]);
    expect([...ops.add(a, a).data]).toEqual([22, 44, 66, 88, 110]);
  });

  it("passes NaN on", () => {
    expect([...ops.add(tensor([1, Number.NaN, 3]), tensor([Number.NaN, 1, 1])).data]).toEqual([NaN, NaN, 4]);
  });

  refuses([
    ["another shape", () => ops.add(zeros([2, 3]), zeros([3, 2])), new ShapeError("add: b must be [2,3], got [3,2]")],
    ["no tensor", () => ops.add(1 as never, zeros([1])), new ArgumentError("add: a must be a Tensor, got 1")],
    [
      "a disposed tensor",
      () => {
        const gone = zeros([2]);
        gone.dispose();
        return ops.add(zeros([2]), gone);
      },
      new ArgumentError("add: b was disposed"),
    ],
    [
      "a wrong dy",
      () => ops.addBackward(zeros([1]), zeros([2]), zeros([2])),
      new ShapeError("addBackward: dy must be [2], got [1]"),
    ],
  ]);
});
