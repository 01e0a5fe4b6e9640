/** Images of another size. */
import { checkOptions, oneOf } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, likeImage, type Pair, pair, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export const INTERPOLATIONS = ["nearest", "bilinear"] as const;
const COORDINATES = ["halfPixel", "alignCorners", "asymmetric"] as const;

export type Interpolation = (typeof INTERPOLATIONS)[number];

/** What `resize` takes. */
export interface ResizeOptions {
  /** "nearest" takes the nearest pixel, "bilinear" a mean of the nearest four by their distance. Default "bilinear". */
  interpolation?: Interpolation;
  /**
   * Where output i lies in the input: "halfPixel" (i + 0.5) in / out - 0.5, so that images cover each other (TensorFlow 2,
   * PyTorch); "alignCorners" i (in - 1) / (out - 1), so that the centres of corner pixels do; "asymmetric" i in / out, so that the
   * upper left corners do (PyTorch's "nearest", TensorFlow 1). Default "halfPixel".
   */
  coordinates?: (typeof COORDINATES)[number];
}

export interface ResizePlan {
  readonly output: Shape;
  /** N, H, W, C, OH, OW. */
  readonly sizes: readonly [number, number, number, number, number, number];
  /**
   * Output i of an axis looks at (i + offset) from / to + shift: from and to of the vertical, then of the horizontal axis; offset;
   * shift; and whether it looks at two.
   */
  readonly places: readonly [number, number, number, number, number, number, 0 | 1];
}

/** The shape rule: [N,H,W,C] -> [N,height,width,C]. */
export function inferResize(op: string, x: Shape, size: Pair, options: ResizeOptions = {}): ResizePlan {
  checkOptions(op, options, { interpolation: true, coordinates: true });
  const linear = oneOf(op, "interpolation", options.interpolation ?? "bilinear", INTERPOLATIONS) === "bilinear";
  const coordinates = oneOf(op, "coordinates", options.coordinates ?? "halfPixel", COORDINATES);
  const [n, h, w, c] = imageShape(op, "x", x);
  const [oh, ow] = pair(op, "size", size);
  // The kernel rounds down; the nearest of all but the asymmetric kind lies half a pixel around.
  const half = linear || coordinates === "asymmetric" ? 0 : 0.5;
  const isHalf = coordinates === "halfPixel";
  const along = (from: number, to: number): [number, number] =>
    coordinates === "alignCorners" ? [to > 1 ? from - 1 : 0, Math.max(to - 1, 1)] : [from, to];
  return {
    output: likeImage(x, n, oh, ow, c),
    sizes: [n, h, w, c, oh, ow],
    places: [...along(h, oh), ...along(w, ow), isHalf ? 0.5 : 0, half - (isHalf ? 0.5 : 0), linear ? 1 : 0],
  };
}

/** x -> y. */
export function forwardResize(kernels: Kernels, at: { x: number; y: number }, { sizes, places }: ResizePlan): void {
  extra(kernels).resize(at.x, at.y, ...sizes, ...places);
}

/** dy -> dx (written). */
export function backwardResize(kernels: Kernels, at: { dy: number; dx: number }, { sizes, places }: ResizePlan): void {
  extra(kernels).resizeBackward(at.dy, at.dx, ...sizes, ...places);
}

/**
 * Images of another size, as TensorFlow 2, PyTorch and ONNX have them. No low-pass filter goes before: shrinking by more than 2
 * leaves pixels out. NaN spreads to what looks at it.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param size height and width of the result: a number or [vertical, horizontal]
 * @returns [N,height,width,C]
 * @throws ShapeError unless x is an image; ArgumentError unless size holds whole numbers >= 1.
 * @example
 * const small = ops.resize(zeros([1, 224, 224, 3]), [96, 96]); // [1,96,96,3]
 */
export function resize(x: Tensor, size: Pair, options: ResizeOptions = {}): Tensor {
  return resized("resize", x, inferResize("resize", shapeOf("resize", "x", x), size, options));
}

/**
 * The gradient of `resize`: every output's goes to the pixels it looked at, in their shares.
 *
 * @example
 * const dx = ops.resizeBackward(zeros([1, 2, 2, 3]), zeros([1, 4, 4, 3]), 2); // [1,4,4,3]
 */
export function resizeBackward(dy: Tensor, x: Tensor, size: Pair, options: ResizeOptions = {}): Tensor {
  const op = "resizeBackward";
  return resizedBack(op, dy, x, inferResize(op, shapeOf(op, "x", x), size, options));
}

/** The shape rule: [N,H,W,C] -> [N,H*vertical,W*horizontal,C]. */
export function inferUpsample2d(
  op: string,
  x: Shape,
  size: Pair,
  interpolation: Interpolation = "nearest",
): ResizePlan {
  const [, h, w] = imageShape(op, "x", x);
  const [vertical, horizontal] = pair(op, "size", size);
  return inferResize(op, x, [h * vertical, w * horizontal], { interpolation });
}

/**
 * Makes images larger by a whole factor (Keras UpSampling2D); nearest: every pixel becomes a block of equal ones.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param size rows and columns that a pixel becomes: a number or [vertical, horizontal]
 * @param interpolation default "nearest"
 * @returns [N,H*vertical,W*horizontal,C]
 * @throws ShapeError unless x is an image; ArgumentError unless size is a whole number >= 1.
 * @example
 * const y = ops.upsample2d(zeros([1, 3, 4, 8]), 2); // [1,6,8,8]
 */
export function upsample2d(x: Tensor, size: Pair, interpolation: Interpolation = "nearest"): Tensor {
  return resized("upsample2d", x, inferUpsample2d("upsample2d", shapeOf("upsample2d", "x", x), size, interpolation));
}

/**
 * The gradient of `upsample2d`; nearest: the sum over each block.
 *
 * @example
 * const dx = ops.upsample2dBackward(zeros([1, 6, 8, 8]), zeros([1, 3, 4, 8]), 2); // [1,3,4,8]
 */
export function upsample2dBackward(
  dy: Tensor,
  x: Tensor,
  size: Pair,
  interpolation: Interpolation = "nearest",
): Tensor {
  const op = "upsample2dBackward";
  return resizedBack(op, dy, x, inferUpsample2d(op, shapeOf(op, "x", x), size, interpolation));
}

function resized(op: string, x: Tensor, plan: ResizePlan): Tensor {
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    forwardResize(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

function resizedBack(op: string, dy: Tensor, x: Tensor, plan: ResizePlan): Tensor {
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardResize(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
