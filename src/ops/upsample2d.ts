/** Larger images by repeating pixels. */
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, likeImage, type Pair, pair, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface Upsample2dPlan {
  readonly output: Shape;
  readonly image: readonly [number, number, number, number];
  readonly size: readonly [number, number];
}

/** The shape rule: [N,H,W,C] -> [N,H*vertical,W*horizontal,C]. */
export function inferUpsample2d(op: string, x: Shape, size: Pair): Upsample2dPlan {
  const image = imageShape(op, "x", x);
  const [vertical, horizontal] = pair(op, "size", size);
  const output = likeImage(x, image[0], image[1] * vertical, image[2] * horizontal, image[3]);
  return { output, image, size: [vertical, horizontal] };
}

export function forwardUpsample2d(kernels: Kernels, at: { x: number; y: number }, plan: Upsample2dPlan): void {
  kernels.upsample2d(at.x, at.y, ...plan.image, ...plan.size);
}

/** dy -> dx (written). */
export function backwardUpsample2d(kernels: Kernels, at: { dy: number; dx: number }, plan: Upsample2dPlan): void {
  kernels.upsample2dBackward(at.dy, at.dx, ...plan.image, ...plan.size);
}

/**
 * Makes images larger: every pixel becomes a block of equal ones (nearest neighbour). NaN passes through.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param size rows and columns of a block: a number or [vertical, horizontal]
 * @returns [N,H*vertical,W*horizontal,C]
 * @throws ShapeError unless x is an image; ArgumentError unless size is a whole number >= 1.
 * @example
 * const y = ops.upsample2d(zeros([1, 3, 4, 8]), 2); // [1,6,8,8]
 */
export function upsample2d(x: Tensor, size: Pair): Tensor {
  const plan = inferUpsample2d("upsample2d", shapeOf("upsample2d", "x", x), size);
  return eager("upsample2d", { x }, (run) => {
    const y = run.output(plan.output);
    forwardUpsample2d(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradient of `upsample2d`: the sum over each block.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const dx = ops.upsample2dBackward(full([1, 6, 8, 8], 1), zeros([1, 3, 4, 8]), 2); // [1,3,4,8]
 */
export function upsample2dBackward(dy: Tensor, x: Tensor, size: Pair): Tensor {
  const op = "upsample2dBackward";
  const plan = inferUpsample2d(op, shapeOf(op, "x", x), size);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardUpsample2d(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
