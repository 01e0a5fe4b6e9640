// Depthwise convolution: output channel c*M + m sees input channel c only. Letters as in window.ts, M = O/C. The loops are
// in sweep.ts. M > 1 repeats the channels of an image in scratch first.

import { loadSome, storeSome } from "./simd";
import { Sweep, SWEEP_BYTES, tapStep } from "./sweep";
import { Window } from "./window";

// w [KH,KW,1,O], bias [O] or null -> packed [1 + KH*KW][O]: the biases, then the taps
export function depthwiseConv2dPack(w: usize, bias: usize, packed: usize, s: Window): void {
  const row = <usize>s.O << 2;
  if (bias) memory.copy(packed, bias, row);
  else memory.fill(packed, 0, row);
  memory.copy(packed + row, w, <usize>(s.KH * s.KW) * row);
}

// x [N,H,W,C], packed -> y [N,OH,OW,O], rows [from, to) of the N*OH
export function depthwiseConv2d(
  x: usize, packed: usize, y: usize, s: Window, scratch: usize, activation: i32, from: i32, to: i32,
): void {
  const it = changetype<Sweep>(scratch), repeated = scratch + SWEEP_BYTES;
  look(it, s);
  it.room = repeated + repeatedBytes(s);
  it.bias = packed; it.w = packed + (<usize>s.O << 2); it.activation = activation;
  while (from < to) {
    const n = from / s.OH, oy = from - n * s.OH, stop = min(s.OH, oy + to - from);
    it.x = imageOf(x, n, s, repeated);
    it.y = y + n * s.OH * it.yRow;
    it.rows(oy, stop);
    from += stop - oy;
  }
}

/** Geometry of the way forward, and of the gradient of the filter. */
function look(it: Sweep, s: Window): void {
  it.H = s.H; it.W = s.W; it.C = s.O; it.OH = s.OH; it.OW = s.OW; it.KH = s.KH; it.KW = s.KW;
  it.SH = s.SH; it.SW = s.SW; it.PT = s.PT; it.PL = s.PL; it.DH = s.DH; it.DW = s.DW;
  it.yPixel = s.O << 2; it.yRow = s.OW * it.yPixel;
}

/** Room for an image whose channels are repeated. */
@inline
function repeatedBytes(s: Window): usize {
  return s.O == s.C ? 0 : <usize>(s.H * s.W * s.O) << 2;
}

/** Image n of x with M*C channels. */
function imageOf(x: usize, n: i32, s: Window, repeated: usize): usize {
  const count = s.H * s.W * s.C, image = x + (n * count << 2);
  if (s.O == s.C) return image;
  repeatChannels(image, repeated, count, s.O / s.C);
  return repeated;
}

// x [count] -> y [count*times]: each float `times` times
function repeatChannels(x: usize, y: usize, count: i32, times: i32): void {
  for (; count > 0; count--, x += 4) {
    const splat = v128.load32_splat(x);
    let left = times;
    for (; left >= 4; left -= 4, y += 16) v128.store(y, splat);
    if (left > 0) storeSome(y, splat, left);
    y += left << 2;
  }
}

// x [count*times] -> y [count]: sums of `times` neighbours
function sumChannels(x: usize, y: usize, count: i32, times: i32): void {
  for (; count > 0; count--, y += 4) {
    let sum: f32 = 0;
    for (let i = times; i > 0; i--, x += 4) sum += load<f32>(x);
    store<f32>(y, sum);
  }
}

// Backward. Input rows with equal (iy + PT) mod SH, a phase, use the same taps, one every SH / gcd(SH, DH): each pair of
// phases is a depthwise convolution of dy at stride 1, with these taps in reverse order.

/** The last of K taps that phase p uses, or -1. */
function lastTap(p: i32, pad: i32, stride: i32, dilation: i32, K: i32): i32 {
  for (K--; K >= 0; K--) if ((p + pad - K * dilation) % stride == 0) return K;
  return -1;
}

// w [KH,KW,1,O] -> packed: O zeros as biases, then [SH][SW] phases of their taps, reversed, of [O]
export function depthwiseConv2dBackwardInputPack(w: usize, packed: usize, s: Window): void {
  const row = <usize>s.O << 2, stepH = tapStep(s.SH, s.DH), stepW = tapStep(s.SW, s.DW);
  memory.fill(packed, 0, row);
  packed += row;
  for (let py = 0; py < s.SH; py++) for (let px = 0; px < s.SW; px++) {
    for (let ky = lastTap(py, s.PT, s.SH, s.DH, s.KH); ky >= 0; ky -= stepH) {
      for (let kx = lastTap(px, s.PL, s.SW, s.DW, s.KW); kx >= 0; kx -= stepW, packed += row) {
        memory.copy(packed, w + <usize>(ky * s.KW + kx) * row, row);
      }
    }
  }
}

// dy [N,OH,OW,O], packed -> dx [N,H,W,C] (written), images [from, to)
export function depthwiseConv2dBackwardInput(
  dy: usize, packed: usize, dx: usize, s: Window, scratch: usize, from: i32, to: i32,
): void {
  const it = changetype<Sweep>(scratch), repeated = scratch + SWEEP_BYTES, times = s.O / s.C;
  const pixel = s.O << 2, count = s.H * s.W * s.C;
  it.H = s.OH; it.W = s.OW; it.C = s.O; it.SH = 1; it.SW = 1; it.bias = packed; it.activation = 0;
  it.yRow = s.SH * s.W * pixel; it.yPixel = s.SW * pixel; it.room = repeated + repeatedBytes(s);
  for (let n = from; n < to; n++) {
    const image = dx + (n * count << 2), target = times > 1 ? repeated : image;
    it.x = dy + n * s.OH * s.OW * pixel;
    it.w = packed + pixel;
    for (let py = 0; py < s.SH; py++) for (let px = 0; px < s.SW; px++) {
      it.y = target + (py * s.W + px) * pixel;
      it.OH = (s.H - py + s.SH - 1) / s.SH;
      it.OW = (s.W - px + s.SW - 1) / s.SW;
      const ky = lastTap(py, s.PT, s.SH, s.DH, s.KH), stepH = tapStep(s.SH, s.DH);
      const kx = lastTap(px, s.PL, s.SW, s.DW, s.KW), stepW = tapStep(s.SW, s.DW);
      it.KH = (ky + stepH) / stepH;
      it.KW = (kx + stepW) / stepW;
      it.PT = (ky * s.DH - s.PT - py) / s.SH;
      it.PL = (kx * s.DW - s.PL - px) / s.SW;
      it.DH = stepH * s.DH / s.SH;
      it.DW = stepW * s.DW / s.SW;
      if (it.OH > 0 && it.OW > 0) it.rows(0, it.OH);
      it.w += it.KH * it.KW * pixel;
    }
    if (times > 1) sumChannels(repeated, image, count, times);
  }
}

// x [N,H,W,C], dy [N,OH,OW,O] -> dw [KH,KW,1,O] accumulated, image by image, so that fewer terms round at once
export function depthwiseConv2dBackwardFilter(x: usize, dy: usize, dw: usize, s: Window, scratch: usize): void {
  const it = changetype<Sweep>(scratch), count = s.KH * s.KW * s.O, sums = scratch + SWEEP_BYTES;
  const repeated = sums + (<usize>((count + 15) & ~15) << 2);
  look(it, s);
  it.bias = 0; it.w = sums;
  for (let n = 0; n < s.N; n++) {
    memory.fill(sums, 0, <usize>count << 2);
    it.x = imageOf(x, n, s, repeated);
    it.y = dy + n * s.OH * it.yRow;
    it.rows(0, s.OH);
    addTo(dw, sums, count);
  }
}

// y [count] += x
function addTo(y: usize, x: usize, count: i32): void {
  for (; count >= 4; count -= 4, x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  if (count > 0) storeSome(y, f32x4.add(loadSome(y, count), loadSome(x, count)), count);
}
