// Convolution, as CNNs use the word (cross-correlation). Letters as in window.ts; g counts groups, Cg = C/G, Og = O/G.
//
// Three ways to go forward, the same packed weights:
//   conv2d        indirect GEMM over taps: any stride, padding, dilation, groups
//   conv2dRows    images are padded first, where need be, so that a whole kernel row of KW*C floats is one run
//   conv2dPixels  1x1 with stride 1: a matrix product

import { Gather, gather } from "./gather";
import { ACCUMULATE, activate, tile_4x8_outer, TILE } from "./gemm";
import { packBias, packColumns, packRows, panelBytes, panelsOf, PANEL } from "./packing";
import { plane } from "./plane";
import { copyRegion, copyRegion4 } from "./region";
import { loadSome, storeSome } from "./simd";
import { Strip, STRIP_BYTES, strips } from "./strip";
import { Window } from "./window";

// w [KH,KW,Cg,O], bias [O] or null -> packed [G][ceil(Og/8)] panels of KH*KW*Cg rows
export function conv2dPack(w: usize, bias: usize, packed: usize, s: Window): void {
  const Cg = s.C / s.G, Og = s.O / s.G, K = s.KH * s.KW * Cg;
  for (let g = 0; g < s.G; g++) {
    for (let o = 0; o < Og; o += PANEL) {
      const column = <usize>(g * Og + o) << 2;
      packed = packBias(bias ? bias + column : 0, Og - o, packed);
      packed = packRows(w + column, s.O, K, Og - o, packed);
    }
  }
}

// x [N,H,W,C], packed -> y [N,OH,OW,O], output pixels [from, to) of N*OH*OW
export function conv2d(
  x: usize, packed: usize, y: usize, s: Window, scratch: usize, epilogue: i32, from: i32, to: i32,
): void {
  const Cg = s.C / s.G, Og = s.O / s.G, taps = s.KH * s.KW;
  const it = changetype<Gather>(scratch);
  it.N = s.N; it.H = s.H; it.W = s.W; it.pixel = s.C; it.run = Cg;
  it.GH = s.OH; it.GW = s.OW; it.SH = s.SH; it.SW = s.SW;
  it.taps = taps; it.columns = Og; it.epilogue = epilogue;
  it.yPixel = s.P << 2; it.yRow = s.OW * it.yPixel; it.yImage = s.OH * it.yRow;
  it.place();
  for (let ky = 0; ky < s.KH; ky++) {
    for (let kx = 0; kx < s.KW; kx++) it.setTap(ky * s.KW + kx, ky * s.DH - s.PT, kx * s.DW - s.PL);
  }
  for (let g = 0; g < s.G; g++) {
    it.x = x + (<usize>(g * Cg) << 2);
    it.y = y + (<usize>(g * Og) << 2);
    it.panels = packed + <usize>(g * panelsOf(Og)) * panelBytes(taps * Cg);
    gather(it, from, to);
  }
}

/** Rows of the padded input that the windows of so many output rows see. */
@inline
function seenBy(rows: i32, s: Window): i32 {
  return (rows - 1) * s.SH + (s.KH - 1) * s.DH + 1;
}

/** Height and width of the part of the padded input that the windows see. */
@inline
function seenHeight(s: Window): i32 {
  return seenBy(s.OH, s);
}
@inline
function seenWidth(s: Window): i32 {
  return (s.OW - 1) * s.SW + (s.KW - 1) * s.DW + 1;
}

// x [N,H,W,C], packed -> y [N,OH,OW,O], images [from, to); needs G = 1 and DW = 1
//
// Padded are `band` output rows' worth of an image at a time, so that the copy is still in the cache when it is read.
export function conv2dRows(
  x: usize, packed: usize, y: usize, s: Window, scratch: usize, band: i32, epilogue: i32, from: i32, to: i32,
): void {
  const PW = seenWidth(s), pixel = s.C << 2, image = s.H * s.W * pixel, outRow = s.OW * s.P << 2;
  const inside = s.PT == 0 && s.PL == 0 && seenHeight(s) <= s.H && PW <= s.W, pitch = (inside ? s.W : PW) * pixel;
  const it = changetype<Strip>(scratch), padded = scratch + STRIP_BYTES;
  it.width = s.OW; it.step = s.SW * pixel; it.height = s.SH * pitch;
  it.taps = s.KH; it.pitch = s.DH * pitch; it.run = s.KW * s.C;
  // With one channel, a panel that is not full is left to plane.ts, which computes some outputs twice.
  const alone = s.C == 1 && s.SW == 1 && s.OW >= 4 && epilogue < ACCUMULATE ? s.O & 7 : 0, whole = s.O - alone;
  const last = packed + <usize>(whole >> 3) * panelBytes(s.KH * s.KW);
  it.panels = packed; it.columns = whole; it.epilogue = epilogue; it.pixel = s.P << 2;
  for (let n = from; n < to; n++) for (let oy = 0; oy < s.OH; oy += band) {
    const rows = min(band, s.OH - oy), iy = oy * s.SH - s.PT, at = x + n * image;
    it.x = inside ? at + iy * pitch : padded;
    it.y = y + (n * s.OH + oy) * outRow;
    if (!inside) copyRegion(at, s.H, s.W, s.C, padded, iy, -s.PL, seenBy(rows, s), PW);
    if (whole > 0) strips(it, 0, rows * s.OW);
    if (alone > 0) plane(it, last, it.y + (whole << 2), rows, alone);
  }
}

// x [M,C], packed -> y [M,O], rows [from, to): a 1x1 convolution with stride 1
export function conv2dPixels(
  x: usize, packed: usize, y: usize, s: Window, scratch: usize, epilogue: i32, from: i32, to: i32,
): void {
  const it = changetype<Strip>(scratch);
  it.x = x; it.width = to; it.step = s.C << 2; it.height = 0; it.taps = 1; it.pitch = 0; it.run = s.C;
  it.panels = packed; it.columns = s.O; it.y = y; it.pixel = s.P << 2; it.epilogue = epilogue;
  strips(it, from, to);
}

// Backward. Of input row iy, tap ky is seen by output row (iy + PT - ky*DH) / SH where that is whole. Input rows with
// equal (iy + PT) mod SH, a phase, use the same taps: each pair of phases is one gather over dy with stride 1. Transposed
// convolution is the same, with a bias and an activation.

/** Is tap k among those that phase p (that is, input row p) uses? */
@inline
function meets(p: i32, k: i32, pad: i32, stride: i32, dilation: i32): bool {
  return (p + pad - k * dilation) % stride == 0;
}

// w [KH,KW,Cg,O], bias [C] or null -> packed [SH][SW] phases of [G][ceil(Cg/8)] panels of (taps of the phase)*Og rows
export function conv2dBackwardInputPack(w: usize, bias: usize, packed: usize, s: Window): void {
  const Cg = s.C / s.G, Og = s.O / s.G;
  for (let py = 0; py < s.SH; py++) for (let px = 0; px < s.SW; px++) {
    for (let g = 0; g < s.G; g++) for (let c = 0; c < Cg; c += PANEL) {
      packed = packBias(bias ? bias + (<usize>(g * Cg + c) << 2) : 0, Cg - c, packed);
      for (let ky = 0; ky < s.KH; ky++) for (let kx = 0; kx < s.KW; kx++) {
        if (!meets(py, ky, s.PT, s.SH, s.DH) || !meets(px, kx, s.PL, s.SW, s.DW)) continue;
        const rows = w + (<usize>(((ky * s.KW + kx) * Cg + c) * s.O + g * Og) << 2);
        packed = packColumns(rows, s.O, Og, Cg - c, packed);
      }
    }
  }
}

// dy [N,OH,OW,O], packed -> dx [N,H,W,C] (written)
export function conv2dBackwardInput(
  dy: usize, packed: usize, dx: usize, s: Window, scratch: usize, epilogue: i32,
): void {
  const Cg = s.C / s.G, Og = s.O / s.G, pixel = s.C << 2;
  const it = changetype<Gather>(scratch);
  it.N = s.N; it.H = s.OH; it.W = s.OW; it.pixel = s.O; it.run = Og; it.SH = 1; it.SW = 1;
  it.columns = Cg; it.epilogue = epilogue;
  it.yPixel = s.SW * pixel; it.yRow = s.SH * s.W * pixel; it.yImage = s.H * s.W * pixel;
  for (let py = 0; py < s.SH; py++) for (let px = 0; px < s.SW; px++) {
    it.GH = (s.H - py + s.SH - 1) / s.SH;
    it.GW = (s.W - px + s.SW - 1) / s.SW;
    const phase = dx + (py * s.W + px) * pixel, taps = countTaps(s, py, px);
    const step = <usize>panelsOf(Cg) * panelBytes(taps * Og);
    if (it.GH > 0 && it.GW > 0) {
      it.taps = taps;
      it.place();
      setTaps(it, s, py, px);
      for (let g = 0; g < s.G; g++) {
        it.x = dy + (<usize>(g * Og) << 2);
        it.y = phase + (<usize>(g * Cg) << 2);
        it.panels = packed + <usize>g * step;
        if (taps > 0) gather(it, 0, s.N * it.GH * it.GW);
        else noTaps(it);
      }
    }
    packed += <usize>s.G * step;
  }
}

function countTaps(s: Window, py: i32, px: i32): i32 {
  let rows = 0, columns = 0;
  for (let ky = 0; ky < s.KH; ky++) rows += i32(meets(py, ky, s.PT, s.SH, s.DH));
  for (let kx = 0; kx < s.KW; kx++) columns += i32(meets(px, kx, s.PL, s.SW, s.DW));
  return rows * columns;
}

function setTaps(it: Gather, s: Window, py: i32, px: i32): void {
  let tap = 0;
  for (let ky = 0; ky < s.KH; ky++) for (let kx = 0; kx < s.KW; kx++) {
    if (!meets(py, ky, s.PT, s.SH, s.DH) || !meets(px, kx, s.PL, s.SW, s.DW)) continue;
    it.setTap(tap++, (py + s.PT - ky * s.DH) / s.SH, (px + s.PL - kx * s.DW) / s.SW);
  }
}

/** A phase that no tap meets: its pixels were never seen, and there is a bias at most. Its panels are biases alone. */
function noTaps(it: Gather): void {
  for (let n = 0; n < it.N; n++) for (let gy = 0; gy < it.GH; gy++) for (let gx = 0; gx < it.GW; gx++) {
    const y = it.y + n * it.yImage + gy * it.yRow + gx * it.yPixel;
    for (let c = 0; c < it.columns; c += 4) {
      const to = y + (c << 2), count = it.columns - c, bias = v128.load(it.panels + (c << 2));
      const sum = it.epilogue < ACCUMULATE ? bias : f32x4.add(bias, loadSome(to, count));
      storeSome(to, activate(sum, it.epilogue & ~ACCUMULATE), count);
    }
  }
}

// dy [pixels][O], group g -> panels [ceil(Og/8)][pixels][8], columns past the end zero
function packGradient(dy: usize, pixels: i32, O: i32, Og: i32, out: usize): void {
  for (let o = 0; o < Og; o += PANEL) out = packRows(dy + (<usize>o << 2), O, pixels, Og - o, out);
}

// x [N,H,W,C], dy [N,OH,OW,O] -> dw [KH,KW,Cg,O] accumulated: a tile reduced over pixels, x in panels [Cg/4][pixels][4]
export function conv2dBackwardFilter(x: usize, dy: usize, dw: usize, s: Window, scratch: usize): void {
  const Cg = s.C / s.G, Og = s.O / s.G, PH = seenHeight(s), PW = seenWidth(s), pixels = s.OH * s.OW;
  const gradients = scratch, panels = scratch + (<usize>(panelsOf(Og) * pixels) << 5);
  const skip = (s.SH * PW - s.OW * s.SW) << 4;
  for (let n = 0; n < s.N; n++) for (let g = 0; g < s.G; g++) {
    packGradient(dy + (<usize>(n * pixels * s.O + g * Og) << 2), pixels, s.O, Og, gradients);
    const image = x + (<usize>(n * s.H * s.W * s.C) << 2);
    for (let c = 0; c < Cg; c += TILE) {
      copyRegion4(image, s.H, s.W, s.C, g * Cg + c, Cg - c, panels, -s.PT, -s.PL, PH, PW);
      for (let o = 0; o < Og; o += PANEL) {
        const gradient = gradients + (<usize>(o * pixels) << 2);
        for (let ky = 0; ky < s.KH; ky++) for (let kx = 0; kx < s.KW; kx++) {
          tile_4x8_outer(
            panels + <usize>((ky * s.DH * PW + kx * s.DW) << 4), gradient, s.OH, s.OW, s.SW << 4, 32, skip,
            dw + (<usize>(((ky * s.KW + kx) * Cg + c) * s.O + g * Og + o) << 2), s.O << 2, Cg - c, Og - o,
          );
        }
      }
    }
  }
}

// The same for few channels (G = 1, DW = 1): four consecutive floats of a kernel row of KW*C take the place of channels.
export function conv2dBackwardFilterRows(x: usize, dy: usize, dw: usize, s: Window, scratch: usize): void {
  const PH = seenHeight(s), PW = seenWidth(s), pixels = s.OH * s.OW, run = s.KW * s.C;
  const gradients = scratch, padded = scratch + (<usize>(panelsOf(s.O) * pixels) << 5);
  const step = s.SW * s.C << 2, skip = (s.SH * PW * s.C << 2) - s.OW * step;
  for (let n = 0; n < s.N; n++) {
    packGradient(dy + (<usize>(n * pixels * s.O) << 2), pixels, s.O, s.O, gradients);
    copyRegion(x + (<usize>(n * s.H * s.W * s.C) << 2), s.H, s.W, s.C, padded, -s.PT, -s.PL, PH, PW);
    for (let o = 0; o < s.O; o += PANEL) {
      const gradient = gradients + (<usize>(o * pixels) << 2);
      for (let ky = 0; ky < s.KH; ky++) for (let j = 0; j < run; j += TILE) {
        tile_4x8_outer(
          padded + <usize>((ky * s.DH * PW * s.C + j) << 2), gradient, s.OH, s.OW, step, 32, skip,
          dw + (<usize>((ky * run + j) * s.O + o) << 2), s.O << 2, run - j, s.O - o,
        );
      }
    }
  }
}

// dy [M,O] -> db [O] accumulated
export function conv2dBackwardBias(dy: usize, db: usize, M: i32, O: i32): void {
  const row = <usize>O << 2;
  for (let o = 0; o < O; o += 4) {
    const count = O - o;
    let a = i32x4.splat(0), b = a, p = dy + (<usize>o << 2), m = M;
    if (count >= 4) {
      for (; m >= 2; m -= 2, p += row << 1) {
        a = f32x4.add(a, v128.load(p));
        b = f32x4.add(b, v128.load(p + row));
      }
    }
    for (; m > 0; m--, p += row) a = f32x4.add(a, loadSome(p, count));
    const to = db + (<usize>o << 2);
    storeSome(to, f32x4.add(loadSome(to, count), f32x4.add(a, b)), count);
  }
}
