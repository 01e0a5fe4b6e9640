/** Pools to a given output size, whatever the size of the image. */
import { imageShape, likeImage, type Pair, pair, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { inferPool2d, type Pool2dPlan, runPool2d, runPool2dBackward } from "./pool2d.ts";
import { cellGeometry, evenSpans } from "./poolCells.ts";

/**
 * The shape rule: [N,H,W,C] -> [N,OH,OW,C]. The plan is one for the functions of pool2d, and that of a plain pool where OH and
 * OW divide H and W.
 *
 * @throws ShapeError unless x is an image; ArgumentError unless outputSize is whole.
 */
export function inferAdaptivePool2d(op: string, x: Shape, outputSize: Pair, kind: "max" | "avg"): Pool2dPlan {
  const [n, h, w, c] = imageShape(op, "x", x);
  const [oh, ow] = pair(op, "outputSize", outputSize);
  if (h % oh === 0 && w % ow === 0) return inferPool2d(op, x, { poolSize: [h / oh, w / ow] }, kind);
  const [rows, columns] = [evenSpans(oh, h), evenSpans(ow, w)];
  const [kh, kw] = [rows, columns].map((spans) => Math.max(...spans.map(([, count]) => count)));
  const [sh, sw] = [Math.max(1, Math.floor(h / oh)), Math.max(1, Math.floor(w / ow))];
  const unpadded = { pt: 0, pl: 0, pb: 0, pr: 0, dh: 1, dw: 1, g: 1 };
  const window = { n, h, w, c, oh, ow, o: c, kh, kw, sh, sw, ...unpadded };
  const geometry = cellGeometry(window, rows, columns);
  return { kind, window, geometry, byCells: true, output: likeImage(x, n, oh, ow, c), counted: [0, 0, 0, 0] };
}

/**
 * The mean of each of OH x OW windows that divide the image as evenly as can be, as in PyTorch: window i of OH begins at
 * floor(i H / OH) and ends before ceil((i + 1) H / OH). NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param outputSize a number or [vertical, horizontal]
 * @returns [N,OH,OW,C]
 * @throws ShapeError unless x is an image; ArgumentError unless outputSize is whole.
 * @example
 * const y = ops.adaptiveAveragePool2d(zeros([1, 8, 8, 3]), 3); // [1,3,3,3]
 */
export function adaptiveAveragePool2d(x: Tensor, outputSize: Pair): Tensor {
  const op = "adaptiveAveragePool2d";
  return runPool2d(op, x, (shape) => inferAdaptivePool2d(op, shape, outputSize, "avg"));
}

/**
 * The gradient of `adaptiveAveragePool2d`: each window's, divided by its cells, goes to all of them.
 *
 * @example
 * const dx = ops.adaptiveAveragePool2dBackward(zeros([1, 3, 3, 3]), zeros([1, 8, 8, 3]), 3); // [1,8,8,3]
 */
export function adaptiveAveragePool2dBackward(dy: Tensor, x: Tensor, outputSize: Pair): Tensor {
  const op = "adaptiveAveragePool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferAdaptivePool2d(op, shape, outputSize, "avg"));
}

/**
 * The largest value of each of OH x OW windows, as those of `adaptiveAveragePool2d`. NaN passes on.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param outputSize a number or [vertical, horizontal]
 * @returns [N,OH,OW,C]
 * @throws as `adaptiveAveragePool2d`
 * @example
 * const y = ops.adaptiveMaxPool2d(zeros([1, 8, 8, 3]), 3); // [1,3,3,3]
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: Pair): Tensor {
  const op = "adaptiveMaxPool2d";
  return runPool2d(op, x, (shape) => inferAdaptivePool2d(op, shape, outputSize, "max"));
}

/**
 * The gradient of `adaptiveMaxPool2d`: each window's goes to its first maximum.
 *
 * @example
 * const dx = ops.adaptiveMaxPool2dBackward(zeros([1, 3, 3, 3]), zeros([1, 8, 8, 3]), 3); // [1,8,8,3]
 */
export function adaptiveMaxPool2dBackward(dy: Tensor, x: Tensor, outputSize: Pair): Tensor {
  const op = "adaptiveMaxPool2dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferAdaptivePool2d(op, shape, outputSize, "max"));
}
