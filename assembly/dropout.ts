// Inverted dropout. The mask is never stored: backward draws it again, and any part of it can be drawn alone.
//
// Random bits come from Philox4x32-7 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a bijection of
// a 128-bit counter under a 64-bit key, four words at a time, here for four counters at once. 7 rounds are the fewest
// that pass BigCrush there; the usual 10 add a margin that a mask does not need and cost 40 % of the speed.
// Key: the seed. Counter: [4 * block + lane, 0, stream, 0]. Element i lies in block i / 16 and takes word (i / 4) % 4 of
// lane i % 4.

import { loadSome, storeSome } from "./simd";

const ROUNDS: i32 = 7;
/** Elements that four counters serve. */
const BLOCK: i32 = 16;
/** The multipliers of words 0 and 2, and what the two words of the key grow by each round. */
const M0 = memory.data<u32>([0xd2511f53]);
const M1 = memory.data<u32>([0xcd9e8d57]);
const W0 = memory.data<u32>([0x9e3779b9]);
const W1 = memory.data<u32>([0xbb67ae85]);
const LANES = memory.data<i32>([0, 1, 2, 3], 16);

/** y = x * (0 or scale) where begin <= 4 j < end: element 4 j and the next three (as far as `end`) of the block at x. */
@inline
function some(x: usize, y: usize, word: v128, threshold: v128, scale: v128, j: i32, begin: i32, end: i32): void {
  if (4 * j < begin || 4 * j >= end) return;
  const at = <usize>j << 4, count = end - 4 * j;
  const factor = v128.and(scale, i32x4.ge_u(word, threshold));
  storeSome(y + at, f32x4.mul(loadSome(x + at, count), factor), count);
}

/** The vectors of a block from element `begin` up to `end`. */
@inline
function block(
  x: usize, y: usize, counters: v128, stream: i32, k0: i32, k1: i32, threshold: v128, scale: v128, begin: i32, end: i32,
): void {
  const m0 = v128.load32_splat(M0), m1 = v128.load32_splat(M1);
  const w0 = v128.load32_splat(W0), w1 = v128.load32_splat(W1);
  let key0 = i32x4.splat(k0), key1 = i32x4.splat(k1);
  let c0 = counters, c1 = i32x4.splat(0), c2 = i32x4.splat(stream), c3 = c1;
  for (let round = 0; round < ROUNDS; round++) {
    const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0);
    const c = i64x2.extmul_low_i32x4_u(c2, m1), d = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(v128.shuffle<i32>(c, d, 1, 3, 5, 7), c1), key0);
    c2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), c3), key1);
    c1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
    c3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    key0 = i32x4.add(key0, w0);
    key1 = i32x4.add(key1, w1);
  }
  some(x, y, c0, threshold, scale, 0, begin, end);
  some(x, y, c1, threshold, scale, 1, begin, end);
  some(x, y, c2, threshold, scale, 2, begin, end);
  some(x, y, c3, threshold, scale, 3, begin, end);
}

function partOfBlock(
  x: usize, y: usize, counters: v128, stream: i32, k0: i32, k1: i32, threshold: v128, scale: v128, begin: i32, end: i32,
): void {
  block(x, y, counters, stream, k0, k1, threshold, scale, begin, end);
}

// x [n] -> y [n], which may be x, elements [from, to): 0 with probability `rate`, else x / (1 - rate). For the gradient: dy -> dx.
export function dropout(
  x: usize, y: usize, from: i32, to: i32, rate: f64, seedLow: i32, seedHigh: i32, stream: i32,
): void {
  const threshold = i32x4.splat(<i32><u32>(rate * 4294967296.0)), scale = f32x4.splat(<f32>(1 / (1 - rate)));
  let i = from;
  for (; i < to && i % BLOCK != 0; i++) { // a range that begins inside a block: one element at a time, as lane 0
    const j = (i >> 2) & 3, at = (<usize>i << 2) - (<usize>j << 4), counter = (i / BLOCK) * 4 + (i & 3);
    partOfBlock(x + at, y + at, i32x4.splat(counter), stream, seedLow, seedHigh, threshold, scale, 4 * j, 4 * j + 1);
  }
  let counters = i32x4.add(i32x4.splat(i / BLOCK * 4), v128.load(LANES)), at = <usize>i << 2;
  for (; i + BLOCK <= to; i += BLOCK, at += 64) {
    block(x + at, y + at, counters, stream, seedLow, seedHigh, threshold, scale, 0, BLOCK);
    counters = i32x4.add(counters, i32x4.splat(4));
  }
  if (i < to) partOfBlock(x + at, y + at, counters, stream, seedLow, seedHigh, threshold, scale, 0, to - i);
}
