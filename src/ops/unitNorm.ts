/** Vectors of length 1. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { axesOf, expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `unitNorm` takes. */
export interface UnitNormOptions {
  /** The axes along which lengths are taken, the last ones. Default -1. */
  axis?: number | readonly number[];
}

export interface UnitNormPlan {
  readonly output: Shape;
  /** Vectors, and elements of each. */
  readonly m: number;
  readonly c: number;
}

/** The shape rule: any shape stays. */
export function inferUnitNorm(op: string, x: Shape, options: UnitNormOptions = {}): UnitNormPlan {
  checkOptions(op, options, { axis: true });
  if (x.length === 0) throw new ShapeError(`${op}: x must have at least one axis, got ${show(x)}`);
  const { axis = -1 } = options;
  const axes = axesOf(op, "axis", axis, x.length);
  if (axes.length === 0 || axes[0] !== x.length - axes.length) {
    throw new ArgumentError(`${op}: axis must name the last axes, got ${show(axis)}`);
  }
  const c = sizeOf(x.slice(axes[0]));
  return { output: x, m: sizeOf(x) / c, c };
}

/** x -> y, which may be x. */
export function forwardUnitNorm(kernels: Kernels, at: { x: number; y: number }, { m, c }: UnitNormPlan): void {
  extra(kernels).unitNorm(at.x, at.y, m, c);
}

/** dy, x -> dx (written; may be either). */
export function backwardUnitNorm(
  kernels: Kernels,
  at: { dy: number; x: number; dx: number },
  { m, c }: UnitNormPlan,
): void {
  extra(kernels).unitNormBackward(at.dy, at.x, at.dx, m, c);
}

/**
 * x / max(|x|, 1e-6), |x| the length (L2) along the last axes, as Keras' UnitNormalization. NaN spreads over its vector.
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError where axis does not name the last axes; ShapeError where x has none.
 * @example
 * ops.unitNorm(tensor([[3, 4]])).toArray(); // [[0.6, 0.8]]
 */
export function unitNorm(x: Tensor, options: UnitNormOptions = {}): Tensor {
  const plan = inferUnitNorm("unitNorm", shapeOf("unitNorm", "x", x), options);
  return eager("unitNorm", { x }, (run) => {
    const y = run.output(plan.output);
    forwardUnitNorm(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradient of `unitNorm`: (dy - y sum(y dy)) / |x|, and dy / 1e-6 where |x| is less.
 *
 * @example
 * const dx = ops.unitNormBackward(zeros([2, 3]), full([2, 3], 1)); // [2,3]
 */
export function unitNormBackward(dy: Tensor, x: Tensor, options: UnitNormOptions = {}): Tensor {
  const op = "unitNormBackward";
  const plan = inferUnitNorm(op, shapeOf(op, "x", x), options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardUnitNorm(run.kernels, { dy: dy.pointer, x: x.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
