// Brightness and contrast of one image: y = factor x + shift, kept within [low, high]. `shifts` holds the shift of each float of
// L, which repeat; L is a multiple of 4 and of the channels. NaN stays NaN.

import { loadSome, madd, storeSome } from "./simd";

// x [n] -> y [n], which may be x
export function adjust(x: usize, y: usize, n: i32, shifts: usize, L: i32, factor: f32, low: f32, high: f32): void {
  const f = f32x4.splat(factor), least = f32x4.splat(low), most = f32x4.splat(high);
  const end = shifts + (L << 2);
  for (; n >= L; n -= L) for (let s = shifts; s < end; s += 16, x += 16, y += 16) {
    v128.store(y, f32x4.pmax(f32x4.pmin(madd(v128.load(x), f, v128.load(s)), most), least));
  }
  for (; n > 0; n -= 4, shifts += 16, x += 16, y += 16) {
    storeSome(y, f32x4.pmax(f32x4.pmin(madd(loadSome(x, n), f, v128.load(shifts)), most), least), n);
  }
}

// dy, x [n] -> dx [n], which may be dy: dy where factor x + shift lies within [low, high], 0 elsewhere
export function adjustBackward(
  dy: usize, x: usize, dx: usize, n: i32, shifts: usize, L: i32, factor: f32, low: f32, high: f32,
): void {
  const f = f32x4.splat(factor), least = f32x4.splat(low), most = f32x4.splat(high);
  for (let s = 0; n > 0; n -= 4, dy += 16, x += 16, dx += 16) {
    const v = madd(loadSome(x, n), f, v128.load(shifts + (s << 2)));
    storeSome(dx, v128.and(loadSome(dy, n), v128.and(f32x4.ge(v, least), f32x4.le(v, most))), n);
    s = s + 4 < L ? s + 4 : 0;
  }
}
