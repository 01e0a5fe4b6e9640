// Random masks: inverted dropout, and normally distributed noise. A mask of dropout is never stored: backward draws it again,
// and any part of it can be drawn alone.
//
// Random bits come from Philox4x32-7 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a bijection of
// a 128-bit counter under a 64-bit key, four words at a time, here for four counters at once. 7 rounds are the fewest
// that pass BigCrush there; the usual 10 add a margin that a mask does not need and cost 40 % of the speed.
// Key: the seed. Counter: [4 * block + lane, 0, stream, 0]. Element i lies in block i / 16 and takes word (i / 4) % 4 of
// lane i % 4.

import { lanes, ONE, vlog } from "./math";
import { loadSome, madd, storeSome } from "./simd";

const ROUNDS: i32 = 7;
/** Elements that four counters serve. */
const BLOCK: i32 = 16;
/** The multipliers of words 0 and 2, and what the two words of the key grow by each round. */
const M0 = memory.data<u32>([0xd2511f53]);
const M1 = memory.data<u32>([0xcd9e8d57]);
const W0 = memory.data<u32>([0x9e3779b9]);
const W1 = memory.data<u32>([0xbb67ae85]);
const LANES = memory.data<i32>([0, 1, 2, 3], 16);

const DROPOUT: i32 = 0;
const NORMAL: i32 = 1;

/**
 * Element 4 j and the next three (as far as `end`) of the block at x, where begin <= 4 j < end: y = x * (0 or b), 0 where the
 * word is below a; or y = a + b times a normally distributed number.
 */
@inline
function some(kind: i32, x: usize, y: usize, word: v128, a: v128, b: v128, j: i32, begin: i32, end: i32): void {
  if (4 * j < begin || 4 * j >= end) return;
  const at = <usize>j << 4, count = end - 4 * j;
  if (kind == DROPOUT) {
    const factor = v128.and(b, i32x4.ge_u(word, a));
    storeSome(y + at, f32x4.mul(loadSome(x + at, count), factor), count);
  } else storeSome(y + at, madd(normal(word), b, a), count);
}

// The quantile of the normal distribution is sqrt(2) erfinv v, with v uniform in (-1, 1); erfinv by the two polynomials of
// M. Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011), within 6e-7.
const CENTRE = memory.data<f32>([
  2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
]);
const TAIL = memory.data<f32>([
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406,
  2.83297682,
]);
const FIVE = memory.data<f32>([5]);
const SHIFT = memory.data<f32>([2.5]);
const THREE = memory.data<f32>([3]);
const HALF = memory.data<f32>([0.5]);
const STEP = memory.data<f32>([4.76837158203125e-7]);
const SQRT2 = memory.data<f32>([1.4142135623730951]);

@inline
function polynomial(at: usize, w: v128): v128 {
  let p = lanes(at);
  for (let i = 4; i <= 32; i += 4) p = madd(p, w, lanes(at + i));
  return p;
}

/** Normally distributed numbers, of mean 0 and deviation 1, out of the upper 22 bits of a word: up to 5.1. */
function normal(word: v128): v128 {
  const v = f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_s(word, 10)), lanes(HALF)), lanes(STEP));
  const one = lanes(ONE), w = f32x4.neg(vlog(f32x4.mul(f32x4.sub(one, v), f32x4.add(one, v))));
  const near = polynomial(CENTRE, f32x4.sub(w, lanes(SHIFT))), far = polynomial(TAIL, f32x4.sub(f32x4.sqrt(w), lanes(THREE)));
  return f32x4.mul(f32x4.mul(v128.bitselect(near, far, f32x4.lt(w, lanes(FIVE))), v), lanes(SQRT2));
}

/** The vectors of a block from element `begin` up to `end`. */
@inline
function block(
  kind: i32, x: usize, y: usize, counters: v128, stream: i32, k0: i32, k1: i32, a: v128, b: v128, begin: i32, end: i32,
): void {
  const m0 = v128.load32_splat(M0), m1 = v128.load32_splat(M1);
  const w0 = v128.load32_splat(W0), w1 = v128.load32_splat(W1);
  let key0 = i32x4.splat(k0), key1 = i32x4.splat(k1);
  let c0 = counters, c1 = i32x4.splat(0), c2 = i32x4.splat(stream), c3 = c1;
  for (let round = 0; round < ROUNDS; round++) {
    const p = i64x2.extmul_low_i32x4_u(c0, m0), q = i64x2.extmul_high_i32x4_u(c0, m0);
    const r = i64x2.extmul_low_i32x4_u(c2, m1), s = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(v128.shuffle<i32>(r, s, 1, 3, 5, 7), c1), key0);
    c2 = v128.xor(v128.xor(v128.shuffle<i32>(p, q, 1, 3, 5, 7), c3), key1);
    c1 = v128.shuffle<i32>(r, s, 0, 2, 4, 6);
    c3 = v128.shuffle<i32>(p, q, 0, 2, 4, 6);
    key0 = i32x4.add(key0, w0);
    key1 = i32x4.add(key1, w1);
  }
  some(kind, x, y, c0, a, b, 0, begin, end);
  some(kind, x, y, c1, a, b, 1, begin, end);
  some(kind, x, y, c2, a, b, 2, begin, end);
  some(kind, x, y, c3, a, b, 3, begin, end);
}

function partOfBlock(
  kind: i32, x: usize, y: usize, counters: v128, stream: i32, k0: i32, k1: i32, a: v128, b: v128, begin: i32, end: i32,
): void {
  if (kind == DROPOUT) block(DROPOUT, x, y, counters, stream, k0, k1, a, b, begin, end);
  else block(NORMAL, x, y, counters, stream, k0, k1, a, b, begin, end);
}

@inline
function draw(
  kind: i32, x: usize, y: usize, from: i32, to: i32, seedLow: i32, seedHigh: i32, stream: i32, a: v128, b: v128,
): void {
  let i = from;
  for (; i < to && i % BLOCK != 0; i++) { // a range that begins inside a block: one element at a time, as lane 0
    const j = (i >> 2) & 3, at = (<usize>i << 2) - (<usize>j << 4), counter = (i / BLOCK) * 4 + (i & 3);
    partOfBlock(kind, x + at, y + at, i32x4.splat(counter), stream, seedLow, seedHigh, a, b, 4 * j, 4 * j + 1);
  }
  let counters = i32x4.add(i32x4.splat(i / BLOCK * 4), v128.load(LANES)), at = <usize>i << 2;
  for (; i + BLOCK <= to; i += BLOCK, at += 64) {
    if (kind == DROPOUT) block(DROPOUT, x + at, y + at, counters, stream, seedLow, seedHigh, a, b, 0, BLOCK);
    else partOfBlock(kind, x + at, y + at, counters, stream, seedLow, seedHigh, a, b, 0, BLOCK);
    counters = i32x4.add(counters, i32x4.splat(4));
  }
  if (i < to) partOfBlock(kind, x + at, y + at, counters, stream, seedLow, seedHigh, a, b, 0, to - i);
}

// x [n] -> y [n], which may be x, elements [from, to): 0 with probability `rate`, else x / (1 - rate). For the gradient: dy -> dx.
export function dropout(
  x: usize, y: usize, from: i32, to: i32, rate: f64, seedLow: i32, seedHigh: i32, stream: i32,
): void {
  const threshold = i32x4.splat(<i32><u32>(rate * 4294967296.0)), scale = f32x4.splat(<f32>(1 / (1 - rate)));
  draw(DROPOUT, x, y, from, to, seedLow, seedHigh, stream, threshold, scale);
}

// y [n], elements [from, to): normally distributed
export function normalNoise(
  y: usize, from: i32, to: i32, mean: f32, deviation: f32, seedLow: i32, seedHigh: i32, stream: i32,
): void {
  draw(NORMAL, y, y, from, to, seedLow, seedHigh, stream, f32x4.splat(mean), f32x4.splat(deviation));
}
