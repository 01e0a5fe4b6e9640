// Sums and extremes along an axis: x [N,R,C] -> y [N,C]. Sums are taken in doubles, in the order of the axis.

import { high, loadSome, low, storeSome } from "./simd";

const SUM: i32 = 0;
const MAX: i32 = 1;

/** The sum over R rows of up to four floats, `row` bytes apart, times `factor`. */
@inline
function sums(x: usize, R: i32, row: usize, count: i32, factor: f64): v128 {
  let a = f64x2.splat(0), b = a;
  for (; R > 0; R--, x += row) {
    const v = loadSome(x, count);
    a = f64x2.add(a, low(v));
    b = f64x2.add(b, high(v));
  }
  const by = f64x2.splat(factor);
  const l = f32x4.demote_f64x2_zero(f64x2.mul(a, by)), h = f32x4.demote_f64x2_zero(f64x2.mul(b, by));
  return v128.shuffle<f32>(l, h, 0, 1, 4, 5);
}

/** The largest (or least) of R rows; NaN where there is one. */
@inline
function extremes(kind: i32, x: usize, R: i32, row: usize, count: i32): v128 {
  let m = loadSome(x, count);
  while (--R > 0) {
    x += row;
    m = kind == MAX ? f32x4.max(m, loadSome(x, count)) : f32x4.min(m, loadSome(x, count));
  }
  return m;
}

/** The sum of a row of R floats, times `factor`. */
@inline
function sumRow(x: usize, R: i32, factor: f64): f32 {
  let a = f64x2.splat(0), b = a;
  for (; R > 0; R -= 4, x += 16) {
    const v = loadSome(x, R);
    a = f64x2.add(a, low(v));
    b = f64x2.add(b, high(v));
  }
  a = f64x2.add(a, b);
  return <f32>((f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)) * factor);
}

@inline
function extremeRow(kind: i32, x: usize, R: i32): f32 {
  let m = v128.load32_splat(x);
  for (; R >= 4; R -= 4, x += 16) m = kind == MAX ? f32x4.max(m, v128.load(x)) : f32x4.min(m, v128.load(x));
  for (; R > 0; R--, x += 4) {
    const v = v128.load32_splat(x);
    m = kind == MAX ? f32x4.max(m, v) : f32x4.min(m, v);
  }
  const half = v128.shuffle<f32>(m, m, 2, 3, 0, 1);
  m = kind == MAX ? f32x4.max(m, half) : f32x4.min(m, half);
  const a = f32x4.extract_lane(m, 0), b = f32x4.extract_lane(m, 1);
  return kind == MAX ? max(a, b) : min(a, b);
}

// x [N,R,C] -> y [N,C]: kind 0 the sum over R times factor, 1 the largest, 2 the least
export function reduceAxis(kind: i32, x: usize, y: usize, N: i32, R: i32, C: i32, factor: f64): void {
  const row = <usize>C << 2;
  for (; N > 0; N--, x += <usize>R * row) {
    if (C == 1) {
      store<f32>(y, kind == SUM ? sumRow(x, R, factor) : extremeRow(kind, x, R));
      y += 4;
      continue;
    }
    for (let c = C, p = x; c > 0; c -= 4, p += 16) {
      storeSome(y, kind == SUM ? sums(p, R, row, c, factor) : extremes(kind, p, R, row, c), c);
      y += min(c, 4) << 2;
    }
  }
}

// dy [N,C] -> dx [N,R,C] (written) = dy times factor
export function reduceSumBackward(dy: usize, dx: usize, N: i32, R: i32, C: i32, factor: f32): void {
  const by = f32x4.splat(factor);
  for (; N > 0; N--, dy += <usize>C << 2) {
    if (C == 1) {
      const v = f32x4.mul(by, v128.load32_splat(dy));
      for (let r = R; r > 0; r -= 4) {
        storeSome(dx, v, r);
        dx += min(r, 4) << 2;
      }
      continue;
    }
    for (let r = R; r > 0; r--) for (let c = C, p = dy; c > 0; c -= 4, p += 16) {
      storeSome(dx, f32x4.mul(by, loadSome(p, c)), c);
      dx += min(c, 4) << 2;
    }
  }
}

// dy, y [N,C], x [N,R,C] -> dx [N,R,C] (written): dy where x first equals y along R, 0 elsewhere
export function reduceExtremeBackward(dy: usize, x: usize, y: usize, dx: usize, N: i32, R: i32, C: i32): void {
  const row = <usize>C << 2, image = <usize>R * row;
  memory.fill(dx, 0, <usize>N * image);
  for (; N > 0; N--, x += image, dx += image) for (let end = y + row; y < end; y += 4, dy += 4) {
    let at = row - (end - y);
    for (let r = R; r > 0; r--, at += row) if (load<f32>(x + at) == load<f32>(y)) {
      store<f32>(dx + at, load<f32>(dy));
      break;
    }
  }
}
