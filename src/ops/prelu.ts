/** ReLU with a learned slope below 0. */
import { ShapeError, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface PreluPlan {
  readonly output: Shape;
  /** Rows, and slopes. */
  readonly m: number;
  readonly k: number;
}

/** The shape rule: slopes have the last axes of x, behind axes of size 1 that are shared. */
export function inferPrelu(op: string, x: Shape, alpha: Shape): PreluPlan {
  const k = sizeOf(alpha);
  const own = alpha.slice(alpha.findIndex((size) => size !== 1));
  const last = x.slice(x.length - own.length);
  if (alpha.length > x.length || (k > 1 && (own.length > x.length || own.some((size, i) => size !== last[i])))) {
    throw new ShapeError(
      `${op}: alpha must have the last axes of x ${show(x)}, shared ones before them as 1, got ${show(alpha)}`,
    );
  }
  return { output: x, m: sizeOf(x) / k, k };
}

/** x, alpha -> y, which may be x. */
export function forwardPrelu(kernels: Kernels, at: { x: number; alpha: number; y: number }, { m, k }: PreluPlan): void {
  extra(kernels).prelu(at.x, at.alpha, at.y, m, k);
}

/** dy, x, alpha -> dx (written; 0 for none; may be dy or x), dalpha (accumulated; 0 for none). */
export function backwardPrelu(
  kernels: Kernels,
  at: { dy: number; x: number; alpha: number; dx: number; dalpha: number },
  { m, k }: PreluPlan,
): void {
  extra(kernels).preluBackward(at.dy, at.x, at.alpha, at.dx, at.dalpha, m, k);
}

/**
 * x above 0, alpha * x below, with a slope alpha for each of the last axes of x (He et al. 2015, arXiv 1502.01852).
 *
 * @param x [...,W,C], say
 * @param alpha the last axes of x; shared axes before them may stand as 1, as in [1,1,C]
 * @returns the shape of x
 * @throws ShapeError where they do not fit.
 * @example
 * const y = ops.prelu(zeros([2, 8, 8, 16]), zeros([16])); // [2,8,8,16]
 */
export function prelu(x: Tensor, alpha: Tensor): Tensor {
  const plan = inferPrelu("prelu", shapeOf("prelu", "x", x), shapeOf("prelu", "alpha", alpha));
  return eager("prelu", { x, alpha }, (run) => {
    const y = run.output(plan.output);
    forwardPrelu(run.kernels, { x: x.pointer, alpha: alpha.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradients of `prelu`: dx is dy above 0, else alpha * dy; dalpha is the sum of dy * x where x is below 0.
 *
 * @param dy the gradient of the output
 * @returns dx and dalpha, of the shapes of x and alpha
 * @example
 * const { dx, dalpha } = ops.preluBackward(zeros([2, 16]), zeros([2, 16]), zeros([16]));
 * dalpha.shape; // [16]
 */
export function preluBackward(dy: Tensor, x: Tensor, alpha: Tensor): { dx: Tensor; dalpha: Tensor } {
  const op = "preluBackward";
  const plan = inferPrelu(op, shapeOf(op, "x", x), shapeOf(op, "alpha", alpha));
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, alpha }, (run) => {
    const [dx, dalpha] = [run.output(x.shape), run.zeros(alpha.shape)];
    const at = { dy: dy.pointer, x: x.pointer, alpha: alpha.pointer, dx: dx.pointer, dalpha: dalpha.pointer };
    backwardPrelu(run.kernels, at, plan);
    return { dx, dalpha };
  });
}
