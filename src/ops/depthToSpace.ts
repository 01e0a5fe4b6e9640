/** Channels that become blocks of pixels, and back (Shi et al. 2016, arXiv 1609.05158: sub-pixel convolution). */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import { imageShape, likeImage, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { shapeOf } from "./eager.ts";
import { type MovePlan, moved, movedBack, planMove } from "./move.ts";

/** What `depthToSpace` and `spaceToDepth` take. */
export interface DepthToSpaceOptions {
  /** Rows and columns of a block, a whole number >= 1. */
  blockSize: number;
  /**
   * How channels are counted: "DCR" block row, block column, depth (TensorFlow, ONNX' default), "CRD" depth first (PyTorch's
   * PixelShuffle). Default "DCR".
   */
  mode?: "DCR" | "CRD";
}

/** The shape rule: [N,H,W,C] -> [N,H*b,W*b,C/b^2]. */
export function inferDepthToSpace(op: string, x: Shape, options: DepthToSpaceOptions): MovePlan {
  const [b, mode] = checked(op, options);
  const [n, h, w, c] = imageShape(op, "x", x);
  const depth = c / (b * b);
  if (!Number.isInteger(depth)) {
    throw new ShapeError(
      `${op}: the channels of x ${show(x)} must be a multiple of ${b * b} (blockSize ${b}), got ${c}`,
    );
  }
  const [row, column, channel] = blockStrides(mode, b, depth);
  const walk = [n, h, b, w, b, depth];
  return planMove(x, likeImage(x, n, h * b, w * b, depth), walk, [h * w * c, w * c, row, c, column, channel]);
}

/** The shape rule: [N,H,W,C] -> [N,H/b,W/b,C*b^2]. */
export function inferSpaceToDepth(op: string, x: Shape, options: DepthToSpaceOptions): MovePlan {
  const [b, mode] = checked(op, options);
  const [n, h, w, c] = imageShape(op, "x", x);
  if (h % b !== 0 || w % b !== 0) {
    throw new ShapeError(
      `${op}: height and width of x ${show(x)} must be multiples of blockSize ${b}, got ${h} and ${w}`,
    );
  }
  const [image, line, pixel] = [h * w * c, w * c, c];
  const cells = { size: [n, h / b, w / b], stride: [image, b * line, b * pixel] };
  const block =
    mode === "DCR" ? { size: [b, b, c], stride: [line, pixel, 1] } : { size: [c, b, b], stride: [1, line, pixel] };
  const output = likeImage(x, n, h / b, w / b, c * b * b);
  return planMove(x, output, [...cells.size, ...block.size], [...cells.stride, ...block.stride]);
}

/**
 * Channels become blocks of pixels (Shi et al. 2016, arXiv 1609.05158). Copies, NaN too.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,H*b,W*b,C/b^2]
 * @throws ShapeError unless C is a multiple of b^2; ArgumentError for a blockSize that is no whole number >= 1.
 * @example
 * const large = ops.depthToSpace(zeros([1, 4, 4, 12]), { blockSize: 2 }); // [1,8,8,3]
 */
export function depthToSpace(x: Tensor, options: DepthToSpaceOptions): Tensor {
  return moved("depthToSpace", x, inferDepthToSpace("depthToSpace", shapeOf("depthToSpace", "x", x), options));
}

/**
 * The gradient of `depthToSpace`: `spaceToDepth` of dy.
 *
 * @example
 * const dx = ops.depthToSpaceBackward(zeros([1, 8, 8, 3]), zeros([1, 4, 4, 12]), { blockSize: 2 }); // [1,4,4,12]
 */
export function depthToSpaceBackward(dy: Tensor, x: Tensor, options: DepthToSpaceOptions): Tensor {
  const op = "depthToSpaceBackward";
  return movedBack(op, dy, inferDepthToSpace(op, shapeOf(op, "x", x), options));
}

/**
 * Blocks of pixels become channels, the inverse of `depthToSpace`. Copies, NaN too.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @returns [N,H/b,W/b,C*b^2]
 * @throws ShapeError unless H and W are multiples of b; ArgumentError for a blockSize that is no whole number >= 1.
 * @example
 * const deep = ops.spaceToDepth(zeros([1, 8, 8, 3]), { blockSize: 2 }); // [1,4,4,12]
 */
export function spaceToDepth(x: Tensor, options: DepthToSpaceOptions): Tensor {
  return moved("spaceToDepth", x, inferSpaceToDepth("spaceToDepth", shapeOf("spaceToDepth", "x", x), options));
}

/**
 * The gradient of `spaceToDepth`: `depthToSpace` of dy.
 *
 * @example
 * const dx = ops.spaceToDepthBackward(zeros([1, 4, 4, 12]), zeros([1, 8, 8, 3]), { blockSize: 2 }); // [1,8,8,3]
 */
export function spaceToDepthBackward(dy: Tensor, x: Tensor, options: DepthToSpaceOptions): Tensor {
  const op = "spaceToDepthBackward";
  return movedBack(op, dy, inferSpaceToDepth(op, shapeOf(op, "x", x), options));
}

/** How far apart the rows, columns and channels of a block lie among the channels of its pixel. */
function blockStrides(mode: "DCR" | "CRD", b: number, depth: number): readonly [number, number, number] {
  return mode === "DCR" ? [b * depth, depth, 1] : [b, 1, b * b];
}

function checked(op: string, options: DepthToSpaceOptions): readonly [number, "DCR" | "CRD"] {
  checkOptions(op, options, { blockSize: true, mode: true });
  const { blockSize, mode = "DCR" } = options;
  if (!(Number.isInteger(blockSize) && blockSize >= 1)) {
    throw new ArgumentError(`${op}: blockSize must be a whole number >= 1, got ${show(blockSize)}`);
  }
  return [blockSize, oneOf(op, "mode", mode, ["DCR", "CRD"])];
}
