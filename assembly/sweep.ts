// A depthwise convolution of one image, with any stride, dilation and padding (negative too), and outputs that may lie
// apart: forward is one of these, the gradient of the input one per phase of the stride. The gradient of the filter goes
// the same ways, only that it reads y and adds to w.
//
// The input is read where it lies, but for fewer than four channels. Of windows that reach over a border only the taps inside
// are computed; windows three wide go in tiles of eight, seven or four outputs, whose outermost column may be padding.

import {
  gradientTile4, gradientTile4Both, gradientTile4Left, gradientTile4Right, gradientTile4s2, gradientWindow1, gradientWindow4,
} from "./depthwiseGradient";
import { tile4, tile4Left, tile4Right, tile4s2, tile7, tile7s2, tile8, tile8s2 } from "./depthwiseTile";
import { window1, window4, window4Shared } from "./depthwiseWindow";
import { copyRegion } from "./region";

/** Of an input: a band that a second-level cache holds beside what it becomes. */
const BAND_BYTES: i32 = 1 << 18;

/** Room for the struct, in scratch. */
export const SWEEP_BYTES: usize = 128;

@unmanaged
export class Sweep {
  x: usize; // [H,W,C]
  H: i32;
  W: i32;
  C: i32;
  w: usize; // [KH,KW,C]
  bias: usize; // [C]; 0 turns the sweep around: w += the gradient, given that of y
  KH: i32;
  KW: i32;
  SH: i32;
  SW: i32;
  PT: i32;
  PL: i32;
  DH: i32;
  DW: i32;
  y: usize; // [OH,OW] of C floats; the steps in bytes
  OH: i32;
  OW: i32;
  yRow: i32;
  yPixel: i32;
  activation: i32;
  room: usize; // working space of `flatRows` and `blocks`; src/ops/conv2dStages.ts counts its bytes

  /** Output rows [from, to). */
  rows(from: i32, to: i32): void {
    if (this.flat()) this.flatRows(from, to);
    else if (this.crowded()) this.blocks(from, to);
    else this.whole(from, to);
  }

  /** Pixels a multiple of 4 kB apart, which meet in one set of the first-level cache and throw each other out. */
  @inline
  crowded(): bool {
    return (this.C & 1023) == 0 && this.OW > 4 && this.bias != 0;
  }

  /** Sixteen channels at a time, put side by side: of the filter, and of bands of rows that stay in the second-level cache. */
  blocks(from: i32, to: i32): void {
    const C = this.C, pixel = C << 2, xRow = this.W * pixel, reach = this.DH * (this.KH - 1) + 1, taps = this.KH * this.KW;
    const x = this.x, w = this.w, bias = this.bias, y = this.y, image = this.room + (<usize>taps << 6);
    const band = max((BAND_BYTES / xRow - reach) / this.SH + 1, 4);
    this.C = 16;
    this.w = this.room;
    for (; from < to; from += band) {
      const end = min(from + band, to), top = max(from * this.SH - this.PT, 0);
      const seen = max(min((end - 1) * this.SH - this.PT + reach, this.H) - top, 0) * this.W;
      this.x = image - (<usize>(top * this.W) << 6);
      for (let c = 0; c < pixel; c += 64) {
        gather16(w + c, pixel, taps, this.room);
        gather16(x + top * xRow + c, pixel, seen, image);
        this.bias = bias + c;
        this.y = y + c;
        this.whole(from, end);
      }
    }
    this.C = C; this.x = x; this.w = w; this.bias = bias; this.y = y;
  }

  whole(from: i32, to: i32): void {
    if (this.tiled()) {
      const band = this.bias == 0 || this.SW == 1 ? 1 : to - from;
      for (; from < to; from += band) this.tiles(from, from + band);
      return;
    }
    const pixel = this.C << 2, xRow = this.W * pixel, wRow = this.KW * pixel;
    const top = min(max(insideFrom(this.PT, this.SH), from), to);
    const bottom = min(max(insideTo(this.H, this.PT, this.SH, this.DH * (this.KH - 1)), top), to);
    const down = this.bias != 0 && this.C >= 4 && bottom - top >= 4;
    for (let oy = from; oy < to; oy++) {
      const iy = oy * this.SH - this.PT;
      const first = firstTap(iy, this.DH, this.KH), taps = tapsInside(iy, this.H, this.DH, this.KH);
      const x = this.x + (iy + first * this.DH) * xRow, w = this.w + first * wRow, y = this.y + oy * this.yRow;
      this.windows(x, w, y, taps, down && oy >= top && oy < bottom);
    }
    if (down) this.borders(top, bottom);
  }

  /** Channels that do not fill a vector, but lie side by side. */
  @inline
  flat(): bool {
    return this.C < 4 && this.SW == 1 && this.OW >= 4 && this.yPixel == this.C << 2 && this.bias != 0;
  }

  /**
   * Takes four pixels for one with four times the channels, weights and biases repeated: a row is one run of floats, which
   * may be cut anywhere between pixels. Taps stay a pixel apart. Needs padded rows.
   */
  flatRows(from: i32, to: i32): void {
    const pixel = this.C << 2, channels = this.C << 2, step = channels << 2, taps = this.KH * this.KW;
    const PH = (to - from - 1) * this.SH + (this.KH - 1) * this.DH + 1, PW = this.OW + (this.KW - 1) * this.DW;
    const bias = this.room, w = bias + step, padded = w + taps * step, row = PW * pixel;
    fourTimes(this.bias, pixel, 1, bias);
    fourTimes(this.w, pixel, taps, w);
    copyRegion(this.x, this.H, this.W, this.C, padded, from * this.SH - this.PT, -this.PL, PH, PW);
    const xRow = this.DH * row, xTap = this.DW * pixel, wRow = this.KW * step, activation = this.activation;
    for (let oy = from; oy < to; oy++) {
      const x = padded + (oy - from) * this.SH * row, y = this.y + oy * this.yRow;
      for (let ox = 0, size = 0; ox < this.OW; ox += size) {
        size = this.OW >= 16 && ox + 4 < this.OW ? 16 : 4;
        const at = min(ox, this.OW - size) * pixel;
        if (size == 4) window1(x + at, w, bias, y + at, channels, this.KH, this.KW, xRow, xTap, wRow, activation);
        else window4(x + at, w, bias, y + at, channels, this.KH, this.KW, xRow, xTap, wRow, step, step, activation);
      }
    }
  }

  /** Windows three wide that reach over a border by one column at most, enough of them for a tile. */
  tiled(): bool {
    return this.KW == 3 && this.DW == 1 && this.SW <= 2 && this.PL >= 0 && this.PL <= 1 && this.C >= 4 &&
      this.OW >= 4 && (this.OW - 1) * this.SW - this.PL + 2 <= this.W;
  }

  /**
   * Output rows [from, to) in tiles, one column of them after the other, each from top to bottom: a tile then finds what it
   * shares with the one above in the first-level cache. The last tile of a row steps back where it must. Where pixels lie a
   * multiple of 1 kB apart, they meet in a few sets of that cache, and wide tiles would throw their own lines out.
   */
  tiles(from: i32, to: i32): void {
    const pixel = this.C << 2, xRow = this.W * pixel, wRow = this.KW * pixel, wide = this.bias != 0 && pixel % 1024 != 0;
    for (let ox = 0, size = 0; ox < this.OW; ox += size) {
      size = wide ? tileSize(this.OW - ox, this.OW) : 4;
      const at = min(ox, this.OW - size), ix = at * this.SW - this.PL, seen = (size - 1) * this.SW + 3;
      const left = ix < 0, right = ix + seen > this.W;
      for (let oy = from; oy < to; oy++) {
        const iy = oy * this.SH - this.PT;
        const first = firstTap(iy, this.DH, this.KH), taps = tapsInside(iy, this.H, this.DH, this.KH);
        const x = this.x + (iy + first * this.DH) * xRow + ix * pixel, w = this.w + first * wRow;
        const y = this.y + oy * this.yRow + at * this.yPixel;
        if (taps == 0) this.single(x, w, y - at * this.yPixel, 0, at, at + size);
        else if (this.bias == 0) this.gradientTile(left, right, x, w, y, taps, this.DH * xRow, max(ox - at, 0));
        else if (size == 4) this.tileOf4(left, right, x, w, y, taps, this.DH * xRow);
        else this.tileOf8(size, left, right, x, w, y, taps, this.DH * xRow);
      }
    }
  }

  @inline
  tileOf8(size: i32, left: bool, right: bool, x: usize, w: usize, y: usize, rows: i32, xRow: i32): void {
    const C = this.C, bias = this.bias, yStep = this.yPixel, activation = this.activation;
    if (this.SW == 1) {
      if (size == 8) tile8(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
      else tile7(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
    } else if (size == 8) tile8s2(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
    else tile7s2(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
  }

  @inline
  tileOf4(left: bool, right: bool, x: usize, w: usize, y: usize, rows: i32, xRow: i32): void {
    const C = this.C, bias = this.bias, yStep = this.yPixel, activation = this.activation;
    if (this.SW == 2) tile4s2(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
    else if (left) tile4Left(x, w, bias, y, C, rows, right, xRow, yStep, activation);
    else if (right) tile4Right(x, w, bias, y, C, rows, xRow, yStep, activation);
    else tile4(x, w, bias, y, C, rows, xRow, yStep, activation);
  }

  /** One of them, turned around; `skip` outputs were done before. */
  @inline
  gradientTile(left: bool, right: bool, x: usize, w: usize, y: usize, rows: i32, xRow: i32, skip: i32): void {
    const C = this.C, yStep = this.yPixel;
    if (this.SW == 2) gradientTile4s2(x, w, y, C, rows, left, right, xRow, yStep, skip);
    else if (!left && !right) gradientTile4(x, w, y, C, rows, xRow, yStep, skip);
    else if (!right) gradientTile4Left(x, w, y, C, rows, xRow, yStep, skip);
    else if (!left) gradientTile4Right(x, w, y, C, rows, xRow, yStep, skip);
    else gradientTile4Both(x, w, y, C, rows, xRow, yStep, skip);
  }

  /** Output columns whose windows do not reach over the left or right border: [begin, end). */
  begin(): i32 {
    return min(insideFrom(this.PL, this.SW), this.OW);
  }
  end(): i32 {
    return min(max(insideTo(this.W, this.PL, this.SW, this.DW * (this.KW - 1)), this.begin()), this.OW);
  }

  /** A row of outputs with windows of any size, `rows` rows of them inside; perhaps without those at the borders. */
  windows(x: usize, w: usize, y: usize, rows: i32, without: bool): void {
    const begin = this.begin(), end = this.end();
    if (!without) this.single(x, w, y, rows, 0, begin);
    if (this.bias == 0) this.gradientInside(x, w, y, rows, begin, end);
    else this.inside(x, w, y, rows, begin, end);
    if (!without) this.single(x, w, y, rows, end, this.OW);
  }

  /** The outputs at the left and right border of rows [from, to), four below each other at a time; the last step back. */
  borders(from: i32, to: i32): void {
    const begin = this.begin(), end = this.end();
    for (let ox = begin > 0 ? 0 : end; ox < this.OW; ox = ox + 1 == begin ? end : ox + 1) {
      for (let oy = from; oy < to; oy += 4) this.fourBelow(ox, min(oy, to - 4));
    }
  }

  @inline
  fourBelow(ox: i32, oy: i32): void {
    const pixel = this.C << 2, xRow = this.W * pixel, wRow = this.KW * pixel, ix = ox * this.SW - this.PL;
    const first = firstTap(ix, this.DW, this.KW), taps = tapsInside(ix, this.W, this.DW, this.KW);
    window4(
      this.x + (oy * this.SH - this.PT) * xRow + (ix + first * this.DW) * pixel, this.w + first * pixel, this.bias,
      this.y + oy * this.yRow + ox * this.yPixel, this.C, this.KH, taps,
      this.DH * xRow, this.DW * pixel, wRow, this.SH * xRow, this.yRow, this.activation,
    );
  }

  /** Outputs [from, to), one by one, by the taps that are inside. */
  single(x: usize, w: usize, y: usize, rows: i32, from: i32, to: i32): void {
    const C = this.C, pixel = C << 2, xRow = this.DH * this.W * pixel, xTap = this.DW * pixel, wRow = this.KW * pixel;
    for (; from < to; from++) {
      const ix = from * this.SW - this.PL, first = firstTap(ix, this.DW, this.KW);
      const taps = tapsInside(ix, this.W, this.DW, this.KW), p = x + (ix + first * this.DW) * pixel;
      const k = w + first * pixel, d = y + from * this.yPixel;
      if (this.bias == 0) gradientWindow1(p, k, d, C, rows, taps, xRow, xTap, wRow);
      else window1(p, k, this.bias, d, C, rows, taps, xRow, xTap, wRow, this.activation);
    }
  }

  /**
   * Outputs [from, to), all of whose columns are inside, four at a time; the last four step back. Outputs `apart` from each
   * other see the same columns by taps `classes` from each other.
   */
  inside(x: usize, w: usize, y: usize, rows: i32, from: i32, to: i32): void {
    const C = this.C, pixel = C << 2, xRow = this.DH * this.W * pixel, xTap = this.DW * pixel, wRow = this.KW * pixel;
    const classes = tapStep(this.SW, this.DW), apart = classes * this.DW / this.SW, wide = 4 * apart;
    const shared = classes < this.KW && to - from >= wide, size = shared ? wide : 4;
    if (C < 4 || to - from < size) {
      this.single(x, w, y, rows, from, to);
      return;
    }
    for (; from < to; from += size) {
      const ox = min(from, to - size), p = x + (ox * this.SW - this.PL) * pixel, d = y + ox * this.yPixel;
      const bias = this.bias, activation = this.activation, xStep = this.SW * pixel, yStep = this.yPixel;
      if (!shared) window4(p, w, bias, d, C, rows, this.KW, xRow, xTap, wRow, xStep, yStep, activation);
      else for (let i = 0; i < apart; i++) {
        window4Shared(
          p + i * xStep, w, bias, d + i * yStep, C, rows, this.KW, classes, xRow, xTap, wRow, apart * yStep, activation,
        );
      }
    }
  }

  gradientInside(x: usize, w: usize, y: usize, rows: i32, from: i32, to: i32): void {
    const C = this.C, pixel = C << 2, xRow = this.DH * this.W * pixel, xTap = this.DW * pixel, wRow = this.KW * pixel;
    for (; C >= 4 && from + 4 <= to; from += 4) {
      const p = x + (from * this.SW - this.PL) * pixel, d = y + from * this.yPixel;
      gradientWindow4(p, w, d, C, rows, this.KW, xRow, xTap, wRow, this.SW * pixel, this.yPixel);
    }
    this.single(x, w, y, rows, from, to);
  }
}

/** How many of the `left` outputs of a row of `all` go next, so that few are computed twice: 14 as 7 + 7, 12 as 8 + 4. */
@inline
function tileSize(left: i32, all: i32): i32 {
  if (left <= 4 || all < 7) return 4;
  return (left & 7) > 4 || all == 7 ? 7 : 8;
}

/** The first position, and behind the last one, whose windows see only what is inside. */
@inline
function insideFrom(pad: i32, stride: i32): i32 {
  return max((pad + stride - 1) / stride, 0);
}
@inline
function insideTo(size: i32, pad: i32, stride: i32, reach: i32): i32 {
  const room = size - 1 - reach + pad;
  return room < 0 ? 0 : room / stride + 1;
}

/** Taps whose distance a multiple of the stride is lie so many apart. */
export function tapStep(stride: i32, dilation: i32): i32 {
  let step = 1;
  while (step * dilation % stride != 0) step++;
  return step;
}

// from [count] of sixteen floats, `step` bytes apart -> to [count][16]
function gather16(from: usize, step: i32, count: i32, to: usize): void {
  for (; count > 0; count--, from += step, to += 64) {
    for (let i: usize = 0; i < 64; i += 16) v128.store(to + i, v128.load(from + i));
  }
}

// from [rows][bytes] -> to [rows][4][bytes]
function fourTimes(from: usize, bytes: i32, rows: i32, to: usize): void {
  for (; rows > 0; rows--, from += bytes) {
    for (let i = 0; i < 4; i++, to += bytes) memory.copy(to, from, bytes);
  }
}

/** The first of `taps` taps, from `at` on and `step` apart, that does not lie before the input. */
@inline
export function firstTap(at: i32, step: i32, taps: i32): i32 {
  return at < 0 ? min((step - 1 - at) / step, taps) : 0;
}

/** How many of them lie in [0, size). */
@inline
export function tapsInside(at: i32, size: i32, step: i32, taps: i32): i32 {
  if (at >= 0 && at + (taps - 1) * step < size) return taps; // without a division: it is asked for each tile
  return at < size ? max(min((size - 1 - at) / step + 1, taps) - firstTap(at, step, taps), 0) : 0;
}
