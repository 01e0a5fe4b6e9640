/** Pools along a line, with the kernels of pool2d. */
import { checkOptions } from "../errors.ts";
import { type Shape, whole } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { inferGlobalPool2d } from "./globalPool2d.ts";
import { imageAsLine, type LineOptions, lineAsImage, lineWindow } from "./line.ts";
import {
  inferPool2d,
  POOL2D_OPTIONS,
  type Pool2dPlan,
  type PoolKind,
  runPool2d,
  runPool2dBackward,
  type Ties,
} from "./pool2d.ts";

/** What `pool1d` takes. */
export interface Pool1dOptions extends Omit<LineOptions, "dilation"> {
  /** Length of a window. */
  poolSize: number;
  /** Let a last window begin that does not fit wholly. Default false. */
  ceilMode?: boolean;
}

/** What `avgPool1d` takes. */
export interface AvgPool1dOptions extends Pool1dOptions {
  /** Count the padding as zeros. Default false. */
  countIncludePad?: boolean;
}

/**
 * The shape rule: [N,L,C] -> [N,OL,C]. The plan is one for the functions of pool2d.
 *
 * @throws as inferPool2d; sizes in messages are those of an image of height 1.
 */
export function inferPool1d(op: string, x: Shape, options: AvgPool1dOptions, kind: PoolKind = "max"): Pool2dPlan {
  checkOptions(op, options, POOL2D_OPTIONS);
  const size = whole(op, "poolSize", options.poolSize);
  const { stride, padding } = lineWindow(op, options, size);
  const plan = inferPool2d(op, lineAsImage(op, x), { ...options, poolSize: [1, size], stride, padding }, kind);
  return { ...plan, output: imageAsLine(plan.output) };
}

/** The shape rule of the global pools, one window per line: [N,L,C] -> [N,C], [L,C] -> [C]. */
export function inferGlobalPool1d(op: string, x: Shape, kind: PoolKind): Pool2dPlan {
  return inferGlobalPool2d(op, lineAsImage(op, x), kind);
}

/**
 * The largest value of each window of a line; NaN and source as for `maxPool2d`.
 *
 * @param x [N,L,C] or [L,C]
 * @returns [N,OL,C], OL = floor((L + padding - poolSize) / stride) + 1, rounded up with `ceilMode`
 * @throws ShapeError where the window does not fit, or one would lie wholly in the padding; ArgumentError for an option
 * outside its domain.
 * @example
 * const y = ops.maxPool1d(zeros([1, 100, 8]), { poolSize: 2 }); // [1,50,8]
 */
export function maxPool1d(x: Tensor, options: Pool1dOptions): Tensor {
  return runPool2d("maxPool1d", x, (shape) => inferPool1d("maxPool1d", shape, options, "max"));
}

/**
 * The gradient of `maxPool1d`, as that of `maxPool2d`.
 *
 * @example
 * const dx = ops.maxPool1dBackward(zeros([1, 50, 8]), zeros([1, 100, 8]), { poolSize: 2 }); // [1,100,8]
 */
export function maxPool1dBackward(dy: Tensor, x: Tensor, options: Pool1dOptions, ties?: Ties): Tensor {
  const op = "maxPool1dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool1d(op, shape, options, "max"), ties);
}

/**
 * The mean of each window of a line, as `avgPool2d`.
 *
 * @param x [N,L,C] or [L,C]
 * @returns [N,OL,C], as `maxPool1d`
 * @throws as `maxPool1d`
 * @example
 * const y = ops.avgPool1d(zeros([1, 100, 8]), { poolSize: 2 }); // [1,50,8]
 */
export function avgPool1d(x: Tensor, options: AvgPool1dOptions): Tensor {
  return runPool2d("avgPool1d", x, (shape) => inferPool1d("avgPool1d", shape, options, "avg"));
}

/**
 * The gradient of `avgPool1d`, as that of `avgPool2d`.
 *
 * @example
 * const dx = ops.avgPool1dBackward(zeros([1, 50, 8]), zeros([1, 100, 8]), { poolSize: 2 }); // [1,100,8]
 */
export function avgPool1dBackward(dy: Tensor, x: Tensor, options: AvgPool1dOptions): Tensor {
  const op = "avgPool1dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferPool1d(op, shape, options, "avg"));
}

/**
 * The largest value of each channel of a line: found wherever it is. NaN passes on.
 *
 * @param x [N,L,C] or [L,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is a line.
 * @example
 * const y = ops.globalMaxPool1d(zeros([1, 100, 8])); // [1,8]
 */
export function globalMaxPool1d(x: Tensor): Tensor {
  return runPool2d("globalMaxPool1d", x, (shape) => inferGlobalPool1d("globalMaxPool1d", shape, "max"));
}

/**
 * The gradient of `globalMaxPool1d`: dy [N,C] goes to the first maximum of each channel.
 *
 * @example
 * const dx = ops.globalMaxPool1dBackward(zeros([1, 8]), zeros([1, 100, 8])); // [1,100,8]
 */
export function globalMaxPool1dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalMaxPool1dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool1d(op, shape, "max"));
}

/**
 * The mean of each channel of a line. NaN passes on.
 *
 * @param x [N,L,C] or [L,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is a line.
 * @example
 * const y = ops.globalAveragePool1d(zeros([1, 100, 8])); // [1,8]
 */
export function globalAveragePool1d(x: Tensor): Tensor {
  return runPool2d("globalAveragePool1d", x, (shape) => inferGlobalPool1d("globalAveragePool1d", shape, "avg"));
}

/**
 * The gradient of `globalAveragePool1d`: dy [N,C] / L to every cell.
 *
 * @example
 * const dx = ops.globalAveragePool1dBackward(zeros([1, 8]), zeros([1, 100, 8])); // [1,100,8]
 */
export function globalAveragePool1dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalAveragePool1dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool1d(op, shape, "avg"));
}
