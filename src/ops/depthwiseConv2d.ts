/** Convolution of every channel for itself. Memory and kernels are those of `conv2d` with as many groups as channels. */
import { ShapeError, show } from "../errors.ts";
import { expectShape, imageShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Conv2dGradients, type Conv2dOptions, inferConv2d, runConv2d, runConv2dBackward } from "./conv2d.ts";
import type { Conv2dPlan } from "./conv2dPlan.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `depthwiseConv2d` takes. */
export type DepthwiseConv2dOptions = Omit<Conv2dOptions, "groups">;

/**
 * The shape rule: x [N,H,W,C], w [KH,KW,C,M], b [C*M] or null -> [N,OH,OW,C*M]. The plan is one for packConv2d,
 * forwardConv2d, backwardConv2dInput and backwardConv2dFilter.
 *
 * @throws ShapeError where channels or the kernel do not fit; ArgumentError for an option outside its domain.
 */
export function inferDepthwiseConv2d(
  op: string,
  x: Shape,
  w: Shape,
  b: Shape | null,
  options: DepthwiseConv2dOptions = {},
): Conv2dPlan {
  expectShape(op, "w", w, ["KH", "KW", "C", "M"]);
  const [, , , channels] = imageShape(op, "x", x);
  const [kh, kw, c, multiplier] = w;
  if (c !== channels) {
    throw new ShapeError(`${op}: x ${show(x)} has ${channels} channels, but w ${show(w)} has ${c}`);
  }
  return inferConv2d(op, x, [kh, kw, 1, c * multiplier], b, { ...options, groups: c });
}

/**
 * Depthwise convolution (Sifre 2014; Howard et al. 2017, arXiv 1704.04861): y[n,oy,ox,c*M+m] = b[c*M+m] + sum x[n, oy*s - p +
 * ky*d, ox*s - p + kx*d, c] * w[ky,kx,c,m]. NaN reaches the outputs whose windows see it.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param w [KH,KW,C,M], M outputs per channel
 * @param b [C*M] or null
 * @returns [N,OH,OW,C*M], OH as for `conv2d`
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [image, w] = [zeros([1, 28, 28, 3]), zeros([3, 3, 3, 1])];
 * const y = ops.depthwiseConv2d(image, w, null, { padding: "same", activation: "relu6" }); // [1,28,28,3]
 */
export function depthwiseConv2d(
  x: Tensor,
  w: Tensor,
  b: Tensor | null = null,
  options: DepthwiseConv2dOptions = {},
): Tensor {
  const op = "depthwiseConv2d";
  const shapes = [shapeOf(op, "x", x), shapeOf(op, "w", w), b === null ? null : shapeOf(op, "b", b)] as const;
  const plan = inferDepthwiseConv2d(op, ...shapes, options);
  return eager(op, { x, w, b }, (run) => runConv2d(run, x, w, b, plan));
}

/**
 * The gradients of `depthwiseConv2d`: as those of `conv2d`, each channel by itself (without an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [C*M]
 * @example
 * const [image, w, dy] = [zeros([1, 28, 28, 3]), zeros([3, 3, 3, 1]), zeros([1, 26, 26, 3])];
 * const { dx, dw, db } = ops.depthwiseConv2dBackward(dy, image, w);
 */
export function depthwiseConv2dBackward(
  dy: Tensor,
  x: Tensor,
  w: Tensor,
  options: DepthwiseConv2dOptions = {},
): Conv2dGradients {
  const op = "depthwiseConv2dBackward";
  const plan = inferDepthwiseConv2d(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => runConv2dBackward(run, dy, x, w, plan));
}
