/** The ways to compute a convolution, which of them can, and what each is expected to cost. Results differ in rounding only. */
import type { Window } from "./window.ts";

/**
 * "winograd4", "winograd2": F(4x4,3x3) and F(2x2,3x3), for 3x3 filters with stride 1; "direct": whole kernel rows of an image
 * that is padded where need be; "gemm": 1x1 filters with stride 1, a matrix product; "indirect": everything else, by indirect
 * GEMM; "depthwise": as many groups as channels.
 */
export type Conv2dAlgorithm = "winograd4" | "winograd2" | "direct" | "gemm" | "indirect" | "depthwise";

export const CONV2D_ALGORITHMS: readonly Conv2dAlgorithm[] = [
  "winograd4",
  "winograd2",
  "direct",
  "gemm",
  "indirect",
  "depthwise",
];

/** Can this algorithm compute y of this convolution? */
export function canCompute(algorithm: Conv2dAlgorithm, s: Window): boolean {
  const isDepthwise = s.g === s.c && s.g > 1;
  if (isDepthwise || algorithm === "depthwise") return isDepthwise && algorithm === "depthwise";
  const dense = s.sh === 1 && s.sw === 1 && s.dh === 1 && s.dw === 1 && s.g === 1;
  switch (algorithm) {
    case "winograd4":
    case "winograd2":
      return dense && s.kh === 3 && s.kw === 3;
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
 * Expected nanoseconds on the machine of docs/benchmarks.md: only the order matters. A tile does 24 multiply-adds a
 * nanosecond; what describing positions, padding an image and transforming tiles cost was fitted to times measured there by
 * `npm run bench -- --tune`.
 */
export function estimate(algorithm: Conv2dAlgorithm, s: Window): number {
  const outputs = round(s.o / s.g, 8) * s.g;
  const positions = s.n * s.oh * s.ow;
  const sums = (positions * s.kh * s.kw * (s.c / s.g) * outputs) / MACS_PER_NS;
  switch (algorithm) {
    case "winograd4":
    case "winograd2":
      return estimateWinograd(tileOf(algorithm), s);
    case "gemm":
      return sums + positions * (outputs / 8) * STRIP_NS;
    case "direct": {
      const copies = staysInside(s) ? 0 : s.n * seenHeight(s) * (s.c * seenWidth(s) * 0.1 + 60);
      return sums + positions * (outputs / 8) * (STRIP_NS + s.kh * STRIP_RUN_NS) + copies;
    }
    case "depthwise":
      return 0;
    default:
      return sums + positions * ((outputs / 8) * (TILE_NS + s.kh * s.kw * RUN_NS) + s.kh * s.kw * s.g * 0.5);
  }
}

const MACS_PER_NS = 25;
/** Beginning a tile, and one of its runs, per position: in a strip, and by a call of its own. */
const STRIP_NS = 0.6;
const STRIP_RUN_NS = 0.1;
const TILE_NS = 1.4;
const RUN_NS = 0.5;

/** Winograd's products are those of long runs. */
const WINOGRAD_MACS_PER_NS = 33;
/** Of a tile of m x m outputs: transforming a channel of its patch, an output, and what is not for each of them. */
const TRANSFORM_NS = { 4: { channel: 7, output: 20, tile: 100 }, 2: { channel: 2.5, output: 9, tile: 25 } } as const;

function estimateWinograd(m: 2 | 4, s: Window): number {
  const planes = (m + 2) ** 2;
  const [channels, outputs] = [round(s.c, 4), round(s.o, 8)];
  const tiles = winogradTiles(m, s);
  const products = (planes * round(tiles, 4) * channels * outputs) / WINOGRAD_MACS_PER_NS;
  const { channel, output, tile } = TRANSFORM_NS[m];
  const transforms = tiles * (channels * channel + outputs * output + tile);
  const inner = s.c % 4 === 0 ? Math.max(0, Math.ceil(s.oh / m) - 2) * Math.max(0, Math.ceil(s.ow / m) - 2) * s.n : 0;
  const copies = (tiles - inner) * (67 + channels * 1.2);
  const weights = (planes * channels * outputs * 4) / 40;
  return products + transforms + copies + weights * Math.ceil(tiles / winogradBlock(m, s));
}

/** Tiles of m x m outputs that cover all images. */
export function winogradTiles(m: 2 | 4, s: Window): number {
  return s.n * Math.ceil(s.oh / m) * Math.ceil(s.ow / m);
}

/** Tiles computed at a time: few enough for the second-level cache, and blocks of equal size. */
export function winogradBlock(m: 2 | 4, s: Window): number {
  const tiles = winogradTiles(m, s);
  const most = (m + 2) ** 2 * s.c * s.o > 2 ** 20 ? 64 : 32;
  return round(Math.ceil(tiles / Math.ceil(tiles / most)), 4);
}

/** Outputs of a tile in each direction. */
export function tileOf(algorithm: "winograd4" | "winograd2"): 2 | 4 {
  return algorithm === "winograd4" ? 4 : 2;
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
