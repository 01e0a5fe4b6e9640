// Pools whose windows are not blocks at equal steps, or which look for more than an extreme or a mean. Behind the Window lie
// (first, count) of the rows that each output row sees, then of the columns; cells of a window are DH, DW apart. `kind` is one
// of those below, or MAX, MIN, AVERAGE. What is noted for the way back: the pixel of an extreme, as a float, or y itself.

import { AVERAGE, EXACT_MIN, MAX, MIN, neutral } from "./poolKind";
import { loadSome, storeSome } from "./simd";
import { Window } from "./window";

/** Sum of absolute values; root of the sum of squares. */
const NORM1: i32 = EXACT_MIN + 1;
const NORM2: i32 = EXACT_MIN + 2;

const WINDOW_BYTES: i32 = 68;

/** One window of up to 4 channels at x; its value goes to y, and the pixel of an extreme to `noted`, where they are not 0. */
function pool4(kind: i32, x: usize, y: usize, noted: usize, s: Window, row: usize, column: usize, channels: i32): void {
  const top = load<i32>(row), rows = load<i32>(row, 4), left = load<i32>(column), columns = load<i32>(column, 4);
  let value = kind == MAX ? neutral(MAX) : kind == MIN ? neutral(MIN) : i32x4.splat(0);
  let found = f32x4.splat(<f32>(top * s.W + left));
  for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) {
    const at = (top + i * s.DH) * s.W + left + k * s.DW, v = loadSome(x + (at * s.C << 2), channels);
    if (kind <= MIN) {
      // The first of equal ones, and the first NaN, which nothing exceeds.
      const better = kind == MAX ? f32x4.gt(v, value) : f32x4.lt(v, value);
      const take = v128.or(better, v128.andnot(f32x4.ne(v, v), f32x4.ne(value, value)));
      value = v128.bitselect(v, value, take);
      found = v128.bitselect(f32x4.splat(<f32>at), found, take);
    } else value = f32x4.add(value, kind == AVERAGE ? v : kind == NORM1 ? f32x4.abs(v) : f32x4.mul(v, v));
  }
  if (kind == AVERAGE) value = f32x4.mul(value, f32x4.splat(<f32>1 / <f32>(rows * columns)));
  else if (kind == NORM2) value = f32x4.sqrt(value);
  if (y) storeSome(y, value, channels);
  if (noted) storeSome(noted, found, channels);
}

/** Gives the gradient at dy to the cells of its window. */
function spread4(kind: i32, dy: usize, x: usize, y: usize, dx: usize, s: Window, row: usize, column: usize, channels: i32): void {
  const top = load<i32>(row), rows = load<i32>(row, 4), left = load<i32>(column), columns = load<i32>(column, 4);
  let g = loadSome(dy, channels);
  if (kind == AVERAGE) g = f32x4.mul(g, f32x4.splat(<f32>1 / <f32>(rows * columns)));
  if (kind == NORM2) {
    const size = loadSome(y, channels); // at 0, a kink, the gradient is 0
    g = v128.andnot(f32x4.div(g, size), f32x4.eq(size, i32x4.splat(0)));
  }
  for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) {
    const at = ((top + i * s.DH) * s.W + left + k * s.DW) * s.C << 2, v = loadSome(x + at, channels);
    let part = g;
    if (kind == NORM2) part = f32x4.mul(g, v);
    else if (kind == NORM1) {
      const sign = v128.and(v, i32x4.splat(i32.MIN_VALUE));
      part = v128.andnot(v128.xor(g, sign), f32x4.eq(v, i32x4.splat(0)));
    }
    storeSome(dx + at, f32x4.add(loadSome(dx + at, channels), part), channels);
  }
}

// x [N,H,W,C] -> y, noted (extremes only) [N,OH,OW,C], each of which may be 0
export function poolCells(kind: i32, x: usize, y: usize, noted: usize, s: Window): void {
  const rows = changetype<usize>(s) + WINDOW_BYTES, columns = rows + (s.OH << 3), end = columns + (s.OW << 3);
  for (let n = 0; n < s.N; n++, x += s.H * s.W * s.C << 2) {
    for (let row = rows; row < columns; row += 8) for (let column = columns; column < end; column += 8) {
      for (let c = 0; c < s.C; c += 4) {
        pool4(kind, x + (c << 2), y ? y + (c << 2) : 0, noted ? noted + (c << 2) : 0, s, row, column, s.C - c);
      }
      if (y) y += s.C << 2;
      if (noted) noted += s.C << 2;
    }
  }
}

// dy [N,OH,OW,C], x, y -> dx [N,H,W,C] (written), for averages and norms
export function poolCellsBackward(kind: i32, dy: usize, x: usize, y: usize, dx: usize, s: Window): void {
  const rows = changetype<usize>(s) + WINDOW_BYTES, columns = rows + (s.OH << 3), end = columns + (s.OW << 3);
  const image = s.H * s.W * s.C << 2;
  memory.fill(dx, 0, s.N * image);
  for (let n = 0; n < s.N; n++, x += image, dx += image) {
    for (let row = rows; row < columns; row += 8) for (let column = columns; column < end; column += 8) {
      for (let c = 0; c < s.C; c += 4) {
        spread4(kind, dy + (c << 2), x + (c << 2), y + (c << 2), dx + (c << 2), s, row, column, s.C - c);
      }
      dy += s.C << 2;
      y += s.C << 2;
    }
  }
}

// x, index [N,M,C] -> y [N,P,C] (written): what goes to the same pixel is added
export function putPixels(x: usize, index: usize, y: usize, N: i32, M: i32, P: i32, C: i32): void {
  memory.fill(y, 0, N * P * C << 2);
  for (; N > 0; N--, y += P * C << 2) for (let m = 0; m < M; m++) for (let c = 0; c < C; c++, x += 4, index += 4) {
    const to = y + ((<i32>load<f32>(index) * C + c) << 2);
    store<f32>(to, load<f32>(to) + load<f32>(x));
  }
}

// x [N,P,C], index [N,M,C] -> y [N,M,C]
export function takePixels(x: usize, index: usize, y: usize, N: i32, M: i32, P: i32, C: i32): void {
  for (; N > 0; N--, x += P * C << 2) for (let m = 0; m < M; m++) for (let c = 0; c < C; c++, y += 4, index += 4) {
    store<f32>(y, load<f32>(x + ((<i32>load<f32>(index) * C + c) << 2)));
  }
}
