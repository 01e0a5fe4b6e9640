// Softmax over rows, shifted by each row's largest element so that nothing overflows. A row with NaN or +infinity, or of
// -infinity alone, becomes NaN; -infinity among others becomes 0.

import { vexpBelow } from "./math";
import { loadSome, storeSome, sum4 } from "./simd";

/** The largest of x [C] in all lanes (pmax lets go of NaN; the exponentials will meet it again). */
@inline
export function rowMax(x: usize, C: i32): v128 {
  if (C < 4) {
    let m = v128.load32_splat(x);
    if (C > 1) m = f32x4.pmax(m, v128.load32_splat(x, 4));
    if (C > 2) m = f32x4.pmax(m, v128.load32_splat(x, 8));
    return m;
  }
  let m = v128.load(x);
  const last = x + (<usize>(C - 4) << 2);
  for (x += 16; x < last; x += 16) m = f32x4.pmax(m, v128.load(x));
  m = f32x4.pmax(m, v128.load(last)); // what it overlaps counts twice, which a maximum does not mind
  m = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.pmax(m, v128.shuffle<f32>(m, m, 1, 0, 3, 2));
}

/** e [C] = e^(x - m); returns the sum. */
@inline
export function rowExp(x: usize, e: usize, C: i32, m: v128): f32 {
  let sum = i32x4.splat(0), count = C;
  for (; count >= 8; count -= 8, x += 32, e += 32) {
    const low = vexpBelow(f32x4.sub(v128.load(x), m)), high = vexpBelow(f32x4.sub(v128.load(x, 16), m));
    v128.store(e, low);
    v128.store(e, high, 16);
    sum = f32x4.add(sum, f32x4.add(low, high));
  }
  for (; count >= 4; count -= 4, x += 16, e += 16) {
    const exp = vexpBelow(f32x4.sub(v128.load(x), m));
    v128.store(e, exp);
    sum = f32x4.add(sum, exp);
  }
  if (count > 0) {
    storeSome(e, vexpBelow(f32x4.sub(loadSome(x, count), m)), count);
    sum = f32x4.add(sum, loadSome(e, count)); // zeros in the other lanes
  }
  return sum4(sum);
}

/** y [C] = factor * y. */
@inline
export function scaleRow(y: usize, C: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; C >= 4; C -= 4, y += 16) v128.store(y, f32x4.mul(f, v128.load(y)));
  if (C > 0) storeSome(y, f32x4.mul(f, loadSome(y, C)), C);
}

// x [M,C] -> y [M,C], which may be x
export function softmax(x: usize, y: usize, M: i32, C: i32): void {
  const row = <usize>C << 2;
  for (; M > 0; M--, x += row, y += row) {
    const sum = rowExp(x, y, C, rowMax(x, C));
    scaleRow(y, C, 1 / sum);
  }
}

// dy [M,C], y [M,C] -> dx [M,C] = y (dy - sum(dy y)) (written), which may be either
export function softmaxBackward(dy: usize, y: usize, dx: usize, M: i32, C: i32): void {
  const whole = <usize>(C & ~3) << 2, rest = C & 3;
  for (; M > 0; M--) {
    let dot = i32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) dot = f32x4.add(dot, f32x4.mul(v128.load(dy + i), v128.load(y + i)));
    if (rest) dot = f32x4.add(dot, f32x4.mul(loadSome(dy + whole, rest), loadSome(y + whole, rest)));
    const sum = f32x4.splat(sum4(dot)), end = dy + whole;
    for (; dy < end; dy += 16, y += 16, dx += 16) {
      v128.store(dx, f32x4.mul(v128.load(y), f32x4.sub(v128.load(dy), sum)));
    }
    if (rest) storeSome(dx, f32x4.mul(loadSome(y, rest), f32x4.sub(loadSome(dy, rest), sum)), rest);
    const step = <usize>rest << 2;
    dy += step; y += step; dx += step;
  }
}
