/** Constant padding of images. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, sides as fourSides, imageShape, likeImage, type Shape, type Sides } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `pad` takes. */
export interface PadOptions {
  /** What stands in the border. Default 0. */
  value?: number;
}

export interface PadPlan {
  readonly output: Shape;
  readonly image: readonly [number, number, number, number];
  readonly sides: readonly [number, number, number, number];
  readonly value: number;
}

/** The shape rule: [N,H,W,C] -> [N,top+H+bottom,left+W+right,C]. */
export function inferPad(x: Shape, sides: Sides, options: PadOptions = {}): PadPlan {
  const image = imageShape("pad", "x", x);
  const [top, bottom, left, right] = fourSides("pad", "sides", sides);
  checkOptions("pad", options, { value: true });
  const { value = 0 } = options;
  if (typeof value !== "number") throw new ArgumentError(`pad: value must be a number, got ${show(value)}`);
  const output = likeImage(x, image[0], top + image[1] + bottom, left + image[2] + right, image[3]);
  return { output, image, sides: [top, bottom, left, right], value };
}

export function forwardPad(kernels: Kernels, at: { x: number; y: number }, plan: PadPlan): void {
  kernels.pad(at.x, at.y, ...plan.image, ...plan.sides, plan.value);
}

export function backwardPad(kernels: Kernels, at: { dy: number; dx: number }, plan: PadPlan): void {
  kernels.padBackward(at.dy, at.dx, ...plan.image, ...plan.sides);
}

/**
 * Surrounds images with a constant border. NaN passes through.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param sides cells to add: a number, [vertical, horizontal] or [top, bottom, left, right]
 * @returns [N,top+H+bottom,left+W+right,C]
 * @throws ShapeError unless x is an image; ArgumentError for a negative or fractional side.
 * @example
 * const y = ops.pad(zeros([1, 3, 3, 1]), 2); // [1,7,7,1]
 */
export function pad(x: Tensor, sides: Sides, options: PadOptions = {}): Tensor {
  const plan = inferPad(shapeOf("pad", "x", x), sides, options);
  return eager("pad", { x }, (run) => {
    const y = run.output(plan.output);
    forwardPad(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradient of `pad`: what was copied out comes back, the border gives nothing.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const dx = ops.padBackward(full([1, 7, 7, 1], 1), zeros([1, 3, 3, 1]), 2); // [1,3,3,1]
 */
export function padBackward(dy: Tensor, x: Tensor, sides: Sides, options: PadOptions = {}): Tensor {
  const plan = inferPad(shapeOf("padBackward", "x", x), sides, options);
  expectShape("padBackward", "dy", shapeOf("padBackward", "dy", dy), plan.output);
  return eager("padBackward", { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardPad(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
