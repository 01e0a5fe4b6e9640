/** Convolution along a line, with the kernels of conv2d. */
import { checkOptions } from "../errors.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  CONV2D_OPTIONS,
  type Conv2dGradients,
  type Conv2dOptions,
  inferConv2d,
  runConv2d,
  runConv2dBackward,
} from "./conv2d.ts";
import type { Conv2dPlan } from "./conv2dPlan.ts";
import { eager, shapeOf } from "./eager.ts";
import { imageAsLine, type LineOptions, lineAsImage, lineWindow } from "./line.ts";

/** What `conv1d` takes. */
export type Conv1dOptions = Omit<Conv2dOptions, keyof LineOptions> & LineOptions;

/**
 * The shape rule: x [N,L,C], w [K,C/groups,O], b [O] or null -> [N,OL,O]. The plan is one for the functions of conv2d.
 *
 * @throws ShapeError where channels, groups or the kernel do not fit (sizes in messages are those of an image of height 1);
 * ArgumentError for an option outside its domain.
 */
export function inferConv1d(op: string, x: Shape, w: Shape, b: Shape | null, options: Conv1dOptions = {}): Conv2dPlan {
  checkOptions<object>(op, options, CONV2D_OPTIONS);
  expectShape(op, "w", w, ["K", "C/groups", "O"]);
  const along = lineWindow(op, options, w[0]);
  const plan = inferConv2d(op, lineAsImage(op, x), [1, ...w], b, { ...options, ...along });
  return { ...plan, output: imageAsLine(plan.output) };
}

/**
 * 1-D convolution (Waibel et al. 1989; "causal" and dilated: van den Oord et al. 2016, arXiv 1609.03499): y[n,t,o] = b[o] + sum
 * x[n, t*s - p + k*d, c] * w[k,c,o]. NaN reaches the outputs whose windows see it.
 *
 * @param x [N,L,C] or [L,C]
 * @param w [K,C/groups,O]
 * @param b [O] or null
 * @returns [N,OL,O], OL = floor((L + padding - dilation*(K-1) - 1) / stride) + 1
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [sound, w, b] = [zeros([1, 100, 2]), zeros([5, 2, 8]), zeros([8])];
 * const y = ops.conv1d(sound, w, b, { stride: 2, padding: "causal" }); // [1,50,8]
 */
export function conv1d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv1dOptions = {}): Tensor {
  const shapes = [shapeOf("conv1d", "x", x), shapeOf("conv1d", "w", w)] as const;
  const plan = inferConv1d("conv1d", ...shapes, b === null ? null : shapeOf("conv1d", "b", b), options);
  return eager("conv1d", { x, w, b }, (run) => runConv2d(run, x, w, b, plan));
}

/**
 * The gradients of `conv1d`: dx is dy convolved with the filters turned around, dw the sum of x times dy over all outputs, db
 * that of dy (without an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [O]
 * @example
 * const [sound, w, dy] = [zeros([1, 100, 2]), zeros([5, 2, 8]), zeros([1, 96, 8])];
 * const { dx, dw, db } = ops.conv1dBackward(dy, sound, w);
 * dw.shape; // [5,2,8]
 */
export function conv1dBackward(dy: Tensor, x: Tensor, w: Tensor, options: Conv1dOptions = {}): Conv2dGradients {
  const op = "conv1dBackward";
  const plan = inferConv1d(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => runConv2dBackward(run, dy, x, w, plan));
}
