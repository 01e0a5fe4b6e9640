/** Mean squared error. */
import { ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LossOptions } from "./crossEntropy.ts";
import { eager, shapeOf } from "./eager.ts";

export interface MeanSquaredErrorPlan {
  readonly output: Shape;
  /** Samples, and elements of a sample. */
  readonly m: number;
  readonly c: number;
  /** What gradients are multiplied with: 1 / (M C). */
  readonly scale: number;
  readonly lossesBytes: number;
}

/** The shape rule: x [M,...], targets of the same shape, weights [M] or null. */
export function inferMeanSquaredError(
  op: string,
  x: Shape,
  targets: Shape,
  weights: Shape | null = null,
): MeanSquaredErrorPlan {
  if (x.length === 0) throw new ShapeError(`${op}: x must have at least one axis, got ${show(x)}`);
  const m = x[0];
  expectShape(op, "targets", targets, x);
  if (weights !== null) expectShape(op, "weights", weights, [m]);
  return { output: x, m, c: sizeOf(x) / m, scale: 1 / sizeOf(x), lossesBytes: m * 4 };
}

interface Pointers {
  readonly x: number;
  readonly targets: number;
  /** f32 [M]; 0 where each sample counts 1. */
  readonly weights: number;
  /** f32 [M], written: weight * loss of each sample. Their sum / M is the loss. */
  readonly losses: number;
}

/** x, targets -> losses. */
export function forwardMeanSquaredError(kernels: Kernels, at: Pointers, plan: MeanSquaredErrorPlan): void {
  backwardMeanSquaredError(kernels, { ...at, dx: 0 }, plan);
}

/** x, targets -> losses and dx (written; may be x) in one pass. */
export function backwardMeanSquaredError(
  kernels: Kernels,
  at: Pointers & { dx: number },
  { m, c, scale }: MeanSquaredErrorPlan,
): void {
  kernels.meanSquaredError(at.x, at.targets, at.weights, at.losses, at.dx, m, c, scale);
}

/**
 * mean((x - targets)^2) over all elements, and its gradient 2 (x - targets) / size. NaN makes the loss NaN.
 *
 * @param x [M,...]
 * @param targets the shape of x
 * @returns the loss (with weights [M], sum(weight * loss of the sample) / M), and dx of the shape of x
 * @throws ShapeError where the shapes do not fit.
 * @example
 * const { loss, dx } = ops.meanSquaredError(tensor([[3, 0]]), tensor([[1, 0]]));
 * loss; // 2
 */
export function meanSquaredError(
  x: Tensor,
  targets: Tensor,
  { weights = null }: LossOptions = {},
): { loss: number; dx: Tensor } {
  const op = "meanSquaredError";
  const weightsShape = weights === null ? null : shapeOf(op, "weights", weights);
  const plan = inferMeanSquaredError(op, shapeOf(op, "x", x), shapeOf(op, "targets", targets), weightsShape);
  return eager(op, { x, targets, weights }, (run) => {
    const dx = run.output(x.shape);
    const losses = run.scratch(plan.lossesBytes);
    const at = { x: x.pointer, targets: targets.pointer, weights: weights?.pointer ?? 0, losses, dx: dx.pointer };
    backwardMeanSquaredError(run.kernels, at, plan);
    return { loss: run.kernels.sum(losses, plan.m) / plan.m, dx };
  });
}
