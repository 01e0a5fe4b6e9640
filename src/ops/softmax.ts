/** Softmax and its logarithm, along any axis. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `softmax` takes. */
export interface SoftmaxOptions {
  /** The axis whose values sum to 1; negative ones count from the end. Default -1. */
  axis?: number;
}

export interface SoftmaxPlan {
  readonly output: Shape;
  /** Elements before the axis, along it, and behind it. */
  readonly m: number;
  readonly c: number;
  readonly inner: number;
  /** The logarithm instead. */
  readonly log: boolean;
}

/** The shape rule: any shape with such an axis stays. */
export function inferSoftmax(op: string, x: Shape, { axis = -1 }: SoftmaxOptions = {}, log = false): SoftmaxPlan {
  rowsOf(op, "x", x);
  if (!Number.isInteger(axis) || axis < -x.length || axis >= x.length) {
    throw new ArgumentError(
      `${op}: axis must be a whole number from ${-x.length} to ${x.length - 1}, got ${show(axis)}`,
    );
  }
  const at = axis < 0 ? axis + x.length : axis;
  return { output: x, m: sizeOf(x.slice(0, at)), c: x[at], inner: sizeOf(x.slice(at + 1)), log };
}

/** [...,C] as rows of C. */
export function rowsOf(op: string, argument: string, shape: Shape): readonly [number, number] {
  const c = shape.at(-1);
  if (c === undefined) throw new ShapeError(`${op}: ${argument} must have at least one axis, got ${show(shape)}`);
  return [sizeOf(shape) / c, c];
}

/** x -> y, which may be the same. */
export function forwardSoftmax(kernels: Kernels, at: { x: number; y: number }, plan: SoftmaxPlan): void {
  const { m, c, inner, log } = plan;
  if (inner === 1) (log ? kernels.logSoftmax : kernels.softmax)(at.x, at.y, m, c);
  else kernels.softmaxAxis(at.x, at.y, m, c, inner, log ? 1 : 0);
}

/** dy, y -> dx (written), which may be either. */
export function backwardSoftmax(
  kernels: Kernels,
  at: { dy: number; y: number; dx: number },
  { m, c, inner, log }: SoftmaxPlan,
): void {
  if (inner === 1 && !log) kernels.softmaxBackward(at.dy, at.y, at.dx, m, c);
  else kernels.softmaxAxisBackward(at.dy, at.y, at.dx, m, c, inner, log ? 1 : 0);
}

/**
 * e^x / sum(e^x) along an axis (Bridle 1990), shifted so that nothing overflows. A row that holds NaN or +Infinity, or -Infinity
 * alone, becomes NaN, as in PyTorch; -Infinity beside finite numbers becomes 0.
 *
 * @param x [...,C]
 * @returns the shape of x
 * @throws ShapeError for a scalar; ArgumentError where there is no such axis.
 * @example
 * ops.softmax(tensor([[0, 0], [0, 100]])).toArray(); // [[0.5, 0.5], [0, 1]]
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return forward("softmax", x, options, false);
}

/**
 * x - ln(sum(e^x)) along an axis: the logarithm of `softmax`, exact where that is 0.
 *
 * @param x [...,C]
 * @returns the shape of x
 * @throws ShapeError for a scalar; ArgumentError where there is no such axis.
 * @example
 * const y = ops.logSoftmax(zeros([2, 10])); // [2,10]
 */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return forward("logSoftmax", x, options, true);
}

/**
 * The gradient of `softmax`: y (dy - sum(dy y)).
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const dx = ops.softmaxBackward(tensor([[1, 0]]), tensor([[0, 0]]));
 * dx.toArray(); // [[0.25, -0.25]]
 */
export function softmaxBackward(dy: Tensor, x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return backward("softmaxBackward", dy, x, options, false);
}

/**
 * The gradient of `logSoftmax`: dy - softmax(x) sum(dy).
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const dx = ops.logSoftmaxBackward(zeros([2, 10]), zeros([2, 10])); // [2,10]
 */
export function logSoftmaxBackward(dy: Tensor, x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return backward("logSoftmaxBackward", dy, x, options, true);
}

function forward(op: string, x: Tensor, options: SoftmaxOptions, log: boolean): Tensor {
  const plan = inferSoftmax(op, shapeOf(op, "x", x), options, log);
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    forwardSoftmax(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

function backward(op: string, dy: Tensor, x: Tensor, options: SoftmaxOptions, log: boolean): Tensor {
  const plan = inferSoftmax(op, shapeOf(op, "x", x), options, log);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    forwardSoftmax(run.kernels, { x: x.pointer, y: dx.pointer }, plan);
    backwardSoftmax(run.kernels, { dy: dy.pointer, y: dx.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
