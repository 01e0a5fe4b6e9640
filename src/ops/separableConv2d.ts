/** A depthwise convolution, then one of 1x1: each channel is looked at for itself, then they are mixed. */
import { checkOptions } from "../errors.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Conv2dOptions, inferConv2d, runConv2d, runConv2dBackward } from "./conv2d.ts";
import type { Conv2dPlan } from "./conv2dPlan.ts";
import { inferDepthwiseConv2d } from "./depthwiseConv2d.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `separableConv2d` takes. */
export type SeparableConv2dOptions = Pick<Conv2dOptions, "stride" | "padding" | "dilation" | "activation">;

const OPTIONS = { stride: true, padding: true, dilation: true, activation: true } as const;

export interface SeparableConv2dPlan {
  readonly depthwise: Conv2dPlan;
  readonly pointwise: Conv2dPlan;
}

/**
 * The shape rule: x [N,H,W,C], depthwise [KH,KW,C,M], pointwise [1,1,C*M,O], b [O] or null -> [N,OH,OW,O]. The plans are two
 * for the functions of conv2d.
 *
 * @throws ShapeError where channels or the kernel do not fit; ArgumentError for an option outside its domain.
 */
export function inferSeparableConv2d(
  op: string,
  x: Shape,
  depthwise: Shape,
  pointwise: Shape,
  b: Shape | null,
  options: SeparableConv2dOptions = {},
): SeparableConv2dPlan {
  checkOptions(op, options, OPTIONS);
  const { activation, ...window } = options;
  const first = inferDepthwiseConv2d(op, x, depthwise, null, window);
  expectShape(op, "pointwise", pointwise, [1, 1, first.window.o, "O"]);
  return { depthwise: first, pointwise: inferConv2d(op, first.output, pointwise, b, { activation }) };
}

/**
 * Separable convolution (Xception, Chollet 2017, arXiv 1610.02357; MobileNets): `conv2d` by pointwise of `depthwiseConv2d` by
 * depthwise, with about as many times fewer multiplications than one `conv2d` as the filter has cells. NaN as in `conv2d`.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param depthwise [KH,KW,C,M], M outputs per channel
 * @param pointwise [1,1,C*M,O]
 * @param b [O] or null
 * @param options stride, padding and dilation are those of the depthwise part
 * @returns [N,OH,OW,O], OH as for `conv2d`
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [x, depthwise, pointwise] = [zeros([1, 8, 8, 3]), zeros([3, 3, 3, 2]), zeros([1, 1, 6, 16])];
 * const y = ops.separableConv2d(x, depthwise, pointwise, null, { padding: "same" }); // [1,8,8,16]
 */
export function separableConv2d(
  x: Tensor,
  depthwise: Tensor,
  pointwise: Tensor,
  b: Tensor | null = null,
  options: SeparableConv2dOptions = {},
): Tensor {
  const op = "separableConv2d";
  const plan = inferEager(op, x, depthwise, pointwise, b, options);
  return eager(op, { x, depthwise, pointwise, b }, (run) => {
    const middle = runConv2d(run, x, depthwise, null, plan.depthwise);
    const y = runConv2d(run, middle, pointwise, b, plan.pointwise);
    middle.dispose();
    return y;
  });
}

function inferEager(
  op: string,
  x: Tensor,
  depthwise: Tensor,
  pointwise: Tensor,
  b: Tensor | null,
  options: SeparableConv2dOptions,
): SeparableConv2dPlan {
  const filters = [shapeOf(op, "depthwise", depthwise), shapeOf(op, "pointwise", pointwise)] as const;
  return inferSeparableConv2d(op, shapeOf(op, "x", x), ...filters, b === null ? null : shapeOf(op, "b", b), options);
}

/** The gradients of `separableConv2d`. */
export interface SeparableConv2dGradients {
  /** Of the shape of x. */
  readonly dx: Tensor;
  /** Of the shape of depthwise. */
  readonly ddepthwise: Tensor;
  /** Of the shape of pointwise. */
  readonly dpointwise: Tensor;
  /** The gradient of the bias, there or not. */
  readonly db: Tensor;
}

/**
 * The gradients of `separableConv2d`: those of the pointwise part, then of the depthwise one, which is computed again (without
 * an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, ddepthwise, dpointwise, db of the shapes of x, depthwise, pointwise, [O]
 * @example
 * const [x, depthwise, pointwise] = [zeros([1, 8, 8, 3]), zeros([3, 3, 3, 2]), zeros([1, 1, 6, 16])];
 * const { dx, ddepthwise } = ops.separableConv2dBackward(zeros([1, 6, 6, 16]), x, depthwise, pointwise);
 * ddepthwise.shape; // [3,3,3,2]
 */
export function separableConv2dBackward(
  dy: Tensor,
  x: Tensor,
  depthwise: Tensor,
  pointwise: Tensor,
  options: SeparableConv2dOptions = {},
): SeparableConv2dGradients {
  const op = "separableConv2dBackward";
  const plan = inferEager(op, x, depthwise, pointwise, null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.pointwise.output);
  return eager(op, { dy, x, depthwise, pointwise }, (run) => {
    const middle = runConv2d(run, x, depthwise, null, plan.depthwise);
    const second = runConv2dBackward(run, dy, middle, pointwise, plan.pointwise);
    const first = runConv2dBackward(run, second.dx, x, depthwise, plan.depthwise);
    for (const inner of [middle, second.dx, first.db]) inner.dispose();
    return { dx: first.dx, ddepthwise: first.dw, dpointwise: second.dw, db: second.db };
  });
}
