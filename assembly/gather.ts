// Indirect GEMM: for every position of a grid, the weighted sum of some pixels of an image.
//
// Convolution, its input gradient (one grid per stride phase), 1x1 and dense layers are all this, with other grids.
// Row pointers are made for a block of positions at a time, in scratch that stays in the first-level cache, and serve
// all panels: no buffer that grows with the image, and any batch size.

import { PANEL, panelBytes, panelsOf, tile_4x8 } from "./gemm";

/** Positions of a block: its pointers (9 taps: 2.3 KB) and one panel stay in the first-level cache. */
const BLOCK: i32 = 64;
/** Bytes a tap takes in the table: row offset, column offset, offset in bytes. */
const TAP_BYTES: i32 = 16;

/** What one gather reads and writes; it lies at the start of scratch. */
@unmanaged
export class Gather {
  x: usize; // source images [N,H,W,pixel], of each pixel `run` floats are used from x on
  N: i32;
  H: i32;
  W: i32;
  pixel: i32;
  run: i32;
  GH: i32; // grid per image; position (gy, gx) looks at source (gy*SH, gx*SW) plus each tap's offset
  GW: i32;
  SH: i32;
  SW: i32;
  taps: i32;
  panels: usize; // weights, panels of taps*run rows
  columns: i32; // outputs per position
  y: usize; // outputs; the steps in bytes
  yImage: i32;
  yRow: i32;
  yPixel: i32;
  activation: i32;
  // working space, laid out by `place`
  zero: usize; // `run` zeros: what lies outside the image
  table: usize; // [taps] offsets
  targets: usize; // [BLOCK] output addresses
  rows: usize; // [BLOCK/4][taps][4] row pointers
  top: i32; // the most a tap reaches up, left, down, right of its position
  left: i32;
  bottom: i32;
  right: i32;

  /** Lays the working space out behind this struct: 128 + run*4 + taps*16 + 256 + taps*256 bytes, and 64 to align. */
  place(): void {
    this.zero = changetype<usize>(this) + 128;
    this.table = this.zero + ((<usize>(this.run + 15) >> 4) << 6);
    this.targets = this.table + <usize>(this.taps * TAP_BYTES);
    this.rows = this.targets + (<usize>BLOCK << 2);
    memory.fill(this.zero, 0, <usize>this.run << 2);
    this.top = this.left = this.bottom = this.right = 0;
  }

  /** Tap `index` looks at (row, column) relative to its position. */
  setTap(index: i32, row: i32, column: i32): void {
    const entry = this.table + <usize>(index * TAP_BYTES);
    store<i32>(entry, row);
    store<i32>(entry, column, 4);
    store<i32>(entry, ((row * this.W + column) * this.pixel) << 2, 8);
    this.top = min(this.top, row);
    this.left = min(this.left, column);
    this.bottom = max(this.bottom, row);
    this.right = max(this.right, column);
  }
}

/** Computes positions [from, to) of the N*GH*GW. */
export function gather(g: Gather, from: i32, to: i32): void {
  const panels = panelsOf(g.columns), step = panelBytes(g.taps * g.run), tileRows = <usize>(g.taps << 4);
  for (let first = from; first < to; first += BLOCK) {
    const count = min(BLOCK, to - first);
    point(g, first, count);
    let panel = g.panels;
    for (let p = 0; p < panels; p++, panel += step) {
      const offset = <u32>p << 5, columns = min(PANEL, g.columns - p * PANEL);
      let rows = g.rows, target = g.targets;
      for (let i = 0; i < count; i += 4, rows += tileRows, target += 16) {
        tile_4x8(
          rows, g.taps, g.run, panel,
          load<u32>(target) + offset, load<u32>(target, 4) + offset,
          load<u32>(target, 8) + offset, load<u32>(target, 12) + offset,
          columns, g.activation,
        );
      }
    }
  }
}

/** Row pointers and output addresses of `count` positions; a last tile that is not full repeats its last position. */
function point(g: Gather, first: i32, count: i32): void {
  const area = g.GH * g.GW, last = first + count - 1;
  let n = first / area, gy = (first - n * area) / g.GW, gx = first - n * area - gy * g.GW;
  const whole = (count + 3) & ~3;
  for (let i = 0; i < whole; i++) {
    const target = g.y + n * g.yImage + gy * g.yRow + gx * g.yPixel;
    store<u32>(g.targets + (<usize>i << 2), <u32>target);
    pointTaps(g, g.rows + <usize>((i >> 2) * (g.taps << 4) + ((i & 3) << 2)), n, gy * g.SH, gx * g.SW);
    if (first + i >= last) continue;
    if (++gx == g.GW) {
      gx = 0;
      if (++gy == g.GH) {
        gy = 0;
        n++;
      }
    }
  }
}

/** The pointers of one position, 16 bytes apart. */
@inline
function pointTaps(g: Gather, rows: usize, n: i32, iy: i32, ix: i32): void {
  const base = g.x + (((n * g.H + iy) * g.W + ix) * g.pixel << 2);
  let entry = g.table;
  const end = rows + (<usize>g.taps << 4);
  const inside = iy + g.top >= 0 && iy + g.bottom < g.H && ix + g.left >= 0 && ix + g.right < g.W;
  if (inside) {
    for (; rows < end; rows += 16, entry += TAP_BYTES) store<u32>(rows, <u32>(base + load<i32>(entry, 8)));
  } else {
    for (; rows < end; rows += 16, entry += TAP_BYTES) {
      const seen = <u32>(iy + load<i32>(entry)) < <u32>g.H && <u32>(ix + load<i32>(entry, 4)) < <u32>g.W;
      store<u32>(rows, <u32>(seen ? base + load<i32>(entry, 8) : g.zero));
    }
  }
}
