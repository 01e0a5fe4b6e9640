/** The three computations of a convolution, y, dx and dw, by each algorithm: the memory they need, and the calls. */
import type { Kernels } from "../runtime/kernels.ts";
import {
  BAND_INPUTS,
  bandBlock,
  type Conv2dAlgorithm,
  isWinograd,
  patchSide,
  round,
  rowBand,
  rowBytes,
  seenHeight,
  seenWidth,
  staysInside,
  WINOGRAD_TILE,
  type WinogradAlgorithm,
  winogradBands,
  winogradBlock,
  winogradTiles,
} from "./conv2dAlgorithm.ts";
import { gatherBytes, panelBytes, panels, STRIP_BYTES } from "./gemm.ts";
import type { Window } from "./window.ts";

/** How to compute y, dx or dw, and the bytes that takes. */
export interface Conv2dStage {
  readonly algorithm: Conv2dAlgorithm;
  /** What kernels read: a stage that is a convolution in disguise has the Window of that one. */
  readonly window: Window;
  /** Spreads what it reads over the windows, as dx does with dy, and a transposed convolution with x. */
  readonly transposed: boolean;
  /** Of the weights in the form its kernels want; 0 for the gradient of the filter. */
  readonly packedBytes: number;
  readonly scratchBytes: number;
}

/** y = conv(x, w). */
export function convStage(algorithm: Conv2dAlgorithm, s: Window): Conv2dStage {
  return { algorithm, window: s, transposed: false, ...convBytes(algorithm, s) };
}

function convBytes(algorithm: Conv2dAlgorithm, s: Window): Pick<Conv2dStage, "packedBytes" | "scratchBytes"> {
  const taps = s.kh * s.kw;
  const channels = s.c / s.g;
  if (isWinograd(algorithm)) return winogradBytes(algorithm, s);
  switch (algorithm) {
    case "winogradRows":
      return bandBytes(s);
    case "depthwise":
      return { packedBytes: (taps + 1) * s.o * 4, scratchBytes: depthwiseScratch(s) };
    default: {
      const packedBytes = s.g * panels(s.o / s.g) * panelBytes(taps * channels);
      return { packedBytes, scratchBytes: panelScratch(algorithm, s) };
    }
  }
}

/** Scratch of the algorithms whose weights are packed in panels. */
function panelScratch(algorithm: Conv2dAlgorithm, s: Window): number {
  if (algorithm === "gemm") return STRIP_BYTES;
  if (algorithm === "direct") return STRIP_BYTES + (staysInside(s) ? 0 : rowBytes(s) * seenHeight(s, rowBand(s)));
  return gatherBytes(s.kh * s.kw, s.c / s.g);
}

/** What `s` writes is read and spread over what it reads; `reversed` is the convolution that does the same at stride 1. */
export function transposedStage(algorithm: Conv2dAlgorithm, s: Window, reversed: Window): Conv2dStage {
  if (isWinograd(algorithm)) {
    return { algorithm, window: reversed, transposed: true, ...winogradBytes(algorithm, reversed) };
  }
  if (algorithm === "winogradRows") return { algorithm, window: reversed, transposed: true, ...bandBytes(reversed) };
  if (algorithm === "depthwise") return { ...convStage(algorithm, s), transposed: true };
  const [taps, channels, outputs] = [s.kh * s.kw, s.c / s.g, s.o / s.g];
  const packedBytes = s.g * panels(channels) * (s.sh * s.sw * 32 + taps * outputs * 32);
  return { algorithm, window: s, transposed: true, packedBytes, scratchBytes: gatherBytes(taps, outputs) };
}

/** dw. */
export function filterStage(algorithm: Conv2dAlgorithm, s: Window): Conv2dStage {
  return { algorithm, window: s, transposed: false, packedBytes: 0, scratchBytes: filterScratch(algorithm, s) };
}

function filterScratch(algorithm: Conv2dAlgorithm, s: Window): number {
  if (algorithm === "depthwise") return depthwiseScratch(s) + round(s.kh * s.kw * s.o * 4, 64);
  const gradients = panels(s.o / s.g) * s.oh * s.ow * 32;
  return gradients + (algorithm === "direct" ? seenBytes(s) : seenHeight(s) * seenWidth(s) * 16);
}

function winogradBytes(algorithm: WinogradAlgorithm, s: Window): Pick<Conv2dStage, "packedBytes" | "scratchBytes"> {
  const planes = patchSide(algorithm, s) ** 2;
  const [channels, outputs, block] = [round(s.c, 4), round(s.o, 4), winogradBlock(algorithm, s)];
  const packedBytes = (panels(s.o) + 1) * 32 + planes * (panels(s.o) * channels * 32 + 64);
  const sums = planes * (block * (channels + outputs) * 4 + 128);
  return { packedBytes, scratchBytes: planes * channels * 4 + 640 + round((block / 4) * 48, 64) + sums };
}

/** 128: a column of taps while it is packed. */
function bandBytes(s: Window): Pick<Conv2dStage, "packedBytes" | "scratchBytes"> {
  const block = bandBlock(s);
  const packedBytes = 128 + panels(s.o) * (32 + BAND_INPUTS * panelBytes(s.kw * s.c));
  const sums = block * s.ow * round(s.o, 4) * 4 + 64;
  const row = round(rowBytes(s), 16);
  return { packedBytes, scratchBytes: STRIP_BYTES + BAND_INPUTS * (row + block * row + 64 + sums) };
}

/** The struct of assembly/sweep.ts, an image with repeated channels, and what few and very many channels need. */
function depthwiseScratch(s: Window): number {
  return 128 + (s.o > s.c ? s.h * s.w * s.o * 4 : 0) + flatBytes(s) + blockBytes(s);
}

/** Sixteen channels of an image, of x or of dy, and of the filter, where pixels lie a multiple of 4 kB apart. */
function blockBytes(s: Window): number {
  return s.o % 1024 === 0 ? (Math.max(s.h * s.w, s.oh * s.ow) + s.kh * s.kw) * 64 : 0;
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

/** How packed weights lie: stages of equal layout may share them. */
export function packedLayout({ algorithm, transposed }: Conv2dStage): string {
  if (transposed) return `transposed ${algorithm}`;
  return ["direct", "gemm", "indirect"].includes(algorithm) ? "panels" : algorithm;
}

/** w, b (0: none) -> packed. */
export function packStage(
  kernels: Kernels,
  { algorithm, transposed, window: s }: Conv2dStage,
  { w, b, packed, window }: { w: number; b: number; packed: number; window: number },
): void {
  if (isWinograd(algorithm)) {
    kernels.winogradPack(w, b, packed, s.c, s.o, WINOGRAD_TILE[algorithm], s.sh, Number(transposed));
    return;
  }
  switch (algorithm) {
    case "winogradRows":
      kernels.winogradRowsPack(w, b, packed, s.c, s.o, s.kh, s.kw, Number(transposed));
      break;
    case "depthwise":
      if (transposed) kernels.depthwiseConv2dBackwardInputPack(w, packed, window);
      else kernels.depthwiseConv2dPack(w, b, packed, window);
      break;
    default:
      if (transposed) kernels.conv2dBackwardInputPack(w, b, packed, window);
      else kernels.conv2dPack(w, b, packed, window);
  }
}

/** x, packed -> y; `epilogue` as in ops/gemm.ts (0 where "depthwise" is transposed). */
export function computeStage(
  kernels: Kernels,
  { algorithm, transposed, window: s }: Conv2dStage,
  { x, packed, y, window, scratch }: { x: number; packed: number; y: number; window: number; scratch: number },
  epilogue: number,
): void {
  if (isWinograd(algorithm)) {
    const m = WINOGRAD_TILE[algorithm];
    const [block, tiles] = [winogradBlock(algorithm, s), winogradTiles(algorithm, s)];
    kernels.winograd(x, packed, y, window, scratch, m, block, epilogue, 0, tiles);
    return;
  }
  switch (algorithm) {
    case "direct":
      kernels.conv2dRows(x, packed, y, window, scratch, rowBand(s), epilogue, 0, s.n);
      break;
    case "winogradRows":
      kernels.winogradRows(x, packed, y, window, scratch, bandBlock(s), epilogue, 0, winogradBands(s));
      break;
    case "gemm":
      kernels.conv2dPixels(x, packed, y, window, scratch, epilogue, 0, s.n * s.oh * s.ow);
      break;
    case "depthwise":
      if (transposed) kernels.depthwiseConv2dBackwardInput(x, packed, y, window, scratch, 0, s.n);
      else kernels.depthwiseConv2d(x, packed, y, window, scratch, epilogue, 0, s.n * s.oh);
      break;
    default:
      if (transposed) kernels.conv2dBackwardInput(x, packed, y, window, scratch, epilogue);
      else kernels.conv2d(x, packed, y, window, scratch, epilogue, 0, s.n * s.oh * s.ow);
  }
}

/** x, dy -> dw (accumulated). */
export function computeFilter(
  kernels: Kernels,
  { algorithm }: Conv2dStage,
  { x, dy, dw, window, scratch }: { x: number; dy: number; dw: number; window: number; scratch: number },
): void {
  if (algorithm === "direct") kernels.conv2dBackwardFilterRows(x, dy, dw, window, scratch);
  else if (algorithm === "depthwise") kernels.depthwiseConv2dBackwardFilter(x, dy, dw, window, scratch);
  else kernels.conv2dBackwardFilter(x, dy, dw, window, scratch);
}

/** w [KH,KW,...] -> turned: its taps in reverse order. */
export function flipTaps(kernels: Kernels, at: { w: number; turned: number }, taps: number, size: number): void {
  const row = size / taps;
  for (let tap = 0; tap < taps; tap++) {
    kernels.copy(at.w + tap * row * 4, at.turned + (taps - 1 - tap) * row * 4, row);
  }
}
