// Direct GEMM: convolution where a kernel row is one run of floats in the input, and no window leaves it; dense layers too.
//
// What gather.ts finds through tables follows from one step here, from a kernel row to the next.

import { sumTiles, Tile, TILE, TILE_BYTES, tilesOf, tilesOfThree } from "./gemm";

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
  const tiles = tilesOf(to - from), blocks = (tiles * TILE + BLOCK - 1) / BLOCK;
  const block = (tiles + blocks - 1) / blocks * TILE;
  for (; from < to; from += block) {
    const count = min(block, to - from);
    describe(s, from, count);
    sumTiles(s.tiles(), count, s.taps, s.pitch, s.run, s.panels, s.columns, s.epilogue);
  }
}

/** Describes the tiles of `count` positions; a last tile that is not full repeats its last position. */
function describe(s: Strip, first: i32, count: i32): void {
  const row = first / s.width;
  let column = first - row * s.width, x = s.x + row * s.height + column * s.step, y = s.y + first * s.pixel;
  const end = s.tiles() + <usize>(tilesOf(count) * TILE_BYTES), three = end - tilesOfThree(count) * TILE_BYTES;
  for (let tile = s.tiles(); tile < end; tile += TILE_BYTES) {
    const lanes: usize = tile < three ? 16 : 12;
    changetype<Tile>(tile).offsets = 0;
    for (let lane: usize = 0; lane < lanes; lane += 4) {
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
