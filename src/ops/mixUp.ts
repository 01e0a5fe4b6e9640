/** Samples blended with others (Zhang et al. 2017, "mixup", arXiv 1710.09412). */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `mixUp` takes. */
export interface MixUpOptions {
  /** How much each sample keeps of itself. */
  weights: readonly number[];
  /** The sample that each is blended with. */
  partners: ArrayLike<number>;
}

export interface MixUpPlan extends MixUpOptions {
  readonly output: Shape;
  /** Elements of a sample. */
  readonly size: number;
}

/** The shape rule: x [N,...] stays. */
export function inferMixUp(op: string, x: Shape, options: MixUpOptions): MixUpPlan {
  checkOptions(op, options, { weights: true, partners: true });
  if (x.length < 1) throw new ShapeError(`${op}: x must be [N,...], got ${show(x)}`);
  const [n] = x;
  const { weights, partners } = options;
  const isPartner = (i: number) => Number.isInteger(i) && i >= 0 && i < n;
  if (weights?.length !== n || !weights.every(Number.isFinite)) {
    throw new ArgumentError(`${op}: weights must be ${n} finite numbers, one for each sample, got ${show(weights)}`);
  }
  if (partners?.length !== n || !Array.from(partners).every(isPartner)) {
    throw new ArgumentError(
      `${op}: partners must be ${n} numbers of samples, from 0 to ${n - 1}, got ${show(partners)}`,
    );
  }
  return { output: x, size: sizeOf(x) / n, weights, partners };
}

/** x -> y. */
export function forwardMixUp(kernels: Kernels, at: { x: number; y: number }, plan: MixUpPlan): void {
  const { size, weights, partners } = plan;
  for (const [i, weight] of weights.entries()) {
    const y = at.y + 4 * size * i;
    kernels.rescale(at.x + 4 * size * i, y, size, weight, 0);
    if (weight !== 1) kernels.addScaled(y, at.x + 4 * size * partners[i], size, 1 - weight);
  }
}

/** dy -> dx (written). */
export function backwardMixUp(kernels: Kernels, at: { dy: number; dx: number }, plan: MixUpPlan): void {
  const { size, weights, partners } = plan;
  for (const [i, weight] of weights.entries()) {
    kernels.rescale(at.dy + 4 * size * i, at.dx + 4 * size * i, size, weight, 0);
  }
  for (const [i, weight] of weights.entries()) {
    if (weight !== 1) kernels.addScaled(at.dx + 4 * size * partners[i], at.dy + 4 * size * i, size, 1 - weight);
  }
}

/**
 * Each sample as a blend of itself and another one, weight x + (1 - weight) x[partner] (Zhang et al. 2017, arXiv 1710.09412).
 * Inputs and one-hot targets are blended alike; `datasets.mixUp` does so with batches on their way into a model. NaN spreads to
 * the blend.
 *
 * @param x [N,...]
 * @returns the shape of x
 * @throws ShapeError for a single number; ArgumentError unless there is a weight and a partner for each sample.
 * @example
 * const x = tensor([[0, 8], [4, 0]]);
 * ops.mixUp(x, { weights: [0.75, 1], partners: [1, 0] }).toArray(); // [[1,6],[4,0]]
 */
export function mixUp(x: Tensor, options: MixUpOptions): Tensor {
  const plan = inferMixUp("mixUp", shapeOf("mixUp", "x", x), options);
  return eager("mixUp", { x }, (run) => {
    const y = run.output(plan.output);
    forwardMixUp(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradient of `mixUp`: every sample gets its part of each blend that it is in.
 *
 * @example
 * const dy = tensor([[1, 1], [0, 0]]);
 * ops.mixUpBackward(dy, zeros([2, 2]), { weights: [0.75, 1], partners: [1, 0] }).toArray(); // [[0.75,0.75],[0.25,0.25]]
 */
export function mixUpBackward(dy: Tensor, x: Tensor, options: MixUpOptions): Tensor {
  const op = "mixUpBackward";
  const plan = inferMixUp(op, shapeOf(op, "x", x), options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardMixUp(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
