// Images in and out. In: pixels of C bytes or floats are resized along their rows, then along their columns, where colours are
// mixed too. A table has for each output of an axis the first cell that it looks at, how many, and their weights: 2 + T words.
// A mixture is an offset and a column for each colour: [1+K][4].

import { loadSome, madd, storeSome } from "./simd";

/** Four elements of a pixel. Those behind its own are some numbers that nobody looks at. */
@inline
function pixel<T>(p: usize): v128 {
  if (sizeof<T>() == 4) return v128.load(p);
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p))));
}

@inline
function rows<T>(x: usize, y: usize, H: i32, W: i32, C: i32, OW: i32, table: usize, T: i32): void {
  const size = C * <i32>sizeof<T>(), words = (2 + T) << 2;
  for (; H > 0; H--, x += W * size) for (let j = 0, at = table; j < OW; j++, at += words, y += 16) {
    let p = x + load<i32>(at) * size, sum = f32x4.splat(0);
    for (let n = load<i32>(at, 4), w = at + 8; n > 0; n--, p += size, w += 4) {
      sum = madd(pixel<T>(p), v128.load32_splat(w), sum);
    }
    v128.store(y, sum);
  }
}

// x [H,W,C], C from 1 to 4, bytes (0 or 1) or floats -> y [H,OW,4]; reads 16 bytes from the last pixel on
export function imageRows(
  x: usize, y: usize, H: i32, W: i32, C: i32, OW: i32, table: usize, T: i32, bytes: i32,
): void {
  if (bytes) rows<u8>(x, y, H, W, C, OW, table, T);
  else rows<f32>(x, y, H, W, C, OW, table, T);
}

/** The mixture of the first K lanes of v. */
@inline
function mixed(v: v128, mixture: usize, K: i32): v128 {
  let sum = madd(v128.shuffle<f32>(v, v, 0, 0, 0, 0), v128.load(mixture, 16), v128.load(mixture));
  if (K > 1) sum = madd(v128.shuffle<f32>(v, v, 1, 1, 1, 1), v128.load(mixture, 32), sum);
  if (K > 2) sum = madd(v128.shuffle<f32>(v, v, 2, 2, 2, 2), v128.load(mixture, 48), sum);
  if (K > 3) sum = madd(v128.shuffle<f32>(v, v, 3, 3, 3, 3), v128.load(mixture, 64), sum);
  return sum;
}

// x [rows first to ...,W,4] -> rows from to to of y [OH,W,O]: the first K colours, divided by unit, then mixed
export function imageColumns(
  x: usize, y: usize, first: i32, from: i32, to: i32, W: i32, K: i32, O: i32,
  table: usize, T: i32, mixture: usize, unit: f32,
): void {
  const row = W << 4, words = (2 + T) << 2, divisor = f32x4.splat(unit);
  y += from * W * O << 2;
  for (let at = table + from * words; from < to; from++, at += words) {
    const top = x + (load<i32>(at) - first) * row, taps = load<i32>(at, 4);
    for (let j = 0; j < W; j++, y += O << 2) {
      let p = top + (<usize>j << 4), sum = f32x4.splat(0);
      for (let n = taps, w = at + 8; n > 0; n--, p += row, w += 4) sum = madd(v128.load(p), v128.load32_splat(w), sum);
      storeSome(y, mixed(f32x4.div(sum, divisor), mixture, K), O);
    }
  }
}

// x [P,C], C from 1 to 4 -> y [P,4] bytes: mixed, to the nearest whole number from 0 to 255, halves to the even one; NaN is 0
export function imageBytes(x: usize, y: usize, P: i32, C: i32, mixture: usize): void {
  for (; P > 0; P--, x += C << 2, y += 4) {
    const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(mixed(loadSome(x, C), mixture, C)));
    const half = i16x8.narrow_i32x4_s(whole, whole);
    v128.store32_lane(y, i8x16.narrow_i16x8_u(half, half), 0);
  }
}
