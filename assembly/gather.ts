// Indirect GEMM: for every position of a grid, the weighted sum of some pixels of an image.
//
// Convolution, its input gradient (one grid per stride phase), 1x1 and dense layers are all this, with other grids.
// Tiles are described for a block of positions at a time, in scratch that stays in the first-level cache, and serve
// all panels: no buffer that grows with the image, and any batch size.

import { sumTiles, Tile, TILE, TILE_BYTES, tilesOf, tilesOfThree } from "./gemm";

/** Tiles of a block at most; blocks are of equal size as far as possible. */
const BLOCK: i32 = 24;
/** Bytes a tap takes in the table: row, column, and what it adds to an address. */
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
  epilogue: i32; // an activation, and ACCUMULATE
  // working space, laid out by `place`
  zero: usize; // `run` zeros: what lies outside the image
  table: usize; // [taps] row, column, bytes
  shared: usize; // [taps][4] offsets of tiles that lie inside the image
  tiles: usize; // [BLOCK] Tile
  own: usize; // [BLOCK][taps][4] addresses of tiles that do not
  top: i32; // the most a tap reaches up, left, down, right of its position
  left: i32;
  bottom: i32;
  right: i32;

  /** Lays the working space out behind this struct; src/ops/gemm.ts counts its bytes (gatherBytes). */
  place(): void {
    this.zero = changetype<usize>(this) + 128;
    this.table = this.zero + ((<usize>(this.run + 15) >> 4) << 6);
    this.shared = this.table + <usize>(this.taps * TAP_BYTES);
    this.tiles = this.shared + (<usize>this.taps << 4);
    this.own = this.tiles + <usize>(BLOCK * TILE_BYTES);
    memory.fill(this.zero, 0, <usize>this.run << 2);
    this.top = this.left = this.bottom = this.right = 0;
  }

  /** Tap `index` looks at (row, column) relative to its position. */
  setTap(index: i32, row: i32, column: i32): void {
    const entry = this.table + <usize>(index * TAP_BYTES), bytes = ((row * this.W + column) * this.pixel) << 2;
    store<i32>(entry, row);
    store<i32>(entry, column, 4);
    store<i32>(entry, bytes, 8);
    v128.store(this.shared + (<usize>index << 4), i32x4.splat(bytes));
    this.top = min(this.top, row);
    this.left = min(this.left, column);
    this.bottom = max(this.bottom, row);
    this.right = max(this.right, column);
  }
}

/** Computes positions [from, to) of the N*GH*GW. */
export function gather(g: Gather, from: i32, to: i32): void {
  const tiles = tilesOf(to - from), blocks = (tiles + BLOCK - 1) / BLOCK;
  for (let block = 0, tile = 0; block < blocks; block++) {
    const count = (tiles - tile) / (blocks - block), first = from + tile * TILE, rows = min(count * TILE, to - first);
    describe(g, first, rows);
    sumTiles(g.tiles, rows, g.taps, 0, g.run, g.panels, g.columns, g.epilogue);
    tile += count;
  }
}

/** Describes the tiles of `count` positions; a last tile that is not full repeats its last position. */
function describe(g: Gather, first: i32, count: i32): void {
  const area = g.GH * g.GW, last = count - 1;
  let n = first / area, gy = (first - n * area) / g.GW, gx = first - n * area - gy * g.GW;
  let own = g.own, i = 0;
  const end = g.tiles + <usize>(tilesOf(count) * TILE_BYTES), three = end - tilesOfThree(count) * TILE_BYTES;
  for (let tile = g.tiles; tile < end; tile += TILE_BYTES, own += <usize>g.taps << 4) {
    const lanes: usize = tile < three ? 16 : 12;
    let inside = true;
    changetype<Tile>(tile).offsets = g.shared;
    for (let lane: usize = 0; lane < lanes; lane += 4) {
      const iy = gy * g.SH, ix = gx * g.SW;
      inside = inside && iy + g.top >= 0 && iy + g.bottom < g.H && ix + g.left >= 0 && ix + g.right < g.W;
      store<u32>(tile + lane, <u32>(g.x + (((n * g.H + iy) * g.W + ix) * g.pixel << 2)));
      store<u32>(tile + lane, <u32>(g.y + n * g.yImage + gy * g.yRow + gx * g.yPixel), 16);
      if (i + <i32>(lane >> 2) >= last) continue;
      if (++gx == g.GW) {
        gx = 0;
        if (++gy == g.GH) {
          gy = 0;
          n++;
        }
      }
    }
    if (!inside) addressTaps(g, changetype<Tile>(tile), own, first + i, first + last);
    i += <i32>(lanes >> 2);
  }
}

/** Gives a tile that reaches over the border a table of its own: addresses of pixels, or of the zeros. */
function addressTaps(g: Gather, tile: Tile, own: usize, first: i32, last: i32): void {
  const area = g.GH * g.GW, end = g.table + <usize>(g.taps * TAP_BYTES);
  for (let lane = 0; lane < TILE; lane++) {
    const position = min(first + lane, last), at = position % area;
    const iy = at / g.GW * g.SH, ix = at % g.GW * g.SW;
    const base = load<i32>(changetype<usize>(tile) + (<usize>lane << 2));
    let to = own + (<usize>lane << 2);
    for (let entry = g.table; entry < end; entry += TAP_BYTES, to += 16) {
      const seen = <u32>(iy + load<i32>(entry)) < <u32>g.H && <u32>(ix + load<i32>(entry, 4)) < <u32>g.W;
      store<u32>(to, <u32>(seen ? base + load<i32>(entry, 8) : <i32>g.zero));
    }
    store<u32>(changetype<usize>(tile) + (<usize>lane << 2), 0);
  }
  tile.offsets = own;
}
