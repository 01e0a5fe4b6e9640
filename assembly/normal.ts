// The activations that are made of the normal distribution: erf and gelu. NaN stays NaN; constants are in memory, as in math.ts.

import { ABSOLUTE, lanes, ONE, vexpSum } from "./math";
import { loadSome, madd, storeSome } from "./simd";

/** What is computed; always a constant, so that each has a loop of its own. Numbers as in src/ops/activationKinds.ts. */
export const GELU: i32 = 9;
export const ERF: i32 = 18;
const GELU_SLOPE: i32 = -9;
const ERF_SLOPE: i32 = -18;

const HALF = memory.data<f32>([0.5]);
const ROOT_HALF = memory.data<f32>([0.7071067811865476]);
/** 1 / sqrt(2 pi), 2 / sqrt(pi). */
const NORMAL = memory.data<f32>([0.3989422804014327]);
const SLOPE = memory.data<f32>([1.1283791670955126]);
/** Beyond these all of what is computed rounds to its limit. */
const GELU_MOST = memory.data<f32>([13.8]);
const ERF_MOST = memory.data<f32>([9.5]);
/** The first 12 bits of a float: its square is exact. */
const SHORT = memory.data<u32>([0xfffff000]);

// erf t = t + t P(t^2) for |t| <= 1, P of degree 6 with the least maximum of the relative error (1.3e-9).
const NEAR = memory.data<f32>([
  7.8538609651e-05, -8.0101935082e-04, 5.1883276725e-03, -2.6853811928e-02, 1.1283585148e-01, -3.7612625824e-01,
  1.2837916573e-01,
]);
// e^(t^2) erfc t = u P(u) with u = 1 / (1 + 0.55 t) (the form of Hastings 1955); P of degree 9, likewise, on [0, 9.9] (7e-9).
const STEP = memory.data<f32>([0.55]);
const FAR = memory.data<f32>([
  5.8047601488e-02, -3.3665871454e-01, 7.8124995672e-01, -8.5343352520e-01, 3.6396389230e-01, -9.4995677981e-02,
  2.0205088786e-01, 2.5881995095e-01, 3.1066354863e-01, 3.1029208653e-01,
]);

/** erf t for |t| <= 1, within an ulp. */
@inline
function near(t: v128): v128 {
  const square = f32x4.mul(t, t);
  let p = lanes(NEAR);
  for (let i: usize = 4; i <= 24; i += 4) p = madd(p, square, lanes(NEAR + i));
  return madd(t, p, t);
}

/** e^(t^2) erfc t for t >= 0. */
@inline
function far(t: v128): v128 {
  const one = lanes(ONE), u = f32x4.div(one, madd(t, lanes(STEP), one));
  let p = lanes(FAR);
  for (let i: usize = 4; i <= 36; i += 4) p = madd(p, u, lanes(FAR + i));
  return f32x4.mul(p, u);
}

/** e^(-factor t^2): the square in two parts, or its rounding would cost as many ulps as it is large. */
@inline
function bell(t: v128, factor: v128): v128 {
  const head = v128.and(t, lanes(SHORT)), rest = f32x4.sub(t, head), minus = f32x4.neg(factor);
  return vexpSum(f32x4.mul(f32x4.mul(head, head), minus), f32x4.mul(f32x4.mul(rest, minus), f32x4.add(t, head)));
}

/**
 * y of x, or a slope. gelu x = x P(x) with P = (1 + erf(x / sqrt 2)) / 2: so below 1, within 3 ulp; beyond max(x, 0) less
 * |x| erfc(|x| / sqrt 2) / 2, within 2 ulp above and 6 below. erf is within 2 ulp.
 */
@inline
function apply(kind: i32, x: v128): v128 {
  const one = lanes(ONE), size = v128.and(x, lanes(ABSOLUTE)), sign = v128.andnot(x, lanes(ABSOLUTE));
  if (kind == ERF || kind == ERF_SLOPE) {
    const t = f32x4.pmin(size, lanes(ERF_MOST)), power = bell(t, one);
    if (kind == ERF_SLOPE) return f32x4.mul(power, lanes(SLOPE));
    const rest = f32x4.sub(one, f32x4.mul(far(t), power));
    return v128.bitselect(near(x), v128.or(rest, sign), f32x4.lt(size, one));
  }
  const half = lanes(HALF), a = f32x4.pmin(size, lanes(GELU_MOST)), t = f32x4.mul(a, lanes(ROOT_HALF)), power = bell(a, half);
  const positive = f32x4.gt(x, i32x4.splat(0));
  if (kind == GELU_SLOPE) { // P + x P'
    const tail = f32x4.mul(f32x4.mul(far(t), half), power), below = v128.bitselect(f32x4.sub(one, tail), tail, positive);
    return f32x4.add(below, f32x4.mul(f32x4.mul(v128.or(a, sign), lanes(NORMAL)), power));
  }
  const h = f32x4.mul(x, half), lack = f32x4.mul(f32x4.mul(f32x4.mul(a, half), far(t)), power);
  const all = f32x4.sub(f32x4.pmax(x, i32x4.splat(0)), lack);
  return v128.bitselect(madd(h, near(f32x4.mul(x, lanes(ROOT_HALF))), h), all, f32x4.lt(size, one));
}

// x [n], or dy [n] and x -> y [n], any of which may be the same
@inline
function each(kind: i32, x: usize, dy: usize, y: usize, n: i32): void {
  for (; n > 0; n -= 4, x += 16, y += 16) {
    const value = apply(kind, loadSome(x, n));
    if (kind >= 0) storeSome(y, value, n);
    else {
      storeSome(y, f32x4.mul(loadSome(dy, n), value), n);
      dy += 16;
    }
  }
}

// x [n] -> y [n]
export function normal(x: usize, y: usize, n: i32, kind: i32): void {
  if (kind == GELU) each(GELU, x, 0, y, n);
  else each(ERF, x, 0, y, n);
}

// dy [n], x [n] -> dx [n] (written)
export function normalBackward(dy: usize, x: usize, dx: usize, n: i32, kind: i32): void {
  if (kind == GELU) each(GELU_SLOPE, x, dy, dx, n);
  else each(ERF_SLOPE, x, dy, dx, n);
}
