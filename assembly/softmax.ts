// Softmax over rows and its logarithm, shifted by each row's largest element so that nothing overflows. A row with NaN or +infinity, or of
// -infinity alone, becomes NaN; -infinity among others becomes 0.

import { expShares16, vexpShare, vlog } from "./math";
import { loadSome, storeSome, sum4 } from "./simd";

const LANES = memory.data<i32>([0, 0, 0, 0, -1, -1, -1, -1]);

/** All bits in the last `count` (0 to 4) lanes. */
@inline
function lastLanes(count: i32): v128 {
  return v128.load(LANES + (<usize>count << 2));
}

/** The largest lane of m in all of them. */
@inline
function max4(m: v128): v128 {
  m = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.pmax(m, v128.shuffle<f32>(m, m, 1, 0, 3, 2));
}

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
  if (C >= 32) {
    let a = m, b = m, c = m; // one after the other they would wait for each other
    for (const end = last - 48; x < end; x += 64) {
      m = f32x4.pmax(m, v128.load(x)); a = f32x4.pmax(a, v128.load(x, 16));
      b = f32x4.pmax(b, v128.load(x, 32)); c = f32x4.pmax(c, v128.load(x, 48));
    }
    m = f32x4.pmax(f32x4.pmax(m, a), f32x4.pmax(b, c));
  }
  for (; x < last; x += 16) m = f32x4.pmax(m, v128.load(x));
  return max4(f32x4.pmax(m, v128.load(last))); // what it overlaps counts twice, which a maximum does not mind
}

/** e^(x - m) for four floats at `x`. */
@inline
function exp4(x: usize, m: v128): v128 {
  return vexpShare(f32x4.sub(v128.load(x), m));
}

// x [C] -> e [C] = e^(x - m), which may be x, or null; returns the sum
export function rowExp(x: usize, e: usize, C: i32, m: v128): f32 {
  if (C < 4) {
    const all = vexpShare(f32x4.sub(loadSome(x, C), m));
    if (e) storeSome(e, all, C);
    return sum4(v128.andnot(all, lastLanes(4 - C)));
  }
  // The last four elements on their own, and first, before e overwrites them; the sum takes those that are left over.
  const rest = C & 3, last = <usize>(C - 4) << 2, lastE = e + last, keep = e != 0;
  let sum = i32x4.splat(0), tail = sum, count = C;
  if (rest) {
    tail = exp4(x + last, m);
    sum = v128.and(tail, lastLanes(rest));
  }
  for (; count >= 16; count -= 16, x += 64, e += 64) sum = f32x4.add(sum, expShares16(keep, x, e, m));
  for (; count >= 4; count -= 4, x += 16, e += 16) {
    const exp = exp4(x, m);
    if (keep) v128.store(e, exp);
    sum = f32x4.add(sum, exp);
  }
  if (keep && rest) v128.store(lastE, tail);
  return sum4(sum);
}

@inline
function scale4(y: usize, f: v128): void {
  v128.store(y, f32x4.mul(f, v128.load(y)));
}

/** y [C] = factor * y. */
@inline
export function scaleRow(y: usize, C: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; C >= 16; C -= 16, y += 64) {
    scale4(y, f);
    scale4(y + 16, f);
    scale4(y + 32, f);
    scale4(y + 48, f);
  }
  for (; C >= 4; C -= 4, y += 16) scale4(y, f);
  if (C > 0) storeSome(y, f32x4.mul(f, loadSome(y, C)), C);
}

// x [M,C] -> y [M,C], which may be x
export function softmax(x: usize, y: usize, M: i32, C: i32): void {
  const row = <usize>C << 2;
  for (; M > 0; M--, x += row, y += row) scaleRow(y, C, 1 / rowExp(x, y, C, rowMax(x, C)));
}

/** y [C] = (x - m) - log. */
@inline
function shiftRow(x: usize, y: usize, C: i32, m: v128, log: v128): void {
  for (; C >= 4; C -= 4, x += 16, y += 16) v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), m), log));
  if (C > 0) storeSome(y, f32x4.sub(f32x4.sub(loadSome(x, C), m), log), C);
}

// x [M,C] -> y [M,C] = log(softmax(x)), which may be x
export function logSoftmax(x: usize, y: usize, M: i32, C: i32): void {
  const row = <usize>C << 2;
  for (; M > 0; M--, x += row, y += row) {
    const m = rowMax(x, C);
    shiftRow(x, y, C, m, vlog(f32x4.splat(rowExp(x, 0, C, m))));
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
