// Winograd convolution of few channels: F(6,3), F(4,5) and F(2,7) down the columns, the taps of a row as they are; stride 1 downwards.
//
// winograd.ts fills vectors with channels. Here they run along whole rows, whatever the channels: a band of m = 9 - KH output rows comes
// from 8 input rows, which are transformed, float by float, into 8 others, each of a plane of its own. A kernel row is KW*C floats side by
// side there, so a plane of outputs is one matrix product (strip.ts): 8 products for m outputs of a column instead of m * KH.
//
// The points are 0, +-1/2, +-1, +-2 and infinity. Values at +p and -p share their even and their odd part.

import { ACCUMULATE, LINEAR } from "./gemm";
import { packBias, PANEL, panelBytes, panelsOf } from "./packing";
import { copyRegion } from "./region";
import { madd } from "./simd";
import { Strip, STRIP_BYTES, strips } from "./strip";
import { Window } from "./window";
import { finish, tap } from "./winogradTransform";

/** Input rows of a band, and planes. */
const SIDE: i32 = 8;
/** Bytes behind the biases where a column of taps is put together. */
const COLUMN: i32 = 128;

/** A point and one over its Lagrange denominator, for each but infinity. */
const DENOMINATORS = memory.data<f32>([
  0, -1, 0.5, 0.711111111111111, -0.5, 0.711111111111111, 1, -0.222222222222222, -1, -0.222222222222222,
  2, 0.011111111111111, -2, 0.011111111111111,
]);
/** Of p = 1/2, 1, 2: p, and the sum and the product of the other points' squares; then the sum of all three. */
const POINTS = memory.data<f32>([
  0.5, 0.5, 0.5, 0.5, 5, 5, 5, 5, 4, 4, 4, 4,
  1, 1, 1, 1, 4.25, 4.25, 4.25, 4.25, 1, 1, 1, 1,
  2, 2, 2, 2, 1.25, 1.25, 1.25, 1.25, 0.25, 0.25, 0.25, 0.25,
  5.25, 5.25, 5.25, 5.25,
], 16);

// w [KH,KW,C,O], bias [O] or null -> packed: [O8] biases, COLUMN bytes, [SIDE] times the panels of KW*C rows, their biases 0. Transposed
// as in winogradPack.
export function winogradRowsPack(
  w: usize, bias: usize, packed: usize, C: i32, O: i32, KH: i32, KW: i32, transposed: bool,
): void {
  const panel = <i32>panelBytes(KW * C), plane = panelsOf(O) * panel, taps = C * O << 2;
  const inStep = (transposed ? 1 : O) << 2, outStep = (transposed ? C : 1) << 2;
  let step = taps, row = KW * taps;
  if (transposed) w += (KH * KW - 1) * taps, step = -step, row = -row;
  for (let o = 0; o < O; o += PANEL) packed = packBias(bias ? bias + (<usize>o << 2) : 0, O - o, packed);
  memory.fill(packed + COLUMN, 0, SIDE * plane);
  for (let o = 0; o < O; o += 4) {
    let to = packed + COLUMN + (o >> 3) * panel + 32 + ((o & 4) << 2);
    for (let kx = 0; kx < KW; kx++) {
      for (let c = 0; c < C; c++, to += 32) {
        const from = w + kx * step + c * inStep + o * outStep;
        for (let ky = 0; ky < KH; ky++) v128.store(packed + (ky << 4), tap(from + ky * row, outStep, min(4, O - o)));
        transformColumn(packed, packed + (KH - 1 << 4), to, plane);
      }
    }
  }
}

/** Taps from `first` to `last`, a polynomial's coefficients -> its values over their denominators, `plane` apart; the last at infinity. */
function transformColumn(first: usize, last: usize, to: usize, plane: i32): void {
  for (let i = 0; i < SIDE - 1; i++, to += plane) {
    const point = v128.load32_splat(DENOMINATORS + (i << 3));
    let sum = v128.load(last);
    for (let at = last - 16; at >= first; at -= 16) sum = madd(point, sum, v128.load(at));
    v128.store(to, f32x4.mul(sum, v128.load32_splat(DENOMINATORS + (i << 3), 4)));
  }
  v128.store(to, v128.load(last));
}

// x [N,H,W,C], packed -> y [N,OH,OW,O] (pixels P floats apart), bands [from, to) of N*ceil(OH/m), `block` of them at a time
export function winogradRows(
  x: usize, packed: usize, y: usize, s: Window, scratch: usize, block: i32, epilogue: i32, from: i32, to: i32,
): void {
  const m = SIDE + 1 - s.KH, bands = (s.OH + m - 1) / m, pixel = s.C << 2, O4 = s.O + 3 & ~3, K = s.KW * s.C;
  const line = ((s.OW - 1) * s.SW + s.KW) * pixel, row = line + 15 & ~15, xRow = s.W * pixel;
  const vPlane = block * row + 64, sumsPlane = (block * s.OW * O4 << 2) + 64;
  const patch = scratch + STRIP_BYTES, v = patch + SIDE * row, sums = v + SIDE * vPlane;
  const filters = packed + (panelsOf(s.O) << 5) + COLUMN, plane = panelsOf(s.O) * <i32>panelBytes(K);
  const yPixel = s.P << 2, yRow = s.OW * yPixel, it = changetype<Strip>(scratch);
  it.width = s.OW; it.step = s.SW * pixel; it.height = row; it.taps = 1; it.pitch = 0; it.run = K;
  it.columns = O4; it.pixel = O4 << 2; it.epilogue = LINEAR;
  for (let first = from; first < to; first += block) {
    const count = min(block, to - first);
    for (let i = 0; i < count; i++) {
      const n = (first + i) / bands, iy = (first + i) % bands * m - s.PT, image = x + n * s.H * xRow;
      if (iy >= 0 && iy + SIDE <= s.H && s.PL == 0 && line <= xRow) transformRows(image + iy * xRow, xRow, line, v + i * row, vPlane);
      else {
        copyRegion(image, s.H, s.W, s.C, patch, iy, -s.PL, SIDE, line / pixel);
        transformRows(patch, line, line, v + i * row, vPlane);
      }
    }
    for (let i = 0; i < SIDE; i++) {
      it.x = v + i * vPlane; it.panels = filters + i * plane; it.y = sums + i * sumsPlane;
      strips(it, 0, count * s.OW);
    }
    for (let i = 0; i < count; i++) {
      const n = (first + i) / bands, oy = (first + i) % bands * m;
      let p = sums + (i * s.OW * O4 << 2), d = y + (n * s.OH + oy) * yRow;
      for (let ox = 0; ox < s.OW; ox++, p += O4 << 2, d += yPixel) {
        transformSums(p, sumsPlane, m, s.O, packed, epilogue, d, yRow, min(m, s.OH - oy));
      }
    }
  }
}

@inline
function point(index: i32): v128 {
  return v128.load(POINTS + (index << 4));
}

/** Values at +p and -p of four floats of eight rows, p the point of this index; to `to` and `to + plane`. */
@inline
function values(
  index: i32, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128, x6: v128, to: usize, plane: i32,
): void {
  const sum = point(3 * index + 1), product = point(3 * index + 2);
  const even = f32x4.add(x6, f32x4.sub(f32x4.mul(product, x2), f32x4.mul(sum, x4)));
  const odd = f32x4.mul(point(3 * index), f32x4.add(x5, f32x4.sub(f32x4.mul(product, x1), f32x4.mul(sum, x3))));
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + plane, f32x4.sub(even, odd));
}

// SIDE rows of `bytes`, `step` apart -> as many at v, `plane` apart: B^T of every column of floats
function transformRows(rows: usize, step: i32, bytes: i32, v: usize, plane: i32): void {
  for (const end = rows + bytes; rows < end; rows += 16, v += 16) {
    const x0 = v128.load(rows), x1 = v128.load(rows + step), x2 = v128.load(rows + 2 * step), x3 = v128.load(rows + 3 * step);
    const x4 = v128.load(rows + 4 * step), x5 = v128.load(rows + 5 * step), x6 = v128.load(rows + 6 * step);
    v128.store(v, f32x4.add(f32x4.sub(x6, x0), f32x4.mul(point(9), f32x4.sub(x2, x4))));
    values(0, x1, x2, x3, x4, x5, x6, v + plane, plane);
    values(1, x1, x2, x3, x4, x5, x6, v + 3 * plane, plane);
    values(2, x1, x2, x3, x4, x5, x6, v + 5 * plane, plane);
    const x7 = v128.load(rows + 7 * step);
    v128.store(v + 7 * plane, f32x4.add(f32x4.sub(x7, x1), f32x4.mul(point(9), f32x4.sub(x3, x5))));
  }
}

// SIDE planes of a position [O4] at p, `plane` apart -> y: A^T of them, `rows` of the m pixels below each other
function transformSums(
  p: usize, plane: i32, m: i32, O: i32, bias: usize, epilogue: i32, y: usize, yRow: i32, rows: i32,
): void {
  const activation = epilogue & ~ACCUMULATE;
  for (let o = 0; o < O; o += 4, p += 16, y += 16, bias += 16) {
    const x0 = v128.load(p), x1 = v128.load(p + plane), x2 = v128.load(p + 2 * plane), x3 = v128.load(p + 3 * plane);
    const x4 = v128.load(p + 4 * plane), x5 = v128.load(p + 5 * plane), x6 = v128.load(p + 6 * plane);
    const evens0 = f32x4.add(x1, x2), evens1 = f32x4.add(x3, x4), evens2 = f32x4.add(x5, x6);
    const odds0 = f32x4.sub(x1, x2), odds1 = f32x4.sub(x3, x4), odds2 = f32x4.sub(x5, x6);
    const b = v128.load(bias), count = O - o;
    let small = f32x4.splat(1), large = small, d = y;
    for (let i = 0; i < rows; i += 2, d += 2 * yRow) {
      let sum = f32x4.add(f32x4.add(f32x4.mul(small, evens0), f32x4.mul(large, evens2)), evens1);
      if (i == 0) sum = f32x4.add(x0, sum);
      finish(sum, b, d, count, activation, epilogue);
      if (i + 1 == rows) break;
      small = f32x4.mul(small, point(0)), large = f32x4.mul(large, point(6));
      sum = f32x4.add(f32x4.add(f32x4.mul(small, odds0), f32x4.mul(large, odds2)), odds1);
      if (i + 2 == m) sum = f32x4.add(v128.load(p + 7 * plane), sum);
      finish(sum, b, d + yRow, count, activation, epilogue);
      small = f32x4.mul(small, point(0)), large = f32x4.mul(large, point(6));
    }
  }
}
