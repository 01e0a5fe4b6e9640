// The inner loops of sweep.ts. Channels run innermost, four at a time: other orders lose half the speed where the
// distance of pixels is a power of two. The last vector ends with the channels, where there are four or more.

import { activate, LINEAR, RELU6 } from "./gemm";
import { loadSome, madd, storeSome } from "./simd";

// One output: x, w at its first tap inside, rows x columns of them.
export function window1(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, columns: i32,
  xRow: i32, xTap: i32, wRow: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (; C > 0; C -= 4, x += 16, w += 16, bias += 16, y += 16) {
    let a = loadSome(bias, C);
    for (let p = x, k = w, i = rows; i > 0; i--, p += xRow, k += wRow) {
      for (let q = p, l = k, j = columns; j > 0; j--, q += xTap, l += pixel) a = madd(loadSome(q, C), loadSome(l, C), a);
    }
    storeSome(y, activate(a, activation), C);
  }
}

// Four outputs, xStep apart in x and yStep in y, all of whose columns are inside. C >= 4.
export function window4(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, columns: i32,
  xRow: i32, xTap: i32, wRow: i32, xStep: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0;
    for (let p = x + at, k = w + at, i = rows; i > 0; i--, p += xRow, k += wRow) {
      for (let q = p, l = k, j = columns; j > 0; j--, q += xTap, l += pixel) {
        const t = v128.load(l);
        a0 = madd(v128.load(q), t, a0);
        a1 = madd(v128.load(q + xStep), t, a1);
        a2 = madd(v128.load(q + 2 * xStep), t, a2);
        a3 = madd(v128.load(q + 3 * xStep), t, a3);
      }
    }
    store4(y + at, yStep, a0, a1, a2, a3, activation);
  }
}

@inline
function store4(y: usize, yStep: i32, a0: v128, a1: v128, a2: v128, a3: v128, activation: i32): void {
  if (activation != LINEAR) {
    // As `activate`, with two branches for all four.
    const zero = i32x4.splat(0);
    a0 = f32x4.pmax(a0, zero); a1 = f32x4.pmax(a1, zero); a2 = f32x4.pmax(a2, zero); a3 = f32x4.pmax(a3, zero);
    if (activation == RELU6) {
      const six = f32x4.splat(6);
      a0 = f32x4.pmin(a0, six); a1 = f32x4.pmin(a1, six); a2 = f32x4.pmin(a2, six); a3 = f32x4.pmin(a3, six);
    }
  }
  v128.store(y, a0);
  v128.store(y + yStep, a1);
  v128.store(y + 2 * yStep, a2);
  v128.store(y + 3 * yStep, a3);
}

// Four outputs of windows three wide, `rows` rows of them inside: six columns at stride 1, nine at stride 2. Of these the
// first may lie `left` of the image, the last `right` of it.
@inline
function tileOf4(
  stride: i32, left: bool, right: bool,
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let p = x + at, k = w + at, n = rows;
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0;
    do {
      const k0 = v128.load(k), k1 = v128.load(k + pixel), k2 = v128.load(k + 2 * pixel);
      if (!left) a0 = madd(v128.load(p), k0, a0);
      const x1 = v128.load(p + pixel), x2 = v128.load(p + 2 * pixel);
      a0 = madd(x1, k1, a0); a0 = madd(x2, k2, a0);
      const x3 = v128.load(p + 3 * pixel), x4 = v128.load(p + 4 * pixel);
      if (stride == 1) {
        a1 = madd(x1, k0, a1); a1 = madd(x2, k1, a1); a1 = madd(x3, k2, a1);
        a2 = madd(x2, k0, a2); a2 = madd(x3, k1, a2); a2 = madd(x4, k2, a2);
        a3 = madd(x3, k0, a3); a3 = madd(x4, k1, a3);
        if (!right) a3 = madd(v128.load(p + 5 * pixel), k2, a3);
      } else {
        a1 = madd(x2, k0, a1); a1 = madd(x3, k1, a1); a1 = madd(x4, k2, a1);
        const x5 = v128.load(p + 5 * pixel), x6 = v128.load(p + 6 * pixel);
        a2 = madd(x4, k0, a2); a2 = madd(x5, k1, a2); a2 = madd(x6, k2, a2);
        a3 = madd(x6, k0, a3); a3 = madd(v128.load(p + 7 * pixel), k1, a3);
        if (!right) a3 = madd(v128.load(p + 8 * pixel), k2, a3);
      }
      p += xRow;
      k += 3 * pixel;
    } while (--n);
    store4(y + at, yStep, a0, a1, a2, a3, activation);
  }
}

export function tile4(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(1, false, false, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Left(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(1, true, false, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Right(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(1, false, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Both(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(1, true, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4s2(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(2, false, false, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4s2Left(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(2, true, false, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4s2Right(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(2, false, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4s2Both(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(2, true, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}
