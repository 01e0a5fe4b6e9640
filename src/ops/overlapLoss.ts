/** Losses that compare predictions as a whole with their targets. */
import { ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LossOptions } from "./crossEntropy.ts";
import { shapeOf } from "./eager.ts";
import { type LossResult, type Pointers, runLoss } from "./elementLoss.ts";

/** Numbers as in assembly/overlapLoss.ts. */
const KINDS = { cosineSimilarity: 0, dice: 1, categoricalHinge: 2 } as const;
export type OverlapLossName = keyof typeof KINDS;

export interface OverlapLossPlan {
  readonly output: Shape;
  /** Samples, rows of a sample that are compared each, and elements of a row. */
  readonly m: number;
  readonly p: number;
  readonly c: number;
  readonly kind: number;
  /** What gradients are multiplied with: 1 / (M P). */
  readonly scale: number;
  readonly lossesBytes: number;
}

/** The shape rule: x [M,...], targets of the same shape, weights [M] or null. Rows lie along the last axis, or are whole samples. */
export function inferOverlapLoss(
  op: string,
  name: OverlapLossName,
  x: Shape,
  targets: Shape,
  weights: Shape | null = null,
): OverlapLossPlan {
  if (x.length < 2) throw new ShapeError(`${op}: x must have two axes or more, got ${show(x)}`);
  expectShape(op, "targets", targets, x);
  const m = x[0];
  if (weights !== null) expectShape(op, "weights", weights, [m]);
  const c = name === "dice" ? sizeOf(x) / m : x[x.length - 1];
  const p = sizeOf(x) / m / c;
  return { output: x, m, p, c, kind: KINDS[name], scale: 1 / (m * p), lossesBytes: m * 4 };
}

/** x, targets -> losses. */
export function forwardOverlapLoss(kernels: Kernels, at: Pointers, plan: OverlapLossPlan): void {
  backwardOverlapLoss(kernels, { ...at, dx: 0 }, plan);
}

/** x, targets -> losses and dx (written; may be x). */
export function backwardOverlapLoss(
  kernels: Kernels,
  at: Pointers & { dx: number },
  { m, p, c, kind, scale }: OverlapLossPlan,
): void {
  kernels.overlapLoss(at.x, at.targets, at.weights, at.losses, at.dx, m, p, c, kind, scale);
}

function run(name: OverlapLossName, x: Tensor, targets: Tensor, { weights = null }: LossOptions): LossResult {
  const weightsShape = weights === null ? null : shapeOf(name, "weights", weights);
  const plan = inferOverlapLoss(name, name, shapeOf(name, "x", x), shapeOf(name, "targets", targets), weightsShape);
  return runLoss(name, { x, targets, weights }, plan, (kernels, at) => backwardOverlapLoss(kernels, at, plan));
}

/**
 * -x t / (|x| |t|) along the last axis, the mean over all others: -1 where they point the same way, as in Keras. Lengths are at
 * least 1e-7. Its gradient is (cos x / |x| - t / |t|) / |x| over the number of rows.
 *
 * @param x [M,...,C]
 * @param targets the shape of x
 * @returns the loss, and dx of the shape of x
 * @throws ShapeError where the shapes do not fit.
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * const { loss, dx } = ops.cosineSimilarity(prediction, targets);
 * dx.shape; // [1,2]
 */
export function cosineSimilarity(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("cosineSimilarity", x, targets, options);
}

/**
 * 1 - 2 sum(x t) / (sum x + sum t) over each sample, the mean over samples, for segmentation (Milletari et al. 2016, arXiv
 * 1606.04797, without the squares, as in Keras; which sums over the batch as well). Both sides of the fraction get 1e-7 added.
 * Its gradient is (2 sum(x t) / s - 2 t) / s over the number of samples, s = sum x + sum t.
 *
 * @param x [M,...], probabilities
 * @param targets the shape of x
 * @returns the loss, and dx of the shape of x
 * @throws ShapeError where the shapes do not fit.
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * const { loss, dx } = ops.dice(prediction, targets);
 * dx.shape; // [1,2]
 */
export function dice(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("dice", x, targets, options);
}

/**
 * max(1 + max((1 - t) x) - sum(t x), 0) along the last axis, the mean over all others: the right class is to lead all others by
 * 1 (Keras; Crammer & Singer 2001). Its gradient is -t, and 1 - t for the best wrong class, the first of equal ones, over the
 * number of rows.
 *
 * @param x [M,...,C]
 * @param targets the shape of x, one-hot
 * @returns the loss, and dx of the shape of x
 * @throws ShapeError where the shapes do not fit.
 * @example
 * ops.categoricalHinge(tensor([[0.5, 2, 1.5]]), tensor([[0, 1, 0]])).loss; // 0.5
 */
export function categoricalHinge(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("categoricalHinge", x, targets, options);
}
