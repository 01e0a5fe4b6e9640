// A depthwise convolution of one image, with any stride, dilation and padding (negative too), and outputs that may lie
// apart: forward is one of these, the gradient of the input one per phase of the stride. The gradient of the filter goes
// the same ways, only that it reads y and adds to w.
//
// The input is read where it lies, but for fewer than four channels. Of windows that reach over a border only the taps inside are computed; windows three
// wide go in tiles of eight or four outputs, whose outermost column may be padding.

import {
  gradientTile4, gradientTile4Both, gradientTile4Left, gradientTile4Right, gradientTile4s2, gradientTile4s2Both,
  gradientTile4s2Left, gradientTile4s2Right, gradientWindow1, gradientWindow4,
} from "./depthwiseGradient";
import {
  tile4, tile4Both, tile4Left, tile4Right, tile4s2, tile8, tile8s2, window1, window4,
} from "./depthwiseTile";
import { copyRegion } from "./region";

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
  room: usize; // working space of `flatRows`; src/ops/conv2dStages.ts counts its bytes

  /** Output rows [from, to). */
  rows(from: i32, to: i32): void {
    if (this.flat()) {
      this.flatRows(from, to);
      return;
    }
    const pixel = this.C << 2, xRow = this.W * pixel, wRow = this.KW * pixel, tiled = this.tiled();
    for (let oy = from; oy < to; oy++) {
      const iy = oy * this.SH - this.PT;
      const first = firstTap(iy, this.DH, this.KH), taps = tapsInside(iy, this.H, this.DH, this.KH);
      const x = this.x + (iy + first * this.DH) * xRow, w = this.w + first * wRow, y = this.y + oy * this.yRow;
      if (tiled && taps > 0) this.tiles(x, w, y, taps);
      else this.windows(x, w, y, taps);
    }
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

  /** A row of outputs, eight or four at a time; the last tile steps back. `rows` rows of the windows are inside. */
  tiles(x: usize, w: usize, y: usize, rows: i32): void {
    const pixel = this.C << 2, xRow = this.DH * this.W * pixel, mayEight = this.bias != 0 && this.OW >= 8;
    for (let ox = 0, size = 0; ox < this.OW; ox += size) {
      size = mayEight && ox + 4 < this.OW ? 8 : 4;
      const at = min(ox, this.OW - size), ix = at * this.SW - this.PL;
      const left = ix < 0, right = ix + (size - 1) * this.SW + 3 > this.W, p = x + ix * pixel, d = y + at * this.yPixel;
      if (this.bias == 0) this.gradientTile(left, right, p, w, d, rows, xRow, max(ox - at, 0));
      else if (size == 8) this.tileOf8(left, right, p, w, d, rows, xRow);
      else this.tileOf4(left, right, p, w, d, rows, xRow);
    }
  }

  @inline
  tileOf8(left: bool, right: bool, x: usize, w: usize, y: usize, rows: i32, xRow: i32): void {
    const C = this.C, bias = this.bias, yStep = this.yPixel, activation = this.activation;
    if (this.SW == 1) tile8(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
    else tile8s2(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
  }

  @inline
  tileOf4(left: bool, right: bool, x: usize, w: usize, y: usize, rows: i32, xRow: i32): void {
    const C = this.C, bias = this.bias, yStep = this.yPixel, activation = this.activation;
    if (this.SW == 2) tile4s2(x, w, bias, y, C, rows, left, right, xRow, yStep, activation);
    else if (!left && !right) tile4(x, w, bias, y, C, rows, xRow, yStep, activation);
    else if (!right) tile4Left(x, w, bias, y, C, rows, xRow, yStep, activation);
    else if (!left) tile4Right(x, w, bias, y, C, rows, xRow, yStep, activation);
    else tile4Both(x, w, bias, y, C, rows, xRow, yStep, activation);
  }

  /** One of them, turned around; `skip` outputs were done before. */
  gradientTile(left: bool, right: bool, x: usize, w: usize, y: usize, rows: i32, xRow: i32, skip: i32): void {
    const C = this.C, yStep = this.yPixel;
    if (this.SW == 1) {
      if (!left && !right) gradientTile4(x, w, y, C, rows, xRow, yStep, skip);
      else if (!right) gradientTile4Left(x, w, y, C, rows, xRow, yStep, skip);
      else if (!left) gradientTile4Right(x, w, y, C, rows, xRow, yStep, skip);
      else gradientTile4Both(x, w, y, C, rows, xRow, yStep, skip);
    } else {
      if (!left && !right) gradientTile4s2(x, w, y, C, rows, xRow, yStep, skip);
      else if (!right) gradientTile4s2Left(x, w, y, C, rows, xRow, yStep, skip);
      else if (!left) gradientTile4s2Right(x, w, y, C, rows, xRow, yStep, skip);
      else gradientTile4s2Both(x, w, y, C, rows, xRow, yStep, skip);
    }
  }

  /** A row of outputs with windows of any size, `rows` rows of them inside. */
  windows(x: usize, w: usize, y: usize, rows: i32): void {
    const C = this.C, pixel = C << 2, xRow = this.DH * this.W * pixel, xTap = this.DW * pixel, wRow = this.KW * pixel;
    const bias = this.bias, activation = this.activation, reach = this.DW * (this.KW - 1);
    for (let ox = 0; ox < this.OW;) {
      const ix = ox * this.SW - this.PL, d = y + ox * this.yPixel;
      if (C >= 4 && ox + 4 <= this.OW && ix >= 0 && ix + 3 * this.SW + reach < this.W) {
        const p = x + ix * pixel;
        if (bias == 0) gradientWindow4(p, w, d, C, rows, this.KW, xRow, xTap, wRow, this.SW * pixel, this.yPixel);
        else window4(p, w, bias, d, C, rows, this.KW, xRow, xTap, wRow, this.SW * pixel, this.yPixel, activation);
        ox += 4;
      } else {
        const first = firstTap(ix, this.DW, this.KW), taps = tapsInside(ix, this.W, this.DW, this.KW);
        const p = x + (ix + first * this.DW) * pixel;
        if (bias == 0) gradientWindow1(p, w + first * pixel, d, C, rows, taps, xRow, xTap, wRow);
        else window1(p, w + first * pixel, bias, d, C, rows, taps, xRow, xTap, wRow, activation);
        ox++;
      }
    }
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
  return at < size ? max(min((size - 1 - at) / step + 1, taps) - firstTap(at, step, taps), 0) : 0;
}
