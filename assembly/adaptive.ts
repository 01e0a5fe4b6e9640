// Optimizers that measure each weight's gradients and divide by their size, in place: w weights, g their gradient, the rest
// states of the same size [n]. d = g + weightDecay w in all but Lion. Semantics are PyTorch's.
//
// Settings are doubles, since 1 - f32(0.999) is off by 1e-5. As in optimizer.ts, a loop does four elements and a last call the rest.

import { ABSOLUTE, lanes } from "./math";
import { sign } from "./optimizer";
import { loadSome, madd, storeSome } from "./simd";

@inline
function splat(x: f64): v128 {
  return f32x4.splat(<f32>x);
}

/** a x + b y, stored in x. */
@inline
function blend(x: usize, n: i32, a: v128, b: v128, y: v128): v128 {
  const mixed = madd(a, loadSome(x, n), f32x4.mul(b, y));
  storeSome(x, mixed, n);
  return mixed;
}

// Adam (Kingma & Ba 2015, algorithm 1) and its kin: m = beta1 m + (1 - beta1) d, v = beta2 v + (1 - beta2) d^2,
// w = shrink w - rate (m + ahead d) / (sqrt(v) root + epsilon). Over t steps Adam's rate is lr / (1 - beta1^t), root
// 1 / sqrt(1 - beta2^t), shrink 1 and ahead 0. AMSGrad (Reddi et al. 2018) takes `most`, the largest v so far (or null), for v.
export function adamStep(
  w: usize, g: usize, m: usize, v: usize, most: usize, n: i32,
  rate: f64, beta1: f64, beta2: f64, epsilon: f64, root: f64, ahead: f64, weightDecay: f64, shrink: f64,
): void {
  const b1 = splat(beta1), c1 = splat(1 - beta1), b2 = splat(beta2), c2 = splat(1 - beta2), step = splat(-rate);
  const inverse = splat(root), eps = splat(epsilon), own = splat(ahead), decay = splat(weightDecay), keep = splat(shrink);
  for (; n >= 4; n -= 4, w += 16, g += 16, m += 16, v += 16) {
    adam4(w, g, m, v, most, 4, b1, c1, b2, c2, step, inverse, eps, own, decay, keep);
    if (most) most += 16;
  }
  if (n > 0) adam4(w, g, m, v, most, n, b1, c1, b2, c2, step, inverse, eps, own, decay, keep);
}

@inline
function adam4(
  w: usize, g: usize, m: usize, v: usize, most: usize, n: i32, b1: v128, c1: v128, b2: v128, c2: v128,
  step: v128, inverse: v128, eps: v128, own: v128, decay: v128, keep: v128,
): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n));
  const mean = blend(m, n, b1, c1, d);
  let square = blend(v, n, b2, c2, f32x4.mul(d, d));
  if (most) {
    square = f32x4.pmax(square, loadSome(most, n)); // a NaN of v stays
    storeSome(most, square, n);
  }
  const size = madd(f32x4.sqrt(square), inverse, eps);
  storeSome(w, madd(step, f32x4.div(madd(own, d, mean), size), f32x4.mul(keep, old)), n);
}

// Adamax (Kingma & Ba 2015, algorithm 2): m as Adam's, u = max(beta2 u, |d| + epsilon), w -= rate m / u;
// rate = lr / (1 - beta1^t)
export function adamaxStep(
  w: usize, g: usize, m: usize, u: usize, n: i32,
  rate: f64, beta1: f64, beta2: f64, epsilon: f64, weightDecay: f64,
): void {
  const b1 = splat(beta1), c1 = splat(1 - beta1), b2 = splat(beta2);
  const step = splat(-rate), eps = splat(epsilon), decay = splat(weightDecay);
  for (; n >= 4; n -= 4, w += 16, g += 16, m += 16, u += 16) adamax4(w, g, m, u, 4, b1, c1, b2, step, eps, decay);
  if (n > 0) adamax4(w, g, m, u, n, b1, c1, b2, step, eps, decay);
}

@inline
function adamax4(
  w: usize, g: usize, m: usize, u: usize, n: i32, b1: v128, c1: v128, b2: v128, step: v128, eps: v128, decay: v128,
): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n));
  const mean = blend(m, n, b1, c1, d), size = f32x4.add(v128.and(d, lanes(ABSOLUTE)), eps);
  const most = f32x4.pmax(size, f32x4.mul(b2, loadSome(u, n)));
  storeSome(u, most, n);
  storeSome(w, madd(step, f32x4.div(mean, most), old), n);
}

// RMSprop (Tieleman & Hinton 2012): v = rho v + gain d^2, x = d / (sqrt(v) + epsilon), w -= lr x, with gain = 1 - rho; Adagrad
// (Duchi et al. 2011) with rho = gain = 1. With `mean` (or null; "centered", Graves 2013): mean = rho mean + gain d, and
// sqrt(v - mean^2). With `velocity` (or null): velocity = momentum velocity + x, and w -= lr velocity
export function rmspropStep(
  w: usize, g: usize, v: usize, mean: usize, velocity: usize, n: i32,
  lr: f64, rho: f64, gain: f64, momentum: f64, epsilon: f64, weightDecay: f64,
): void {
  const a = splat(rho), b = splat(gain), mu = splat(momentum);
  const step = splat(-lr), eps = splat(epsilon), decay = splat(weightDecay);
  for (; n >= 4; n -= 4, w += 16, g += 16, v += 16) {
    rmsprop4(w, g, v, mean, velocity, 4, a, b, mu, step, eps, decay);
    if (mean) mean += 16;
    if (velocity) velocity += 16;
  }
  if (n > 0) rmsprop4(w, g, v, mean, velocity, n, a, b, mu, step, eps, decay);
}

@inline
function rmsprop4(
  w: usize, g: usize, v: usize, mean: usize, velocity: usize, n: i32,
  a: v128, b: v128, mu: v128, step: v128, eps: v128, decay: v128,
): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n));
  let square = blend(v, n, a, b, f32x4.mul(d, d));
  if (mean) {
    const middle = blend(mean, n, a, b, d);
    square = f32x4.pmax(f32x4.sub(square, f32x4.mul(middle, middle)), i32x4.splat(0)); // which rounding may make negative
  }
  let x = f32x4.div(d, f32x4.add(f32x4.sqrt(square), eps));
  if (velocity) {
    x = madd(mu, loadSome(velocity, n), x);
    storeSome(velocity, x, n);
  }
  storeSome(w, madd(step, x, old), n);
}

// Adadelta (Zeiler 2012): v = rho v + (1 - rho) d^2, x = d sqrt(u + epsilon) / sqrt(v + epsilon), u = rho u + (1 - rho) x^2,
// w -= lr x
export function adadeltaStep(
  w: usize, g: usize, v: usize, u: usize, n: i32, lr: f64, rho: f64, epsilon: f64, weightDecay: f64,
): void {
  const a = splat(rho), b = splat(1 - rho), step = splat(-lr), eps = splat(epsilon), decay = splat(weightDecay);
  for (; n >= 4; n -= 4, w += 16, g += 16, v += 16, u += 16) adadelta4(w, g, v, u, 4, a, b, step, eps, decay);
  if (n > 0) adadelta4(w, g, v, u, n, a, b, step, eps, decay);
}

@inline
function adadelta4(
  w: usize, g: usize, v: usize, u: usize, n: i32, a: v128, b: v128, step: v128, eps: v128, decay: v128,
): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n)), square = blend(v, n, a, b, f32x4.mul(d, d));
  const ratio = f32x4.div(f32x4.add(loadSome(u, n), eps), f32x4.add(square, eps));
  const x = f32x4.mul(d, f32x4.sqrt(ratio));
  blend(u, n, a, b, f32x4.mul(x, x));
  storeSome(w, madd(step, x, old), n);
}

// Lion (Chen et al. 2023, program 1): w = shrink w - lr sign(beta1 m + (1 - beta1) g), m = beta2 m + (1 - beta2) g
export function lionStep(
  w: usize, g: usize, m: usize, n: i32, lr: f64, beta1: f64, beta2: f64, shrink: f64,
): void {
  const b1 = splat(beta1), c1 = splat(1 - beta1), b2 = splat(beta2), c2 = splat(1 - beta2);
  const step = splat(-lr), keep = splat(shrink);
  for (; n >= 4; n -= 4, w += 16, g += 16, m += 16) lion4(w, g, m, 4, b1, c1, b2, c2, step, keep);
  if (n > 0) lion4(w, g, m, n, b1, c1, b2, c2, step, keep);
}

@inline
function lion4(
  w: usize, g: usize, m: usize, n: i32, b1: v128, c1: v128, b2: v128, c2: v128, step: v128, keep: v128,
): void {
  const d = loadSome(g, n), direction = sign(madd(b1, loadSome(m, n), f32x4.mul(c1, d)));
  blend(m, n, b2, c2, d);
  storeSome(w, madd(step, direction, f32x4.mul(keep, loadSome(w, n))), n);
}
