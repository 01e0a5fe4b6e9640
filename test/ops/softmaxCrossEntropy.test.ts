import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import seedCase from "../fixtures/seed/fc_softmax_xent_dropout.json";
import cases from "../fixtures/torch/dense_loss_dropout.json";
import { array64 } from "../reference/array.ts";
import * as twins from "../reference/crossEntropy.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { anyLoss, drawLoss, lossOf, scaled } from "../support/lossCase.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Logits up to 10: x - max rounds to 1e-6; sums of up to 23 terms. */
const TOLERANCE = { relative: 1e-5, absolute: 2e-6 };

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("softmaxCrossEntropy", () => {
  it("equals the naive twin, and its gradient central differences, over indices", () => {
    fc.assert(
      fc.property(anyLoss, (shape) => {
        const { labels, logits, weights, hot } = drawLoss(shape);
        const options = { weights: shape.weighted ? tensor(weights) : null };
        checkOp({
          inputs: { logits },
          forward: (x) => lossOf(ops.softmaxCrossEntropy(x.logits, labels, options)),
          twin: (x) => array64([1], [twins.softmaxCrossEntropy(x.logits, hot, array64([shape.m], weights))]),
          backward: (dy, x) => ({
            logits: scaled(ops.softmaxCrossEntropy(x.logits, Int32Array.from(labels), options).dlogits, dy),
          }),
          tolerance: TOLERANCE,
        });
        options.weights?.dispose();
      }),
    );
  });

  it("equals the naive twin, and its gradient central differences, over targets that need not sum to 1", () => {
    fc.assert(
      fc.property(anyLoss, (shape) => {
        const { logits, targets, weights } = drawLoss(shape);
        const options = { weights: shape.weighted ? tensor(weights) : null };
        const labels = tensor(Float32Array.from(targets.data), targets.shape);
        checkOp({
          inputs: { logits },
          forward: (x) => lossOf(ops.softmaxCrossEntropy(x.logits, labels, options)),
          twin: (x) => array64([1], [twins.softmaxCrossEntropy(x.logits, targets, array64([shape.m], weights))]),
          backward: (dy, x) => ({ logits: scaled(ops.softmaxCrossEntropy(x.logits, labels, options).dlogits, dy) }),
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 1e-5, absolute: 1e-5 },
        });
        labels.dispose();
        options.weights?.dispose();
      }),
    );
  });

  interface TorchCase {
    op: string;
    reduction: string;
    x: FixtureTensor;
    target: FixtureTensor;
    soft_target?: FixtureTensor;
    weight?: FixtureTensor;
    label_smoothing?: number;
    ignore_index?: number;
    y: FixtureTensor;
    dy: FixtureTensor;
    dx: FixtureTensor;
  }
  const torch = (cases as unknown as TorchCase[]).filter(
    (c) => c.op === "cross_entropy" && c.label_smoothing === undefined && c.ignore_index === undefined,
  );
  // torch divides a weighted mean by the sum of the weights, Keras and this op by the number of rows.
  const hard = torch.filter((c) => c.target && !(c.reduction === "mean" && c.weight));
  it.each(hard.map((c) => [`${c.reduction}${c.weight ? ", class weights" : ""}`, c] as const))(
    "equals torch: %s",
    (_, c) => {
      const m = c.target.data.length;
      const unit = c.reduction === "mean" ? 1 : m; // what makes our mean torch's sum
      const classWeights = c.target.data.map((label) => c.weight?.data[label] ?? 1);
      const perRow = c.reduction === "none" ? c.dy.data : classWeights.map(() => 1);
      const weights = tensor(classWeights.map((w, i) => w * perRow[i] * unit));
      const { loss, dlogits } = ops.softmaxCrossEntropy(tensor(c.x.data, c.x.shape), c.target.data, { weights });
      const expected = c.y.data.reduce((sum, y, i) => sum + y * perRow[i], 0);
      expectClose([loss], [expected], TOLERANCE, "loss");
      expectClose(dlogits.data, c.dx.data, TOLERANCE, "dlogits");
    },
  );

  it("equals torch: soft targets", () => {
    const c = torch.find((row) => row.soft_target)!;
    const labels = tensor(c.soft_target!.data, c.soft_target!.shape);
    const { loss, dlogits } = ops.softmaxCrossEntropy(tensor(c.x.data, c.x.shape), labels);
    expectClose([loss], c.y.data, TOLERANCE, "loss");
    expectClose(dlogits.data, c.dx.data, TOLERANCE, "dlogits");
  });

  it("equals the textbook's dense layer with softmax", () => {
    const of = (t: FixtureTensor) => tensor(t.data, t.shape);
    const [x, w] = [of(seedCase.X), of(seedCase.W)];
    const logits = ops.dense(x, w, of(seedCase.b));
    expectClose(ops.softmax(logits).data, seedCase.probs.data, TOLERANCE, "probabilities");
    const { loss, dlogits } = ops.softmaxCrossEntropy(logits, seedCase.labels);
    expectClose([loss], [seedCase.loss], TOLERANCE, "loss");
    const { dx, dw, db } = ops.denseBackward(dlogits, x, w);
    expectClose(dx.data, seedCase.dX.data, TOLERANCE, "dX");
    expectClose(dw.data, seedCase.dW.data, TOLERANCE, "dW");
    expectClose(db.data, seedCase.db.data, TOLERANCE, "db");
  });

  it("is the same for indices and one-hot rows, and takes images of classes", () => {
    const logits = tensor(new Random(1).floats(24), [2, 2, 2, 3]);
    const labels = [0, 1, 2, 2, 1, 0, 1, 2];
    const indices = ops.softmaxCrossEntropy(logits, labels);
    const rows = ops.softmaxCrossEntropy(logits, tensor(Float32Array.from(twins.oneHot(labels, 3).data), logits.shape));
    expect(rows.loss).toBeCloseTo(indices.loss, 6);
    expect(indices.dlogits.shape).toEqual([2, 2, 2, 3]);
    expectClose(rows.dlogits.data, indices.dlogits.data, TOLERANCE);
  });

  it("stays finite for certain and for hopeless logits", () => {
    const logits = tensor([[1000, -1000, 0, 0, -infinity]]);
    expect(ops.softmaxCrossEntropy(logits, [0]).loss).toBe(0);
    expect(ops.softmaxCrossEntropy(logits, [1]).loss).toBe(2000);
    expect([...ops.softmaxCrossEntropy(logits, [1]).dlogits.data]).toEqual([1, -1, 0, 0, 0]);
    expect(ops.softmaxCrossEntropy(logits, tensor([[0, 1, 0, 0, 0]])).loss).toBe(2000);
  });

  it("gives NaN for NaN logits, in their row alone", () => {
    const { loss, dlogits } = ops.softmaxCrossEntropy(
      tensor([
        [0, 1],
        [0, nan],
      ]),
      [0, 0],
    );
    expect(loss).toBeNaN();
    expect([...dlogits.data].map(Number.isNaN)).toEqual([false, false, true, true]);
  });

  const label = "softmaxCrossEntropy: labels";
  refuses([
    [
      "a label past the end",
      () => ops.softmaxCrossEntropy(zeros([2, 3]), [0, 3]),
      new ArgumentError(`${label}[1] must be a whole number from 0 to 2, got 3`),
    ],
    [
      "a negative label",
      () => ops.softmaxCrossEntropy(zeros([2, 3]), Int32Array.of(-1, 0)),
      new ArgumentError(`${label}[0] must be a whole number from 0 to 2, got -1`),
    ],
    [
      "a NaN label",
      () => ops.softmaxCrossEntropy(zeros([1, 3]), [nan]),
      new ArgumentError(`${label}[0] must be a whole number from 0 to 2, got NaN`),
    ],
    [
      "too few labels",
      () => ops.softmaxCrossEntropy(zeros([2, 3]), [0]),
      new ShapeError(`${label} must be 2 indices, one per row, got 1`),
    ],
    [
      "targets of another shape",
      () => ops.softmaxCrossEntropy(zeros([2, 3]), zeros([2, 4])),
      new ShapeError(`${label} must be [2,3], got [2,4]`),
    ],
    [
      "weights of another shape",
      () => ops.softmaxCrossEntropy(zeros([2, 3]), [0, 0], { weights: zeros([3]) }),
      new ShapeError("softmaxCrossEntropy: weights must be [2], got [3]"),
    ],
    [
      "a scalar",
      () => ops.softmaxCrossEntropy(tensor(1), [0]),
      new ShapeError("softmaxCrossEntropy: logits must have at least one axis, got []"),
    ],
    [
      "no tensor",
      () => ops.softmaxCrossEntropy(1 as never, [0]),
      new ArgumentError("softmaxCrossEntropy: logits must be a Tensor, got 1"),
    ],
  ]);
});
