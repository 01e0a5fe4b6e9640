// Optimizers, in place: w weights, g their gradient. Semantics are PyTorch's (torch.optim.SGD without dampening, Adam).
//
// Each loop does four elements and leaves the rest to a last call: loads of "up to four" in the loop cost Adam two thirds
// of its speed.

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

// Adam (Kingma & Ba 2015, algorithm 1): d = g + weightDecay w; m [n] = beta1 m + (1 - beta1) d,
// v [n] = beta2 v + (1 - beta2) d^2, w -= lr (m / correction1) / (sqrt(v / correction2) + epsilon);
// correction1 = 1 - beta1^t, correction2 = 1 - beta2^t after t steps. Doubles, since 1 - f32(0.999) is off by 1e-5.
export function adamStep(
  w: usize, g: usize, m: usize, v: usize, n: i32,
  lr: f64, beta1: f64, beta2: f64, epsilon: f64, correction1: f64, correction2: f64, weightDecay: f64,
): void {
  const b1 = f32x4.splat(<f32>beta1), c1 = f32x4.splat(<f32>(1 - beta1));
  const b2 = f32x4.splat(<f32>beta2), c2 = f32x4.splat(<f32>(1 - beta2));
  const rate = f32x4.splat(<f32>(-lr / correction1)), root = f32x4.splat(<f32>(1 / Math.sqrt(correction2)));
  const eps = f32x4.splat(<f32>epsilon), decay = f32x4.splat(<f32>weightDecay);
  for (; n >= 4; n -= 4, w += 16, g += 16, m += 16, v += 16) {
    adam4(w, g, m, v, 4, b1, c1, b2, c2, rate, root, eps, decay);
  }
  if (n > 0) adam4(w, g, m, v, n, b1, c1, b2, c2, rate, root, eps, decay);
}

@inline
function adam4(
  w: usize, g: usize, m: usize, v: usize, n: i32,
  b1: v128, c1: v128, b2: v128, c2: v128, rate: v128, root: v128, eps: v128, decay: v128,
): void {
  const old = loadSome(w, n), d = madd(decay, old, loadSome(g, n));
  const mean = madd(b1, loadSome(m, n), f32x4.mul(c1, d));
  const square = madd(b2, loadSome(v, n), f32x4.mul(c2, f32x4.mul(d, d)));
  storeSome(m, mean, n);
  storeSome(v, square, n);
  const size = madd(f32x4.sqrt(square), root, eps);
  storeSome(w, madd(rate, f32x4.div(mean, size), old), n);
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

/** -1, 0 or 1; 0 for NaN. */
@inline
function sign(x: v128): v128 {
  const zero = i32x4.splat(0);
  return f32x4.convert_i32x4_s(i32x4.sub(f32x4.lt(x, zero), f32x4.gt(x, zero)));
}
