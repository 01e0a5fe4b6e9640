// Direct convolution of images with one channel, which are planes: four neighbouring outputs of one filter see vectors of
// neighbouring pixels. So filters that do not fill a panel leave no lanes empty; their weights are still those of the panel.

import { activate, LINEAR } from "./gemm";
import { madd } from "./simd";
import { Strip } from "./strip";

/** Output rows whose input stays in the first-level cache while all filters pass over it. */
const ROWS: i32 = 8;

// s: one channel, no ACCUMULATE, stride 1 within a row of at least 4 outputs; panel [8 biases][KH*KW][8] -> y [OH,width] of `pixel` bytes,
// `columns` (1 to 7) filters, in groups of equal size as far as possible
export function plane(s: Strip, panel: usize, y: usize, OH: i32, columns: i32): void {
  const groups = columns > 4 ? 2 : 1;
  for (let oy = 0; oy < OH; oy += ROWS) {
    const rows = min(ROWS, OH - oy), x = s.x + oy * s.height;
    let bias = panel, d = y + oy * s.width * s.pixel;
    for (let group = groups, left = columns; group > 0; group--) {
      const count = (left + group - 1) / group;
      if (count == 4) plane_8x4(s, x, bias, d, rows);
      else if (count == 3) plane_8x3(s, x, bias, d, rows);
      else if (count == 2) plane_8x2(s, x, bias, d, rows);
      else plane_8x1(s, x, bias, d, rows);
      left -= count;
      bias += count << 2;
      d += count << 2;
    }
  }
}

// `rows` rows of N filters: two vectors of four outputs at a time, wherever they lie; the last of
// a row steps back, the last of all may be alone. Break-blocks as in tiles_4x8.
@inline
function planeOf(N: i32, s: Strip, x: usize, bias: usize, y: usize, rows: i32): void {
  const OW = s.width, pixel = s.pixel, activation = s.epilogue, next = s.pitch - ((s.run - 1 >> 1) << 3);
  let ox = 0;
  for (let left = rows * ((OW + 3) >> 2); left > 0; left -= 2) {
    let at = min(ox, OW - 4), p = x + (at << 2), d = y + at * pixel;
    if ((ox += 4) >= OW) ox = 0, x += s.height, y += OW * pixel;
    let q = p, e = d;
    if (left > 1) {
      at = min(ox, OW - 4), q = x + (at << 2), e = y + at * pixel;
      if ((ox += 4) >= OW) ox = 0, x += s.height, y += OW * pixel;
    }
    let a = v128.load32_splat(bias), a1 = a, b = a, b1 = a, c = a, c1 = a, f = a, f1 = a;
    if (N > 1) b = b1 = v128.load32_splat(bias, 4);
    if (N > 2) c = c1 = v128.load32_splat(bias, 8);
    if (N > 3) f = f1 = v128.load32_splat(bias, 12);
    let k = bias + 32, i = s.taps;
    while (true) {
      let j = s.run, u: v128, v: v128, w: v128;
      while (true) {
        u = v128.load(p), v = v128.load(q);
        w = v128.load32_splat(k); a = madd(u, w, a); a1 = madd(v, w, a1);
        if (N > 1) { w = v128.load32_splat(k, 4); b = madd(u, w, b); b1 = madd(v, w, b1); }
        if (N > 2) { w = v128.load32_splat(k, 8); c = madd(u, w, c); c1 = madd(v, w, c1); }
        if (N > 3) { w = v128.load32_splat(k, 12); f = madd(u, w, f); f1 = madd(v, w, f1); }
        k += 32;
        if (!--j) break;
        u = v128.load(p, 4), v = v128.load(q, 4);
        w = v128.load32_splat(k); a = madd(u, w, a); a1 = madd(v, w, a1);
        if (N > 1) { w = v128.load32_splat(k, 4); b = madd(u, w, b); b1 = madd(v, w, b1); }
        if (N > 2) { w = v128.load32_splat(k, 8); c = madd(u, w, c); c1 = madd(v, w, c1); }
        if (N > 3) { w = v128.load32_splat(k, 12); f = madd(u, w, f); f1 = madd(v, w, f1); }
        k += 32;
        if (!--j) break;
        p += 8; q += 8;
      }
      if (!--i) break;
      p += next; q += next;
    }
    if (activation != LINEAR) {
      a = activate(a, activation), a1 = activate(a1, activation);
      if (N > 1) b = activate(b, activation), b1 = activate(b1, activation);
      if (N > 2) c = activate(c, activation), c1 = activate(c1, activation);
      if (N > 3) f = activate(f, activation), f1 = activate(f1, activation);
    }
    scatter(d, pixel, a), scatter(e, pixel, a1);
    if (N > 1) scatter(d + 4, pixel, b), scatter(e + 4, pixel, b1);
    if (N > 2) scatter(d + 8, pixel, c), scatter(e + 8, pixel, c1);
    if (N > 3) scatter(d + 12, pixel, f), scatter(e + 12, pixel, f1);
  }
}

/** One filter's output of four neighbouring positions. */
@inline
function scatter(d: usize, pixel: i32, x: v128): void {
  v128.store32_lane(d, x, 0);
  v128.store32_lane(d + pixel, x, 1);
  v128.store32_lane(d + 2 * pixel, x, 2);
  v128.store32_lane(d + 3 * pixel, x, 3);
}

function plane_8x1(s: Strip, x: usize, bias: usize, y: usize, rows: i32): void {
  planeOf(1, s, x, bias, y, rows);
}
function plane_8x2(s: Strip, x: usize, bias: usize, y: usize, rows: i32): void {
  planeOf(2, s, x, bias, y, rows);
}
function plane_8x3(s: Strip, x: usize, bias: usize, y: usize, rows: i32): void {
  planeOf(3, s, x, bias, y, rows);
}
function plane_8x4(s: Strip, x: usize, bias: usize, y: usize, rows: i32): void {
  planeOf(4, s, x, bias, y, rows);
}
