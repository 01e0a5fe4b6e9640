// Softmax over rows, shifted by each row's largest element so that nothing overflows. A row with NaN or +infinity, or of
// -infinity alone, becomes NaN; -infinity among others becomes 0.

import { vexpShare } from "./math";
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

/** e [C] = e^(x - m), written where `keep`; returns the sum. e may be x. */
@inline
export function rowExp(keep: bool, x: usize, e: usize, C: i32, m: v128): f32 {
  if (C < 4) {
    const all = vexpShare(f32x4.sub(loadSome(x, C), m));
    if (keep) storeSome(e, all, C);
    return sum4(v128.andnot(all, lastLanes(4 - C)));
  }
  // The last four elements on their own, and first, before e overwrites them; the sum takes those that are left over.
  const rest = C & 3, last = <usize>(C - 4) << 2, lastE = e + last;
  let sum = i32x4.splat(0), tail = sum, count = C;
  if (rest) {
    tail = exp4(x + last, m);
    sum = v128.and(tail, lastLanes(rest));
  }
  // Four at once: a single exponential is a long chain of operations that wait for each other.
  for (; count >= 16; count -= 16, x += 64, e += 64) {
    const a = exp4(x, m), b = exp4(x + 16, m), c = exp4(x + 32, m), d = exp4(x + 48, m);
    if (keep) {
      v128.store(e, a);
      v128.store(e, b, 16);
      v128.store(e, c, 32);
      v128.store(e, d, 48);
    }
    sum = f32x4.add(sum, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
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
  if (C > 8 && C <= 16) {
    softmaxShort(x, y, M, C);
    return;
  }
  const row = <usize>C << 2;
  for (; M > 0; M--, x += row, y += row) {
    const sum = rowExp(true, x, y, C, rowMax(x, C));
    scaleRow(y, C, 1 / sum);
  }
}

// The same for 8 < C <= 16. A row lies in four vectors, which overlap where it is shorter; it never goes through memory, so
// that several rows are on their way at once.
function softmaxShort(x: usize, y: usize, M: i32, C: i32): void {
  const row = <usize>C << 2, last = row - 16, at1 = min<usize>(16, last), at2 = min<usize>(32, last);
  // Of what two vectors share, the sum takes that of the first.
  const new1 = lastLanes(min(C - 4, 4)), new2 = lastLanes(min(max(C - 8, 0), 4)), new3 = lastLanes(max(C - 12, 0));
  for (; M > 0; M--, x += row, y += row) {
    let a = v128.load(x), b = v128.load(x + at1), c = v128.load(x + at2), d = v128.load(x + last);
    const m = max4(f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d)));
    a = vexpShare(f32x4.sub(a, m)); b = vexpShare(f32x4.sub(b, m));
    c = vexpShare(f32x4.sub(c, m)); d = vexpShare(f32x4.sub(d, m));
    const rest = f32x4.add(v128.and(c, new2), v128.and(d, new3));
    const sum = sum4(f32x4.add(f32x4.add(a, v128.and(b, new1)), rest)), f = f32x4.splat(1 / sum);
    v128.store(y, f32x4.mul(a, f));
    v128.store(y + at1, f32x4.mul(b, f));
    v128.store(y + at2, f32x4.mul(c, f));
    v128.store(y + last, f32x4.mul(d, f));
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
