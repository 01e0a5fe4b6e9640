/** Images moved, turned, stretched, mirrored or cropped: every output pixel looks at a place of the input. */
import { ArgumentError, checkOptions, oneOf, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, likeImage, type Pair, pair, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { isNumbers, perImage } from "./perImage.ts";
import { INTERPOLATIONS, type Interpolation } from "./resize.ts";

/** What lies around an image. */
export type FillMode = "constant" | "nearest" | "reflect" | "wrap";

/** By the numbers that the kernel knows them by. */
const FILL_MODES: readonly FillMode[] = ["constant", "nearest", "reflect", "wrap"];

/** Where output pixel (row i, column j) looks: at column a0 j + a1 i + a2 and row b0 j + b1 i + b2 of the input. */
export type Affine = readonly [a0: number, a1: number, a2: number, b0: number, b1: number, b2: number];

/** What layers and ops that move pixels take. */
export interface FillOptions {
  /**
   * What lies around a row a b c, as Keras names it: "constant" (`fillValue`), "nearest" a a | a b c | c c, "reflect"
   * b a | a b c | c b, "wrap" b c | a b c | a b.
   */
  fillMode?: FillMode;
  /** What stands around where the mode is "constant". Default 0. */
  fillValue?: number;
  /** "nearest" takes the nearest pixel, "bilinear" a mean of the nearest four by their distance. Default "bilinear". */
  interpolation?: Interpolation;
}

/** What `affineTransform` takes. */
export interface AffineTransformOptions extends FillOptions {
  /** Height and width of the result: a number or [vertical, horizontal]. Default: those of x. */
  size?: Pair;
  /** As told there. Default "constant". */
  fillMode?: FillMode;
}

export interface AffineTransformPlan {
  readonly output: Shape;
  readonly n: number;
  /** H, W, C, OH, OW. */
  readonly sizes: readonly [number, number, number, number, number];
  readonly fill: number;
  readonly value: number;
  readonly linear: 0 | 1;
}

/** The shape rule: [N,H,W,C] -> [N,height,width,C]. */
export function inferAffineTransform(op: string, x: Shape, options: AffineTransformOptions = {}): AffineTransformPlan {
  checkOptions(op, options, { size: true, fillMode: true, fillValue: true, interpolation: true });
  const { fillValue = 0, fillMode = "constant", interpolation = "bilinear" } = options;
  const fill = FILL_MODES.indexOf(oneOf(op, "fillMode", fillMode, FILL_MODES));
  const linear = oneOf(op, "interpolation", interpolation, INTERPOLATIONS) === "bilinear" ? 1 : 0;
  if (typeof fillValue !== "number") {
    throw new ArgumentError(`${op}: fillValue must be a number, got ${show(fillValue)}`);
  }
  const [n, h, w, c] = imageShape(op, "x", x);
  const [oh, ow] = options.size === undefined ? [h, w] : pair(op, "size", options.size);
  return { output: likeImage(x, n, oh, ow, c), n, sizes: [h, w, c, oh, ow], fill, value: fillValue, linear };
}

/** x -> y, each image by its own transform. */
export function forwardAffineTransform(
  kernels: Kernels,
  at: { x: number; y: number },
  { sizes, fill, value, linear }: AffineTransformPlan,
  transforms: readonly Affine[],
): void {
  const [h, w, c, oh, ow] = sizes;
  for (const [i, transform] of transforms.entries()) {
    const [x, y] = [at.x + i * 4 * h * w * c, at.y + i * 4 * oh * ow * c];
    extra(kernels).affineTransform(x, y, ...sizes, ...transform, fill, value, linear);
  }
}

/** dy -> dx (written). */
export function backwardAffineTransform(
  kernels: Kernels,
  at: { dy: number; dx: number },
  { sizes, fill, linear }: AffineTransformPlan,
  transforms: readonly Affine[],
): void {
  const [h, w, c, oh, ow] = sizes;
  for (const [i, transform] of transforms.entries()) {
    const [dy, dx] = [at.dy + i * 4 * oh * ow * c, at.dx + i * 4 * h * w * c];
    extra(kernels).affineTransformBackward(dy, dx, ...sizes, ...transform, fill, linear);
  }
}

/**
 * Images whose pixel (row i, column j) is what the input has at column a0 j + a1 i + a2 and row b0 j + b1 i + b2 (Keras
 * ops.image.affine_transform, TensorFlow ImageProjectiveTransform): the transform leads from the output to the input. NaN spreads to what
 * looks at it.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param transforms [a0, a1, a2, b0, b1, b2], or a list with one for each image
 * @returns [N,height,width,C]
 * @throws ShapeError unless x is an image; ArgumentError for a transform that is not six finite numbers, or an option outside
 * its domain.
 * @example
 * const mirrored = ops.affineTransform(tensor([1, 2, 3], [1, 3, 1]), [-1, 0, 2, 0, 1, 0]); // [1,3,1]
 * mirrored.toArray(); // [[[3],[2],[1]]]
 * const half = ops.affineTransform(zeros([8, 8, 3]), [2, 0, 0.5, 0, 2, 0.5], { size: 4 }); // [4,4,3]
 */
export function affineTransform(
  x: Tensor,
  transforms: Affine | readonly Affine[],
  options: AffineTransformOptions = {},
): Tensor {
  const op = "affineTransform";
  const plan = inferAffineTransform(op, shapeOf(op, "x", x), options);
  const each = checkTransforms(op, transforms, plan);
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    forwardAffineTransform(run.kernels, { x: x.pointer, y: y.pointer }, plan, each);
    return y;
  });
}

/**
 * The gradient of `affineTransform` for x: every output's goes to the pixels it looked at, in their shares.
 *
 * @example
 * const dx = ops.affineTransformBackward(zeros([4, 4, 3]), zeros([8, 8, 3]), [2, 0, 0.5, 0, 2, 0.5], { size: 4 }); // [8,8,3]
 */
export function affineTransformBackward(
  dy: Tensor,
  x: Tensor,
  transforms: Affine | readonly Affine[],
  options: AffineTransformOptions = {},
): Tensor {
  const op = "affineTransformBackward";
  const plan = inferAffineTransform(op, shapeOf(op, "x", x), options);
  const each = checkTransforms(op, transforms, plan);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardAffineTransform(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan, each);
    return dx;
  });
}

function checkTransforms(
  op: string,
  transforms: Affine | readonly Affine[],
  { n }: AffineTransformPlan,
): readonly Affine[] {
  const isOne = (value: unknown) => isNumbers(value, 6);
  return perImage<Affine>(op, "transforms", transforms, n, isOne, "[a0, a1, a2, b0, b1, b2], finite numbers");
}
