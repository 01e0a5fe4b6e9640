import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/dense_loss_dropout.json";
import { array64 } from "../reference/array.ts";
import { meanSquaredError as twin } from "../reference/meanSquaredError.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 23 squares in each of four lanes. */
const TOLERANCE = { relative: 2e-6, absolute: 1e-6 };

describe("meanSquaredError", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      m: fc.integer({ min: 1, max: 5 }),
      c: fc.integer({ min: 1, max: 23 }),
      weighted: fc.boolean(),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ m, c, weighted, seed }) => {
        const random = new Random(seed);
        const targets = tensor(random.floats(m * c), [m, c]);
        const weights = weighted ? random.floats(m, 0, 2) : new Float32Array(m).fill(1);
        const options = { weights: weighted ? tensor(weights) : null };
        checkOp({
          inputs: { x: { shape: [m, c], data: random.floats(m * c) } },
          forward: ({ x }) => {
            const { loss, dx } = ops.meanSquaredError(x, targets, options);
            dx.dispose();
            return tensor([loss]);
          },
          twin: ({ x }) => array64([1], [twin(x, array64([m, c], targets.data), array64([m], weights))]),
          backward: (dy, { x }) => {
            const { dx } = ops.meanSquaredError(x, targets, options);
            dx.data.set(dx.data.map((value) => value * dy.data[0]));
            return { x: dx };
          },
          tolerance: TOLERANCE,
        });
        targets.dispose();
        options.weights?.dispose();
      }),
    );
  });

  it("equals torch", () => {
    const c = (cases as unknown as Record<"op" | "x" | "target" | "y" | "dx", FixtureTensor>[]).find(
      (row) => `${row.op}` === "mse_loss",
    )!;
    const { loss, dx } = ops.meanSquaredError(tensor(c.x.data, c.x.shape), tensor(c.target.data, c.target.shape));
    expectClose([loss], c.y.data, TOLERANCE, "loss");
    expectClose(dx.data, c.dx.data, TOLERANCE, "dx");
  });

  it("takes any rank, and passes NaN on", () => {
    const x = tensor([[[1, 2]], [[3, Number.NaN]]]);
    const { loss, dx } = ops.meanSquaredError(x, zeros([2, 1, 2]));
    expect(loss).toBeNaN();
    expect([...dx.data]).toEqual([0.5, 1, 1.5, Number.NaN]);
  });

  refuses([
    [
      "targets of another shape",
      () => ops.meanSquaredError(zeros([2, 3]), zeros([3, 2])),
      new ShapeError("meanSquaredError: targets must be [2,3], got [3,2]"),
    ],
    [
      "weights of another shape",
      () => ops.meanSquaredError(zeros([2, 3]), zeros([2, 3]), { weights: zeros([2, 3]) }),
      new ShapeError("meanSquaredError: weights must be [2], got [2,3]"),
    ],
    [
      "a scalar",
      () => ops.meanSquaredError(tensor(1), tensor(1)),
      new ShapeError("meanSquaredError: x must have at least one axis, got []"),
    ],
  ]);
});
