/** Pools over windows of an image: the maximum, the minimum or the average of each, every channel for itself. */
import { checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, likeImage, type Pair, pair, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { inferWindow, type Padding, type Window } from "./window.ts";

export interface Pool2dOptions {
  /** Height and width of a window: a number or [vertical, horizontal]. */
  poolSize: Pair;
  /** Default: poolSize. */
  stride?: Pair;
  /** Default "valid". Padding is never the maximum or minimum of a window. */
  padding?: Padding;
  /** Let a last window begin that does not fit wholly, as PyTorch has it. Default false. */
  ceilMode?: boolean;
}

export interface AvgPool2dOptions extends Pool2dOptions {
  /** Count the padding as zeros. Default false, as in Keras and tfjs (PyTorch: true). What `ceilMode` adds never counts. */
  countIncludePad?: boolean;
}

/** The names of all options. */
export const POOL2D_OPTIONS: Readonly<Record<keyof AvgPool2dOptions, true>> = {
  poolSize: true,
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

export type PoolKind = "max" | "min" | "avg";

/** Which of equal maxima (minima) takes the gradient: the first in row-major order, or all of them. */
export type Ties = "first" | "all";

export interface Pool2dPlan {
  readonly kind: PoolKind;
  readonly window: Window;
  readonly output: Shape;
  /** Cells of padding above, below, before and after the input that an average counts. */
  readonly counted: readonly [number, number, number, number];
}

/**
 * The shape rule: [N,H,W,C] -> [N,OH,OW,C].
 *
 * @throws ShapeError where the window does not fit, or one would lie wholly in the padding; ArgumentError for an option
 * outside its domain.
 */
export function inferPool2d(op: string, x: Shape, options: AvgPool2dOptions, kind: PoolKind = "max"): Pool2dPlan {
  checkOptions(op, options, POOL2D_OPTIONS);
  const size = pair(op, "poolSize", options.poolSize);
  const { stride = options.poolSize, padding, ceilMode, countIncludePad = false } = options;
  const window = inferWindow(op, x, size, { stride, padding, ceilMode });
  const { n, oh, ow, c, pt, pb, pl, pr } = window;
  refuseUnseen(op, window);
  const counted = countIncludePad ? ([pt, pb, pl, pr] as const) : ([0, 0, 0, 0] as const);
  return { kind, window, output: likeImage(x, n, oh, ow, c), counted };
}

/** The shape rule of the global pools, one window per image: [N,H,W,C] -> [N,C], [H,W,C] -> [C]. */
export function inferGlobalPool2d(op: string, x: Shape, kind: PoolKind): Pool2dPlan {
  const [n, h, w, c] = imageShape(op, "x", x);
  return {
    kind,
    window: inferWindow(op, x, [h, w], {}),
    output: x.length === 3 ? [c] : [n, c],
    counted: [0, 0, 0, 0],
  };
}

function refuseUnseen(op: string, { h, w, oh, ow, kh, kw, sh, sw, pt, pb, pl, pr }: Window): void {
  const side =
    (pt >= kh && `top ${pt}`) ||
    (pl >= kw && `left ${pl}`) ||
    ((oh - 1) * sh - pt >= h && `bottom ${pb}`) ||
    ((ow - 1) * sw - pl >= w && `right ${pr}`);
  if (!side) return;
  throw new ShapeError(
    `${op}: a window ${show([kh, kw])} would lie wholly in the padding (${side}); use less padding or a larger poolSize`,
  );
}

/** x -> y. */
export function forwardPool2d(
  kernels: Kernels,
  at: { x: number; y: number; window: number },
  { kind, window, counted }: Pool2dPlan,
): void {
  const rows = window.n * window.oh;
  if (kind === "avg") kernels.avgPool2d(at.x, at.y, at.window, 0, rows, ...counted);
  else if (kind === "max") kernels.maxPool2d(at.x, at.y, at.window, 0, rows);
  else kernels.minPool2d(at.x, at.y, at.window, 0, rows);
}

/** dy, x -> dx (written). The average does not look at x. */
export function backwardPool2d(
  kernels: Kernels,
  at: { dy: number; x: number; dx: number; window: number },
  { kind, window, counted }: Pool2dPlan,
  ties: Ties = "first",
): void {
  const all = ties === "all" ? 1 : 0;
  if (kind === "avg") kernels.avgPool2dBackward(at.dy, at.dx, at.window, 0, window.n, ...counted);
  else if (kind === "max") kernels.maxPool2dBackward(at.dy, at.x, at.dx, at.window, all, 0, window.n);
  else kernels.minPool2dBackward(at.dy, at.x, at.dx, at.window, all, 0, window.n);
}

/** Shared with its relatives. */
export function runPool2d(op: string, x: Tensor, infer: (x: Shape) => Pool2dPlan): Tensor {
  const plan = infer(shapeOf(op, "x", x));
  return eager(op, { x }, (lend) => {
    const y = lend.output(plan.output);
    forwardPool2d(lend.kernels, { x: x.pointer, y: y.pointer, window: lend.window(plan.window) }, plan);
    return y;
  });
}

/** Shared with its relatives. */
export function runPool2dBackward(
  op: string,
  dy: Tensor,
  x: Tensor,
  infer: (x: Shape) => Pool2dPlan,
  ties: Ties = "first",
): Tensor {
  const plan = infer(shapeOf(op, "x", x));
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  oneOf(op, "ties", ties, ["first", "all"]);
  return eager(op, { dy, x }, (lend) => {
    const dx = lend.output(x.shape);
    const at = { dy: dy.pointer, x: x.pointer, dx: dx.pointer, window: lend.window(plan.window) };
    backwardPool2d(lend.kernels, at, plan, ties);
    return dx;
  });
}

/**
 * The largest value of each window. A window with NaN gives NaN, as in numpy and PyTorch; looking out for it costs up to
 * 5 % for 2x2 windows, 10 % for 3x3 at stride 2 and 20 % where windows overlap more (AMD Zen 5, V8 11.3).
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,OH,OW,C], OH = floor((H + padding - poolSize) / stride) + 1, rounded up with `ceilMode`
 * @throws ShapeError where the window does not fit, or one would lie wholly in the padding; ArgumentError for an option
 * outside its domain.
 * @example
 * const y = ops.maxPool2d(x, { poolSize: 2 });    // [1,28,28,8] -> [1,14,14,8]
 */
export function maxPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return runPool2d("maxPool2d", x, (shape) => inferPool2d("maxPool2d", shape, options, "max"));
}

/**
 * The gradient of `maxPool2d`: each window's goes to its maximum.
 *
 * @param dy the gradient of the output
 * @param ties of equal maxima the "first" in row-major order takes it (default), as in PyTorch, or "all" of them take all
 * of it, as in the textbook exercise. A NaN counts as a maximum.
 * @returns dx, of the shape of x
 */
export function maxPool2dBackward(dy: Tensor, x: Tensor, options: Pool2dOptions, ties?: Ties): Tensor {
  const op = "maxPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool2d(op, shape, options, "max"), ties);
}

/**
 * The smallest value of each window; otherwise as `maxPool2d`, NaN too.
 *
 * @example
 * const y = ops.minPool2d(x, { poolSize: 2 });    // [1,28,28,8] -> [1,14,14,8]
 */
export function minPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return runPool2d("minPool2d", x, (shape) => inferPool2d("minPool2d", shape, options, "min"));
}

/** The gradient of `minPool2d`, as that of `maxPool2d`. */
export function minPool2dBackward(dy: Tensor, x: Tensor, options: Pool2dOptions, ties?: Ties): Tensor {
  const op = "minPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool2d(op, shape, options, "min"), ties);
}

/**
 * The mean of each window. Without `countIncludePad` (default, as in Keras and tfjs) only cells of x count; with it padding
 * counts as zeros. NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,OH,OW,C], as `maxPool2d`
 * @throws as `maxPool2d`
 * @example
 * const y = ops.avgPool2d(x, { poolSize: 3, stride: 2, padding: "same" });
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  return runPool2d("avgPool2d", x, (shape) => inferPool2d("avgPool2d", shape, options, "avg"));
}

/**
 * The gradient of `avgPool2d`: each window's, divided as its mean was, goes to all its cells. x gives the shape only.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 */
export function avgPool2dBackward(dy: Tensor, x: Tensor, options: AvgPool2dOptions): Tensor {
  const op = "avgPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool2d(op, shape, options, "avg"));
}

/**
 * The largest value of each channel of an image. NaN passes on, which costs a third of the speed.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is an image.
 * @example
 * const y = ops.globalMaxPool2d(x);               // [1,7,7,512] -> [1,512]
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  return runPool2d("globalMaxPool2d", x, (shape) => inferGlobalPool2d("globalMaxPool2d", shape, "max"));
}

/** The gradient of `globalMaxPool2d`: dy [N,C] goes to the first maximum of each channel; NaN as in `maxPool2dBackward`. */
export function globalMaxPool2dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalMaxPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool2d(op, shape, "max"));
}

/**
 * The mean of each channel of an image. NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is an image.
 * @example
 * const y = ops.globalAveragePool2d(x);           // [1,7,7,1280] -> [1,1280]
 */
export function globalAveragePool2d(x: Tensor): Tensor {
  return runPool2d("globalAveragePool2d", x, (shape) => inferGlobalPool2d("globalAveragePool2d", shape, "avg"));
}

/** The gradient of `globalAveragePool2d`: dy [N,C] / (H W) to every pixel. x gives the shape only. */
export function globalAveragePool2dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalAveragePool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool2d(op, shape, "avg"));
}
