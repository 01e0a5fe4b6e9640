/**
 * Convolution of volumes: a frame of the output is the sum of 2-D convolutions of KD frames of the input. A plan of conv2d with
 * a `volume` is one for a frame, done for each; its stages hold the packed weights of all KD taps, and an empty frame.
 */
import type { Kernels } from "../runtime/kernels.ts";
import { type Conv2dStage, computeFilter, computeStage, packStage } from "./conv2dStages.ts";
import { ACCUMULATE } from "./gemm.ts";
import type { Window } from "./window.ts";

/** How frames meet: output frame od sees through tap kd of KD the input frame seen[od * KD + kd], or padding (-1). */
export interface Volume {
  readonly n: number;
  /** Frames of an input and of an output, and taps. */
  readonly d: number;
  readonly od: number;
  readonly kd: number;
  readonly seen: readonly number[];
  // What does it. A plan brings it along, so that programs without volumes need not carry it.
  readonly pack: typeof packVolume;
  readonly forward: typeof forwardVolume;
  readonly backwardInput: typeof backwardVolumeInput;
  readonly backwardFilter: typeof backwardVolumeFilter;
}

interface Frames {
  readonly volume: Volume;
  /** Of a frame. */
  readonly window: Window;
}

const inputBytes = ({ h, w, c }: Window) => h * w * c * 4;
const outputBytes = ({ oh, ow, o }: Window) => oh * ow * o * 4;
const tapBytes = ({ kh, kw, c, g, o }: Window) => kh * kw * (c / g) * o * 4;
const emptyBytes = (s: Window) => Math.ceil(Math.max(inputBytes(s), outputBytes(s)) / 64) * 64;

/** A volume of these frames. */
export function volumeOf(frames: Pick<Volume, "n" | "d" | "od" | "kd" | "seen">): Volume {
  const calls = { backwardInput: backwardVolumeInput, backwardFilter: backwardVolumeFilter };
  return { ...frames, pack: packVolume, forward: forwardVolume, ...calls };
}

/** A stage of a frame as one of the volume. */
export function volumeStage(stage: Conv2dStage, { kd }: Volume, window: Window): Conv2dStage {
  const { packedBytes, scratchBytes } = stage;
  return { ...stage, packedBytes: kd * packedBytes, scratchBytes: emptyBytes(window) + scratchBytes };
}

/** w [KD,KH,KW,C/G,O], b or 0 -> packed, one after the other; the first has the bias. */
function packVolume(
  kernels: Kernels,
  stage: Conv2dStage,
  { w, b, packed, window: geometry }: { w: number; b: number; packed: number; window: number },
  { volume: { kd }, window }: Frames,
): void {
  for (let tap = 0; tap < kd; tap++) {
    const to = packed + (tap * stage.packedBytes) / kd;
    packStage(kernels, stage, { w: w + tap * tapBytes(window), b: tap === 0 ? b : 0, packed: to, window: geometry });
  }
}

interface StagePointers {
  readonly x: number;
  readonly packed: number;
  readonly y: number;
  readonly window: number;
  readonly scratch: number;
}

/** x, packed -> y. Padding is the empty frame, so that every output frame adds up all taps. */
function forwardVolume(
  kernels: Kernels,
  stage: Conv2dStage,
  at: StagePointers,
  { volume: { n, d, od, kd, seen }, window }: Frames,
  epilogue: number,
): void {
  const { frameOf, scratch } = withEmpty(kernels, at.scratch, window);
  for (let image = 0; image < n; image++) {
    for (let out = 0; out < od; out++) {
      const y = at.y + (image * od + out) * outputBytes(window);
      for (let tap = 0; tap < kd; tap++) {
        const x = frameOf(at.x, inputBytes(window), image * d, seen[out * kd + tap]);
        const from = { x, packed: at.packed + (tap * stage.packedBytes) / kd, y, window: at.window, scratch };
        const last = tap === kd - 1 ? epilogue & ~ACCUMULATE : 0;
        computeStage(kernels, stage, from, last | (tap === 0 ? epilogue & ACCUMULATE : ACCUMULATE));
      }
    }
  }
}

/** dy (x), packed -> dx (y): each frame adds up what the taps that saw it give back. */
function backwardVolumeInput(
  kernels: Kernels,
  stage: Conv2dStage,
  at: StagePointers,
  { volume: { n, d, od, kd, seen }, window }: Frames,
): void {
  const { frameOf, scratch } = withEmpty(kernels, at.scratch, window);
  for (let image = 0; image < n; image++) {
    for (let frame = 0; frame < d; frame++) {
      const y = at.y + (image * d + frame) * inputBytes(window);
      const pairs = [...seen.keys()].filter((pair) => seen[pair] === frame);
      for (const [i, pair] of (pairs.length > 0 ? pairs : [-1]).entries()) {
        const x = frameOf(at.x, outputBytes(window), image * od, Math.floor(pair / kd));
        const packed = at.packed + ((Math.max(pair, 0) % kd) * stage.packedBytes) / kd;
        computeStage(kernels, stage, { x, packed, y, window: at.window, scratch }, i === 0 ? 0 : ACCUMULATE);
      }
    }
  }
}

/** x, dy -> dw (accumulated). */
function backwardVolumeFilter(
  kernels: Kernels,
  stage: Conv2dStage,
  at: { x: number; dy: number; dw: number; window: number; scratch: number },
  { volume: { n, d, od, kd, seen }, window }: Frames,
): void {
  for (let image = 0; image < n; image++) {
    for (const [pair, frame] of seen.entries()) {
      if (frame < 0) continue;
      const x = at.x + (image * d + frame) * inputBytes(window);
      const dy = at.dy + (image * od + Math.floor(pair / kd)) * outputBytes(window);
      computeFilter(kernels, stage, { ...at, x, dy, dw: at.dw + (pair % kd) * tapBytes(window) });
    }
  }
}

/** Clears the empty frame at the start of scratch; `frameOf` is the address of a frame, or of the empty one for -1. */
function withEmpty(
  kernels: Kernels,
  empty: number,
  window: Window,
): { frameOf: (base: number, bytes: number, first: number, frame: number) => number; scratch: number } {
  kernels.putPixels(0, 0, empty, 1, 0, emptyBytes(window) / 4, 1);
  return {
    frameOf: (base, bytes, first, frame) => (frame < 0 ? empty : base + (first + frame) * bytes),
    scratch: empty + emptyBytes(window),
  };
}
