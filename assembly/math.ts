// exp, expm1, log, log1p, tanh, erfc and the logistic function on four floats at once. NaN stays NaN. How exact they are over the
// whole range, test/ops/precision.test.ts measures.
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
export const ABSOLUTE = memory.data<u32>([0x7fffffff]);
const MANTISSA = memory.data<u32>([0x007fffff]);

// exp x = 2^n e^r, n = round(x / ln 2), |r| <= ln 2 / 2 (Cody & Waite 1980); adding 1.5 * 2^23 + 127 rounds, and leaves
// n + 127, the exponent's bits of 2^n, in the low ones. ln 2 in two parts, the first with few bits. e^r = 1 + r + r^2 P(r),
// P of degree 4 with the least maximum of the relative error (3e-9, found by Lawson's iteration).
const LOG2E = memory.data<f32>([1.4426950408889634]);
const ROUNDER = memory.data<f32>([12583039]);
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.12194440e-4]);
const EXP_6 = memory.data<f32>([1.3814540027e-3]);
const EXP_5 = memory.data<f32>([8.3687451126e-3]);
const EXP_4 = memory.data<f32>([4.1668390787e-2]);
const EXP_3 = memory.data<f32>([1.6666520399e-1]);
const EXP_2 = memory.data<f32>([4.9999993432e-1]);
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
  return i32x4.shl(n, 23);
}

/** r = x - n ln 2. */
@inline
function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, lanes(ROUNDER));
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, lanes(LN2_HIGH))), f32x4.mul(n, lanes(LN2_LOW)));
}

/** e^r - 1. */
@inline
function expm1Remainder(r: v128): v128 {
  let p = madd(lanes(EXP_6), r, lanes(EXP_5));
  p = madd(p, r, lanes(EXP_4));
  p = madd(p, r, lanes(EXP_3));
  p = madd(p, r, lanes(EXP_2));
  return madd(p, f32x4.mul(r, r), r);
}

/** e^x, within an ulp on [-87.68, 88.37]; 0 below, infinity above. */
@inline
export function vexp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, lanes(EXP_MOST)), lanes(EXP_LEAST));
  const n = exponent(x);
  return f32x4.mul(f32x4.add(expm1Remainder(remainder(x, n)), lanes(ONE)), power(n));
}

// Of degree 5, with the least maximum of the relative error (9e-8) as well.
const SHARE_5 = memory.data<f32>([8.2902891531e-3]);
const SHARE_4 = memory.data<f32>([4.1898067478e-2]);
const SHARE_3 = memory.data<f32>([1.6667637354e-1]);
const SHARE_2 = memory.data<f32>([4.9999148517e-1]);
const SHARE_1 = memory.data<f32>([9.9999970666e-1]);

/**
 * e^x for x <= 88.3, within 2.3 ulp, 1 for 0; below -87.68 it is 0. For softmax, where x is a difference whose own rounding
 * counts as much from -2 on, this takes a tenth less time than `vexp`.
 */
@inline
export function vexpShare(x: v128): v128 {
  x = f32x4.pmax(x, lanes(EXP_LEAST));
  const n = exponent(x), r = remainder(x, n), scale = power(n);
  let p = madd(lanes(SHARE_5), r, lanes(SHARE_4));
  p = madd(p, r, lanes(SHARE_3));
  p = madd(p, r, lanes(SHARE_2));
  p = madd(p, r, lanes(SHARE_1));
  return madd(f32x4.mul(r, scale), p, scale);
}

/** e^x - 1 for x <= 88, keeping its relative accuracy (2 ulp) near 0. */
@inline
export function vexpm1Below(x: v128): v128 {
  x = f32x4.pmax(x, lanes(EXP_LEAST));
  const n = exponent(x), scale = power(n);
  return madd(expm1Remainder(remainder(x, n)), scale, f32x4.sub(scale, lanes(ONE)));
}

/** 1 / (1 + e^-x), within 3 ulp; 0 below -88.37. */
@inline
export function vsigmoid(x: v128): v128 {
  return f32x4.div(lanes(ONE), f32x4.add(lanes(ONE), vexp(f32x4.neg(x))));
}

// tanh x = x + x^3 P(x^2) up to 0.4, of degree 3 with the least maximum of the relative error as well.
const TANH_NEAR = memory.data<f32>([0.4]);
const TANH_9 = memory.data<f32>([1.8743971191e-02]);
const TANH_7 = memory.data<f32>([-5.3561912569e-02]);
const TANH_5 = memory.data<f32>([1.3331213973e-01]);
const TANH_3 = memory.data<f32>([-3.3333298709e-01]);

/** tanh x = e / (e + 2), e = e^2|x| - 1, with the sign of x, beyond the polynomial; within 2 ulp. */
@inline
export function vtanh(x: v128): v128 {
  const size = v128.and(x, lanes(ABSOLUTE)), bounded = f32x4.pmin(size, lanes(TANH_MOST));
  const e = vexpm1Below(f32x4.add(bounded, bounded)), square = f32x4.mul(x, x);
  let p = madd(lanes(TANH_9), square, lanes(TANH_7));
  p = madd(p, square, lanes(TANH_5));
  p = madd(p, square, lanes(TANH_3));
  const near = madd(f32x4.mul(p, square), x, x), far = f32x4.div(e, f32x4.add(e, lanes(TWO)));
  return v128.bitselect(near, v128.or(far, v128.xor(x, size)), f32x4.lt(size, lanes(TANH_NEAR)));
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

// e^(t^2) erfc t = u P(u) with u = 1 / (1 + 0.3 t) (the form of Hastings 1955); P of degree 8 with the least maximum of the
// relative error on [0, 9.6] (2e-8).
const ERFC_STEP = memory.data<f32>([0.3]);
const ERFC = memory.data<f32>([
  -1.2945787979e-01, 4.8522160714e-01, -5.1150866764e-01, 5.4675096162e-01,
  -9.3905397007e-02, 2.1456814772e-01, 1.4844380401e-01, 1.7069822515e-01, 1.6918917931e-01,
]);

/** erfc t for t >= 0, given e^(-t^2): beyond the error of that, within 3 ulp. */
@inline
export function verfc(t: v128, power: v128): v128 {
  const one = lanes(ONE), u = f32x4.div(one, madd(t, lanes(ERFC_STEP), one));
  let p = lanes(ERFC);
  for (let i: usize = 4; i <= 32; i += 4) p = madd(p, u, lanes(ERFC + i));
  return f32x4.mul(f32x4.mul(p, u), power);
}
