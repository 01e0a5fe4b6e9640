// The activations that few networks have: one loop for all, which calls by number (but erf and gelu have theirs). Any of the buffers
// may be the same one.

import { ABSOLUTE, lanes, ONE, vexp, vexpm1Below, vlog1p, vsigmoid } from "./math";
import { ERF, GELU, normal, normalBackward } from "./normal";
import { loadSome, storeSome } from "./simd";

// Numbers as in src/ops/activation.ts. a, b and c are parameters.
/** c x above 0, a (e^(b x) - 1) below: selu, celu. */
const EXPONENTIAL: i32 = 8;
const GELU_TANH: i32 = 10;
const SOFTPLUS: i32 = 11;
const LOG_SIGMOID: i32 = 12;
const SOFTSIGN: i32 = 13;
const MISH: i32 = 14;
/** a x + b, kept within [c, 1]: hardSigmoid, hardTanh. */
const CLIPPED: i32 = 15;
const HARD_SWISH: i32 = 16;
/** c from c on, x above a, b (x - a) below: relu with options. */

const HALF = memory.data<f32>([0.5]);
const TWO = memory.data<f32>([2]);
const THREE = memory.data<f32>([3]);
const SIXTH = memory.data<f32>([0.16666666666666666]);
const THIRD = memory.data<f32>([0.3333333333333333]);
/** 2 sqrt(2 / pi), and 0.044715 and 3 * 0.044715 times it. */
const CURVE_1 = memory.data<f32>([1.5957691216057308]);
const CURVE_3 = memory.data<f32>([0.07135481282552484]);
const CURVE_2 = memory.data<f32>([0.21406443847657454]);
/** tanh(ln(1 + e^x)) rounds to 1 from here on. */
const MISH_MOST = memory.data<f32>([20]);

/** Where the slopes of geluTanh and mish have long been 0 and 1: farther out, infinity times 0 would be in the way. */
const LOW = memory.data<f32>([-90]);
const HIGH = memory.data<f32>([30]);

@inline
function within(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, lanes(LOW)), lanes(HIGH));
}

/** ln(1 + e^x). */
@inline
function softplus(x: v128): v128 {
  const tail = vlog1p(vexp(f32x4.neg(v128.and(x, lanes(ABSOLUTE)))));
  return f32x4.add(f32x4.pmax(x, i32x4.splat(0)), tail);
}

/** 2 sqrt(2/pi) (x + 0.044715 x^3). */
@inline
function curve(x: v128): v128 {
  return f32x4.mul(x, f32x4.add(lanes(CURVE_1), f32x4.mul(lanes(CURVE_3), f32x4.mul(x, x))));
}

function apply(kind: i32, x: v128, a: v128, b: v128, c: v128): v128 {
  const zero = i32x4.splat(0), one = lanes(ONE);
  if (kind == EXPONENTIAL) {
    const low = f32x4.mul(vexpm1Below(f32x4.mul(f32x4.pmin(x, zero), b)), a);
    return v128.bitselect(f32x4.mul(x, c), low, f32x4.gt(x, zero));
  }
  if (kind == GELU_TANH) return f32x4.mul(x, vsigmoid(curve(x)));
  if (kind == SOFTPLUS) return softplus(x);
  if (kind == LOG_SIGMOID) return f32x4.neg(softplus(f32x4.neg(x)));
  if (kind == SOFTSIGN) return f32x4.div(x, f32x4.add(one, v128.and(x, lanes(ABSOLUTE))));
  if (kind == MISH) {
    const e = vexp(f32x4.pmin(x, lanes(MISH_MOST))), n = f32x4.mul(e, f32x4.add(e, lanes(TWO)));
    return f32x4.mul(x, f32x4.div(n, f32x4.add(n, lanes(TWO))));
  }
  if (kind == CLIPPED) return f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(x, a), b), c), one);
  if (kind == HARD_SWISH) {
    const share = f32x4.add(f32x4.mul(x, lanes(SIXTH)), lanes(HALF));
    return f32x4.mul(x, f32x4.pmin(f32x4.pmax(share, zero), one));
  }
  const under = f32x4.mul(f32x4.sub(x, a), b);
  // 0 times -infinity counts as 0; NaN stays.
  const low = v128.bitselect(under, v128.and(x, f32x4.ne(x, x)), f32x4.ne(b, zero));
  return v128.bitselect(c, v128.bitselect(x, low, f32x4.gt(x, a)), f32x4.ge(x, c));
}

/** dy/dx; `v` is x or y, as src/ops/activation.ts says. */
function derive(kind: i32, v: v128, a: v128, b: v128, c: v128): v128 {
  const zero = i32x4.splat(0), one = lanes(ONE);
  if (kind == EXPONENTIAL) return v128.bitselect(c, f32x4.mul(b, f32x4.add(v, a)), f32x4.gt(v, zero));
  if (kind == GELU_TANH) {
    const x = within(v), u = curve(x), s = vsigmoid(u), rest = vsigmoid(f32x4.neg(u));
    const rise = f32x4.add(lanes(CURVE_1), f32x4.mul(lanes(CURVE_2), f32x4.mul(x, x)));
    return f32x4.add(s, f32x4.mul(f32x4.mul(x, rise), f32x4.mul(s, rest)));
  }
  if (kind == SOFTPLUS) return f32x4.neg(vexpm1Below(f32x4.neg(v)));
  if (kind == LOG_SIGMOID) return f32x4.neg(vexpm1Below(v));
  if (kind == SOFTSIGN) {
    const rest = f32x4.sub(one, v128.and(v, lanes(ABSOLUTE)));
    return f32x4.mul(rest, rest);
  }
  if (kind == MISH) {
    const x = f32x4.pmin(within(v), lanes(MISH_MOST)), e = vexp(x), two = lanes(TWO);
    const n = f32x4.mul(e, f32x4.add(e, two)), d = f32x4.add(n, two), t = f32x4.div(n, d);
    // 1 - t^2 = 4 (e + 1)^2 / d^2, and times the sigmoid e / (1 + e)
    const slope = f32x4.div(f32x4.mul(f32x4.mul(e, f32x4.add(e, one)), f32x4.add(two, two)), f32x4.mul(d, d));
    return f32x4.add(t, f32x4.mul(x, slope));
  }
  if (kind == CLIPPED) return v128.andnot(a, v128.or(f32x4.le(v, c), f32x4.ge(v, one)));
  if (kind == HARD_SWISH) {
    const inner = f32x4.add(f32x4.mul(v, lanes(THIRD)), lanes(HALF)), three = lanes(THREE);
    return v128.bitselect(one, v128.andnot(inner, f32x4.lt(v, f32x4.neg(three))), f32x4.ge(v, three));
  }
  return v128.andnot(v128.bitselect(one, b, f32x4.gt(v, a)), f32x4.ge(v, c));
}

// x [n] -> y [n]
export function rareActivation(x: usize, y: usize, n: i32, kind: i32, p: f32, q: f32, r: f32): void {
  if (kind == GELU || kind == ERF) return normal(x, y, n, kind);
  const a = f32x4.splat(p), b = f32x4.splat(q), c = f32x4.splat(r);
  for (; n > 0; n -= 4, x += 16, y += 16) storeSome(y, apply(kind, loadSome(x, n), a, b, c), n);
}

// dy [n], v [n] (x or y) -> dx [n] (written)
export function rareActivationBackward(
  dy: usize, v: usize, dx: usize, n: i32, kind: i32, p: f32, q: f32, r: f32,
): void {
  if (kind == GELU || kind == ERF) return normalBackward(dy, v, dx, n, kind);
  const a = f32x4.splat(p), b = f32x4.splat(q), c = f32x4.splat(r);
  for (; n > 0; n -= 4, dy += 16, v += 16, dx += 16) {
    storeSome(dx, f32x4.mul(loadSome(dy, n), derive(kind, loadSome(v, n), a, b, c)), n);
  }
}
