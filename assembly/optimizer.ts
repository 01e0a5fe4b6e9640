// Gradient descent and what all optimizers share, in place: w weights, g their gradient. Semantics are PyTorch's
// (torch.optim.SGD without dampening).
//
// Each loop does four elements and leaves the rest to a last call: loads of "up to four" in the loop cost Adam two thirds
// of its speed.

import { ABSOLUTE, lanes, ONE } from "./math";
import { loadSome, madd, storeSome } from "./simd";

// d = g + weightDecay w; without velocity w -= lr d; else velocity [n] = momentum velocity + d, and w -= lr velocity,
// or with Nesterov's look ahead (Sutskever et al. 2013) w -= lr (d + momentum velocity)
export function sgdStep(
  w: usize, g: usize, velocity: usize, n: i32, lr: f32, momentum: f32, nesterov: i32, weightDecay: f32,
): void {
  const rate = f32x4.splat(-lr), mu = f32x4.splat(momentum), decay = f32x4.splat(weightDecay);
  if (velocity) {
    const ahead = f32x4.splat(nesterov ? momentum : 1), own = f32x4.splat(nesterov ? 1 : 0);
    for (; n >= 4; n -= 4, w += 16, g += 16, velocity += 16) momentum4(w, g, velocity, 4, rate, mu, ahead, own, decay);
    if (n > 0) momentum4(w, g, velocity, n, rate, mu, ahead, own, decay);
  } else {
    for (; n >= 4; n -= 4, w += 16, g += 16) sgd4(w, g, 4, rate, decay);
    if (n > 0) sgd4(w, g, n, rate, decay);
  }
}

@inline
function sgd4(w: usize, g: usize, n: i32, rate: v128, decay: v128): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n));
  storeSome(w, madd(rate, d, old), n);
}

/** w -= lr (own d + ahead velocity): own = 0, ahead = 1 is plain momentum. */
@inline
function momentum4(
  w: usize, g: usize, velocity: usize, n: i32, rate: v128, mu: v128, ahead: v128, own: v128, decay: v128,
): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n)), v = madd(mu, loadSome(velocity, n), d);
  storeSome(velocity, v, n);
  storeSome(w, madd(rate, madd(own, d, f32x4.mul(ahead, v)), old), n);
}

// g [n] = factor g: clipping by norm
export function scale(g: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n >= 4; n -= 4, g += 16) v128.store(g, f32x4.mul(f, v128.load(g)));
  if (n > 0) storeSome(g, f32x4.mul(f, loadSome(g, n)), n);
}

// g [n] += factor w [n]: the gradient of factor/2 sum w^2
export function addScaled(g: usize, w: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n >= 4; n -= 4, g += 16, w += 16) v128.store(g, madd(f, v128.load(w), v128.load(g)));
  if (n > 0) storeSome(g, madd(f, loadSome(w, n), loadSome(g, n)), n);
}

// g [n] += factor sign(w [n]): the gradient of factor sum |w|
export function addSign(g: usize, w: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n >= 4; n -= 4, g += 16, w += 16) v128.store(g, madd(f, sign(v128.load(w)), v128.load(g)));
  if (n > 0) storeSome(g, madd(f, sign(loadSome(w, n)), loadSome(g, n)), n);
}

// average [n] = momentum average + (1 - momentum) w [n]
export function movingAverage(average: usize, w: usize, n: i32, momentum: f64): void {
  const a = f32x4.splat(<f32>momentum), b = f32x4.splat(<f32>(1 - momentum));
  for (; n >= 4; n -= 4, average += 16, w += 16) {
    v128.store(average, madd(a, v128.load(average), f32x4.mul(b, v128.load(w))));
  }
  if (n > 0) storeSome(average, madd(a, loadSome(average, n), f32x4.mul(b, loadSome(w, n))), n);
}

/** -1, 0 or 1; NaN stays. */
@inline
export function sign(x: v128): v128 {
  const zero = i32x4.splat(0), one = v128.bitselect(lanes(ONE), x, lanes(ABSOLUTE));
  return v128.bitselect(one, x, v128.or(f32x4.lt(x, zero), f32x4.gt(x, zero)));
}
