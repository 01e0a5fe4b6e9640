// The inner loops of sweep.ts for windows of any size; depthwiseTile.ts has those three wide. Channels run innermost, four at a
// time: other orders lose half the speed where the distance of pixels is a power of two. The last vector ends with the
// channels, where there are four or more.

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

// As window4, where tap j of output i lies at x + (i + j) * xTap: of a tap's four columns three were loaded before, and move
// up. With a stride, taps fall into `classes`, one every `classes` taps, that do so each for itself.
export function window4Shared(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, columns: i32, classes: i32,
  xRow: i32, xTap: i32, wRow: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2, xStep = classes * xTap, wStep = classes * pixel;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0;
    for (let p = x + at, k = w + at, i = rows; i > 0; i--, p += xRow, k += wRow) {
      for (let first = 0; first < classes; first++) {
        let q = p + first * xTap, l = k + first * pixel, j = columns - first, v: v128, x3: v128;
        let x0 = v128.load(q); q += xStep;
        let x1 = v128.load(q); q += xStep;
        let x2 = v128.load(q);
        while (true) {
          q += xStep; x3 = v128.load(q); v = v128.load(l); l += wStep;
          a0 = madd(x0, v, a0); a1 = madd(x1, v, a1); a2 = madd(x2, v, a2); a3 = madd(x3, v, a3);
          if ((j -= classes) <= 0) break;
          q += xStep; x0 = v128.load(q); v = v128.load(l); l += wStep;
          a0 = madd(x1, v, a0); a1 = madd(x2, v, a1); a2 = madd(x3, v, a2); a3 = madd(x0, v, a3);
          if ((j -= classes) <= 0) break;
          q += xStep; x1 = v128.load(q); v = v128.load(l); l += wStep;
          a0 = madd(x2, v, a0); a1 = madd(x3, v, a1); a2 = madd(x0, v, a2); a3 = madd(x1, v, a3);
          if ((j -= classes) <= 0) break;
          q += xStep; x2 = v128.load(q); v = v128.load(l); l += wStep;
          a0 = madd(x3, v, a0); a1 = madd(x0, v, a1); a2 = madd(x1, v, a2); a3 = madd(x2, v, a3);
          if ((j -= classes) <= 0) break;
        }
      }
    }
    store4(y + at, yStep, a0, a1, a2, a3, activation);
  }
}

/** Stores four outputs, or the first three. */
@inline
export function store4(
  y: usize, yStep: i32, a0: v128, a1: v128, a2: v128, a3: v128, activation: i32, three: bool = false,
): void {
  if (activation != LINEAR) {
    // As `activate`, with two branches for all four.
    const zero = i32x4.splat(0);
    a0 = f32x4.pmax(a0, zero); a1 = f32x4.pmax(a1, zero); a2 = f32x4.pmax(a2, zero); a3 = f32x4.pmax(a3, zero);
    if (activation == RELU6) {
      const six = f32x4.splat(6);
      a0 = f32x4.pmin(a0, six); a1 = f32x4.pmin(a1, six); a2 = f32x4.pmin(a2, six); a3 = f32x4.pmin(a3, six);
    }
  }
  v128.store(y, a0); y += yStep;
  v128.store(y, a1); y += yStep;
  v128.store(y, a2);
  if (!three) v128.store(y + yStep, a3);
}
