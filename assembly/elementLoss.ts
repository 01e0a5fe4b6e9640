// Losses that are sums over elements: each looks at one prediction x and its target t, and gives the gradient along.

import { clip, LEAST, outside, weight } from "./crossEntropy";
import { ABSOLUTE, lanes, ONE, vexp, vlog, vsigmoid } from "./math";
import { sign } from "./optimizer";
import { firstLanes, loadSome, storeSome, sum4 } from "./simd";

// Numbers as in src/ops/elementLoss.ts.
const SQUARED_ERROR: i32 = 0;
const ABSOLUTE_ERROR: i32 = 1;
const HUBER: i32 = 2;
const HINGE: i32 = 3;
const SQUARED_HINGE: i32 = 4;
const BINARY: i32 = 5;
const BINARY_LOGITS: i32 = 6;
const CATEGORICAL: i32 = 7;
const DIVERGENCE: i32 = 8;
const HALF = memory.data<f32>([0.5]);
/** Under a power or a fraction line, for 0. */
const TINY = memory.data<f32>([1e-30]);

/**
 * l of four elements; the first n get dx = factor dl/dx (unless dx is null). `a` is delta of Huber, gamma of the others; `on`
 * and `off` weigh targets 1 and 0.
 */
function element(
  kind: i32, x: v128, t: v128, dx: usize, n: i32, factor: v128, a: f32, on: f32, off: f32,
): v128 {
  const zero = i32x4.splat(0), one = lanes(ONE), d = f32x4.sub(x, t), p = f32x4.splat(a);
  let l: v128, slope: v128;
  if (kind == SQUARED_ERROR) {
    l = f32x4.mul(d, d);
    slope = f32x4.add(d, d);
  } else if (kind == ABSOLUTE_ERROR) {
    l = v128.and(d, lanes(ABSOLUTE));
    slope = sign(d);
  } else if (kind == HUBER) {
    slope = f32x4.pmin(f32x4.pmax(d, f32x4.neg(p)), p); // d within [-delta, delta]
    l = f32x4.mul(slope, f32x4.sub(d, f32x4.mul(slope, lanes(HALF))));
  } else if (kind == HINGE || kind == SQUARED_HINGE) {
    const side = v128.bitselect(one, f32x4.neg(one), f32x4.gt(t, zero));
    const lack = f32x4.pmax(f32x4.sub(one, f32x4.mul(side, x)), zero);
    const square = kind == SQUARED_HINGE;
    l = square ? f32x4.mul(lack, lack) : lack;
    slope = square ? f32x4.mul(f32x4.neg(side), f32x4.add(lack, lack)) : v128.andnot(f32x4.neg(side), f32x4.le(lack, zero));
  } else if (kind == CATEGORICAL) { // -on t (1 - y)^gamma ln y
    const y = clip(x), rest = f32x4.sub(one, y), ln = vlog(y);
    const share = f32x4.mul(f32x4.mul(f32x4.splat(on), t), vexp(f32x4.mul(p, vlog(rest))));
    l = f32x4.neg(f32x4.mul(share, ln));
    const rise = f32x4.sub(f32x4.div(f32x4.mul(p, ln), rest), f32x4.div(one, y));
    slope = v128.andnot(f32x4.mul(share, rise), outside(x));
  } else if (kind == DIVERGENCE) { // t ln(t / y), both within [1e-7, 1]
    const least = lanes(LEAST), y = f32x4.pmin(f32x4.pmax(x, least), one), s = f32x4.pmin(f32x4.pmax(t, least), one);
    const ratio = f32x4.div(s, y);
    l = f32x4.mul(s, vlog(ratio));
    slope = v128.andnot(f32x4.neg(ratio), v128.or(f32x4.lt(x, least), f32x4.gt(x, one)));
  } else { // (on or off) q^gamma times the cross-entropy, q = t (1 - y) + (1 - t) y
    const logits = kind == BINARY_LOGITS, y = logits ? vsigmoid(x) : clip(x);
    const rest = logits ? vsigmoid(f32x4.neg(x)) : f32x4.sub(one, y), other = f32x4.sub(one, t);
    if (logits) {
      const tail = vlog(f32x4.add(one, vexp(f32x4.neg(v128.and(x, lanes(ABSOLUTE))))));
      l = f32x4.add(f32x4.sub(f32x4.pmax(x, zero), f32x4.mul(x, t)), tail);
    } else l = f32x4.neg(f32x4.add(f32x4.mul(t, vlog(y)), f32x4.mul(other, vlog(rest))));
    slope = f32x4.sub(y, t); // by the logit, whose gradient dy/dx = y (1 - y) is
    if (a != 0) {
      const q = f32x4.pmax(f32x4.add(f32x4.mul(t, rest), f32x4.mul(other, y)), lanes(TINY));
      const rise = f32x4.mul(f32x4.mul(f32x4.div(p, q), f32x4.sub(other, t)), f32x4.mul(l, f32x4.mul(y, rest)));
      const share = vexp(f32x4.mul(p, vlog(q)));
      slope = f32x4.mul(share, f32x4.add(slope, rise));
      l = f32x4.mul(share, l);
    }
    const weigh = f32x4.add(f32x4.mul(f32x4.splat(on), t), f32x4.mul(f32x4.splat(off), other));
    slope = f32x4.mul(weigh, slope);
    l = f32x4.mul(weigh, l);
    if (!logits) slope = v128.andnot(f32x4.div(slope, f32x4.mul(y, rest)), outside(x));
  }
  if (dx) storeSome(dx, f32x4.mul(factor, slope), n);
  return l;
}

// x [M,C], targets [M,C], weights w [M] (or null: 1) -> losses [M] = unit w sum(l), dx = scale w dl/dx [M,C] (written; or null;
// may be x)
export function elementLoss(
  x: usize, targets: usize, weights: usize, losses: usize, dx: usize, M: i32, C: i32,
  kind: i32, unit: f32, scale: f32, a: f32, on: f32, off: f32,
): void {
  for (let i = 0; i < M; i++) {
    const w = weight(weights, i), factor = f32x4.splat(w * scale);
    let sum = i32x4.splat(0);
    for (let n = C; n > 0; n -= 4) {
      const count = min(n, 4);
      const l = element(kind, loadSome(x, n), loadSome(targets, n), dx, n, factor, a, on, off);
      sum = f32x4.add(sum, v128.and(l, firstLanes(count)));
      const step = <usize>count << 2;
      x += step;
      targets += step;
      if (dx) dx += step;
    }
    store<f32>(losses + (<usize>i << 2), w * unit * sum4(sum));
  }
}
