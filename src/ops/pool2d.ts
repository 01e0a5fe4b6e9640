/** Pools over windows of an image: the maximum, the minimum or the average of each, every channel for itself. */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, likeImage, type Pair, pair, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { CELL_KINDS, cellGeometry, steppedSpans } from "./poolCells.ts";
import { inferWindow, type Padding, type Window, windowFields } from "./window.ts";

/** What pools take. */
export interface Pool2dOptions {
  /** Height and width of a window: a number or [vertical, horizontal]. */
  poolSize: Pair;
  /** Default: poolSize. */
  stride?: Pair;
  /** Default "valid". Padding is never the maximum or minimum of a window. */
  padding?: Padding;
  /** Let a last window begin that does not fit wholly, as PyTorch has it. Default false. */
  ceilMode?: boolean;
  /** Distance between the cells of a window, but for averages. Default 1. */
  dilation?: Pair;
}

/** What `avgPool2d` takes. */
export interface AvgPool2dOptions extends Omit<Pool2dOptions, "dilation"> {
  /** Count the padding as zeros. Default false, as in Keras and tfjs (PyTorch: true). What `ceilMode` adds never counts. */
  countIncludePad?: boolean;
}

/** The names of all options. */
export const POOL2D_OPTIONS: Readonly<Record<keyof AvgPool2dOptions | "dilation", true>> = {
  poolSize: true,
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
  dilation: true,
};

export type PoolKind = "max" | "min" | "avg";

/** Which of equal maxima (minima) takes the gradient: the first in row-major order, or all of them. */
export type Ties = "first" | "all";

export interface Pool2dPlan {
  readonly kind: PoolKind | "norm1" | "norm2";
  readonly window: Window;
  /** What kernels read of it. */
  readonly geometry: readonly number[];
  /** By the kernels of assembly/poolCells.ts, which know every window; the others are faster. */
  readonly byCells: boolean;
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
export function inferPool2d(
  op: string,
  x: Shape,
  options: Pool2dOptions & AvgPool2dOptions,
  kind: PoolKind = "max",
): Pool2dPlan {
  checkOptions(op, options, POOL2D_OPTIONS);
  const size = pair(op, "poolSize", options.poolSize);
  const { stride = options.poolSize, padding, ceilMode, countIncludePad = false, dilation = 1 } = options;
  const window = inferWindow(op, x, size, { stride, padding, ceilMode, dilation });
  const { n, oh, ow, c, pt, pb, pl, pr } = window;
  const byCells = window.dh > 1 || window.dw > 1;
  if (byCells && kind === "avg") {
    throw new ArgumentError(`${op}: dilation is for maxima and minima, got ${show(dilation)}`);
  }
  refuseUnseen(op, window);
  const counted = countIncludePad ? ([pt, pb, pl, pr] as const) : ([0, 0, 0, 0] as const);
  const geometry = byCells ? cellGeometry(window, ...steppedSpans(window)) : windowFields(window);
  return { kind, window, geometry, byCells, output: likeImage(x, n, oh, ow, c), counted };
}

function refuseUnseen(op: string, s: Window): void {
  const { h, w, oh, ow, kh, kw, sh, sw, dh, dw, pt, pb, pl, pr } = s;
  const side =
    (pt > dh * (kh - 1) && `top ${pt}`) ||
    (pl > dw * (kw - 1) && `left ${pl}`) ||
    ((oh - 1) * sh - pt >= h && `bottom ${pb}`) ||
    ((ow - 1) * sw - pl >= w && `right ${pr}`) ||
    // Cells farther apart than the image is large may stand on both sides of it.
    (dh > 1 && misses(s, 0) && `top ${pt}, bottom ${pb}`) ||
    (dw > 1 && misses(s, 1) && `left ${pl}, right ${pr}`);
  if (!side) return;
  throw new ShapeError(
    `${op}: a window ${show([kh, kw])} would lie wholly in the padding (${side}); use less padding or a larger poolSize`,
  );
}

function misses(s: Window, axis: 0 | 1): boolean {
  return steppedSpans(s)[axis].some(([, count]) => count === 0);
}

/** x -> y. */
export function forwardPool2d(
  kernels: Kernels,
  at: { x: number; y: number; window: number },
  { kind, window, counted, byCells }: Pool2dPlan,
): void {
  const rows = window.n * window.oh;
  if (byCells) kernels.poolCells(CELL_KINDS[kind], at.x, at.y, 0, at.window);
  else if (kind === "avg") kernels.avgPool2d(at.x, at.y, at.window, 0, rows, ...counted);
  else if (kind === "max") kernels.maxPool2d(at.x, at.y, at.window, 0, rows);
  else kernels.minPool2d(at.x, at.y, at.window, 0, rows);
}

/** Bytes of scratch for the way back. */
export function poolScratch({ byCells, output }: Pool2dPlan): number {
  return byCells ? sizeOf(output) * 4 : 0;
}

/** dy, x -> dx (written). The average does not look at x, but for the size of a norm or the place of an extreme. */
export function backwardPool2d(
  kernels: Kernels,
  at: { dy: number; x: number; dx: number; window: number; scratch: number },
  plan: Pool2dPlan,
  ties: Ties = "first",
): void {
  const { kind, window, counted } = plan;
  if (plan.byCells) {
    backwardByCells(kernels, at, plan);
    return;
  }
  const all = ties === "all" ? 1 : 0;
  if (kind === "avg") kernels.avgPool2dBackward(at.dy, at.dx, at.window, 0, window.n, ...counted);
  else if (kind === "max") kernels.maxPool2dBackward(at.dy, at.x, at.dx, at.window, all, 0, window.n);
  else kernels.minPool2dBackward(at.dy, at.x, at.dx, at.window, all, 0, window.n);
}

function backwardByCells(
  kernels: Kernels,
  { dy, x, dx, window: geometry, scratch }: { dy: number; x: number; dx: number; window: number; scratch: number },
  { kind, window: { n, h, w, c, oh, ow } }: Pool2dPlan,
): void {
  const number = CELL_KINDS[kind];
  if (kind === "max" || kind === "min") {
    kernels.poolCells(number, x, 0, scratch, geometry);
    kernels.putPixels(dy, scratch, dx, n, oh * ow, h * w, c);
  } else {
    if (kind !== "avg") kernels.poolCells(number, x, scratch, 0, geometry);
    kernels.poolCellsBackward(number, dy, x, scratch, dx, geometry);
  }
}

/** Shared with its relatives. */
export function runPool2d(op: string, x: Tensor, infer: (x: Shape) => Pool2dPlan): Tensor {
  const plan = infer(shapeOf(op, "x", x));
  return eager(op, { x }, (lend) => {
    const y = lend.output(plan.output);
    forwardPool2d(lend.kernels, { x: x.pointer, y: y.pointer, window: lend.constants(plan.geometry) }, plan);
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
  if (plan.byCells && ties === "all") throw new ArgumentError(`${op}: ties "all" are for windows without dilation`);
  return eager(op, { dy, x }, (lend) => {
    const dx = lend.output(x.shape);
    const lent = { window: lend.constants(plan.geometry), scratch: lend.scratch(poolScratch(plan)) };
    const at = { dy: dy.pointer, x: x.pointer, dx: dx.pointer, ...lent };
    backwardPool2d(lend.kernels, at, plan, ties);
    return dx;
  });
}

/**
 * The largest value of each window (Scherer et al. 2010). A window with NaN gives NaN, as in numpy and PyTorch; looking out for
 * it costs up to 5 % for 2x2 windows, 10 % for 3x3 at stride 2 and 20 % where windows overlap more (AMD Zen 5, V8 11.3).
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,OH,OW,C], OH = floor((H + padding - poolSize) / stride) + 1, rounded up with `ceilMode`
 * @throws ShapeError where the window does not fit, or one would lie wholly in the padding; ArgumentError for an option
 * outside its domain.
 * @example
 * const x = tensor([1, 5, 3, 2], [1, 2, 2, 1]);
 * ops.maxPool2d(x, { poolSize: 2 }).toArray(); // [[[[5]]]]
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
 * @example
 * const x = tensor([1, 5, 3, 2], [1, 2, 2, 1]);
 * ops.maxPool2dBackward(full([1, 1, 1, 1], 1), x, { poolSize: 2 }).data; // [0, 1, 0, 0]
 */
export function maxPool2dBackward(dy: Tensor, x: Tensor, options: Pool2dOptions, ties?: Ties): Tensor {
  const op = "maxPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool2d(op, shape, options, "max"), ties);
}

/**
 * The smallest value of each window; otherwise as `maxPool2d`, NaN too.
 *
 * @example
 * const x = tensor([1, 5, 3, 2], [1, 2, 2, 1]);
 * ops.minPool2d(x, { poolSize: 2 }).toArray(); // [[[[1]]]]
 */
export function minPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return runPool2d("minPool2d", x, (shape) => inferPool2d("minPool2d", shape, options, "min"));
}

/**
 * The gradient of `minPool2d`, as that of `maxPool2d`.
 *
 * @example
 * const x = tensor([1, 5, 3, 2], [1, 2, 2, 1]);
 * ops.minPool2dBackward(full([1, 1, 1, 1], 1), x, { poolSize: 2 }).data; // [1, 0, 0, 0]
 */
export function minPool2dBackward(dy: Tensor, x: Tensor, options: Pool2dOptions, ties?: Ties): Tensor {
  const op = "minPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool2d(op, shape, options, "min"), ties);
}

/**
 * The mean of each window (LeCun et al. 1998). Without `countIncludePad` (default, as in Keras and tfjs) only cells of x count;
 * with it padding counts as zeros. NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,OH,OW,C], as `maxPool2d`
 * @throws as `maxPool2d`
 * @example
 * const x = tensor([1, 5, 3, 2], [1, 2, 2, 1]);
 * ops.avgPool2d(x, { poolSize: 2 }).toArray(); // [[[[2.75]]]]
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  return runPool2d("avgPool2d", x, (shape) => inferPool2d("avgPool2d", shape, options, "avg"));
}

/**
 * The gradient of `avgPool2d`: each window's, divided as its mean was, goes to all its cells. x gives the shape only.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const x = tensor([1, 5, 3, 2], [1, 2, 2, 1]);
 * ops.avgPool2dBackward(full([1, 1, 1, 1], 1), x, { poolSize: 2 }).data; // [0.25, 0.25, 0.25, 0.25]
 */
export function avgPool2dBackward(dy: Tensor, x: Tensor, options: AvgPool2dOptions): Tensor {
  const op = "avgPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool2d(op, shape, options, "avg"));
}
