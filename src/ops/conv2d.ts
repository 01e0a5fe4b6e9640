/** Convolution as CNNs use the word: cross-correlation, the filter is not flipped unless `flip` says so. */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import { expectShape, likeImage, type Pair, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  CONV2D_ALGORITHMS,
  type Conv2dAlgorithm,
  canCompute,
  chooseAlgorithm,
  filterAlgorithm,
  isPrecise,
  isWinograd,
} from "./conv2dAlgorithm.ts";
import { backwardConv2dFilter, backwardConv2dInput, type Conv2dPlan, forwardConv2d, packConv2d } from "./conv2dPlan.ts";
import { convStage, filterStage, flipTaps, transposedStage } from "./conv2dStages.ts";
import { type Eager, eager, shapeOf } from "./eager.ts";
import { FUSED_ACTIVATIONS, FUSED_NAMES, type FusedActivation } from "./gemm.ts";
import { inferWindow, type Padding, type Window } from "./window.ts";

/** What `conv2d` takes. */
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
  /** "high" leaves out those of Winograd's whose error is two to three times that of a plain sum. Default "default". */
  precision?: Precision;
  /** For tests and the curious: compute it this way. Default: the one that is expected to be the fastest. */
  algorithm?: Conv2dAlgorithm;
  /** Turn the filter around first: the convolution of mathematics, not the cross-correlation of CNNs. Default false. */
  flip?: boolean;
}

/** The names of all options. */
export const CONV2D_OPTIONS: Readonly<Record<keyof Conv2dOptions, true>> = {
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  activation: true,
  precision: true,
  algorithm: true,
  flip: true,
};

/** How exactly convolutions are computed. */
export type Precision = "default" | "high";
/** The names of all precisions. */
export const PRECISIONS: readonly Precision[] = ["default", "high"];

/**
 * The shape rule: x [N,H,W,C], w [KH,KW,C/groups,O], b [O] or null -> [N,OH,OW,O].
 *
 * @throws ShapeError where channels, groups or the kernel do not fit; ArgumentError for an option outside its domain.
 */
export function inferConv2d(op: string, x: Shape, w: Shape, b: Shape | null, options: Conv2dOptions = {}): Conv2dPlan {
  checkOptions(op, options, CONV2D_OPTIONS);
  const { groups = 1 } = options;
  expectShape(op, "w", w, ["KH", "KW", "C/groups", "O"]);
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ArgumentError(`${op}: groups must be a whole number >= 1, got ${show(groups)}`);
  }
  const name = oneOf(op, "activation", options.activation ?? "linear", FUSED_NAMES);
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
  return planConv2d(op, window, output, FUSED_ACTIVATIONS[name], options);
}

/** Chooses an algorithm for y, dx and dw, and counts the bytes they need. */
function planConv2d(
  op: string,
  s: Window,
  output: Shape,
  activation: number,
  { algorithm, precision = "default", flip = false }: Conv2dOptions,
): Conv2dPlan {
  oneOf(op, "precision", precision, PRECISIONS);
  if (typeof flip !== "boolean") throw new ArgumentError(`${op}: flip must be true or false, got ${show(flip)}`);
  const known = CONV2D_ALGORITHMS.filter((one) => precision !== "high" || isPrecise(one));
  const possible = known.filter((one) => canCompute(one, s));
  if (algorithm !== undefined) oneOf(op, "algorithm", algorithm, possible);
  const allowed = algorithm === undefined ? known : [algorithm];
  const forward = chooseAlgorithm(s, allowed);
  const reversed = reverse(s);
  const winograd = s.sh === 1 && s.sw === 1 ? allowed.filter((one) => isWinograd(one) || one === "winogradRows") : [];
  const input = forward === "depthwise" ? forward : chooseAlgorithm(reversed, ["indirect", ...winograd]);
  const filter = filterAlgorithm(s);
  return {
    window: s,
    transposed: false,
    output,
    activation,
    flip,
    forward: convStage(forward, s),
    input: transposedStage(input, s, reversed),
    filter: filterStage(filter, s),
  };
}

/** The convolution of dy that gives dx where the stride is 1: by flipped filters. */
export function reverse(s: Window): Window {
  const [pt, pl] = [s.dh * (s.kh - 1) - s.pt, s.dw * (s.kw - 1) - s.pl];
  return { ...s, h: s.oh, w: s.ow, c: s.o, oh: s.h, ow: s.w, o: s.c, pt, pl };
}

/**
 * 2-D convolution (LeCun et al. 1998; by Winograd: Lavin & Gray 2015, arXiv 1509.09308): y[n,oy,ox,o] = b[o] + sum x[n, oy*s - p
 * + ky*d, ox*s - p + kx*d, c] * w[ky,kx,c,o].
 *
 * NaN in x reaches the outputs whose windows see it; by Winograd's F(4x4,3x3) also others of the same tile of 4x4 outputs, and by F(6,3),
 * F(4,5) and F(2,7) others of the same 6, 4 or 2 rows. These (stride 1) err two to three times as much as a plain sum; `precision: "high"`
 * leaves them out.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param w [KH,KW,C/groups,O]
 * @param b [O] or null
 * @returns [N,OH,OW,O], OH = floor((H + padding - dilation*(KH-1) - 1) / stride) + 1
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [image, w, b] = [zeros([1, 28, 28, 3]), zeros([5, 5, 3, 8]), zeros([8])];
 * const y = ops.conv2d(image, w, b, { stride: 2, padding: "same" }); // [1,14,14,8]
 */
export function conv2d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv2dOptions = {}): Tensor {
  const shapes = [shapeOf("conv2d", "x", x), shapeOf("conv2d", "w", w)] as const;
  const plan = inferConv2d("conv2d", ...shapes, b === null ? null : shapeOf("conv2d", "b", b), options);
  return eager("conv2d", { x, w, b }, (run) => runConv2d(run, x, w, b, plan));
}

function flipped(run: Eager, w: Tensor, { window: { kh, kw } }: Conv2dPlan): number {
  const turned = run.scratch(w.size * 4);
  flipTaps(run.kernels, { w: w.pointer, turned }, kh * kw, w.size);
  return turned;
}

/** Packs and computes at once; shared with its relatives. */
export function runConv2d(run: Eager, x: Tensor, w: Tensor, b: Tensor | null, plan: Conv2dPlan): Tensor {
  const y = run.output(plan.output);
  const window = run.window(plan.forward.window);
  const packed = run.scratch(plan.forward.packedBytes);
  packConv2d(
    run.kernels,
    { w: plan.flip ? flipped(run, w, plan) : w.pointer, b: b?.pointer ?? 0, packed, window },
    plan,
  );
  const at = { x: x.pointer, packed, y: y.pointer, window, scratch: run.scratch(plan.forward.scratchBytes) };
  forwardConv2d(run.kernels, at, plan);
  return y;
}

/** Gradients of the inputs of a convolution. */
export interface Conv2dGradients {
  /** Of the shape of x. */
  readonly dx: Tensor;
  /** Of the shape of w. */
  readonly dw: Tensor;
  /** The gradient of the bias, there or not. */
  readonly db: Tensor;
}

/**
 * The gradients of `conv2d`: dx is dy convolved with the filters turned around, dw the sum of x times dy over all outputs, db
 * that of dy (without an activation).
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [O]
 * @example
 * const [image, w, dy] = [zeros([1, 28, 28, 3]), zeros([5, 5, 3, 8]), zeros([1, 14, 14, 8])];
 * const { dx, dw, db } = ops.conv2dBackward(dy, image, w, { stride: 2, padding: "same" });
 * dw.shape; // [5,5,3,8]
 */
export function conv2dBackward(dy: Tensor, x: Tensor, w: Tensor, options: Conv2dOptions = {}): Conv2dGradients {
  const op = "conv2dBackward";
  const plan = inferConv2d(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => runConv2dBackward(run, dy, x, w, plan));
}

/** Shared with its relatives. */
export function runConv2dBackward(run: Eager, dy: Tensor, x: Tensor, w: Tensor, plan: Conv2dPlan): Conv2dGradients {
  const dx = run.output(x.shape);
  const dw = run.zeros(w.shape);
  const db = run.zeros([sizeOf(plan.output.slice(-1))]);
  const { input, filter } = plan;
  const packed = run.scratch(input.packedBytes);
  const scratch = run.scratch(Math.max(input.scratchBytes, filter.scratchBytes));
  const weights = plan.flip ? flipped(run, w, plan) : w.pointer;
  const at = { dy: dy.pointer, x: x.pointer, w: weights, packed, scratch };
  backwardConv2dInput(run.kernels, { ...at, dx: dx.pointer, window: run.window(input.window) }, plan);
  const gradients = { dw: dw.pointer, db: db.pointer };
  backwardConv2dFilter(run.kernels, { ...at, ...gradients, window: run.window(filter.window) }, plan);
  if (plan.flip) run.kernels.copy(flipped(run, dw, plan), dw.pointer, dw.size);
  return { dx, dw, db };
}
