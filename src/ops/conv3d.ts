/** Convolution of volumes, such as scans and films, frame by frame with the kernels of conv2d. */
import { checkOptions, ShapeError, show } from "../errors.ts";
import { expectShape, type Shape, type Triple, triple } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Conv2dGradients,
  type Conv2dOptions,
  inferConv2d,
  reverse,
  runConv2d,
  runConv2dBackward,
} from "./conv2d.ts";
import type { Conv2dPlan } from "./conv2dPlan.ts";
import { convStage, transposedStage } from "./conv2dStages.ts";
import { type Volume, volumeOf, volumeStage } from "./conv2dVolume.ts";
import { eager, shapeOf } from "./eager.ts";
import { outputSize, samePadding } from "./window.ts";

/** "valid" (none), "same" (output = ceil(input / stride); the odd cell goes after), a number, or [depth, vertical, horizontal]. */
export type VolumePadding = "valid" | "same" | Triple;

/** What `conv3d` takes. */
export interface Conv3dOptions extends Omit<Conv2dOptions, "stride" | "padding" | "dilation" | "algorithm" | "flip"> {
  /** A number or [depth, vertical, horizontal]. Default 1. */
  stride?: Triple;
  /** Default "valid". */
  padding?: VolumePadding;
  /** Distance between the cells of the filter. Default 1. */
  dilation?: Triple;
}

const OPTIONS: Readonly<Record<keyof Conv3dOptions, true>> = {
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  activation: true,
  precision: true,
};

/** [N,D,H,W,C] of a batch of volumes; [D,H,W,C] is a batch of one. */
export function volumeShape(op: string, x: Shape): readonly [number, number, number, number, number] {
  if (x.length === 5) return [x[0], x[1], x[2], x[3], x[4]];
  if (x.length === 4) return [1, x[0], x[1], x[2], x[3]];
  throw new ShapeError(`${op}: x must be [N,D,H,W,C] or [D,H,W,C], got ${show(x)}`);
}

/** Padding by the depth, and what is left for the images. */
export function splitPadding(
  op: string,
  padding: VolumePadding = "valid",
): { depth: "same" | number; image: "same" | readonly [number, number] } {
  if (padding === "same") return { depth: "same", image: "same" };
  const [depth, ...image] = triple(op, "padding", padding === "valid" ? 0 : padding, 0, '"valid", "same", ');
  return { depth, image };
}

/**
 * The shape rule: x [N,D,H,W,C], w [KD,KH,KW,C/groups,O], b [O] or null -> [N,OD,OH,OW,O]. The plan is one for the functions of
 * conv2d.
 *
 * @throws ShapeError where channels, groups or the kernel do not fit; ArgumentError for an option outside its domain.
 */
export function inferConv3d(op: string, x: Shape, w: Shape, b: Shape | null, options: Conv3dOptions = {}): Conv2dPlan {
  checkOptions(op, options, OPTIONS);
  expectShape(op, "w", w, ["KD", "KH", "KW", "C/groups", "O"]);
  const [n, d, ...image] = volumeShape(op, x);
  const [sd, ...stride] = triple(op, "stride", options.stride ?? 1);
  const [dd, ...dilation] = triple(op, "dilation", options.dilation ?? 1);
  const padding = splitPadding(op, options.padding);
  const frame = inferConv2d(op, image, w.slice(1), b, { ...options, stride, dilation, padding: padding.image });
  const ends = padding.depth === "same" ? samePadding(d, w[0], sd, dd) : ([padding.depth, padding.depth] as const);
  const od = outputSize(d, w[0], sd, ends, dd);
  if (od < 1) {
    throw new ShapeError(
      `${op}: kernel ${show(w.slice(0, 3))} does not fit the depth ${d} + padding ${ends[0] + ends[1]}`,
    );
  }
  const seen = Array.from({ length: od * w[0] }, (_, pair) => {
    const at = Math.floor(pair / w[0]) * sd - ends[0] + (pair % w[0]) * dd;
    return at >= 0 && at < d ? at : -1;
  });
  const { window } = frame;
  const output = [...(x.length === 4 ? [] : [n]), od, window.oh, window.ow, window.o];
  return inVolume(frame, output, volumeOf({ n, d, od, kd: w[0], seen }));
}

function inVolume(frame: Conv2dPlan, output: Shape, volume: Volume): Conv2dPlan {
  const { window } = frame;
  // "depthwise" cannot add to what is there.
  const isDepthwise = frame.forward.algorithm === "depthwise";
  const forward = isDepthwise ? convStage("indirect", window) : frame.forward;
  const input = isDepthwise ? transposedStage("indirect", window, reverse(window)) : frame.input;
  const stages = { forward: volumeStage(forward, volume, window), input: volumeStage(input, volume, window) };
  return { ...frame, ...stages, output, volume };
}

/**
 * 3-D convolution (Tran et al. 2015, arXiv 1412.0767): y[n,od,oy,ox,o] = b[o] + sum x[n, od*s - p + kd*d, oy*s - p + ky*d, ox*s
 * - p + kx*d, c] * w[kd,ky,kx,c,o]. NaN as in `conv2d`.
 *
 * @param x [N,D,H,W,C] or [D,H,W,C]
 * @param w [KD,KH,KW,C/groups,O]
 * @param b [O] or null
 * @returns [N,OD,OH,OW,O], each as OH for `conv2d`
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [scan, w, b] = [zeros([1, 8, 16, 16, 1]), zeros([3, 3, 3, 1, 8]), zeros([8])];
 * const y = ops.conv3d(scan, w, b, { padding: "same" }); // [1,8,16,16,8]
 */
export function conv3d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv3dOptions = {}): Tensor {
  const shapes = [shapeOf("conv3d", "x", x), shapeOf("conv3d", "w", w)] as const;
  const plan = inferConv3d("conv3d", ...shapes, b === null ? null : shapeOf("conv3d", "b", b), options);
  return eager("conv3d", { x, w, b }, (run) => runConv2d(run, x, w, b, plan));
}

/**
 * The gradients of `conv3d`: dx is dy convolved with the filters turned around, dw the sum of x times dy over all outputs, db
 * that of dy (without an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [O]
 * @example
 * const [scan, w, dy] = [zeros([1, 8, 16, 16, 1]), zeros([3, 3, 3, 1, 8]), zeros([1, 6, 14, 14, 8])];
 * const { dx, dw, db } = ops.conv3dBackward(dy, scan, w);
 * dw.shape; // [3,3,3,1,8]
 */
export function conv3dBackward(dy: Tensor, x: Tensor, w: Tensor, options: Conv3dOptions = {}): Conv2dGradients {
  const op = "conv3dBackward";
  const plan = inferConv3d(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => runConv2dBackward(run, dy, x, w, plan));
}
