/** Pools over whole images: one window for each. */
import { imageShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Pool2dPlan, type PoolKind, runPool2d, runPool2dBackward } from "./pool2d.ts";
import { inferWindow, windowFields } from "./window.ts";

/** The shape rule of the global pools, one window per image: [N,H,W,C] -> [N,C], [H,W,C] -> [C]. */
export function inferGlobalPool2d(op: string, x: Shape, kind: PoolKind): Pool2dPlan {
  const [n, h, w, c] = imageShape(op, "x", x);
  const window = inferWindow(op, x, [h, w], {});
  return {
    kind,
    window,
    geometry: windowFields(window),
    byCells: false,
    output: x.length === 3 ? [c] : [n, c],
    counted: [0, 0, 0, 0],
  };
}

/**
 * The largest value of each channel of an image (Oquab et al. 2015). NaN passes on, which costs a third of the speed.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is an image.
 * @example
 * const y = ops.globalMaxPool2d(zeros([1, 8, 8, 3])); // [1,3]
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  return runPool2d("globalMaxPool2d", x, (shape) => inferGlobalPool2d("globalMaxPool2d", shape, "max"));
}

/**
 * The gradient of `globalMaxPool2d`: dy [N,C] goes to the first maximum of each channel; NaN as in `maxPool2dBackward`.
 *
 * @example
 * const dx = ops.globalMaxPool2dBackward(zeros([1, 3]), zeros([1, 8, 8, 3])); // [1,8,8,3]
 */
export function globalMaxPool2dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalMaxPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool2d(op, shape, "max"));
}

/**
 * The mean of each channel of an image (Lin et al. 2013, arXiv 1312.4400). NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is an image.
 * @example
 * const y = ops.globalAveragePool2d(zeros([1, 8, 8, 3])); // [1,3]
 */
export function globalAveragePool2d(x: Tensor): Tensor {
  return runPool2d("globalAveragePool2d", x, (shape) => inferGlobalPool2d("globalAveragePool2d", shape, "avg"));
}

/**
 * The gradient of `globalAveragePool2d`: dy [N,C] / (H W) to every pixel. x gives the shape only.
 *
 * @example
 * const dx = ops.globalAveragePool2dBackward(zeros([1, 3]), zeros([1, 8, 8, 3])); // [1,8,8,3]
 */
export function globalAveragePool2dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalAveragePool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool2d(op, shape, "avg"));
}
