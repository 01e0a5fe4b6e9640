// Convolution whose filters are not shared: every output position has its own. Letters as in window.ts; G = 1.
// w [OH,OW,KH,KW,C,O]: position by position, so that weights are read once for the whole batch.

import { addScaled } from "./optimizer";
import { loadSome, madd, storeSome, sum4 } from "./simd";
import { Window } from "./window";

// x [N,H,W,C], w, bias [OH,OW,O] or null -> y [N,OH,OW,O]
export function locallyConnected2d(x: usize, w: usize, bias: usize, y: usize, s: Window): void {
  const pixel = s.C << 2, out = s.O << 2, taps = s.KH * s.KW * s.C * out, image = s.H * s.W * pixel;
  for (let oy = 0; oy < s.OH; oy++) for (let ox = 0; ox < s.OW; ox++, w += taps, bias = bias ? bias + out : 0, y += out) {
    for (let n = 0; n < s.N; n++) for (let o = 0; o < s.O; o += 4) {
      const count = s.O - o;
      let sum = bias ? loadSome(bias + (o << 2), count) : i32x4.splat(0), row = w + (o << 2);
      for (let ky = 0; ky < s.KH; ky++) for (let kx = 0; kx < s.KW; kx++) {
        const iy = oy * s.SH - s.PT + ky * s.DH, ix = ox * s.SW - s.PL + kx * s.DW;
        if (<u32>iy >= <u32>s.H || <u32>ix >= <u32>s.W) {
          row += s.C * out;
          continue;
        }
        const from = x + n * image + (iy * s.W + ix) * pixel;
        for (let c = 0; c < pixel; c += 4, row += out) sum = madd(v128.load32_splat(from + c), loadSome(row, count), sum);
      }
      storeSome(y + n * s.OH * s.OW * out + (o << 2), sum, count);
    }
  }
}

// x, dy, w -> dx [N,H,W,C] (written) and dw (accumulated); each is left out where it is 0
export function locallyConnected2dBackward(x: usize, dy: usize, w: usize, dx: usize, dw: usize, s: Window): void {
  const pixel = s.C << 2, out = s.O << 2, taps = s.KH * s.KW * s.C, image = s.H * s.W * pixel;
  if (dx) memory.fill(dx, 0, s.N * image);
  for (let oy = 0; oy < s.OH; oy++) for (let ox = 0; ox < s.OW; ox++, dy += out) {
    const base = (oy * s.OW + ox) * taps * out;
    for (let n = 0; n < s.N; n++) for (let ky = 0; ky < s.KH; ky++) for (let kx = 0; kx < s.KW; kx++) {
      const iy = oy * s.SH - s.PT + ky * s.DH, ix = ox * s.SW - s.PL + kx * s.DW;
      if (<u32>iy >= <u32>s.H || <u32>ix >= <u32>s.W) continue;
      const at = n * image + (iy * s.W + ix) * pixel, g = dy + n * s.OH * s.OW * out;
      for (let c = 0, row = base + (ky * s.KW + kx) * s.C * out; c < pixel; c += 4, row += out) {
        if (dx) store<f32>(dx + at + c, load<f32>(dx + at + c) + dot(g, w + row, s.O));
        if (dw) addScaled(dw + row, g, s.O, load<f32>(x + at + c));
      }
    }
  }
}

function dot(a: usize, b: usize, n: i32): f32 {
  let sum = i32x4.splat(0);
  for (; n > 0; n -= 4, a += 16, b += 16) sum = madd(loadSome(a, n), loadSome(b, n), sum);
  return sum4(sum);
}
