// exp, expm1, log, tanh and the logistic function on four floats at once. NaN stays NaN.
//
// Constants lie in memory, one float each, and are loaded where they are used: V8 13 and later makes a literal vector anew in
// every pass of a loop (4 to 5 times slower). They are never written, so several instances may share them.

import { madd } from "./simd";

/** The constant at `place` in all lanes. */
@inline
export function lanes(place: usize): v128 {
  return v128.load32_splat(place);
}

export const ONE = memory.data<f32>([1]);
const TWO = memory.data<f32>([2]);
const SQRT2 = memory.data<f32>([1.4142135]);
const ABSOLUTE = memory.data<u32>([0x7fffffff]);
const MANTISSA = memory.data<u32>([0x007fffff]);

// exp x = 2^n e^r, n = round(x / ln 2), |r| <= ln 2 / 2 (Cody & Waite 1980); adding 1.5 * 2^23 rounds, and leaves n in the
// low bits. ln 2 in two parts, the first with few bits; e^r by the polynomial of expf in Moshier's Cephes.
const LOG2E = memory.data<f32>([1.4426950408889634]);
const ROUNDER = memory.data<f32>([12582912]);
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.12194440e-4]);
const EXP_7 = memory.data<f32>([1.9875691500e-4]);
const EXP_6 = memory.data<f32>([1.3981999507e-3]);
const EXP_5 = memory.data<f32>([8.3334519073e-3]);
const EXP_4 = memory.data<f32>([4.1665795894e-2]);
const EXP_3 = memory.data<f32>([1.6666665459e-1]);
const EXP_2 = memory.data<f32>([5.0000001201e-1]);
/** From here on 2^n is written as 0, or as infinity: n = -127 and n = 128. */
const EXP_LEAST = memory.data<f32>([-88]);
const EXP_MOST = memory.data<f32>([89]);
/** tanh rounds to 1 from here on. */
const TANH_MOST = memory.data<f32>([9.1]);

/** n + ROUNDER for exp x. */
@inline
function exponent(x: v128): v128 {
  return madd(x, lanes(LOG2E), lanes(ROUNDER));
}

/** 2^n out of n + ROUNDER. */
@inline
function power(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), lanes(ONE));
}

/** e^r - 1 where r = x - n ln 2. */
@inline
function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, lanes(ROUNDER));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, lanes(LN2_HIGH))), f32x4.mul(n, lanes(LN2_LOW)));
  let p = madd(lanes(EXP_7), r, lanes(EXP_6));
  p = madd(p, r, lanes(EXP_5));
  p = madd(p, r, lanes(EXP_4));
  p = madd(p, r, lanes(EXP_3));
  p = madd(p, r, lanes(EXP_2));
  return madd(p, f32x4.mul(r, r), r);
}

/** e^x for x <= 88.3, within an ulp; below -87.68 it is 0. */
@inline
export function vexpBelow(x: v128): v128 {
  x = f32x4.pmax(x, lanes(EXP_LEAST));
  const n = exponent(x);
  return f32x4.mul(f32x4.add(remainder(x, n), lanes(ONE)), power(n));
}

/** e^x, within an ulp on [-87.68, 88.37]; 0 below, infinity above. */
@inline
export function vexp(x: v128): v128 {
  return vexpBelow(f32x4.pmin(x, lanes(EXP_MOST)));
}

/** e^x - 1 for x <= 88, keeping its relative accuracy (2 ulp) near 0. */
@inline
export function vexpm1Below(x: v128): v128 {
  x = f32x4.pmax(x, lanes(EXP_LEAST));
  const n = exponent(x), scale = power(n);
  return madd(remainder(x, n), scale, f32x4.sub(scale, lanes(ONE)));
}

/** 1 / (1 + e^-x), within 3 ulp; 0 below -88.37. */
@inline
export function vsigmoid(x: v128): v128 {
  return f32x4.div(lanes(ONE), f32x4.add(lanes(ONE), vexp(f32x4.neg(x))));
}

/** tanh x = e / (e + 2), e = e^2|x| - 1, with the sign of x; within 3 ulp. */
@inline
export function vtanh(x: v128): v128 {
  const size = v128.and(x, lanes(ABSOLUTE)), bounded = f32x4.pmin(size, lanes(TANH_MOST));
  const e = vexpm1Below(f32x4.add(bounded, bounded));
  return v128.or(f32x4.div(e, f32x4.add(e, lanes(TWO))), v128.xor(x, size));
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
