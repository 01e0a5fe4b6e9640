// exp, expm1, log, log1p and the logistic function on four floats at once. NaN stays NaN. How exact they are over the
// whole range, test/ops/precision.test.ts measures.
//
// Constants lie in memory, one float each, and are loaded where they are used: V8 13 and later makes a literal vector anew in
// every pass of a loop (4 to 5 times slower). They are never written, so several instances may share them. Where several
// exponentials are computed at once, they share what is loaded: a quarter of the time.

import { madd } from "./simd";

/** The constant at `place` in all lanes. */
@inline
export function lanes(place: usize): v128 {
  return v128.load32_splat(place);
}

export const ONE = memory.data<f32>([1]);
const SQRT2 = memory.data<f32>([1.4142135]);
export const ABSOLUTE = memory.data<u32>([0x7fffffff]);
const MANTISSA = memory.data<u32>([0x007fffff]);

// exp x = 2^n e^r, n = round(x / ln 2), |r| <= ln 2 / 2 (Cody & Waite 1980); adding 1.5 * 2^23 + 127 rounds, and leaves
// n + 127, the exponent's bits of 2^n, in the low ones. ln 2 in two parts, the first with few bits.
export const LOG2E = memory.data<f32>([1.4426950408889634]);
export const ROUNDER = memory.data<f32>([12583039]);
export const LN2_HIGH = memory.data<f32>([0.693359375]);
export const LN2_LOW = memory.data<f32>([-2.12194440e-4]);
// e^r = 1 + r + r^2 P(r), P of degree 4 with the least maximum of the relative error (3e-9, found by Lawson's iteration).
export const EXP_6 = memory.data<f32>([1.3814540027e-3]);
export const EXP_5 = memory.data<f32>([8.3687451126e-3]);
export const EXP_4 = memory.data<f32>([4.1668390787e-2]);
export const EXP_3 = memory.data<f32>([1.6666520399e-1]);
export const EXP_2 = memory.data<f32>([4.9999993432e-1]);
/** From here on 2^n is written as infinity: n = 128. */
export const EXP_MOST = memory.data<f32>([89]);
/** From here on 2^n is written as 0: n = -127. */
export const EXP_LEAST = memory.data<f32>([-88]);

/** 2^n out of n + ROUNDER. */
@inline
export function power(rounded: v128): v128 {
  return i32x4.shl(rounded, 23);
}

/** r = x - n ln 2. */
@inline
function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, lanes(ROUNDER));
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, lanes(LN2_HIGH))), f32x4.mul(n, lanes(LN2_LOW)));
}

/** e^r - 1 for |r| <= ln 2 / 2. */
@inline
function expm1Remainder(r: v128): v128 {
  let p = madd(lanes(EXP_6), r, lanes(EXP_5));
  p = madd(p, r, lanes(EXP_4));
  p = madd(p, r, lanes(EXP_3));
  p = madd(p, r, lanes(EXP_2));
  return madd(p, f32x4.mul(r, r), r);
}

/**
 * e^x, within an ulp on [-87.68, 88.37]; 0 below, infinity above. A function of its own, for loops in which it is not most of
 * the work; activations are in exponential.ts.
 */
export function vexp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, lanes(EXP_MOST)), lanes(EXP_LEAST));
  const rounded = madd(x, lanes(LOG2E), lanes(ROUNDER));
  return f32x4.mul(f32x4.add(expm1Remainder(remainder(x, rounded)), lanes(ONE)), power(rounded));
}

/** e^(x + rest) for x <= 0 and a rest far smaller, which x alone could not hold: within an ulp; 0 below -87.68. */
@inline
export function vexpSum(x: v128, rest: v128): v128 {
  const rounded = madd(f32x4.pmax(f32x4.add(x, rest), lanes(EXP_LEAST)), lanes(LOG2E), lanes(ROUNDER));
  return f32x4.mul(f32x4.add(expm1Remainder(f32x4.add(remainder(x, rounded), rest)), lanes(ONE)), power(rounded));
}

/** e^x - 1 for x <= 88, keeping its relative accuracy (2 ulp) near 0. */
@inline
export function vexpm1Below(x: v128): v128 {
  x = f32x4.pmax(x, lanes(EXP_LEAST));
  const rounded = madd(x, lanes(LOG2E), lanes(ROUNDER)), scale = power(rounded);
  return madd(expm1Remainder(remainder(x, rounded)), scale, f32x4.sub(scale, lanes(ONE)));
}

/** 1 / (1 + e^-x), within 3 ulp; 0 below -88.37. */
@inline
export function vsigmoid(x: v128): v128 {
  return f32x4.div(lanes(ONE), f32x4.add(lanes(ONE), vexp(f32x4.neg(x))));
}

// e^r of degree 5, with the least maximum of the relative error (9e-8).
const SHARE_5 = memory.data<f32>([8.2902891531e-3]);
const SHARE_4 = memory.data<f32>([4.1898067478e-2]);
const SHARE_3 = memory.data<f32>([1.6667637354e-1]);
const SHARE_2 = memory.data<f32>([4.9999148517e-1]);
const SHARE_1 = memory.data<f32>([9.9999970666e-1]);

/**
 * e^x for x <= 88.3, within 2.3 ulp, 1 for 0; below -87.68 it is 0. For softmax, where x is a difference whose own rounding
 * counts as much from -2 on, this takes a tenth less time than what exponential.ts does.
 */
@inline
export function vexpShare(x: v128): v128 {
  return share(
    x, lanes(EXP_LEAST), lanes(LOG2E), lanes(ROUNDER), lanes(LN2_HIGH), lanes(LN2_LOW),
    lanes(SHARE_5), lanes(SHARE_4), lanes(SHARE_3), lanes(SHARE_2), lanes(SHARE_1),
  );
}

@inline
function share(
  x: v128, least: v128, log2e: v128, rounder: v128, high: v128, low: v128, s5: v128, s4: v128, s3: v128, s2: v128, s1: v128,
): v128 {
  x = f32x4.pmax(x, least);
  const rounded = madd(x, log2e, rounder), scale = power(rounded), n = f32x4.sub(rounded, rounder);
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, high)), f32x4.mul(n, low));
  return madd(f32x4.mul(r, scale), madd(madd(madd(madd(s5, r, s4), r, s3), r, s2), r, s1), scale);
}

/** e [16] = e^(x - m) of x [16], written where `keep`; returns the sum, by lanes. Four at once share what constants are loaded. */
@inline
export function expShares16(keep: bool, x: usize, e: usize, m: v128): v128 {
  const least = lanes(EXP_LEAST), log2e = lanes(LOG2E), rounder = lanes(ROUNDER), high = lanes(LN2_HIGH), low = lanes(LN2_LOW);
  const s5 = lanes(SHARE_5), s4 = lanes(SHARE_4), s3 = lanes(SHARE_3), s2 = lanes(SHARE_2), s1 = lanes(SHARE_1);
  const a = share(f32x4.sub(v128.load(x), m), least, log2e, rounder, high, low, s5, s4, s3, s2, s1);
  const b = share(f32x4.sub(v128.load(x, 16), m), least, log2e, rounder, high, low, s5, s4, s3, s2, s1);
  const c = share(f32x4.sub(v128.load(x, 32), m), least, log2e, rounder, high, low, s5, s4, s3, s2, s1);
  const d = share(f32x4.sub(v128.load(x, 48), m), least, log2e, rounder, high, low, s5, s4, s3, s2, s1);
  if (keep) {
    v128.store(e, a);
    v128.store(e, b, 16);
    v128.store(e, c, 32);
    v128.store(e, d, 48);
  }
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

// ln x = e ln 2 + 2 artanh s, s = (m - 1) / (m + 1), for x = 2^e m, m in [sqrt(1/2), sqrt(2)); artanh by its series.
const HALF = memory.data<f32>([0.5]);
const BIAS = memory.data<i32>([127]);
const INFINITE = memory.data<u32>([0x7f800000]);
const LOG_3 = memory.data<f32>([0.6666666666666666]);
const LOG_5 = memory.data<f32>([0.4]);
const LOG_7 = memory.data<f32>([0.2857142857142857]);
const LOG_9 = memory.data<f32>([0.2222222222222222]);

/** ln x for normal x > 0, within 2 ulp; infinity and NaN stay. What 0 and negative x give is not defined. */
@inline
export function vlog(x: v128): v128 {
  const one = lanes(ONE);
  let m = v128.or(v128.and(x, lanes(MANTISSA)), one);
  const large = f32x4.gt(m, lanes(SQRT2));
  m = v128.bitselect(f32x4.mul(m, lanes(HALF)), m, large);
  const e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.sub(i32x4.shr_u(x, 23), lanes(BIAS)), large));
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one)), square = f32x4.mul(s, s);
  let p = madd(lanes(LOG_9), square, lanes(LOG_7));
  p = madd(p, square, lanes(LOG_5));
  p = madd(p, square, lanes(LOG_3));
  const small = madd(e, lanes(LN2_LOW), madd(f32x4.mul(p, square), s, f32x4.add(s, s)));
  const finite = f32x4.lt(x, lanes(INFINITE));
  return v128.bitselect(madd(e, lanes(LN2_HIGH), small), x, finite);
}

/** ln(1 + e) for 0 <= e <= 1, keeping its relative accuracy near 0: what 1 + e lost, a factor gives back (Kahan). */
@inline
export function vlog1p(e: v128): v128 {
  const one = lanes(ONE), u = f32x4.add(one, e), kept = f32x4.sub(u, one);
  return v128.bitselect(e, f32x4.div(f32x4.mul(vlog(u), e), kept), f32x4.eq(kept, i32x4.splat(0)));
}
