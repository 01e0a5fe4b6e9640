/** Transposed convolution: what the gradient of a convolution does with dy, done with x. Its kernels are those of conv2d. */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import { expectShape, imageShape, likeImage, type Pair, pair, type Shape, sides } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Conv2dGradients,
  type Conv2dOptions,
  inferConv2d,
  reverse,
  runConv2d,
  runConv2dBackward,
} from "./conv2d.ts";
import type { Conv2dPlan } from "./conv2dPlan.ts";
import { transposedStage } from "./conv2dStages.ts";
import { eager, shapeOf } from "./eager.ts";
import { FUSED_ACTIVATIONS, FUSED_NAMES } from "./gemm.ts";
import { type Padding, samePadding } from "./window.ts";

/** What `conv2dTranspose` takes. */
export interface Conv2dTransposeOptions extends Omit<Conv2dOptions, "algorithm"> {
  /** Rows and columns more, at the bottom and the right; less than the stride. Default 0. */
  outputPadding?: Pair;
}

const OPTIONS: Readonly<Record<keyof Conv2dTransposeOptions, true>> = {
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  activation: true,
  precision: true,
  flip: true,
  outputPadding: true,
};

/**
 * The shape rule: x [N,H,W,C], w [KH,KW,O/groups,C], b [O] or null -> [N,OH,OW,O]. The plan is one for the functions of
 * conv2d.
 *
 * @throws ShapeError where channels or groups do not fit, or padding leaves nothing; ArgumentError for an option outside its
 * domain.
 */
export function inferConv2dTranspose(
  op: string,
  x: Shape,
  w: Shape,
  b: Shape | null,
  options: Conv2dTransposeOptions = {},
): Conv2dPlan {
  checkOptions(op, options, OPTIONS);
  const { outputPadding, activation = "linear", groups = 1, ...rest } = options;
  const [n, h, wide, c] = imageShape(op, "x", x);
  expectShape(op, "w", w, ["KH", "KW", "O/groups", "C"]);
  if (w[3] !== c) throw new ShapeError(`${op}: x ${show(x)} has ${c} channels, but w ${show(w)} has ${w[3]}`);
  if (Number.isInteger(groups) && groups > 0 && c % groups !== 0) {
    throw new ShapeError(`${op}: x ${show(x)} has ${c} channels, which ${groups} groups do not divide`);
  }
  const name = oneOf(op, "activation", activation, FUSED_NAMES);
  const { size, padding } = outputOf(op, [h, wide], [w[0], w[1]], options);
  const outputs = w[2] * groups;
  const image = [n, ...size, outputs];
  const conv = inferConv2d(op, image, w, null, { ...rest, groups, padding });
  if (b !== null) expectShape(op, "b", b, [outputs]);
  return {
    ...conv,
    transposed: true,
    output: likeImage(x, n, size[0], size[1], outputs),
    activation: FUSED_ACTIVATIONS[name],
    // "depthwise" knows no bias on this way.
    forward:
      conv.input.algorithm === "depthwise"
        ? transposedStage("indirect", conv.window, reverse(conv.window))
        : conv.input,
    input: conv.forward,
  };
}

/** Height and width of y, and the padding of the convolution that gives x from it. */
function outputOf(
  op: string,
  x: readonly [number, number],
  kernel: readonly [number, number],
  { stride = 1, dilation = 1, padding = "valid", outputPadding }: Conv2dTransposeOptions,
): { size: readonly [number, number]; padding: Padding } {
  const step = pair(op, "stride", stride);
  const apart = pair(op, "dilation", dilation);
  const more = pair(op, "outputPadding", outputPadding ?? 0, 0);
  if (more[0] >= step[0] || more[1] >= step[1]) {
    throw new ArgumentError(
      `${op}: outputPadding must be less than the stride ${show(step)}, got ${show(outputPadding)}`,
    );
  }
  if (padding === "same") {
    if (outputPadding !== undefined) {
      throw new ArgumentError(
        `${op}: outputPadding needs padding in numbers, since "same" makes y stride times as large as x`,
      );
    }
    const size = [x[0] * step[0], x[1] * step[1]] as const;
    const along = (axis: 0 | 1) => samePadding(size[axis], kernel[axis], step[axis], apart[axis]);
    const [[top, bottom], [left, right]] = [along(0), along(1)];
    return { size, padding: [top, bottom, left, right] };
  }
  const [top, bottom, left, right] =
    padding === "valid" ? [0, 0, 0, 0] : sides(op, "padding", padding, '"valid", "same", ');
  const reach = (axis: 0 | 1) => (x[axis] - 1) * step[axis] + apart[axis] * (kernel[axis] - 1) + 1 + more[axis];
  const size = [reach(0) - top - bottom, reach(1) - left - right] as const;
  if (size[0] < 1 || size[1] < 1) {
    throw new ShapeError(`${op}: padding ${show(padding)} leaves nothing of the output ${show([reach(0), reach(1)])}`);
  }
  return { size, padding: [top, bottom, left, right] };
}

/**
 * Transposed convolution, or "deconvolution" (Dumoulin & Visin 2016, arXiv 1603.07285): every pixel of x, times w, is added to
 * the window that a convolution with this stride and padding would have looked at to make that pixel. Used to make images
 * larger. NaN as in `conv2d`.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param w [KH,KW,O/groups,C], as Keras has it: that of the convolution from y to x
 * @param b [O] or null
 * @param options padding takes away from the output; "same" makes it stride times as large as x
 * @returns [N,OH,OW,O], OH = (H - 1)*stride + dilation*(KH-1) + 1 - padding + outputPadding
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [x, w, b] = [zeros([1, 7, 7, 16]), zeros([3, 3, 8, 16]), zeros([8])];
 * const y = ops.conv2dTranspose(x, w, b, { stride: 2, padding: "same" }); // [1,14,14,8]
 */
export function conv2dTranspose(
  x: Tensor,
  w: Tensor,
  b: Tensor | null = null,
  options: Conv2dTransposeOptions = {},
): Tensor {
  const op = "conv2dTranspose";
  const shapes = [shapeOf(op, "x", x), shapeOf(op, "w", w), b === null ? null : shapeOf(op, "b", b)] as const;
  const plan = inferConv2dTranspose(op, ...shapes, options);
  return eager(op, { x, w, b }, (run) => runConv2d(run, x, w, b, plan));
}

/**
 * The gradients of `conv2dTranspose`: dx is the convolution of dy by w, dw the sum of dy times x over all pixels, db that of dy
 * (without an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [O]
 * @example
 * const [x, w, dy] = [zeros([1, 7, 7, 16]), zeros([3, 3, 8, 16]), zeros([1, 14, 14, 8])];
 * const { dx, dw, db } = ops.conv2dTransposeBackward(dy, x, w, { stride: 2, padding: "same" });
 * dw.shape; // [3,3,8,16]
 */
export function conv2dTransposeBackward(
  dy: Tensor,
  x: Tensor,
  w: Tensor,
  options: Conv2dTransposeOptions = {},
): Conv2dGradients {
  const op = "conv2dTransposeBackward";
  const plan = inferConv2dTranspose(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => runConv2dBackward(run, dy, x, w, plan));
}
