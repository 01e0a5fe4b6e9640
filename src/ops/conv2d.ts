/** Convolution as CNNs use the word: cross-correlation, the filter is not flipped. */
import { ArgumentError, oneOf, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, likeImage, type Pair, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Eager, eager, shapeOf } from "./eager.ts";
import { inferWindow, type Padding, type Window } from "./window.ts";

export interface Conv2dOptions {
  /** A number or [vertical, horizontal]. Default 1. */
  stride?: Pair;
  /** Default "valid". */
  padding?: Padding;
  /** Distance between the cells of the filter. Default 1. */
  dilation?: Pair;
  /** Input and output channels fall into this many groups that do not see each other. Default 1. */
  groups?: number;
  /** Applied as the sums are written. Default "linear". */
  activation?: FusedActivation;
}

/** Activations that cost nothing when a convolution or dense layer writes its sums; numbers as in assembly/gemm.ts. */
export const FUSED_ACTIVATIONS = { linear: 0, relu: 1, relu6: 2 } as const;
export type FusedActivation = keyof typeof FUSED_ACTIVATIONS;

/** Which kernels compute it; the results differ in rounding only. */
export type Conv2dAlgorithm = "indirect" | "rows" | "depthwise";

export interface Conv2dPlan {
  readonly window: Window;
  readonly output: Shape;
  readonly algorithm: Conv2dAlgorithm;
  readonly activation: number;
  /** Bytes of the packed weights and of scratch, forward. */
  readonly packedBytes: number;
  readonly scratchBytes: number;
  /** The same for the gradient of the input. */
  readonly inputPackedBytes: number;
  readonly inputScratchBytes: number;
  /** Scratch of the gradient of the filter. */
  readonly filterScratchBytes: number;
}

/**
 * The shape rule: x [N,H,W,C], w [KH,KW,C/groups,O], b [O] or null -> [N,OH,OW,O].
 *
 * @throws ShapeError where channels, groups or the kernel do not fit; ArgumentError for an option outside its domain.
 */
export function inferConv2d(op: string, x: Shape, w: Shape, b: Shape | null, options: Conv2dOptions = {}): Conv2dPlan {
  const { groups = 1 } = options;
  expectShape(op, "w", w, ["KH", "KW", "C/groups", "O"]);
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ArgumentError(`${op}: groups must be a whole number >= 1, got ${show(groups)}`);
  }
  const name = oneOf(
    op,
    "activation",
    options.activation ?? "linear",
    Object.keys(FUSED_ACTIVATIONS) as FusedActivation[],
  );
  const window = inferWindow(op, x, [w[0], w[1]], options, w[3], groups);
  if (window.c !== w[2] * groups) {
    throw new ShapeError(
      `${op}: x ${show(x)} has ${window.c} channels, but w ${show(w)} with groups ${groups} expects ${w[2] * groups}`,
    );
  }
  if (w[3] % groups !== 0) {
    throw new ShapeError(`${op}: w ${show(w)} has ${w[3]} output channels, which ${groups} groups do not divide`);
  }
  if (b !== null) expectShape(op, "b", b, [w[3]]);
  const output = likeImage(x, window.n, window.oh, window.ow, window.o);
  return planConv2d(window, output, FUSED_ACTIVATIONS[name]);
}

/** Chooses the kernels and counts the bytes they need. */
function planConv2d(s: Window, output: Shape, activation: number): Conv2dPlan {
  const algorithm = chooseAlgorithm(s);
  if (algorithm === "depthwise") return { window: s, output, algorithm, activation, ...depthwiseBytes(s) };
  const channels = s.c / s.g;
  const outputs = s.o / s.g;
  const taps = s.kh * s.kw;
  const ph = (s.oh - 1) * s.sh + (s.kh - 1) * s.dh + 1;
  const pw = (s.ow - 1) * s.sw + (s.kw - 1) * s.dw + 1;
  const rows = algorithm === "rows";
  const seenImage = round64(ph * pw * s.c * 4 + 16);
  const gradientPanels = panels(outputs) * s.oh * s.ow * 32;
  return {
    window: s,
    output,
    algorithm,
    activation,
    packedBytes: s.g * panels(outputs) * panelBytes(taps * channels),
    scratchBytes: rows ? seenImage + gatherBytes(s.kh, s.kw * s.c) : gatherBytes(taps, channels),
    inputPackedBytes: s.g * panels(channels) * (s.sh * s.sw * 32 + taps * outputs * 32),
    inputScratchBytes: gatherBytes(taps, outputs),
    filterScratchBytes: gradientPanels + (rows ? seenImage : ph * pw * 16),
  };
}

/** Bytes for assembly/depthwiseConv2d.ts: taps and a bias; struct, sums of the filter, an image with repeated channels. */
function depthwiseBytes({
  h,
  w,
  c,
  o,
  kh,
  kw,
}: Window): Omit<Conv2dPlan, "window" | "output" | "algorithm" | "activation"> {
  const packedBytes = (kh * kw + 1) * o * 4;
  const scratchBytes = 128 + (o > c ? h * w * o * 4 : 0);
  const filterScratchBytes = scratchBytes + round64(kh * kw * o * 4);
  const input = { inputPackedBytes: packedBytes, inputScratchBytes: scratchBytes };
  return { packedBytes, scratchBytes, ...input, filterScratchBytes };
}

/** Few channels make short runs, so images are padded and whole kernel rows taken as one run. */
function chooseAlgorithm(s: Window): Conv2dAlgorithm {
  if (s.g === s.c && s.g > 1) return "depthwise";
  if (s.g === 1 && s.dw === 1 && s.kw > 1 && s.c % 4 !== 0) return "rows";
  return "indirect";
}

function round64(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Panels of 8 columns; see assembly/gemm.ts. */
export function panels(columns: number): number {
  return Math.ceil(columns / 8);
}

/** Bytes of a panel of `k` rows and its biases. */
export function panelBytes(k: number): number {
  return (k + 1) * 32;
}

/** Scratch of assembly/gather.ts: struct, zeros, tap tables, and the tiles of a block of 96 positions. */
export function gatherBytes(taps: number, run: number): number {
  return 128 + Math.ceil(run / 16) * 64 + taps * 32 + 24 * (48 + taps * 16);
}

/** w [KH,KW,C/G,O], b [O] or null (0) -> packed. */
export function packConv2d(
  kernels: Kernels,
  at: { w: number; b: number; packed: number; window: number },
  plan: Conv2dPlan,
): void {
  if (plan.algorithm === "depthwise") kernels.depthwiseConv2dPack(at.w, at.b, at.packed, at.window);
  else kernels.conv2dPack(at.w, at.b, at.packed, at.window);
}

/** x, packed -> y. */
export function forwardConv2d(
  kernels: Kernels,
  at: { x: number; packed: number; y: number; window: number; scratch: number },
  plan: Conv2dPlan,
): void {
  const { n, oh, ow } = plan.window;
  if (plan.algorithm === "rows") {
    kernels.conv2dRows(at.x, at.packed, at.y, at.window, at.scratch, plan.activation, 0, n);
  } else if (plan.algorithm === "depthwise") {
    kernels.depthwiseConv2d(at.x, at.packed, at.y, at.window, at.scratch, plan.activation, 0, n * oh);
  } else {
    kernels.conv2d(at.x, at.packed, at.y, at.window, at.scratch, plan.activation, 0, n * oh * ow);
  }
}

/** dy, w -> dx (written). `packed` and `scratch` as large as the plan says for the input. */
export function backwardConv2dInput(
  kernels: Kernels,
  at: { dy: number; w: number; dx: number; window: number; packed: number; scratch: number },
  plan: Conv2dPlan,
): void {
  if (plan.algorithm === "depthwise") {
    kernels.depthwiseConv2dBackwardInputPack(at.w, at.packed, at.window);
    kernels.depthwiseConv2dBackwardInput(at.dy, at.packed, at.dx, at.window, at.scratch, 0, plan.window.n);
  } else {
    kernels.conv2dBackwardInputPack(at.w, at.packed, at.window);
    kernels.conv2dBackwardInput(at.dy, at.packed, at.dx, at.window, at.scratch);
  }
}

/** x, dy -> dw (accumulated), db (accumulated; 0 where there is no bias). */
export function backwardConv2dFilter(
  kernels: Kernels,
  at: { x: number; dy: number; dw: number; db: number; window: number; scratch: number },
  plan: Conv2dPlan,
): void {
  const { n, oh, ow, o } = plan.window;
  const { algorithm } = plan;
  if (algorithm === "rows") kernels.conv2dBackwardFilterRows(at.x, at.dy, at.dw, at.window, at.scratch);
  else if (algorithm === "depthwise") {
    kernels.depthwiseConv2dBackwardFilter(at.x, at.dy, at.dw, at.window, at.scratch);
  } else kernels.conv2dBackwardFilter(at.x, at.dy, at.dw, at.window, at.scratch);
  if (at.db !== 0) kernels.conv2dBackwardBias(at.dy, at.db, n * oh * ow, o);
}

/**
 * 2-D convolution: y[n,oy,ox,o] = b[o] + sum x[n, oy*s - p + ky*d, ox*s - p + kx*d, c] * w[ky,kx,c,o].
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param w [KH,KW,C/groups,O]
 * @param b [O] or null
 * @returns [N,OH,OW,O], OH = floor((H + padding - dilation*(KH-1) - 1) / stride) + 1
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const y = ops.conv2d(x, w, b, { padding: "same" });
 */
export function conv2d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv2dOptions = {}): Tensor {
  const shapes = [shapeOf("conv2d", "x", x), shapeOf("conv2d", "w", w)] as const;
  const plan = inferConv2d("conv2d", ...shapes, b === null ? null : shapeOf("conv2d", "b", b), options);
  return eager("conv2d", { x, w, b }, (run) => runConv2d(run, x, w, b, plan));
}

/** Packs and computes at once; shared with depthwiseConv2d. */
export function runConv2d(run: Eager, x: Tensor, w: Tensor, b: Tensor | null, plan: Conv2dPlan): Tensor {
  const y = run.output(plan.output);
  const window = run.window(plan.window);
  const packed = run.scratch(plan.packedBytes);
  packConv2d(run.kernels, { w: w.pointer, b: b?.pointer ?? 0, packed, window }, plan);
  const at = { x: x.pointer, packed, y: y.pointer, window, scratch: run.scratch(plan.scratchBytes) };
  forwardConv2d(run.kernels, at, plan);
  return y;
}

export interface Conv2dGradients {
  readonly dx: Tensor;
  readonly dw: Tensor;
  /** The gradient of the bias, there or not. */
  readonly db: Tensor;
}

/**
 * The gradients of `conv2d` (without an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [O]
 */
export function conv2dBackward(dy: Tensor, x: Tensor, w: Tensor, options: Conv2dOptions = {}): Conv2dGradients {
  const op = "conv2dBackward";
  const plan = inferConv2d(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => runConv2dBackward(run, dy, x, w, plan));
}

/** Shared with depthwiseConv2dBackward. */
export function runConv2dBackward(run: Eager, dy: Tensor, x: Tensor, w: Tensor, plan: Conv2dPlan): Conv2dGradients {
  const dx = run.output(x.shape);
  const dw = run.zeros(w.shape);
  const db = run.zeros([sizeOf(plan.output.slice(-1))]);
  const window = run.window(plan.window);
  const packed = run.scratch(plan.inputPackedBytes);
  const scratch = run.scratch(Math.max(plan.inputScratchBytes, plan.filterScratchBytes));
  const at = { dy: dy.pointer, x: x.pointer, w: w.pointer, window, packed, scratch };
  backwardConv2dInput(run.kernels, { ...at, dx: dx.pointer }, plan);
  backwardConv2dFilter(run.kernels, { ...at, dw: dw.pointer, db: db.pointer }, plan);
  return { dx, dw, db };
}
