// Direct GEMM: convolution where a kernel row is one run of floats in the input, and no window leaves it; Winograd's
// products too.
//
// What gather.ts finds through tables follows from one step here, from a kernel row to the next. So one call computes all
// tiles of a block, which is what short sums need: a call of tile_4x8 costs about as much as 12 rows of a panel.

import { ACCUMULATE, activate, LINEAR, loadHigh, PANEL, panelBytes, PIECE, Tile, TILE, TILE_BYTES } from "./gemm";
import { loadSome, madd, storeSome } from "./simd";

/** Positions of a block at most: their input stays in the first-level cache while all panels pass over it. */
const BLOCK: i32 = 96;
/** Room for the struct and the tiles of a block, in scratch. */
export const STRIP_BYTES: usize = 64 + <usize>(BLOCK / TILE * TILE_BYTES);

@unmanaged
export class Strip {
  x: usize; // the window of position 0 begins here; all steps in bytes
  width: i32; // positions of a row
  step: i32; // from a position to the next
  height: i32; // from a row to the next
  taps: i32; // runs of a window
  pitch: i32; // from a run to the next
  run: i32; // floats
  panels: usize; // weights, panels of taps*run rows
  columns: i32; // outputs per position
  y: usize;
  pixel: i32; // from the outputs of a position to those of the next
  epilogue: i32; // an activation, and ACCUMULATE

  /** Where tiles are described. */
  @inline
  tiles(): usize {
    return changetype<usize>(this) + 64;
  }
}

/** Computes positions [from, to), counted row by row. */
export function strips(s: Strip, from: i32, to: i32): void {
  const tiles = (to - from + TILE - 1) / TILE, blocks = (tiles * TILE + BLOCK - 1) / BLOCK;
  const block = (tiles + blocks - 1) / blocks * TILE;
  for (; from < to; from += block) {
    const count = min(block, to - from);
    describe(s, from, count);
    sumPieces(s, (count + TILE - 1) / TILE);
  }
}

/** Describes the tiles of `count` positions; a last tile that is not full repeats its last position. */
function describe(s: Strip, first: i32, count: i32): void {
  const row = first / s.width;
  let column = first - row * s.width, x = s.x + row * s.height + column * s.step, y = s.y + first * s.pixel;
  const end = s.tiles() + <usize>((count + TILE - 1) / TILE * TILE_BYTES);
  for (let tile = s.tiles(); tile < end; tile += TILE_BYTES) {
    for (let lane: usize = 0; lane < 16; lane += 4) {
      store<u32>(tile + lane, <u32>x);
      store<u32>(tile + lane, <u32>y, 16);
      if (--count <= 0) continue;
      y += s.pixel;
      x += s.step;
      if (++column == s.width) {
        column = 0;
        x += s.height - s.width * s.step;
      }
    }
  }
}

/** Sums in pieces of at most PIECE rows of a panel, as gather.ts does: some whole runs, or part of a long one. */
function sumPieces(s: Strip, tiles: i32): void {
  const run = s.run, together = max(1, PIECE / run), parts = (run + PIECE - 1) / PIECE, part = (run + parts - 1) / parts;
  for (let tap = 0; tap < s.taps; tap += together) {
    const taps = min(together, s.taps - tap);
    for (let k = 0; k < run; k += part) {
      // Biases and what lies in y belong to the first piece, the activation to the last.
      const isFirst = tap == 0 && k == 0, isLast = tap + taps == s.taps && k + part >= run;
      const epilogue = (isFirst ? s.epilogue & ACCUMULATE : 0) | (isLast ? s.epilogue & ~ACCUMULATE : 0);
      sumPiece(s, tiles, tap, taps, k, min(part, run - k), isFirst, epilogue);
    }
  }
}

function sumPiece(
  s: Strip, tiles: i32, tap: i32, taps: i32, k: i32, run: i32, isFirst: bool, epilogue: i32,
): void {
  const step = panelBytes(s.taps * s.run), before = <usize>(1 + tap * s.run + k) << 5;
  const skip = s.pitch - ((run - 1 >> 2) << 4);
  let panel = s.panels;
  for (let o = 0; o < s.columns; o += PANEL, panel += step) {
    strip_4x8(
      s.tiles(), tiles, tap * s.pitch + (k << 2), taps, skip, run,
      isFirst ? panel : 0, panel + before, o << 2, s.columns - o, epilogue,
    );
  }
}

// `count` tiles, weights b [taps*run][8] -> 4 rows of 8 per tile (the first `columns` stored). bias = 0: the sums begin
// with what lies at y; with ACCUMULATE, with both. The k steps are those of tile_4x8, for the same reasons.
export function strip_4x8(
  tiles: usize, count: i32, xOffset: i32, taps: i32, skip: i32, run: i32,
  bias: usize, weights: usize, yOffset: i32, columns: i32, epilogue: i32,
): void {
  const activation = epilogue & ~ACCUMULATE;
  do {
    const tile = changetype<Tile>(tiles);
    let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128;
    if (bias && epilogue < ACCUMULATE) {
      c00 = c10 = c20 = c30 = v128.load(bias);
      c01 = c11 = c21 = c31 = v128.load(bias, 16);
    } else {
      const y0 = tile.y0 + yOffset, y1 = tile.y1 + yOffset, y2 = tile.y2 + yOffset, y3 = tile.y3 + yOffset;
      c00 = loadSome(y0, columns), c01 = loadHigh(y0, columns), c10 = loadSome(y1, columns), c11 = loadHigh(y1, columns);
      c20 = loadSome(y2, columns), c21 = loadHigh(y2, columns), c30 = loadSome(y3, columns), c31 = loadHigh(y3, columns);
      if (bias) {
        const low = v128.load(bias), high = v128.load(bias, 16);
        c00 = f32x4.add(c00, low), c10 = f32x4.add(c10, low), c20 = f32x4.add(c20, low), c30 = f32x4.add(c30, low);
        c01 = f32x4.add(c01, high), c11 = f32x4.add(c11, high), c21 = f32x4.add(c21, high), c31 = f32x4.add(c31, high);
      }
    }
    let a0 = tile.base0 + xOffset, a1 = tile.base1 + xOffset, a2 = tile.base2 + xOffset, a3 = tile.base3 + xOffset;
    let b = weights, t = taps;
    while (true) {
      let k = run, b0: v128, b1: v128, v: v128;
      while (true) {
        b0 = v128.load(b), b1 = v128.load(b, 16);
        v = v128.load32_splat(a0); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
        v = v128.load32_splat(a1); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
        v = v128.load32_splat(a2); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
        v = v128.load32_splat(a3); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31);
        if (!--k) { b += 32; break; }
        b0 = v128.load(b, 32), b1 = v128.load(b, 48);
        v = v128.load32_splat(a0, 4); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
        v = v128.load32_splat(a1, 4); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
        v = v128.load32_splat(a2, 4); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
        v = v128.load32_splat(a3, 4); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31);
        if (!--k) { b += 64; break; }
        b0 = v128.load(b, 64), b1 = v128.load(b, 80);
        v = v128.load32_splat(a0, 8); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
        v = v128.load32_splat(a1, 8); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
        v = v128.load32_splat(a2, 8); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
        v = v128.load32_splat(a3, 8); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31);
        if (!--k) { b += 96; break; }
        b0 = v128.load(b, 96), b1 = v128.load(b, 112);
        v = v128.load32_splat(a0, 12); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
        v = v128.load32_splat(a1, 12); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
        v = v128.load32_splat(a2, 12); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
        v = v128.load32_splat(a3, 12); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31);
        b += 128;
        if (!--k) break;
        a0 += 16; a1 += 16; a2 += 16; a3 += 16;
      }
      if (!--t) break;
      a0 += skip; a1 += skip; a2 += skip; a3 += skip;
    }
    if (activation != LINEAR) {
      c00 = activate(c00, activation), c01 = activate(c01, activation);
      c10 = activate(c10, activation), c11 = activate(c11, activation);
      c20 = activate(c20, activation), c21 = activate(c21, activation);
      c30 = activate(c30, activation), c31 = activate(c31, activation);
    }
    const y0 = tile.y0 + yOffset, y1 = tile.y1 + yOffset, y2 = tile.y2 + yOffset, y3 = tile.y3 + yOffset;
    if (columns >= 8) {
      v128.store(y0, c00), v128.store(y0, c01, 16);
      v128.store(y1, c10), v128.store(y1, c11, 16);
      v128.store(y2, c20), v128.store(y2, c21, 16);
      v128.store(y3, c30), v128.store(y3, c31, 16);
    } else if (columns > 4) {
      const high = columns - 4;
      v128.store(y0, c00), v128.store(y1, c10), v128.store(y2, c20), v128.store(y3, c30);
      storeSome(y0 + 16, c01, high), storeSome(y1 + 16, c11, high);
      storeSome(y2 + 16, c21, high), storeSome(y3 + 16, c31, high);
    } else {
      storeSome(y0, c00, columns), storeSome(y1, c10, columns);
      storeSome(y2, c20, columns), storeSome(y3, c30, columns);
    }
    tiles += TILE_BYTES;
  } while (--count);
}
