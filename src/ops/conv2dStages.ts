/** The three computations of a convolution, y, dx and dw, by each algorithm: the memory they need, and the calls. */
import type { Kernels } from "../runtime/kernels.ts";
import {
  type Conv2dAlgorithm,
  round,
  rowBand,
  rowBytes,
  seenHeight,
  seenWidth,
  staysInside,
  tileOf,
  winogradBlock,
  winogradTiles,
} from "./conv2dAlgorithm.ts";
import { gatherBytes, panelBytes, panels, STRIP_BYTES } from "./gemm.ts";
import type { Window } from "./window.ts";

/** One of the three computations of a convolution, with the bytes it needs. */
export interface Conv2dStage {
  readonly algorithm: Conv2dAlgorithm;
  /** Of the weights in the form its kernels want; 0 for the gradient of the filter. */
  readonly packedBytes: number;
  readonly scratchBytes: number;
}

/** Bytes of y = conv(x, w). */
export function forwardStage(algorithm: Conv2dAlgorithm, s: Window): Conv2dStage {
  const taps = s.kh * s.kw;
  const channels = s.c / s.g;
  switch (algorithm) {
    case "winograd4":
    case "winograd2":
      return winogradStage(algorithm, s);
    case "depthwise":
      return { algorithm, packedBytes: (taps + 1) * s.o * 4, scratchBytes: depthwiseScratch(s) };
    default: {
      const packedBytes = s.g * panels(s.o / s.g) * panelBytes(taps * channels);
      return { algorithm, packedBytes, scratchBytes: panelScratch(algorithm, s) };
    }
  }
}

/** Scratch of the algorithms whose weights are packed in panels. */
function panelScratch(algorithm: Conv2dAlgorithm, s: Window): number {
  if (algorithm === "gemm") return STRIP_BYTES;
  if (algorithm === "direct") return STRIP_BYTES + (staysInside(s) ? 0 : rowBytes(s) * seenHeight(s, rowBand(s)));
  return gatherBytes(s.kh * s.kw, s.c / s.g);
}

/** Bytes of dx; `reversed` is the convolution of dy that gives it, where the stride is 1. */
export function inputStage(algorithm: Conv2dAlgorithm, s: Window, reversed: Window): Conv2dStage {
  if (algorithm === "winograd4" || algorithm === "winograd2") return winogradStage(algorithm, reversed);
  if (algorithm === "depthwise") return forwardStage(algorithm, s);
  const [taps, channels, outputs] = [s.kh * s.kw, s.c / s.g, s.o / s.g];
  const packedBytes = s.g * panels(channels) * (s.sh * s.sw * 32 + taps * outputs * 32);
  return { algorithm, packedBytes, scratchBytes: gatherBytes(taps, outputs) };
}

/** Bytes of dw. */
export function filterStage(algorithm: Conv2dAlgorithm, s: Window): Conv2dStage {
  if (algorithm === "depthwise") {
    const scratchBytes = depthwiseScratch(s) + round(s.kh * s.kw * s.o * 4, 64);
    return { algorithm, packedBytes: 0, scratchBytes };
  }
  const gradients = panels(s.o / s.g) * s.oh * s.ow * 32;
  const image = algorithm === "direct" ? seenBytes(s) : seenHeight(s) * seenWidth(s) * 16;
  return { algorithm, packedBytes: 0, scratchBytes: gradients + image };
}

function winogradStage(algorithm: "winograd4" | "winograd2", s: Window): Conv2dStage {
  const m = tileOf(algorithm);
  const planes = (m + 2) ** 2;
  const [channels, outputs, block] = [round(s.c, 4), round(s.o, 4), winogradBlock(m, s)];
  const packedBytes = (panels(s.o) + 1) * 32 + planes * (panels(s.o) * channels * 32 + 64);
  const sums = planes * (block * (channels + outputs) * 4 + 128);
  const scratchBytes = planes * channels * 4 + 640 + round((block / 4) * 48, 64) + sums;
  return { algorithm, packedBytes, scratchBytes };
}

/** The struct of assembly/sweep.ts, an image with repeated channels, and what fewer than four channels need. */
function depthwiseScratch(s: Window): number {
  return 128 + (s.o > s.c ? s.h * s.w * s.o * 4 : 0) + flatBytes(s);
}

/** A padded image, of x or of dy, and weights four times. */
function flatBytes(s: Window): number {
  if (s.o >= 4 || s.sw > 1) return 0;
  const [reachH, reachW] = [s.dh * (s.kh - 1), s.dw * (s.kw - 1)];
  const padded = Math.max(seenHeight(s) * seenWidth(s), (s.h + reachH) * (s.w + reachW));
  return (padded + (s.kh * s.kw + 1) * 4) * s.o * 4;
}

function seenBytes(s: Window): number {
  return round(seenHeight(s) * seenWidth(s) * s.c * 4 + 16, 64);
}

/** How packed weights lie: algorithms of equal layout may share them. */
export function packedLayout(algorithm: Conv2dAlgorithm): string {
  return algorithm === "depthwise" || algorithm.startsWith("winograd") ? algorithm : "panels";
}

/** w, b (0: none) -> packed. */
export function packForward(
  kernels: Kernels,
  algorithm: Conv2dAlgorithm,
  at: { w: number; b: number; packed: number; window: number },
  s: Window,
): void {
  switch (algorithm) {
    case "winograd4":
    case "winograd2":
      kernels.winogradPack(at.w, at.b, at.packed, s.c, s.o, tileOf(algorithm), 0);
      break;
    case "depthwise":
      kernels.depthwiseConv2dPack(at.w, at.b, at.packed, at.window);
      break;
    default:
      kernels.conv2dPack(at.w, at.b, at.packed, at.window);
  }
}

/** x, packed -> y; `epilogue` as in ops/gemm.ts. */
export function computeForward(
  kernels: Kernels,
  algorithm: Conv2dAlgorithm,
  at: { x: number; packed: number; y: number; window: number; scratch: number },
  s: Window,
  epilogue: number,
): void {
  const { x, packed, y, window, scratch } = at;
  switch (algorithm) {
    case "winograd4":
    case "winograd2": {
      const m = tileOf(algorithm);
      kernels.winograd(x, packed, y, window, scratch, m, winogradBlock(m, s), epilogue, 0, winogradTiles(m, s));
      break;
    }
    case "direct":
      kernels.conv2dRows(x, packed, y, window, scratch, rowBand(s), epilogue, 0, s.n);
      break;
    case "gemm":
      kernels.conv2dPixels(x, packed, y, window, scratch, epilogue, 0, s.n * s.oh * s.ow);
      break;
    case "depthwise":
      kernels.depthwiseConv2d(x, packed, y, window, scratch, epilogue, 0, s.n * s.oh);
      break;
    default:
      kernels.conv2d(x, packed, y, window, scratch, epilogue, 0, s.n * s.oh * s.ow);
  }
}

/** dy, w -> dx (written); `reversed` points to the Window of that convolution. */
export function computeInput(
  kernels: Kernels,
  algorithm: Conv2dAlgorithm,
  at: { dy: number; w: number; dx: number; window: number; reversed: number; packed: number; scratch: number },
  s: Window,
  reversed: Window,
): void {
  const { dy, w, dx, window, packed, scratch } = at;
  switch (algorithm) {
    case "winograd4":
    case "winograd2":
      kernels.winogradPack(w, 0, packed, reversed.c, reversed.o, tileOf(algorithm), 1);
      computeForward(kernels, algorithm, { x: dy, packed, y: dx, window: at.reversed, scratch }, reversed, 0);
      break;
    case "depthwise":
      kernels.depthwiseConv2dBackwardInputPack(w, packed, window);
      kernels.depthwiseConv2dBackwardInput(dy, packed, dx, window, scratch, 0, s.n);
      break;
    default:
      kernels.conv2dBackwardInputPack(w, packed, window);
      kernels.conv2dBackwardInput(dy, packed, dx, window, scratch);
  }
}

/** x, dy -> dw (accumulated). */
export function computeFilter(
  kernels: Kernels,
  algorithm: Conv2dAlgorithm,
  { x, dy, dw, window, scratch }: { x: number; dy: number; dw: number; window: number; scratch: number },
): void {
  if (algorithm === "direct") kernels.conv2dBackwardFilterRows(x, dy, dw, window, scratch);
  else if (algorithm === "depthwise") kernels.depthwiseConv2dBackwardFilter(x, dy, dw, window, scratch);
  else kernels.conv2dBackwardFilter(x, dy, dw, window, scratch);
}
