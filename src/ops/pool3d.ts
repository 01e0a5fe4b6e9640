/** Pools of volumes: over the image of each frame, then over frames, with the kernels of pool2d. */
import { checkOptions } from "../errors.ts";
import { type Shape, type Triple, triple } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { splitPadding, type VolumePadding, volumeShape } from "./conv3d.ts";
import { inferGlobalPool2d } from "./globalPool2d.ts";
import { inferPool2d, type Pool2dPlan, runPool2d, runPool2dBackward } from "./pool2d.ts";

/** What `pool3d` takes. */
export interface Pool3dOptions {
  /** Depth, height and width of a window: a number or [depth, vertical, horizontal]. */
  poolSize: Triple;
  /** Default: poolSize. */
  stride?: Triple;
  /** Default "valid". Padding is never the maximum of a window, and not counted by an average. */
  padding?: VolumePadding;
}

const OPTIONS = { poolSize: true, stride: true, padding: true } as const;

/**
 * The shape rule: [N,D,H,W,C] -> [N,OD,OH,OW,C], by two pools, one after the other. A maximum of maxima is the maximum, and the
 * first in row-major order; a mean of means is the mean, as all frames count equally many cells.
 *
 * @throws as inferPool2d; a size of frames stands in messages as height.
 */
export function inferPool3d(
  op: string,
  x: Shape,
  options: Pool3dOptions,
  kind: "max" | "avg",
): readonly [images: Pool2dPlan, frames: Pool2dPlan] {
  checkOptions(op, options, OPTIONS);
  const [n, d, h, w, c] = volumeShape(op, x);
  const [size, ...imageSize] = triple(op, "poolSize", options.poolSize);
  const [step, ...imageStep] = triple(op, "stride", options.stride ?? options.poolSize);
  const padding = splitPadding(op, options.padding);
  const first = inferPool2d(
    op,
    [n * d, h, w, c],
    { poolSize: imageSize, stride: imageStep, padding: padding.image },
    kind,
  );
  const { oh, ow } = first.window;
  const along = padding.depth === "same" ? padding.depth : ([padding.depth, 0] as const);
  const second = inferPool2d(op, [n, d, oh * ow, c], { poolSize: [size, 1], stride: [step, 1], padding: along }, kind);
  const batch = x.slice(0, -4);
  return [
    { ...first, output: [...batch, d, oh, ow, c] },
    { ...second, output: [...batch, second.window.oh, oh, ow, c] },
  ];
}

/**
 * The largest value of each window of a volume; NaN and source as for `maxPool2d`.
 *
 * @param x [N,D,H,W,C] or [D,H,W,C]
 * @returns [N,OD,OH,OW,C], each as OH for `maxPool2d`
 * @throws as `maxPool2d`
 * @example
 * const y = ops.maxPool3d(zeros([1, 8, 16, 16, 3]), { poolSize: 2 }); // [1,4,8,8,3]
 */
export function maxPool3d(x: Tensor, options: Pool3dOptions): Tensor {
  return run("maxPool3d", x, options, "max");
}

/**
 * The gradient of `maxPool3d`: each window's goes to its first maximum in row-major order.
 *
 * @example
 * const dx = ops.maxPool3dBackward(zeros([1, 4, 8, 8, 3]), zeros([1, 8, 16, 16, 3]), { poolSize: 2 }); // [1,8,16,16,3]
 */
export function maxPool3dBackward(dy: Tensor, x: Tensor, options: Pool3dOptions): Tensor {
  return runBackward("maxPool3dBackward", dy, x, options, "max");
}

/**
 * The mean of each window of a volume, of cells of x alone, as `avgPool2d`.
 *
 * @param x [N,D,H,W,C] or [D,H,W,C]
 * @returns [N,OD,OH,OW,C], as `maxPool3d`
 * @throws as `maxPool2d`
 * @example
 * const y = ops.avgPool3d(zeros([1, 8, 16, 16, 3]), { poolSize: 2 }); // [1,4,8,8,3]
 */
export function avgPool3d(x: Tensor, options: Pool3dOptions): Tensor {
  return run("avgPool3d", x, options, "avg");
}

/**
 * The gradient of `avgPool3d`: each window's, divided as its mean was, goes to all its cells.
 *
 * @example
 * const dx = ops.avgPool3dBackward(zeros([1, 4, 8, 8, 3]), zeros([1, 8, 16, 16, 3]), { poolSize: 2 }); // [1,8,16,16,3]
 */
export function avgPool3dBackward(dy: Tensor, x: Tensor, options: Pool3dOptions): Tensor {
  return runBackward("avgPool3dBackward", dy, x, options, "avg");
}

/** The shape rule of the global pools: [N,D,H,W,C] -> [N,C], [D,H,W,C] -> [C]; a volume is an image of D H rows. */
export function inferGlobalPool3d(op: string, x: Shape, kind: "max" | "avg"): Pool2dPlan {
  const [n, d, h, w, c] = volumeShape(op, x);
  return { ...inferGlobalPool2d(op, [n, d * h, w, c], kind), output: x.length === 4 ? [c] : [n, c] };
}

/**
 * The largest value of each channel of a volume. NaN passes on.
 *
 * @param x [N,D,H,W,C] or [D,H,W,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is a volume.
 * @example
 * const y = ops.globalMaxPool3d(zeros([1, 8, 16, 16, 3])); // [1,3]
 */
export function globalMaxPool3d(x: Tensor): Tensor {
  return runPool2d("globalMaxPool3d", x, (shape) => inferGlobalPool3d("globalMaxPool3d", shape, "max"));
}

/**
 * The gradient of `globalMaxPool3d`: dy [N,C] goes to the first maximum of each channel in row-major order.
 *
 * @example
 * const dx = ops.globalMaxPool3dBackward(zeros([1, 3]), zeros([1, 8, 16, 16, 3])); // [1,8,16,16,3]
 */
export function globalMaxPool3dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalMaxPool3dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool3d(op, shape, "max"));
}

/**
 * The mean of each channel of a volume. NaN passes on.
 *
 * @param x [N,D,H,W,C] or [D,H,W,C]
 * @returns [N,C] or [C]
 * @throws ShapeError unless x is a volume.
 * @example
 * const y = ops.globalAveragePool3d(zeros([1, 8, 16, 16, 3])); // [1,3]
 */
export function globalAveragePool3d(x: Tensor): Tensor {
  return runPool2d("globalAveragePool3d", x, (shape) => inferGlobalPool3d("globalAveragePool3d", shape, "avg"));
}

/**
 * The gradient of `globalAveragePool3d`: dy [N,C] / (D H W) to every cell. x gives the shape only.
 *
 * @example
 * const dx = ops.globalAveragePool3dBackward(zeros([1, 3]), zeros([1, 8, 16, 16, 3])); // [1,8,16,16,3]
 */
export function globalAveragePool3dBackward(dy: Tensor, x: Tensor): Tensor {
  const op = "globalAveragePool3dBackward";
  return runPool2dBackward(op, dy, x, (shape) => inferGlobalPool3d(op, shape, "avg"));
}

function run(op: string, x: Tensor, options: Pool3dOptions, kind: "max" | "avg"): Tensor {
  const middle = runPool2d(op, x, (shape) => inferPool3d(op, shape, options, kind)[0]);
  const y = runPool2d(op, middle, () => inferPool3d(op, x.shape, options, kind)[1]);
  middle.dispose();
  return y;
}

function runBackward(op: string, dy: Tensor, x: Tensor, options: Pool3dOptions, kind: "max" | "avg"): Tensor {
  const middle = runPool2d(op, x, (shape) => inferPool3d(op, shape, options, kind)[0]);
  try {
    const [images, frames] = inferPool3d(op, x.shape, options, kind);
    const dmiddle = runPool2dBackward(op, dy, middle, () => frames);
    const dx = runPool2dBackward(op, dmiddle, x, () => images);
    dmiddle.dispose();
    return dx;
  } finally {
    middle.dispose();
  }
}
