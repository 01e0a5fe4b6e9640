/** Cross-entropy: of logits, fused with softmax, and of probabilities. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Eager, eager, shapeOf } from "./eager.ts";
import { rowsOf } from "./softmax.ts";

/** Class indices, one per row; or a tensor of the shape of the predictions: one-hot rows, or a probability for each class. */
export type Labels = ArrayLike<number> | Tensor;

/** What losses take. */
export interface LossOptions {
  /** How much each row counts, [M]. Default 1 each. The loss is sum(weight * loss) / M, as in Keras (not over the sum of weights). */
  weights?: Tensor | null;
}

export interface CrossEntropyPlan {
  readonly output: Shape;
  /** Samples, rows of a sample, and classes. */
  readonly m: number;
  readonly p: number;
  readonly c: number;
  /** Labels are i32 indices [M]; otherwise f32 targets [M,C]. */
  readonly sparse: boolean;
  /** What gradients are multiplied with: 1 / (M P) for the mean over rows. */
  readonly scale: number;
  readonly lossesBytes: number;
}

/**
 * The shape rule: x [...,C] in rows (`argument` is its name), targets of the same shape or null for an index per row, weights
 * [M] or null. Each row is a sample, unless their number is given.
 */
export function inferCrossEntropy(
  op: string,
  argument: string,
  x: Shape,
  targets: Shape | null = null,
  weights: Shape | null = null,
  samples?: number,
): CrossEntropyPlan {
  const [rows, c] = rowsOf(op, argument, x);
  const m = samples ?? rows;
  if (targets !== null) expectShape(op, "labels", targets, x);
  if (weights !== null) expectShape(op, "weights", weights, [m]);
  return { output: x, m, p: rows / m, c, sparse: targets === null, scale: 1 / rows, lossesBytes: m * 4 };
}

interface LossPointers {
  /** i32 [M,P] or f32 [M,P,C], as the plan's `sparse` says. */
  readonly labels: number;
  /** f32 [M]; 0 where each row counts 1. */
  readonly weights: number;
  /** f32 [M], written: weight * loss of each sample. Their sum / M is the loss. */
  readonly losses: number;
}

/** logits, labels -> losses. */
export function forwardSoftmaxCrossEntropy(
  kernels: Kernels,
  at: LossPointers & { logits: number },
  plan: CrossEntropyPlan,
): void {
  backwardSoftmaxCrossEntropy(kernels, { ...at, dlogits: 0 }, plan);
}

/** logits, labels -> losses and dlogits (written; may be logits) in one pass. */
export function backwardSoftmaxCrossEntropy(
  kernels: Kernels,
  at: LossPointers & { logits: number; dlogits: number },
  { m, p, c, sparse, scale }: CrossEntropyPlan,
): void {
  const kernel = sparse ? kernels.softmaxCrossEntropy : kernels.softmaxCrossEntropyTargets;
  kernel(at.logits, at.labels, at.weights, at.losses, at.dlogits, m, p, c, scale);
}

/** Probabilities p, labels -> losses. */
export function forwardCrossEntropy(kernels: Kernels, at: LossPointers & { p: number }, plan: CrossEntropyPlan): void {
  backwardCrossEntropy(kernels, { ...at, dp: 0 }, plan);
}

/** Probabilities p, labels -> losses and dp (written) in one pass. */
export function backwardCrossEntropy(
  kernels: Kernels,
  at: LossPointers & { p: number; dp: number },
  { m, p, c, sparse, scale }: CrossEntropyPlan,
): void {
  const kernel = sparse ? kernels.crossEntropy : kernels.crossEntropyTargets;
  kernel(at.p, at.labels, at.weights, at.losses, at.dp, m, p, c, scale);
}

/**
 * Checks class indices: `m` whole numbers from 0 to c - 1.
 *
 * @throws ShapeError for another count; ArgumentError that names the first row whose label is none of them.
 */
export function checkLabels(op: string, labels: ArrayLike<number>, m: number, c: number): void {
  if (labels.length !== m)
    throw new ShapeError(`${op}: labels must be ${m} indices, one per row, got ${labels.length}`);
  for (let i = 0; i < m; i++) {
    const label = labels[i];
    if (Number.isInteger(label) && label >= 0 && label < c) continue;
    throw new ArgumentError(`${op}: labels[${i}] must be a whole number from 0 to ${c - 1}, got ${show(label)}`);
  }
}

/**
 * -sum(target * ln softmax(logits)), the cross-entropy of softmax and labels (Bridle 1990), mean over rows. Fused, so that it
 * neither overflows nor takes the logarithm of 0. Its gradient is softmax(logits) - target over the number of rows. A row of
 * logits with NaN makes the loss NaN.
 *
 * @param logits [...,C]
 * @param labels M class indices, or a tensor of the shape of logits
 * @returns the loss, and dlogits of the shape of logits
 * @throws ShapeError where the shapes do not fit; ArgumentError for a label outside 0..C-1.
 * @example
 * const { loss, dlogits } = ops.softmaxCrossEntropy(tensor([[0, 0]]), [1]);
 * dlogits.toArray(); // [[0.5, -0.5]]
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Labels,
  options: LossOptions = {},
): { loss: number; dlogits: Tensor } {
  const { loss, dx } = runLoss("softmaxCrossEntropy", "logits", logits, labels, options, (kernels, at, plan) =>
    backwardSoftmaxCrossEntropy(kernels, { ...at, logits: at.x, dlogits: at.dx }, plan),
  );
  return { loss, dlogits: dx };
}

/**
 * The cross-entropy of probabilities p and the labels (Bishop 2006, 4.3.4), mean over rows: -sum(target * ln p), with p kept
 * within [1e-7, 1 - 1e-7] as in Keras. Prefer `softmaxCrossEntropy` where logits are at hand. Its gradient is -target / p over
 * the number of rows, and 0 where p lies outside. A NaN that a label looks at (a row of targets looks at all of p) makes the
 * loss NaN.
 *
 * @param p [...,C], rows that sum to 1
 * @param labels M class indices, or a tensor of the shape of p
 * @returns the loss, and dp of the shape of p
 * @throws ShapeError where the shapes do not fit; ArgumentError for a label outside 0..C-1.
 * @example
 * const { loss, dp } = ops.crossEntropy(tensor([[0.5, 0.5]]), [1]);
 * dp.toArray(); // [[0, -2]]
 */
export function crossEntropy(p: Tensor, labels: Labels, options: LossOptions = {}): { loss: number; dp: Tensor } {
  const { loss, dx } = runLoss("crossEntropy", "p", p, labels, options, (kernels, at, plan) =>
    backwardCrossEntropy(kernels, { ...at, p: at.x, dp: at.dx }, plan),
  );
  return { loss, dp: dx };
}

function runLoss(
  op: string,
  argument: string,
  x: Tensor,
  labels: Labels,
  { weights = null }: LossOptions,
  compute: (kernels: Kernels, at: LossPointers & { x: number; dx: number }, plan: CrossEntropyPlan) => void,
): { loss: number; dx: Tensor } {
  const targets = labels instanceof Tensor ? labels : null;
  const weightsShape = weights === null ? null : shapeOf(op, "weights", weights);
  const plan = inferCrossEntropy(op, argument, shapeOf(op, argument, x), targets?.shape, weightsShape);
  if (targets === null) checkLabels(op, labels as ArrayLike<number>, plan.m, plan.c);
  return eager(op, { [argument]: x, labels: targets, weights }, (run) => {
    const dx = run.output(x.shape);
    const indices = targets?.pointer ?? lendLabels(run, x, labels as ArrayLike<number>);
    const losses = run.scratch(plan.lossesBytes);
    const at = { x: x.pointer, labels: indices, weights: weights?.pointer ?? 0, losses, dx: dx.pointer };
    compute(run.kernels, at, plan);
    return { loss: run.kernels.sum(losses, plan.m) / plan.m, dx };
  });
}

function lendLabels(run: Eager, x: Tensor, labels: ArrayLike<number>): number {
  const pointer = run.scratch(labels.length * 4);
  x.runtime.i32.set(labels, pointer / 4);
  return pointer;
}
