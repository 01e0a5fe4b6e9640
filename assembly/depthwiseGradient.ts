// The inner loops of sweep.ts turned around: taps of w += the gradient of y times x. As in depthwiseWindow.ts channels run
// innermost; sums go through memory, which costs little, since a tile adds four products to each.

import { loadSome, madd, storeSome } from "./simd";

// One output: x, w at its first tap inside, rows x columns of them.
export function gradientWindow1(
  x: usize, w: usize, y: usize, C: i32, rows: i32, columns: i32, xRow: i32, xTap: i32, wRow: i32,
): void {
  const pixel = C << 2;
  for (; C > 0; C -= 4, x += 16, w += 16, y += 16) {
    const g = loadSome(y, C);
    for (let p = x, k = w, i = rows; i > 0; i--, p += xRow, k += wRow) {
      for (let q = p, l = k, j = columns; j > 0; j--, q += xTap, l += pixel) {
        storeSome(l, madd(loadSome(q, C), g, loadSome(l, C)), C);
      }
    }
  }
}

/** The lanes of a last vector, ending with C channels, that no vector before it had. */
@inline
function newLanes(C: i32): v128 {
  return i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat((4 - (C & 3)) & 3));
}

// Four outputs, xStep apart in x and yStep in y, all of whose columns are inside. C >= 4.
export function gradientWindow4(
  x: usize, w: usize, y: usize, C: i32, rows: i32, columns: i32,
  xRow: i32, xTap: i32, wRow: i32, xStep: i32, yStep: i32,
): void {
  const pixel = C << 2, lanes = newLanes(C);
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16), d = y + at;
    let g0 = v128.load(d), g1 = v128.load(d + yStep), g2 = v128.load(d + 2 * yStep), g3 = v128.load(d + 3 * yStep);
    if (at != c) {
      g0 = v128.and(g0, lanes); g1 = v128.and(g1, lanes); g2 = v128.and(g2, lanes); g3 = v128.and(g3, lanes);
    }
    for (let p = x + at, k = w + at, i = rows; i > 0; i--, p += xRow, k += wRow) {
      for (let q = p, l = k, j = columns; j > 0; j--, q += xTap, l += pixel) {
        let t = v128.load(l);
        t = madd(v128.load(q), g0, t);
        t = madd(v128.load(q + xStep), g1, t);
        t = madd(v128.load(q + 2 * xStep), g2, t);
        v128.store(l, madd(v128.load(q + 3 * xStep), g3, t));
      }
    }
  }
}

// Four outputs of windows three wide, as in depthwiseTile.ts; the first `skip` outputs count as zero.
@inline
function tileOf4(
  stride: i32, left: bool, right: bool,
  x: usize, w: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, skip: i32,
): void {
  const pixel = C << 2, lanes = newLanes(C), none = i32x4.splat(0);
  for (let c = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16), d = y + at;
    let g0 = skip > 0 ? none : v128.load(d), g1 = skip > 1 ? none : v128.load(d + yStep);
    let g2 = skip > 2 ? none : v128.load(d + 2 * yStep), g3 = v128.load(d + 3 * yStep);
    if (at != c) {
      g0 = v128.and(g0, lanes); g1 = v128.and(g1, lanes); g2 = v128.and(g2, lanes); g3 = v128.and(g3, lanes);
    }
    let p = x + at, k = w + at, n = rows;
    do {
      let k0 = v128.load(k), k1 = v128.load(k + pixel), k2 = v128.load(k + 2 * pixel);
      if (!left) k0 = madd(v128.load(p), g0, k0);
      const x1 = v128.load(p + pixel), x2 = v128.load(p + 2 * pixel);
      k1 = madd(x1, g0, k1); k2 = madd(x2, g0, k2);
      const x3 = v128.load(p + 3 * pixel), x4 = v128.load(p + 4 * pixel);
      if (stride == 1) {
        k0 = madd(x1, g1, k0); k1 = madd(x2, g1, k1); k2 = madd(x3, g1, k2);
        k0 = madd(x2, g2, k0); k1 = madd(x3, g2, k1); k2 = madd(x4, g2, k2);
        k0 = madd(x3, g3, k0); k1 = madd(x4, g3, k1);
        if (!right) k2 = madd(v128.load(p + 5 * pixel), g3, k2);
      } else {
        k0 = madd(x2, g1, k0); k1 = madd(x3, g1, k1); k2 = madd(x4, g1, k2);
        const x5 = v128.load(p + 5 * pixel), x6 = v128.load(p + 6 * pixel);
        k0 = madd(x4, g2, k0); k1 = madd(x5, g2, k1); k2 = madd(x6, g2, k2);
        k0 = madd(x6, g3, k0); k1 = madd(v128.load(p + 7 * pixel), g3, k1);
        if (!right) k2 = madd(v128.load(p + 8 * pixel), g3, k2);
      }
      v128.store(k, k0); v128.store(k + pixel, k1); v128.store(k + 2 * pixel, k2);
      p += xRow;
      k += 3 * pixel;
    } while (--n);
  }
}

export function gradientTile4(
  x: usize, w: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, skip: i32,
): void {
  tileOf4(1, false, false, x, w, y, C, rows, xRow, yStep, skip);
}

export function gradientTile4Left(
  x: usize, w: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, skip: i32,
): void {
  tileOf4(1, true, false, x, w, y, C, rows, xRow, yStep, skip);
}

export function gradientTile4Right(
  x: usize, w: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, skip: i32,
): void {
  tileOf4(1, false, true, x, w, y, C, rows, xRow, yStep, skip);
}

export function gradientTile4Both(
  x: usize, w: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, skip: i32,
): void {
  tileOf4(1, true, true, x, w, y, C, rows, xRow, yStep, skip);
}

// At stride 2 the flags cost nothing measurable as it runs; at stride 1 a fifth where rows are short.
export function gradientTile4s2(
  x: usize, w: usize, y: usize, C: i32, rows: i32, left: bool, right: bool, xRow: i32, yStep: i32, skip: i32,
): void {
  tileOf4(2, left, right, x, w, y, C, rows, xRow, yStep, skip);
}
