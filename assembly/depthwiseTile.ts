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
function store4(
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

@inline
function store8(
  y: usize, yStep: i32, a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, a5: v128, a6: v128, a7: v128, activation: i32,
  seven: bool,
): void {
  store4(y, yStep, a0, a1, a2, a3, activation);
  store4(y + 4 * yStep, yStep, a4, a5, a6, a7, activation, seven);
}

// Outputs of windows three wide, `rows` rows of them inside, by the columns they see: at stride 1 four outputs see six
// columns and eight see ten, at stride 2 nine and seventeen. The first column may lie `left` of the image, the last
// `right` of it. Eight outputs load a fifth less than twice four; seven are for rows of 7, 14 or 21, some outputs of which would
// be computed twice.
//
// One address runs over the columns, since V8 would compute p + 5 * pixel anew each time. Break-blocks: p is never 0, but
// without the test V8 moves all loads before all multiplications and spills the sums.

@inline
function tileOf4(
  left: bool, right: bool, x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32,
  xRow: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let q = x + at, k = w + at, n = rows;
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0;
    do {
      let p = q, v: v128;
      const k0 = v128.load(k), k1 = v128.load(k + pixel), k2 = v128.load(k + 2 * pixel);
      if (!left) a0 = madd(v128.load(p), k0, a0);
      p += pixel; v = v128.load(p); a0 = madd(v, k1, a0); a1 = madd(v, k0, a1);
      p += pixel; v = v128.load(p); a0 = madd(v, k2, a0); a1 = madd(v, k1, a1); a2 = madd(v, k0, a2);
      p += pixel; v = v128.load(p); a1 = madd(v, k2, a1); a2 = madd(v, k1, a2); a3 = madd(v, k0, a3);
      p += pixel; v = v128.load(p); a2 = madd(v, k2, a2); a3 = madd(v, k1, a3);
      p += pixel; if (!right) a3 = madd(v128.load(p), k2, a3);
      q += xRow;
      k += 3 * pixel;
    } while (--n);
    store4(y + at, yStep, a0, a1, a2, a3, activation);
  }
}

export function tile4(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(false, false, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Left(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(true, false, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Right(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(false, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Both(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(true, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}

// From here on the borders are looked at as it runs, which costs nothing measurable; a look at `seven` would cost 5 %.
@inline
function tileOf8(
  seven: bool, left: bool, right: bool, x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32,
  xRow: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let q = x + at, k = w + at, n = rows;
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    do {
      let p = q, v: v128;
      const k0 = v128.load(k), k1 = v128.load(k + pixel), k2 = v128.load(k + 2 * pixel);
      if (!left) a0 = madd(v128.load(p), k0, a0);
      p += pixel; v = v128.load(p); a0 = madd(v, k1, a0); a1 = madd(v, k0, a1);
      p += pixel; v = v128.load(p); a0 = madd(v, k2, a0); a1 = madd(v, k1, a1); a2 = madd(v, k0, a2);
      if (!p) break;
      p += pixel; v = v128.load(p); a1 = madd(v, k2, a1); a2 = madd(v, k1, a2); a3 = madd(v, k0, a3);
      p += pixel; v = v128.load(p); a2 = madd(v, k2, a2); a3 = madd(v, k1, a3); a4 = madd(v, k0, a4);
      p += pixel; v = v128.load(p); a3 = madd(v, k2, a3); a4 = madd(v, k1, a4); a5 = madd(v, k0, a5);
      if (!p) break;
      p += pixel; v = v128.load(p); a4 = madd(v, k2, a4); a5 = madd(v, k1, a5); a6 = madd(v, k0, a6);
      p += pixel; v = v128.load(p); a5 = madd(v, k2, a5); a6 = madd(v, k1, a6); if (!seven) a7 = madd(v, k0, a7);
      p += pixel;
      if (seven) {
        if (!right) a6 = madd(v128.load(p), k2, a6);
      } else {
        v = v128.load(p); a6 = madd(v, k2, a6); a7 = madd(v, k1, a7);
        p += pixel; if (!right) a7 = madd(v128.load(p), k2, a7);
      }
      q += xRow;
      k += 3 * pixel;
    } while (--n);
    store8(y + at, yStep, a0, a1, a2, a3, a4, a5, a6, a7, activation, seven);
  }
}

export function tile8(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, left: bool, right: bool,
  xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf8(false, left, right, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile7(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, left: bool, right: bool,
  xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf8(true, left, right, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4s2(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, left: bool, right: bool,
  xRow: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let q = x + at, k = w + at, n = rows;
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0;
    do {
      let p = q, v: v128;
      const k0 = v128.load(k), k1 = v128.load(k + pixel), k2 = v128.load(k + 2 * pixel);
      if (!left) a0 = madd(v128.load(p), k0, a0);
      p += pixel; v = v128.load(p); a0 = madd(v, k1, a0);
      p += pixel; v = v128.load(p); a0 = madd(v, k2, a0); a1 = madd(v, k0, a1);
      if (!p) break;
      p += pixel; v = v128.load(p); a1 = madd(v, k1, a1);
      p += pixel; v = v128.load(p); a1 = madd(v, k2, a1); a2 = madd(v, k0, a2);
      p += pixel; v = v128.load(p); a2 = madd(v, k1, a2);
      p += pixel; v = v128.load(p); a2 = madd(v, k2, a2); a3 = madd(v, k0, a3);
      if (!p) break;
      p += pixel; v = v128.load(p); a3 = madd(v, k1, a3);
      p += pixel; if (!right) a3 = madd(v128.load(p), k2, a3);
      q += xRow;
      k += 3 * pixel;
    } while (--n);
    store4(y + at, yStep, a0, a1, a2, a3, activation);
  }
}

@inline
function tileOf8s2(
  seven: bool, left: bool, right: bool, x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32,
  xRow: i32, yStep: i32, activation: i32,
): void {
  const pixel = C << 2;
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    let q = x + at, k = w + at, n = rows;
    let a0 = v128.load(bias + at), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    do {
      let p = q, v: v128;
      const k0 = v128.load(k), k1 = v128.load(k + pixel), k2 = v128.load(k + 2 * pixel);
      if (!left) a0 = madd(v128.load(p), k0, a0);
      p += pixel; v = v128.load(p); a0 = madd(v, k1, a0);
      p += pixel; v = v128.load(p); a0 = madd(v, k2, a0); a1 = madd(v, k0, a1);
      if (!p) break;
      p += pixel; v = v128.load(p); a1 = madd(v, k1, a1);
      p += pixel; v = v128.load(p); a1 = madd(v, k2, a1); a2 = madd(v, k0, a2);
      p += pixel; v = v128.load(p); a2 = madd(v, k1, a2);
      if (!p) break;
      p += pixel; v = v128.load(p); a2 = madd(v, k2, a2); a3 = madd(v, k0, a3);
      p += pixel; v = v128.load(p); a3 = madd(v, k1, a3);
      p += pixel; v = v128.load(p); a3 = madd(v, k2, a3); a4 = madd(v, k0, a4);
      if (!p) break;
      p += pixel; v = v128.load(p); a4 = madd(v, k1, a4);
      p += pixel; v = v128.load(p); a4 = madd(v, k2, a4); a5 = madd(v, k0, a5);
      p += pixel; v = v128.load(p); a5 = madd(v, k1, a5);
      if (!p) break;
      p += pixel; v = v128.load(p); a5 = madd(v, k2, a5); a6 = madd(v, k0, a6);
      p += pixel; v = v128.load(p); a6 = madd(v, k1, a6);
      p += pixel;
      if (seven) {
        if (!right) a6 = madd(v128.load(p), k2, a6);
      } else {
        v = v128.load(p); a6 = madd(v, k2, a6); a7 = madd(v, k0, a7);
        if (!p) break;
        p += pixel; v = v128.load(p); a7 = madd(v, k1, a7);
        p += pixel; if (!right) a7 = madd(v128.load(p), k2, a7);
      }
      q += xRow;
      k += 3 * pixel;
    } while (--n);
    store8(y + at, yStep, a0, a1, a2, a3, a4, a5, a6, a7, activation, seven);
  }
}

export function tile8s2(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, left: bool, right: bool,
  xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf8s2(false, left, right, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile7s2(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, left: bool, right: bool,
  xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf8s2(true, left, right, x, w, bias, y, C, rows, xRow, yStep, activation);
}
