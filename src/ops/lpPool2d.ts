/** Pools that take the norm of each window. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { inferPool2d, type Pool2dOptions, type Pool2dPlan, runPool2d, runPool2dBackward } from "./pool2d.ts";
import { cellGeometry, steppedSpans } from "./poolCells.ts";

/** What `lpPool2d` takes. */
export interface LpPool2dOptions extends Omit<Pool2dOptions, "dilation"> {
  /** 1: the sum of absolute values; 2: the root of the sum of squares. Default 2. */
  p?: 1 | 2;
}

const OPTIONS = { p: true, poolSize: true, stride: true, padding: true, ceilMode: true } as const;

/**
 * The shape rule: [N,H,W,C] -> [N,OH,OW,C]. The plan is one for the functions of pool2d.
 *
 * @throws as inferPool2d; ArgumentError for another p.
 */
export function inferLpPool2d(op: string, x: Shape, options: LpPool2dOptions): Pool2dPlan {
  checkOptions(op, options, OPTIONS);
  const { p = 2, ...pool } = options;
  if (p !== 1 && p !== 2) {
    throw new ArgumentError(`${op}: p must be 1 or 2 (use maxPool2d for infinity), got ${show(p)}`);
  }
  const plan = inferPool2d(op, x, pool, "avg");
  const geometry = cellGeometry(plan.window, ...steppedSpans(plan.window));
  return { ...plan, kind: p === 1 ? "norm1" : "norm2", geometry, byCells: true };
}

/**
 * The p-norm of each window (Sermanet et al. 2012, arXiv 1204.3968): (sum |x|^p)^(1/p). NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,OH,OW,C], as `maxPool2d`
 * @throws as `maxPool2d`; ArgumentError for another p than 1 or 2.
 * @example
 * const y = ops.lpPool2d(zeros([1, 8, 8, 3]), { poolSize: 2 }); // [1,4,4,3]
 */
export function lpPool2d(x: Tensor, options: LpPool2dOptions): Tensor {
  return runPool2d("lpPool2d", x, (shape) => inferLpPool2d("lpPool2d", shape, options));
}

/**
 * The gradient of `lpPool2d`: dy * x / y where p is 2, dy * sign(x) where it is 1, and 0 where these are not defined.
 *
 * @example
 * const dx = ops.lpPool2dBackward(zeros([1, 4, 4, 3]), zeros([1, 8, 8, 3]), { poolSize: 2 }); // [1,8,8,3]
 */
export function lpPool2dBackward(dy: Tensor, x: Tensor, options: LpPool2dOptions): Tensor {
  const op = "lpPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferLpPool2d(op, shape, options));
}
