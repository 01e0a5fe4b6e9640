// Winograd convolution of 3x3 filters, F(4x4,3x3) and F(2x2,3x3) (Lavin & Gray 2016, arXiv 1509.09308), the latter also with stride 2.
//
// A tile of m x m outputs comes from a patch of inputs that is 2 larger. Filters and patches are transformed so that convolution becomes
// one product per element of the patch: 36 for 16 outputs instead of 144, 16 for 4 instead of 36. With stride 2 the outer taps of a filter
// see other inputs than the middle one: F(2,2) of the outer ones and plain products of the middle, in each direction, make 25 for 4 outputs
// instead of 36. Those of many channels, filters and patches are matrix products, one per element ("plane").
//
// Patches of 6x6 interpolate at 0, +-3/4, +-3/2 and infinity: as fast as at 0, +-1, +-2, with half the error.

import { LINEAR, sumPanel, Tile, TILE_BYTES, tilesOf, tilesOfThree } from "./gemm";
import { packBias, PANEL, panelsOf } from "./packing";
import { copyRegion } from "./region";
import { Window } from "./window";
import { transformFilter, transformInput4, transformInput5, transformInput6, transformOutput } from "./winogradTransform";

/** Bytes between planes beyond their content: no two at a distance of a power of two, or they meet in the same cache set. */
const GAP: i32 = 64;

@inline
function round4(n: i32): i32 {
  return (n + 3) & ~3;
}

/** Inputs of a tile in each direction. */
@inline
function patchSide(m: i32, stride: i32): i32 {
  return (m - 1) * stride + 3;
}

/** Floats of a plane of transformed filters: panels of C4 rows. */
@inline
function filterPlane(C4: i32, O: i32): i32 {
  return panelsOf(O) * C4 * PANEL + (GAP >> 2);
}

// w [3,3,C,O], bias [O] or null -> packed: [O8] biases, [8] zeros, [planes][ceil(O/8)][C4][8] filters, C4 = C rounded up to 4.
// Transposed, the filters of the gradient: inputs and outputs change places (C and O are then those of the gradient's
// convolution, w stays [3,3,O,C]) and taps are turned by 180 degrees.
export function winogradPack(
  w: usize, bias: usize, packed: usize, C: i32, O: i32, m: i32, stride: i32, transposed: bool,
): void {
  const C4 = round4(C), plane = filterPlane(C4, O) << 2, taps = C * O << 2, side = patchSide(m, stride);
  const inStep = (transposed ? 1 : O) << 2, outStep = (transposed ? C : 1) << 2;
  for (let o = 0; o < O; o += PANEL) packed = packBias(bias ? bias + (<usize>o << 2) : 0, O - o, packed);
  packed = packBias(0, 0, packed);
  for (let o = 0; o < O; o += 4) {
    const columns = min(4, O - o);
    let to = packed + (<usize>((o >> 3) * C4 * PANEL + (o & 4)) << 2);
    for (let c = 0; c < C4; c++, to += 32) {
      const from = w + c * inStep + o * outStep;
      const count = c < C ? columns : 0;
      transformFilter(side, from, taps, outStep, count, transposed, to, plane);
    }
  }
  clearOddHalf(packed, C4, O, plane, side * side);
}

/** The right half of a last panel of four columns or fewer. */
function clearOddHalf(packed: usize, C4: i32, O: i32, plane: i32, planes: i32): void {
  if (((O + 3) >> 2 & 1) == 0) return;
  const zero = i32x4.splat(0);
  for (let i = 0; i < planes; i++) {
    let to = packed + i * plane + (<usize>((O >> 3) * C4 * PANEL + 4) << 2);
    for (let c = 0; c < C4; c++, to += 32) v128.store(to, zero);
  }
}

// x [N,H,W,C], packed -> y [N,OH,OW,O] (pixels P floats apart), tiles [from, to) of N*ceil(OH/m)*ceil(OW/m), `block` of them at a time
export function winograd(
  x: usize, packed: usize, y: usize, s: Window, scratch: usize, m: i32, block: i32, epilogue: i32, from: i32, to: i32,
): void {
  const side = patchSide(m, s.SH), planes = side * side, step = m * s.SH, C4 = round4(s.C), O4 = round4(s.O);
  const TH = (s.OH + m - 1) / m, TW = (s.OW + m - 1) / m;
  const vPlane = block * C4 * 4 + GAP, mPlane = block * O4 * 4 + GAP;
  const patch = scratch, temp = patch + (<usize>(planes * C4) << 2), tiles = temp + 640;
  const v = tiles + <usize>(tilesOf(block) * TILE_BYTES + 63 & ~63), sums = v + planes * vPlane;
  const bias = packed, filters = packed + (<usize>(panelsOf(s.O) + 1) << 5);
  const pixel = s.P << 2, yRow = s.OW * pixel;
  for (let first = from; first < to; first += block) {
    const count = min(block, to - first);
    for (let i = 0; i < count; i++) {
      const n = (first + i) / (TH * TW), at = (first + i) % (TH * TW);
      takePatch(x, s, n, at / TW * step - s.PT, at % TW * step - s.PL, side, C4, patch, v + (<usize>(i * C4) << 2), vPlane, temp);
    }
    multiply(v, vPlane, C4, filters, sums, mPlane, s.O, O4, planes, count, tiles);
    for (let i = 0; i < count; i++) {
      const n = (first + i) / (TH * TW), at = (first + i) % (TH * TW);
      const oy = at / TW * m, ox = at % TW * m;
      transformOutput(
        sums + (<usize>(i * O4) << 2), mPlane, m, side, s.O, bias, epilogue,
        y + (n * s.OH + oy) * yRow + ox * pixel, yRow, pixel, min(m, s.OH - oy), min(m, s.OW - ox), temp,
      );
    }
  }
}

/** Transforms the patch at (iy, ix) of image n: where it lies, or, at the border or with odd channels, from a padded copy. */
function takePatch(
  x: usize, s: Window, n: i32, iy: i32, ix: i32, side: i32, C4: i32, patch: usize, v: usize, plane: i32, temp: usize,
): void {
  const image = x + <usize>(n * s.H * s.W * s.C << 2);
  let from = image + ((iy * s.W + ix) * s.C << 2), rowStep = s.W * s.C << 2, pixel = s.C << 2;
  const inside = iy >= 0 && ix >= 0 && iy + side <= s.H && ix + side <= s.W;
  if (!inside || C4 != s.C) {
    copyRegion(image, s.H, s.W, s.C, patch, iy, ix, side, side);
    if (C4 != s.C) spreadChannels(patch, side * side, s.C, C4);
    from = patch;
    pixel = C4 << 2;
    rowStep = side * pixel;
  }
  if (side == 6) transformInput6(from, rowStep, pixel, C4, v, plane, temp);
  else if (side == 5) transformInput5(from, rowStep, pixel, C4, v, plane, temp);
  else transformInput4(from, rowStep, pixel, C4, v, plane, temp);
}

/** [pixels][C] -> [pixels][C4] in place, zeros in the new channels; from the last pixel on, so that nothing is lost. */
function spreadChannels(p: usize, pixels: i32, C: i32, C4: i32): void {
  for (let i = pixels - 1; i >= 0; i--) {
    const to = p + (<usize>(i * C4) << 2);
    memory.copy(to, p + (<usize>(i * C) << 2), <usize>C << 2);
    memory.fill(to + (<usize>C << 2), 0, <usize>(C4 - C) << 2);
  }
}

/** sums[plane] [count][O] = v[plane] [count][C4] * filters[plane], all planes. */
function multiply(
  v: usize, vPlane: i32, C4: i32, filters: usize, sums: usize, mPlane: i32, O: i32, O4: i32,
  planes: i32, count: i32, tiles: usize,
): void {
  // The first sums are the zeros behind the biases.
  const zeros = filters - 32, step = <usize>(C4 << 5), plane = <usize>(filterPlane(C4, O) << 2);
  const three = tilesOfThree(count), four = tilesOf(count) - three, short = tiles + <usize>(four * TILE_BYTES);
  for (let tile = tiles, i = 0; tile < short + three * TILE_BYTES; tile += TILE_BYTES) {
    const lanes: usize = tile < short ? 16 : 12;
    changetype<Tile>(tile).offsets = 0;
    for (let lane: usize = 0; lane < lanes; lane += 4, i++) {
      const row = min(i, count - 1);
      store<u32>(tile + lane, <u32>(v + (<usize>(row * C4) << 2)));
      store<u32>(tile + lane, <u32>(sums + (<usize>(row * O4) << 2)), 16);
    }
  }
  for (let i = 0; i < planes; i++, filters += plane) {
    let panel = filters;
    for (let o = 0; o < O; o += PANEL, panel += step) {
      sumPanel(tiles, four, three, i * vPlane, 0, 1, 0, C4, zeros, panel, i * mPlane + (o << 2), O4 - o, LINEAR);
    }
  }
}
