import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { reduce } from "../reference/reduce.ts";
import { anyShape } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/**
 * One rounding of a sum in doubles for each group of axes that lie side by side, relative to the sizes of what is summed: `most` of
 * all elements of one result together. The gradients of sums are copies, of means one product.
 */
const tolerance = (most: number) => ({ relative: 1e-6, absolute: 1e-7 + 3 * 2 ** -24 * most });

const KINDS = {
  sum: [ops.sum, ops.sumBackward],
  mean: [ops.mean, ops.meanBackward],
  max: [ops.max, ops.maxBackward],
  min: [ops.min, ops.minBackward],
} as const;

const nan = Number.NaN;

describe.each(["sum", "mean", "max", "min"] as const)("%s", (kind) => {
  const [forward, backward] = KINDS[kind];

  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = anyShape(0, 5).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axes: fc.subarray([...shape.keys()]),
        keepDims: fc.boolean(),
        seed: fc.integer(),
      }),
    );
    fc.assert(
      fc.property(anyCase, ({ shape, axes, keepDims, seed }) => {
        const options = { axes, keepDims };
        const size = shape.reduce((a, b) => a * b, 1);
        const count = axes.reduce((n, axis) => n * shape[axis], 1);
        checkOp({
          // Distinct, so that no extreme has a kink.
          inputs: { x: { shape, data: new Random(seed).distinct(size) } },
          forward: ({ x }) => forward(x, options),
          twin: ({ x }) => reduce(kind, x, axes, keepDims),
          backward: (dy, { x }) => ({ x: backward(dy, x, options) }),
          tolerance: tolerance(kind === "sum" || kind === "mean" ? (count * size) / 200 : 0),
          gradientTolerance: tolerance(0),
          seed,
        });
      }),
    );
  });

  it("goes over all axes where none are named, and passes NaN on", () => {
    expect(forward(zeros([2, 3, 4])).shape).toEqual([]);
    for (const n of [1, 3, 4, 9]) {
      for (let at = 0; at < n; at++) {
        const row = Array.from({ length: n }, (_, i) => (i === at ? nan : i));
        expect([...forward(tensor(row)).data], `NaN at ${at} of ${n}`).toEqual([nan]);
        expect([...forward(tensor([row, row], [2, n]), { axes: 0 }).data][at]).toBeNaN();
      }
    }
  });

  refuses([
    [
      "an axis that is not there",
      () => forward(zeros([2, 3]), { axes: [0, 2] }),
      new ArgumentError(`${kind}: axes must be a whole number from -2 to 1, got 2`),
    ],
    [
      "an axis twice",
      () => forward(zeros([2, 3]), { axes: [1, -1] }),
      new ArgumentError(`${kind}: axes must name an axis once, got [1,-1]`),
    ],
    [
      "a keepDims that is no boolean",
      () => forward(zeros([2]), { keepDims: 1 as never }),
      new ArgumentError(`${kind}: keepDims must be true or false, got 1`),
    ],
    [
      "a wrong dy",
      () => backward(zeros([2]), zeros([2, 3]), { axes: 0 }),
      new ShapeError(`${kind}Backward: dy must be [3], got [2]`),
    ],
  ]);
});

describe("ties", () => {
  it("give the gradient to the first in row-major order, over axes that do not lie side by side too", () => {
    const x = tensor([5, 1, 2, 3, 5, 5, 5, 0], [2, 2, 2]);
    const dx = ops.maxBackward(tensor([1, 10]), x, { axes: [0, 2] });
    expect([...dx.data]).toEqual([1, 0, 0, 0, 0, 0, 10, 0]);
    expect([...ops.minBackward(tensor(1), tensor([2, 1, 1])).data]).toEqual([0, 1, 0]);
  });
});
