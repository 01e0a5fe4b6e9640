// The tile and its blocking: everything that multiplies matrices ends here. Weights lie in panels (packing.ts).
//
// A tile computes 4 rows of a panel, or 3 where rows would be left over.
// A row is `taps` runs of `run` floats (K = taps * run): anywhere in memory, found through a table, an indirection buffer
// (Dukhan 2019, arXiv 1907.02129), or at equal steps. So one tile serves dense layers, 1x1 and every other convolution.

import { PANEL, panelBytes } from "./packing";
import { loadSome, madd, storeSome } from "./simd";

/** Rows of a tile. */
export const TILE: i32 = 4;
/** Rows of a panel that are summed at a time: 64 KB of weights, so that tiles after the first find them in a second-level cache. */
const PIECE: i32 = 2048;

/** What the epilogue does with a finished sum: one of the activations, and ACCUMULATE to begin with what lies in y. */
export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const RELU6: i32 = 2;
export const ACCUMULATE: i32 = 4;

/** ReLU and ReLU6 keep NaN: pmax(x, 0) is x < 0 ? 0 : x. */
@inline
export function activate(x: v128, activation: i32): v128 {
  if (activation == LINEAR) return x;
  const positive = f32x4.pmax(x, i32x4.splat(0));
  return activation == RELU6 ? f32x4.pmin(positive, f32x4.splat(6)) : positive;
}

/** Columns 4 to 7 of those there are. */
@inline
function loadHigh(d: usize, columns: i32): v128 {
  return columns > 4 ? loadSome(d + 16, columns - 4) : i32x4.splat(0);
}

@inline
function storeRow(d: usize, low: v128, high: v128, columns: i32, activation: i32): void {
  const a = activate(low, activation), b = activate(high, activation);
  if (columns >= 8) {
    v128.store(d, a);
    v128.store(d, b, 16);
  } else storeColumns(d, a, b, columns);
}

/** Fewer than 8. */
@inline
function storeColumns(d: usize, low: v128, high: v128, columns: i32): void {
  storeSome(d, low, columns);
  if (columns > 4) storeSome(d + 16, high, columns - 4);
}

/**
 * Four rows, or three, and where their results go. Tap t of row i begins at base[i] + offsets[t][i]: tiles whose rows are shifted
 * copies of each other share one table of offsets, others bring their own, with bases 0. Without a table (0) taps
 * lie at equal steps.
 */
@unmanaged
export class Tile {
  base0: usize;
  base1: usize;
  base2: usize;
  base3: usize;
  y0: usize;
  y1: usize;
  y2: usize;
  y3: usize;
  offsets: usize; // [taps][4]
}
export const TILE_BYTES: i32 = 48;

/** Tiles of so many rows, and how many of them, the last ones, have three rows so that none is short: 9 are 3 + 3 + 3, but 5 are 4 + 1. */
@inline
export function tilesOf(rows: i32): i32 {
  return (rows + 3) / TILE;
}
@inline
export function tilesOfThree(rows: i32): i32 {
  const three = -rows & 3;
  return three * 3 <= rows ? three : 0;
}

// Tiles of `rows` rows, panels of taps*run rows -> y, `columns` of each row. Without tables, a tap begins `pitch` bytes after the one before.
//
// A sum over many rows is done in pieces of at most PIECE rows, so that a panel's piece stays in the second-level cache: some
// whole taps, or part of a long run.
export function sumTiles(
  tiles: usize, rows: i32, taps: i32, pitch: i32, run: i32, panels: usize, columns: i32, epilogue: i32,
): void {
  const together = max(1, PIECE / run), parts = (run + PIECE - 1) / PIECE, part = (run + parts - 1) / parts;
  const step = panelBytes(taps * run), three = tilesOfThree(rows), four = tilesOf(rows) - three;
  for (let tap = 0; tap < taps; tap += together) {
    const some = min(together, taps - tap);
    for (let k = 0; k < run; k += part) {
      // Biases and what lies in y belong to the first piece, the activation to the last.
      const isFirst = tap == 0 && k == 0, isLast = tap + some == taps && k + part >= run, length = min(part, run - k);
      const ends = (isFirst ? epilogue & ACCUMULATE : 0) | (isLast ? epilogue & ~ACCUMULATE : 0);
      const before = <usize>(1 + tap * run + k) << 5, skip = pitch - ((length - 1 >> 2) << 4);
      let panel = panels;
      for (let o = 0; o < columns; o += PANEL, panel += step) {
        sumPanel(
          tiles, four, three, tap * pitch + (k << 2), tap << 4, some, skip, length,
          isFirst ? panel : 0, panel + before, o << 2, columns - o, ends,
        );
      }
    }
  }
}

// `four` tiles of four rows and, behind them, `three` of three, one panel; the other arguments as below.
@inline
export function sumPanel(
  tiles: usize, four: i32, three: i32, xOffset: i32, entry: i32, taps: i32, skip: i32, run: i32,
  bias: usize, weights: usize, yOffset: i32, columns: i32, epilogue: i32,
): void {
  if (four) tiles_4x8(tiles, four, xOffset, entry, taps, skip, run, bias, weights, yOffset, columns, epilogue);
  if (three) tiles_3x8(tiles + four * TILE_BYTES, three, xOffset, entry, taps, skip, run, bias, weights, yOffset, columns, epilogue);
}

// `count` tiles, weights b [taps*run][8] -> 8 columns of each row (the first `columns` stored). bias = 0: the sums begin
// with what lies at y; with ACCUMULATE, with both. `entry` bytes into a tile's table its first tap is found; without one, taps
// begin `skip` bytes after the last four floats of the one before. One call for a block of tiles, since a call costs as much as 12 rows.
//
// Break-blocks: the loop-exit test stands between the k steps, or V8 sinks all multiplications below all loads and
// spills (half the speed). It needs no tail either.
@inline
function sumRows(
  four: bool, tile: Tile, xOffset: i32, entry: i32, taps: i32, skip: i32, run: i32,
  bias: usize, weights: usize, yOffset: i32, columns: i32, epilogue: i32,
): void {
  const activation = epilogue & ~ACCUMULATE;
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128;
  if (bias && epilogue < ACCUMULATE) {
    c00 = c10 = c20 = c30 = v128.load(bias);
    c01 = c11 = c21 = c31 = v128.load(bias, 16);
  } else {
    const y0 = tile.y0 + yOffset, y1 = tile.y1 + yOffset, y2 = tile.y2 + yOffset, y3 = four ? tile.y3 + yOffset : y2;
    c00 = loadSome(y0, columns), c01 = loadHigh(y0, columns), c10 = loadSome(y1, columns), c11 = loadHigh(y1, columns);
    c20 = c30 = loadSome(y2, columns), c21 = c31 = loadHigh(y2, columns);
    if (four) c30 = loadSome(y3, columns), c31 = loadHigh(y3, columns);
    if (bias) {
      const low = v128.load(bias), high = v128.load(bias, 16);
      c00 = f32x4.add(c00, low), c10 = f32x4.add(c10, low), c20 = f32x4.add(c20, low), c30 = f32x4.add(c30, low);
      c01 = f32x4.add(c01, high), c11 = f32x4.add(c11, high), c21 = f32x4.add(c21, high), c31 = f32x4.add(c31, high);
    }
  }
  let a0 = tile.base0 + xOffset, a1 = tile.base1 + xOffset, a2 = tile.base2 + xOffset, a3 = four ? tile.base3 + xOffset : a2;
  let b = weights, t = taps, offsets = tile.offsets;
  if (offsets) {
    offsets += entry;
    a0 += <usize>load<u32>(offsets), a1 += <usize>load<u32>(offsets, 4), a2 += <usize>load<u32>(offsets, 8);
    if (four) a3 += <usize>load<u32>(offsets, 12);
  }
  while (true) {
    let k = run, b0: v128, b1: v128, v: v128;
    while (true) {
      b0 = v128.load(b), b1 = v128.load(b, 16);
      v = v128.load32_splat(a0); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
      v = v128.load32_splat(a1); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
      v = v128.load32_splat(a2); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
      if (four) { v = v128.load32_splat(a3); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31); }
      if (!--k) { b += 32; break; }
      b0 = v128.load(b, 32), b1 = v128.load(b, 48);
      v = v128.load32_splat(a0, 4); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
      v = v128.load32_splat(a1, 4); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
      v = v128.load32_splat(a2, 4); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
      if (four) { v = v128.load32_splat(a3, 4); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31); }
      if (!--k) { b += 64; break; }
      b0 = v128.load(b, 64), b1 = v128.load(b, 80);
      v = v128.load32_splat(a0, 8); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
      v = v128.load32_splat(a1, 8); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
      v = v128.load32_splat(a2, 8); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
      if (four) { v = v128.load32_splat(a3, 8); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31); }
      if (!--k) { b += 96; break; }
      b0 = v128.load(b, 96), b1 = v128.load(b, 112);
      v = v128.load32_splat(a0, 12); c00 = madd(v, b0, c00); c01 = madd(v, b1, c01);
      v = v128.load32_splat(a1, 12); c10 = madd(v, b0, c10); c11 = madd(v, b1, c11);
      v = v128.load32_splat(a2, 12); c20 = madd(v, b0, c20); c21 = madd(v, b1, c21);
      if (four) { v = v128.load32_splat(a3, 12); c30 = madd(v, b0, c30); c31 = madd(v, b1, c31); }
      b += 128;
      if (!--k) break;
      a0 += 16; a1 += 16; a2 += 16; if (four) a3 += 16;
    }
    if (!--t) break;
    if (offsets) {
      offsets += 16;
      a0 = tile.base0 + xOffset + <usize>load<u32>(offsets), a1 = tile.base1 + xOffset + <usize>load<u32>(offsets, 4);
      a2 = tile.base2 + xOffset + <usize>load<u32>(offsets, 8);
      if (four) a3 = tile.base3 + xOffset + <usize>load<u32>(offsets, 12);
    } else {
      a0 += skip; a1 += skip; a2 += skip; if (four) a3 += skip;
    }
  }
  if (activation != LINEAR) {
    c00 = activate(c00, activation), c01 = activate(c01, activation);
    c10 = activate(c10, activation), c11 = activate(c11, activation);
    c20 = activate(c20, activation), c21 = activate(c21, activation);
    c30 = activate(c30, activation), c31 = activate(c31, activation);
  }
  const y0 = tile.y0 + yOffset, y1 = tile.y1 + yOffset, y2 = tile.y2 + yOffset, y3 = four ? tile.y3 + yOffset : y2;
  if (columns >= 8) {
    v128.store(y0, c00), v128.store(y0, c01, 16);
    v128.store(y1, c10), v128.store(y1, c11, 16);
    v128.store(y2, c20), v128.store(y2, c21, 16);
    if (four) v128.store(y3, c30), v128.store(y3, c31, 16);
  } else if (columns > 4) {
    const high = columns - 4;
    v128.store(y0, c00), v128.store(y1, c10), v128.store(y2, c20);
    if (four) v128.store(y3, c30);
    storeSome(y0 + 16, c01, high), storeSome(y1 + 16, c11, high), storeSome(y2 + 16, c21, high);
    if (four) storeSome(y3 + 16, c31, high);
  } else {
    storeSome(y0, c00, columns), storeSome(y1, c10, columns), storeSome(y2, c20, columns);
    if (four) storeSome(y3, c30, columns);
  }
}

function tiles_4x8(
  tiles: usize, count: i32, xOffset: i32, entry: i32, taps: i32, skip: i32, run: i32,
  bias: usize, weights: usize, yOffset: i32, columns: i32, epilogue: i32,
): void {
  do {
    const tile = changetype<Tile>(tiles);
    sumRows(true, tile, xOffset, entry, taps, skip, run, bias, weights, yOffset, columns, epilogue);
    tiles += TILE_BYTES;
  } while (--count);
}

function tiles_3x8(
  tiles: usize, count: i32, xOffset: i32, entry: i32, taps: i32, skip: i32, run: i32,
  bias: usize, weights: usize, yOffset: i32, columns: i32, epilogue: i32,
): void {
  do {
    const tile = changetype<Tile>(tiles);
    sumRows(false, tile, xOffset, entry, taps, skip, run, bias, weights, yOffset, columns, epilogue);
    tiles += TILE_BYTES;
  } while (--count);
}

// a [K], two panels p, q [8 biases][K][8] -> d [16]: a single row has no reuse, so it streams the panels as fast as memory
// gives them. Break-blocks again: without the test between the two steps it runs at half the speed.
export function tile_1x16(
  a: usize, K: i32, p: usize, q: usize, d: usize, columns: i32, activation: i32,
): void {
  let c00 = v128.load(p), c01 = v128.load(p, 16), c02 = v128.load(q), c03 = v128.load(q, 16);
  let c10 = i32x4.splat(0), c11 = c10, c12 = c10, c13 = c10, x: v128;
  while (true) {
    x = v128.load32_splat(a);
    c00 = madd(x, v128.load(p, 32), c00); c01 = madd(x, v128.load(p, 48), c01);
    c02 = madd(x, v128.load(q, 32), c02); c03 = madd(x, v128.load(q, 48), c03);
    if (!--K) break;
    x = v128.load32_splat(a, 4);
    c10 = madd(x, v128.load(p, 64), c10); c11 = madd(x, v128.load(p, 80), c11);
    c12 = madd(x, v128.load(q, 64), c12); c13 = madd(x, v128.load(q, 80), c13);
    if (!--K) break;
    a += 8; p += 64; q += 64;
  }
  storeRow(d, f32x4.add(c00, c10), f32x4.add(c01, c11), columns, activation);
  if (columns > 8) storeRow(d + 32, f32x4.add(c02, c12), f32x4.add(c03, c13), columns - 8, activation);
}

// x [pixels][xs bytes] (4 floats used), dy [pixels][ys bytes] (8 floats used) -> dw [4][ldw bytes] (8 floats) += x^T dy
//
// Pixels lie in `lines` of `count`; of x, a line's end is `xSkip` bytes from the next line's start.
export function tile_4x8_outer(
  x: usize, dy: usize, lines: i32, count: i32, xs: i32, ys: i32, xSkip: i32,
  dw: usize, ldw: i32, rows: i32, columns: i32,
): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  do {
    let n = count, b0: v128, b1: v128, a: v128;
    while (true) {
      b0 = v128.load(dy), b1 = v128.load(dy, 16);
      a = v128.load32_splat(x); c00 = madd(a, b0, c00); c01 = madd(a, b1, c01);
      a = v128.load32_splat(x, 4); c10 = madd(a, b0, c10); c11 = madd(a, b1, c11);
      a = v128.load32_splat(x, 8); c20 = madd(a, b0, c20); c21 = madd(a, b1, c21);
      a = v128.load32_splat(x, 12); c30 = madd(a, b0, c30); c31 = madd(a, b1, c31);
      x += xs; dy += ys;
      if (!--n) break;
      b0 = v128.load(dy), b1 = v128.load(dy, 16);
      a = v128.load32_splat(x); c00 = madd(a, b0, c00); c01 = madd(a, b1, c01);
      a = v128.load32_splat(x, 4); c10 = madd(a, b0, c10); c11 = madd(a, b1, c11);
      a = v128.load32_splat(x, 8); c20 = madd(a, b0, c20); c21 = madd(a, b1, c21);
      a = v128.load32_splat(x, 12); c30 = madd(a, b0, c30); c31 = madd(a, b1, c31);
      x += xs; dy += ys;
      if (!--n) break;
    }
    x += xSkip;
  } while (--lines);
  addRow(dw, c00, c01, columns);
  if (rows > 1) addRow(dw + ldw, c10, c11, columns);
  if (rows > 2) addRow(dw + 2 * ldw, c20, c21, columns);
  if (rows > 3) addRow(dw + 3 * ldw, c30, c31, columns);
}

/** d[0..columns) += (low, high). */
@inline
function addRow(d: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= 8) {
    v128.store(d, f32x4.add(v128.load(d), low));
    v128.store(d, f32x4.add(v128.load(d, 16), high), 16);
  } else {
    addSome(d, low, columns);
    if (columns > 4) addSome(d + 16, high, columns - 4);
  }
}

@inline
function addSome(d: usize, x: v128, count: i32): void {
  storeSome(d, f32x4.add(loadSome(d, count), x), count);
}
