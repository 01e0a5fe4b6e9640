// The activations that are made of an exponential. NaN stays NaN; constants are in memory, as in math.ts.

import {
  ABSOLUTE, EXP_2, EXP_3, EXP_4, EXP_5, EXP_6, EXP_LEAST, EXP_MOST, lanes, LN2_HIGH, LN2_LOW, LOG2E, ONE, power, ROUNDER,
} from "./math";
import { loadSome, madd, storeSome } from "./simd";

/** What is computed; always a constant, so that each has a loop of its own. Numbers as in src/ops/activation.ts. */
export const ELU: i32 = 4;
export const SIGMOID: i32 = 5;
export const TANH: i32 = 6;
export const SWISH: i32 = 7;
export const SWISH_SLOPE: i32 = 8;

/** tanh rounds to 1 from here on. */
const TANH_MOST = memory.data<f32>([9.1]);
const TWO = memory.data<f32>([2]);
// tanh x = x + x^3 P(x^2) up to 0.4, of degree 3 with the least maximum of the relative error as well.
const TANH_NEAR = memory.data<f32>([0.4]);
const TANH_9 = memory.data<f32>([1.8743971191e-02]);
const TANH_7 = memory.data<f32>([-5.3561912569e-02]);
const TANH_5 = memory.data<f32>([1.3331213973e-01]);
const TANH_3 = memory.data<f32>([-3.3333298709e-01]);

/**
 * y of x; p is alpha of elu, a factor of the slope of swish.
 *
 * sigmoid x = 1 / (1 + e^-x), within 3 ulp, 0 below -88.37; swish x = x sigmoid x; elu x = p (e^x - 1) below 0, with the
 * relative accuracy of 2 ulp; tanh x = e / (e + 2), e = e^2|x| - 1, with the sign of x, beyond the polynomial, within 2 ulp.
 */
@inline
function apply(
  kind: i32, x: v128, p: v128, log2e: v128, rounder: v128, high: v128, low: v128,
  c6: v128, c5: v128, c4: v128, c3: v128, c2: v128, least: v128, most: v128, one: v128,
): v128 {
  const signed = kind == TANH ? v128.and(x, most) : x, zero = i32x4.splat(0);
  let z = x;
  if (kind == TANH) z = f32x4.pmin(signed, least), z = f32x4.add(z, z);
  else if (kind == ELU) z = f32x4.pmax(f32x4.pmin(x, zero), least);
  else z = f32x4.pmax(f32x4.pmin(f32x4.neg(x), most), least);
  const rounded = madd(z, log2e, rounder), scale = power(rounded), n = f32x4.sub(rounded, rounder);
  const r = f32x4.sub(f32x4.sub(z, f32x4.mul(n, high)), f32x4.mul(n, low));
  const less = madd(madd(madd(madd(madd(c6, r, c5), r, c4), r, c3), r, c2), f32x4.mul(r, r), r); // e^r - 1
  if (kind != ELU && kind != TANH) {
    const s = f32x4.div(kind == SWISH ? x : one, f32x4.add(one, f32x4.mul(f32x4.add(less, one), scale)));
    if (kind != SWISH_SLOPE) return s;
    return f32x4.mul(p, f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s)))));
  }
  const e = madd(less, scale, f32x4.sub(scale, one));
  if (kind == ELU) return v128.bitselect(x, f32x4.mul(e, p), f32x4.gt(x, zero));
  const square = f32x4.mul(x, x), far = v128.or(f32x4.div(e, f32x4.add(e, lanes(TWO))), v128.xor(x, signed));
  const near = madd(madd(madd(lanes(TANH_9), square, lanes(TANH_7)), square, lanes(TANH_5)), square, lanes(TANH_3));
  return v128.bitselect(madd(f32x4.mul(near, square), x, x), far, f32x4.lt(signed, lanes(TANH_NEAR)));
}

// x [n], factors [n] or null -> y [n], any of which may be the same. Four vectors at once, before they are stored: each is
// a long chain of operations that wait for each other.
@inline
export function exponentials(kind: i32, x: usize, factors: usize, y: usize, n: i32, p: v128): void {
  const log2e = lanes(LOG2E), rounder = lanes(ROUNDER), high = lanes(LN2_HIGH), low = lanes(LN2_LOW), one = lanes(ONE);
  const c6 = lanes(EXP_6), c5 = lanes(EXP_5), c4 = lanes(EXP_4), c3 = lanes(EXP_3), c2 = lanes(EXP_2);
  const least = lanes(kind == TANH ? TANH_MOST : EXP_LEAST), most = lanes(kind == TANH ? ABSOLUTE : EXP_MOST);
  let p1 = p, p2 = p, p3 = p;
  for (; n >= 16; n -= 16, x += 64, y += 64) {
    if (kind == SWISH_SLOPE) {
      p = v128.load(factors); p1 = v128.load(factors, 16); p2 = v128.load(factors, 32); p3 = v128.load(factors, 48);
      factors += 64;
    }
    const a = apply(kind, v128.load(x), p, log2e, rounder, high, low, c6, c5, c4, c3, c2, least, most, one);
    const b = apply(kind, v128.load(x, 16), p1, log2e, rounder, high, low, c6, c5, c4, c3, c2, least, most, one);
    const c = apply(kind, v128.load(x, 32), p2, log2e, rounder, high, low, c6, c5, c4, c3, c2, least, most, one);
    const d = apply(kind, v128.load(x, 48), p3, log2e, rounder, high, low, c6, c5, c4, c3, c2, least, most, one);
    v128.store(y, a);
    v128.store(y, b, 16);
    v128.store(y, c, 32);
    v128.store(y, d, 48);
  }
  for (; n > 0; n -= 4, x += 16, y += 16) {
    if (kind == SWISH_SLOPE) p = loadSome(factors, n), factors += 16;
    storeSome(y, apply(kind, loadSome(x, n), p, log2e, rounder, high, low, c6, c5, c4, c3, c2, least, most, one), n);
  }
}
