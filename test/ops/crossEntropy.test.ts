import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, type Tensor, tensor, zeros } from "../../src/index.ts";
import { array64 } from "../reference/array.ts";
import * as twins from "../reference/crossEntropy.ts";
import { softmax } from "../reference/softmax.ts";
import { refuses } from "../support/invalid.ts";
import { anyLoss, drawLoss, lossOf, scaled } from "../support/lossCase.ts";
import { checkOp } from "../support/opCase.ts";

/** Sums of up to 23 terms. */
const TOLERANCE = { relative: 1e-5, absolute: 2e-6 };
/** -target/p reaches 1e3 and more where p is small; central differences of it lose to its curvature. */
const GRADIENT_OF_P = { relative: 2e-4, absolute: 2e-6 };

const { NaN: nan } = Number;

describe("crossEntropy", () => {
  it.each([true, false])("equals the naive twin, and its gradient central differences (indices: %s)", (sparse) => {
    fc.assert(
      fc.property(anyLoss, (shape) => {
        const { labels, logits, targets, weights, hot } = drawLoss(shape);
        // Between 0.004 and 0.94: no difference reaches the bounds of the clipping.
        const p = softmax({ shape: logits.shape, data: Float64Array.from(logits.data, (x) => x / 8) });
        const options = { weights: shape.weighted ? tensor(weights) : null };
        const given = sparse ? labels : tensor(Float32Array.from(targets.data), targets.shape);
        checkOp({
          inputs: { p: { shape: p.shape, data: p.data.map((x) => 0.94 * x) } },
          forward: (x) => lossOf(ops.crossEntropy(x.p, given, options)),
          twin: (x) => array64([1], [twins.crossEntropy(x.p, sparse ? hot : targets, array64([shape.m], weights))]),
          backward: (dy, x) => ({ p: scaled(ops.crossEntropy(x.p, given, options).dp, dy) }),
          tolerance: TOLERANCE,
          gradientTolerance: GRADIENT_OF_P,
        });
        if (!Array.isArray(given)) (given as Tensor).dispose();
        options.weights?.dispose();
      }),
    );
  });

  it("keeps p away from 0 and 1, where its gradient is 0", () => {
    const p = tensor([[0, 1, 1e-9, 0.5, 0.5]]);
    const { loss, dp } = ops.crossEntropy(p, tensor([[1, 0, 1, 0, 0]]));
    expect(loss).toBeCloseTo(2 * Math.log(1e7), 4);
    expect(dp.data.every((value) => value === 0)).toBe(true);
    expect(ops.crossEntropy(p, [0]).loss).toBeCloseTo(Math.log(1e7), 4);
    expect(ops.crossEntropy(p, [1]).loss).toBeCloseTo(1e-7, 7);
    expect([...ops.crossEntropy(p, [3]).dp.data]).toEqual([0, 0, 0, -2, 0]);
  });

  it("gives NaN where a label looks at NaN", () => {
    expect(ops.crossEntropy(tensor([[nan, 0.5]]), [0]).loss).toBeNaN();
    expect(ops.crossEntropy(tensor([[nan, 0.5]]), [0]).dp.data[0]).toBeNaN();
    expect(ops.crossEntropy(tensor([[nan, 0.5]]), [1]).loss).toBeCloseTo(Math.log(2), 6);
  });

  refuses([
    [
      "a label past the end",
      () => ops.crossEntropy(zeros([1, 3]), [3]),
      new ArgumentError("crossEntropy: labels[0] must be a whole number from 0 to 2, got 3"),
    ],
    [
      "a scalar",
      () => ops.crossEntropy(tensor(1), [0]),
      new ShapeError("crossEntropy: p must have at least one axis, got []"),
    ],
  ]);
});
