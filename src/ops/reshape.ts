/** The same elements under another shape. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface ReshapePlan {
  readonly output: Shape;
  readonly size: number;
}

/**
 * The shape rule: `shape`, in which one size may be -1 and follows from the number of elements.
 *
 * @throws ShapeError where the elements do not fill the shape; ArgumentError for what is no shape.
 */
export function inferReshape(op: string, x: Shape, shape: Shape): ReshapePlan {
  const good = Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && (n >= 1 || n === -1));
  if (!good || shape.filter((n) => n === -1).length > 1) {
    throw new ArgumentError(`${op}: shape must hold whole numbers >= 1, and -1 at most once, got ${show(shape)}`);
  }
  const size = sizeOf(x);
  const rest = size / sizeOf(shape.filter((n) => n !== -1));
  const output = shape.map((n) => (n === -1 ? rest : n));
  if (!Number.isInteger(rest) || sizeOf(output) !== size) {
    throw new ShapeError(`${op}: shape ${show(shape)} does not hold the ${size} elements of x ${show(x)}`);
  }
  return { output, size };
}

/** [N,...] -> [N,product of the rest]. */
export function inferFlatten(op: string, x: Shape): ReshapePlan {
  if (x.length === 0) throw new ShapeError(`${op}: x must have a first axis, got ${show(x)}`);
  return { output: [x[0], sizeOf(x.slice(1))], size: sizeOf(x) };
}

/** x -> y, a copy. A planned model looks at the same memory instead. */
export function forwardReshape(kernels: Kernels, at: { x: number; y: number }, plan: ReshapePlan): void {
  kernels.copy(at.x, at.y, plan.size);
}

/** dy -> dx (written), a copy. */
export function backwardReshape(kernels: Kernels, at: { dy: number; dx: number }, plan: ReshapePlan): void {
  kernels.copy(at.dy, at.dx, plan.size);
}

/**
 * A copy of x under another shape, in row-major order. NaN passes on. Its gradient is `reshape(dy, x.shape)`.
 *
 * @param x any shape
 * @param shape as many elements as x; one size may be -1
 * @returns [...shape]
 * @throws ShapeError where the elements do not fill the shape; ArgumentError for what is no shape.
 * @example
 * const rows = ops.reshape(zeros([32, 28, 28, 1]), [-1, 784]); // [32,784]
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const plan = inferReshape("reshape", shapeOf("reshape", "x", x), shape);
  return run("reshape", x, plan);
}

/**
 * A copy of x as rows, one per sample. NaN passes on. Its gradient is `reshape(dy, x.shape)`.
 *
 * @param x [N,...]
 * @returns [N,product of the rest]
 * @throws ShapeError for a scalar.
 * @example
 * const rows = ops.flatten(zeros([32, 7, 7, 16])); // [32,784]
 */
export function flatten(x: Tensor): Tensor {
  const plan = inferFlatten("flatten", shapeOf("flatten", "x", x));
  return run("flatten", x, plan);
}

function run(op: string, x: Tensor, plan: ReshapePlan): Tensor {
  return eager(op, { x }, (lend) => {
    const y = lend.output(plan.output);
    forwardReshape(lend.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}
