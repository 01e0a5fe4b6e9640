/** The ways to compute a convolution, which of them can, and what each is expected to cost. Results differ in rounding only. */
import type { Window } from "./window.ts";

/**
 * "winograd4", "winograd2": F(4x4,3x3) and F(2x2,3x3), for 3x3 filters with stride 1, the latter also with stride 2; "winogradRows": F(6,3),
 * F(4,5) and F(2,7) down the columns, for filters 3, 5 or 7 high with vertical stride 1; "direct": whole kernel rows of an image that is
 * padded where need be; "gemm": 1x1 filters with stride 1, a matrix product; "indirect": everything else, by indirect GEMM; "depthwise": as
 * many groups as channels.
 */
export type Conv2dAlgorithm = "winograd4" | "winograd2" | "winogradRows" | "direct" | "gemm" | "indirect" | "depthwise";

/** Those that transform patches. */
export type WinogradAlgorithm = "winograd4" | "winograd2";

/** Outputs of a tile in each direction. */
export const WINOGRAD_TILE: Readonly<Record<WinogradAlgorithm, 2 | 4>> = { winograd4: 4, winograd2: 2 };

/** Of "winogradRows": output rows of a band, and the rows of inputs that it comes from. */
export function bandRows(s: Window): number {
  return 9 - s.kh;
}
export const BAND_INPUTS = 8;

export function isWinograd(algorithm: Conv2dAlgorithm): algorithm is WinogradAlgorithm {
  return Object.hasOwn(WINOGRAD_TILE, algorithm);
}

/** Whether it errs no more than a plain sum: those that interpolate at five points and more do not. */
export function isPrecise(algorithm: Conv2dAlgorithm): boolean {
  return algorithm !== "winograd4" && algorithm !== "winogradRows";
}

export const CONV2D_ALGORITHMS: readonly Conv2dAlgorithm[] = [
  "winograd4",
  "winograd2",
  "winogradRows",
  "direct",
  "gemm",
  "indirect",
  "depthwise",
];

/** Can this algorithm compute y of this convolution? */
export function canCompute(algorithm: Conv2dAlgorithm, s: Window): boolean {
  const isDepthwise = s.g === s.c && s.g > 1;
  if (isDepthwise || algorithm === "depthwise") return isDepthwise && algorithm === "depthwise";
  const square = s.sh === s.sw && s.dh === 1 && s.dw === 1 && s.g === 1;
  const dense = square && s.sh === 1;
  if (isWinograd(algorithm)) {
    const fits = dense || (square && s.sh === 2 && algorithm === "winograd2");
    return fits && s.kh === 3 && s.kw === 3;
  }
  switch (algorithm) {
    case "winogradRows":
      return s.g === 1 && s.sh === 1 && s.dh === 1 && s.dw === 1 && [3, 5, 7].includes(s.kh);
    case "gemm":
      return dense && s.kh === 1 && s.kw === 1 && s.oh === s.h && s.ow === s.w;
    case "direct":
      return s.g === 1 && s.dw === 1;
    default:
      return true;
  }
}

/** The algorithm that is expected to be the fastest, among those allowed. */
export function chooseAlgorithm(s: Window, allowed: readonly Conv2dAlgorithm[]): Conv2dAlgorithm {
  let best: Conv2dAlgorithm = "indirect";
  let least = Number.POSITIVE_INFINITY;
  for (const algorithm of allowed) {
    const cost = canCompute(algorithm, s) ? estimate(algorithm, s) : Number.POSITIVE_INFINITY;
    if (cost < least) {
      least = cost;
      best = algorithm;
    }
  }
  return best;
}

/** The algorithm of dw: with channels that do not fill tiles of four, whole kernel rows take their place. */
export function filterAlgorithm(s: Window): Conv2dAlgorithm {
  if (s.g === s.c && s.g > 1) return "depthwise";
  return canCompute("direct", s) && s.kw > 1 && s.c % 4 !== 0 ? "direct" : "indirect";
}

/**
 * Expected nanoseconds on the machine of docs/benchmarks.md, but for what all algorithms need alike: only the order matters.
 * Each constant is the time of something that the kernels do, fitted to the times of `npm run bench -- --tune`.
 */
export function estimate(algorithm: Conv2dAlgorithm, s: Window): number {
  if (isWinograd(algorithm)) return estimateWinograd(algorithm, s);
  const outputs = round(s.o / s.g, 8) * s.g;
  const positions = s.n * s.oh * s.ow;
  const weights = s.kh * s.kw * (s.c / s.g) * outputs;
  const sums = (positions * weights) / MACS_PER_NS + weightsNs(weights);
  switch (algorithm) {
    case "gemm":
      return sums;
    case "direct": {
      const rows = staysInside(s) ? 0 : s.n * seenHeight(s);
      return sums + positions * STRIP_NS + rows * (COPY_ROW_NS + seenWidth(s) * s.c * COPY_NS);
    }
    case "depthwise":
      return 0;
    case "winogradRows":
      return estimateRows(s);
    default: {
      const taps = s.kh * s.kw;
      const found = positions * s.g * GATHER_NS + bordering(s) * taps * s.g * ADDRESS_NS;
      return sums + found + positions * (outputs / 8) * (TABLE_NS + taps * TAP_NS);
    }
  }
}

/** Multiply-adds of a tile. */
const MACS_PER_NS = 24;
/** Reading weights, from a cache or, where they are too many, from memory. */
function weightsNs(count: number): number {
  return count * (count > 2 ** 22 ? 0.1 : 0.04);
}
/** "direct": describing a position; padding a row, and each float of it. */
const STRIP_NS = 1.2;
const COPY_ROW_NS = 37;
const COPY_NS = 0.2;
/** "indirect": describing a position; a tap's address where tiles reach over the border; per panel, what tables cost a position and a tap. */
const GATHER_NS = 5.6;
const ADDRESS_NS = 4.3;
const TABLE_NS = 0.7;
const TAP_NS = 0.2;

/** Positions whose tile of four may reach over the border: those between it and the inside, and up to three beside them. */
function bordering(s: Window): number {
  const rows = insideOf(s.oh, s.h, s.sh, s.pt, (s.kh - 1) * s.dh);
  const columns = insideOf(s.ow, s.w, s.sw, s.pl, (s.kw - 1) * s.dw);
  const free = columns === s.ow ? columns : Math.max(0, columns - 3);
  return s.n * (s.oh * s.ow - rows * free);
}

/** Outputs of a dimension whose windows see no padding. */
function insideOf(outputs: number, size: number, stride: number, pad: number, reach: number): number {
  const first = Math.ceil(pad / stride);
  const behind = Math.min(outputs, Math.floor((size - 1 - reach + pad) / stride) + 1);
  return Math.max(0, behind - first);
}

/**
 * Of a tile: transforming a channel of its patch, and an output; and what describing it takes. A patch at the border, or with
 * channels that do not fill vectors, is copied row by row; of the latter each pixel is moved once more.
 */
const TRANSFORM_NS: Readonly<Record<WinogradAlgorithm, { channel: number; output: number; tile: number }>> = {
  winograd4: { channel: 9.5, output: 19, tile: 15 },
  winograd2: { channel: 3, output: 6.4, tile: 12 },
};
/** "winograd2" with stride 2. */
const STRIDED_NS = { channel: 10, output: 7, tile: 30 };
const PATCH_ROW_NS = 20;
const SPREAD_NS = 2.5;

function estimateWinograd(algorithm: WinogradAlgorithm, s: Window): number {
  const m = WINOGRAD_TILE[algorithm];
  const side = patchSide(algorithm, s);
  const [channels, outputs] = [round(s.c, 4), round(s.o, 8)];
  const tiles = winogradTiles(algorithm, s);
  const weights = side ** 2 * channels * outputs;
  const products = (weights * (tiles < 6 ? round(tiles, 4) : tiles)) / MACS_PER_NS + weightsNs(weights);
  const { channel, output, tile } = s.sh === 2 ? STRIDED_NS : TRANSFORM_NS[algorithm];
  const transforms = tiles * (channels * channel + outputs * output + tile);
  const copy = side * PATCH_ROW_NS;
  if (channels !== s.c) return products + transforms + tiles * (copy + side ** 2 * SPREAD_NS);
  const inner = Math.max(0, Math.ceil(s.oh / m) - 2) * Math.max(0, Math.ceil(s.ow / m) - 2) * s.n;
  return products + transforms + (tiles - inner) * copy;
}

/** "winogradRows", of a plane: describing a position, the ends of a tile in a panel, an input row, and each float of it; and an output. */
const BAND_NS = { position: 1.5, panel: 2, row: 11, input: 0.4, output: 0.24 };

function estimateRows(s: Window): number {
  const [bands, outputs] = [winogradBands(s), round(s.o, 8)];
  const positions = bands * s.ow;
  const weights = s.kw * s.c * outputs;
  const products = (positions * weights) / MACS_PER_NS + weightsNs(weights);
  const sums = positions * (BAND_NS.position + (outputs / 8) * BAND_NS.panel);
  const rows = bands * (BAND_NS.row + seenWidth(s) * s.c * BAND_NS.input);
  return BAND_INPUTS * (products + sums + rows) + positions * bandRows(s) * outputs * BAND_NS.output;
}

/** Tiles that cover all images. */
export function winogradTiles(algorithm: WinogradAlgorithm, s: Window): number {
  const m = WINOGRAD_TILE[algorithm];
  return s.n * Math.ceil(s.oh / m) * Math.ceil(s.ow / m);
}

/** Tiles computed at a time: few enough for the second-level cache, and blocks of equal size. */
export function winogradBlock(algorithm: WinogradAlgorithm, s: Window): number {
  const tiles = winogradTiles(algorithm, s);
  const planes = patchSide(algorithm, s) ** 2;
  const most = s.sh === 2 || planes * s.c * s.o > 2 ** 20 ? 64 : 32;
  return round(Math.ceil(tiles / Math.ceil(tiles / most)), 4);
}

/** Bands that cover all images, and those computed at a time: few enough for the first-level cache. */
export function winogradBands(s: Window): number {
  return s.n * Math.ceil(s.oh / bandRows(s));
}
export function bandBlock(s: Window): number {
  const bands = winogradBands(s);
  return Math.ceil(bands / Math.ceil((bands * s.ow) / 96));
}

/** Inputs of a tile in each direction. */
export function patchSide(algorithm: WinogradAlgorithm, s: Window): number {
  return (WINOGRAD_TILE[algorithm] - 1) * s.sh + 3;
}

/** The part of the padded input that windows see, of all output rows or of so many. */
export function seenHeight(s: Window, rows: number = s.oh): number {
  return (rows - 1) * s.sh + (s.kh - 1) * s.dh + 1;
}
export function seenWidth(s: Window): number {
  return (s.ow - 1) * s.sw + (s.kw - 1) * s.dw + 1;
}

/** Bytes of a row of it. */
export function rowBytes(s: Window): number {
  return seenWidth(s) * s.c * 4;
}

/** Output rows for which "direct" pads at a time: 64 KB of input, but at least four, as neighbouring bands share rows. */
export function rowBand(s: Window): number {
  if (staysInside(s)) return s.oh;
  const reach = (s.kh - 1) * s.dh;
  const fitting = Math.floor((2 ** 16 / rowBytes(s) - 1 - reach) / s.sh) + 1;
  return Math.min(s.oh, Math.max(4, fitting));
}

/** No window sees padding. */
export function staysInside(s: Window): boolean {
  return s.pt === 0 && s.pl === 0 && seenHeight(s) <= s.h && seenWidth(s) <= s.w;
}

/** Up to a multiple. */
export function round(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
