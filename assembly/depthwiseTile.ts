// The inner loops of sweep.ts for windows three wide; channels run as in depthwiseWindow.ts.

import { store4 } from "./depthwiseWindow";
import { madd } from "./simd";

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
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, right: bool, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(true, right, x, w, bias, y, C, rows, xRow, yStep, activation);
}

export function tile4Right(
  x: usize, w: usize, bias: usize, y: usize, C: i32, rows: i32, xRow: i32, yStep: i32, activation: i32,
): void {
  tileOf4(false, true, x, w, bias, y, C, rows, xRow, yStep, activation);
}

// From here on the borders are looked at as it runs, which costs nothing measurable; a look at `seven` would cost 3 to 8 %.
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
