/** Softmax over the last axis. */
import { ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface SoftmaxPlan {
  readonly output: Shape;
  /** Rows, and elements of a row. */
  readonly m: number;
  readonly c: number;
}

/** The shape rule: [...,C] stays. */
export function inferSoftmax(op: string, x: Shape): SoftmaxPlan {
  const [m, c] = rowsOf(op, "x", x);
  return { output: x, m, c };
}

/** [...,C] as rows of C. */
export function rowsOf(op: string, argument: string, shape: Shape): readonly [number, number] {
  const c = shape.at(-1);
  if (c === undefined) throw new ShapeError(`${op}: ${argument} must have at least one axis, got ${show(shape)}`);
  return [sizeOf(shape) / c, c];
}

/** x -> y, which may be the same. */
export function forwardSoftmax(kernels: Kernels, at: { x: number; y: number }, { m, c }: SoftmaxPlan): void {
  kernels.softmax(at.x, at.y, m, c);
}

/** dy, y -> dx (written), which may be either. */
export function backwardSoftmax(
  kernels: Kernels,
  at: { dy: number; y: number; dx: number },
  { m, c }: SoftmaxPlan,
): void {
  kernels.softmaxBackward(at.dy, at.y, at.dx, m, c);
}

/**
 * e^x / sum(e^x) over the last axis, shifted so that nothing overflows. A row that holds NaN or +Infinity, or -Infinity
 * alone, becomes NaN, as in PyTorch; -Infinity beside finite numbers becomes 0.
 *
 * @param x [...,C]
 * @returns the shape of x
 * @throws ShapeError for a scalar.
 * @example
 * ops.softmax(tensor([[0, 0], [0, 100]])).toArray(); // [[0.5, 0.5], [0, 1]]
 */
export function softmax(x: Tensor): Tensor {
  const plan = inferSoftmax("softmax", shapeOf("softmax", "x", x));
  return eager("softmax", { x }, (run) => {
    const y = run.output(plan.output);
    forwardSoftmax(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
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
export function softmaxBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "softmaxBackward";
  const plan = inferSoftmax(op, shapeOf(op, "x", x));
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    forwardSoftmax(run.kernels, { x: x.pointer, y: dx.pointer }, plan);
    backwardSoftmax(run.kernels, { dy: dy.pointer, y: dx.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
