/** Max pooling that tells where its maxima were, and the way back to them. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { expectShape, imageShape, likeImage, type Pair, pair, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { inferPool2d, type Pool2dOptions, type Pool2dPlan } from "./pool2d.ts";
import { CELL_KINDS, cellGeometry, steppedSpans } from "./poolCells.ts";

/** What `maxUnpool2d` takes. */
export interface MaxUnpool2dOptions {
  /** Height and width of the output: a number or [vertical, horizontal]. */
  outputSize: Pair;
}

/** Pixels that indices in f32 can tell apart. */
const MOST_PIXELS = 2 ** 24;

/** As inferPool2d, for at most 2^24 pixels. */
export function inferMaxPool2dWithIndices(op: string, x: Shape, options: Pool2dOptions): Pool2dPlan {
  const plan = inferPool2d(op, x, options, "max");
  const { h, w } = plan.window;
  if (h * w > MOST_PIXELS) throw new ArgumentError(`${op}: x must have at most 2^24 pixels, got ${show(x)}`);
  return { ...plan, geometry: cellGeometry(plan.window, ...steppedSpans(plan.window)) };
}

/**
 * `maxPool2d`, and where each maximum was: its pixel, counted row by row (y W + x), in the tensor `indices`.
 *
 * @param x [N,H,W,C] or [H,W,C], of at most 2^24 pixels
 * @returns y and indices, [N,OH,OW,C] each
 * @throws as `maxPool2d`
 * @example
 * const { y, indices } = ops.maxPool2dWithIndices(zeros([1, 8, 8, 3]), { poolSize: 2 });
 * indices.shape; // [1,4,4,3]
 */
export function maxPool2dWithIndices(x: Tensor, options: Pool2dOptions): { y: Tensor; indices: Tensor } {
  const op = "maxPool2dWithIndices";
  const plan = inferMaxPool2dWithIndices(op, shapeOf(op, "x", x), options);
  return eager(op, { x }, (run) => {
    const [y, indices] = [run.output(plan.output), run.output(plan.output)];
    const geometry = run.constants(plan.geometry);
    run.kernels.poolCells(CELL_KINDS.max, x.pointer, y.pointer, indices.pointer, geometry);
    return { y, indices };
  });
}

/**
 * The gradient of `maxPool2dWithIndices`: `maxUnpool2d` of dy to the size of x.
 *
 * @example
 * const { y, indices } = ops.maxPool2dWithIndices(zeros([1, 8, 8, 3]), { poolSize: 2 });
 * const dx = ops.maxPool2dWithIndicesBackward(y, zeros([1, 8, 8, 3]), indices); // [1,8,8,3]
 */
export function maxPool2dWithIndicesBackward(dy: Tensor, x: Tensor, indices: Tensor): Tensor {
  const op = "maxPool2dWithIndicesBackward";
  const [, h, w] = imageShape(op, "x", shapeOf(op, "x", x));
  return unpool(op, "dy", dy, indices, [h, w]);
}

/**
 * The way back of `maxPool2dWithIndices` (Zeiler & Fergus 2013, arXiv 1311.2901): each value goes to where the maximum was, the
 * rest is 0. Values that meet in a pixel, as windows that overlap may make them, are added.
 *
 * @param x [N,OH,OW,C] or [OH,OW,C]
 * @param indices of the shape of x
 * @returns [N,H,W,C] with [H,W] = outputSize
 * @throws ShapeError where indices have another shape than x; ArgumentError for an index outside the output.
 * @example
 * const { y, indices } = ops.maxPool2dWithIndices(zeros([1, 8, 8, 3]), { poolSize: 2 });
 * const z = ops.maxUnpool2d(y, indices, { outputSize: 8 }); // [1,8,8,3]
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, options: MaxUnpool2dOptions): Tensor {
  checkOptions("maxUnpool2d", options, { outputSize: true });
  return unpool("maxUnpool2d", "x", x, indices, pair("maxUnpool2d", "outputSize", options.outputSize));
}

/**
 * The gradient of `maxUnpool2d`: what stands at the indices.
 *
 * @example
 * const { y, indices } = ops.maxPool2dWithIndices(zeros([1, 8, 8, 3]), { poolSize: 2 });
 * const dx = ops.maxUnpool2dBackward(zeros([1, 8, 8, 3]), indices); // [1,4,4,3]
 */
export function maxUnpool2dBackward(dy: Tensor, indices: Tensor): Tensor {
  const op = "maxUnpool2dBackward";
  const [n, h, w, c] = imageShape(op, "dy", shapeOf(op, "dy", dy));
  const [, oh, ow] = imageShape(op, "indices", shapeOf(op, "indices", indices));
  expectShape(op, "indices", indices.shape, likeImage(dy.shape, n, oh, ow, c));
  checkIndices(op, indices, h * w);
  return eager(op, { dy, indices }, (run) => {
    const dx = run.output(indices.shape);
    run.kernels.takePixels(dy.pointer, indices.pointer, dx.pointer, n, oh * ow, h * w, c);
    return dx;
  });
}

function unpool(op: string, name: string, x: Tensor, indices: Tensor, [h, w]: readonly [number, number]): Tensor {
  const [n, oh, ow, c] = imageShape(op, name, shapeOf(op, name, x));
  expectShape(op, "indices", shapeOf(op, "indices", indices), x.shape);
  checkIndices(op, indices, h * w);
  return eager(op, { [name]: x, indices }, (run) => {
    const y = run.output(likeImage(x.shape, n, h, w, c));
    run.kernels.putPixels(x.pointer, indices.pointer, y.pointer, n, oh * ow, h * w, c);
    return y;
  });
}

function checkIndices(op: string, indices: Tensor, pixels: number): void {
  const odd = indices.data.find((index) => !(Number.isInteger(index) && index >= 0 && index < pixels));
  if (odd === undefined) return;
  throw new ArgumentError(`${op}: indices must be whole numbers from 0 to ${pixels - 1}, got ${odd}`);
}
