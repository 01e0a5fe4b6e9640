// Local response normalisation (Krizhevsky et al. 2012): each channel is divided by the strength of those around it,
// y = x s^-beta, s = k + alpha / size sum x^2 over `size` channels, as PyTorch and ONNX have it.

import { vexp, vlog } from "./math";
import { loadSome, madd, storeSome } from "./simd";

/** s^power. */
@inline
function pow(s: v128, power: v128): v128 {
  return vexp(f32x4.mul(power, vlog(s)));
}

/** The sum over `size` neighbours from p on, for four channels. */
@inline
function around(p: usize, size: i32): v128 {
  let sum = v128.load(p);
  while (--size > 0) {
    p += 4;
    sum = f32x4.add(sum, v128.load(p));
  }
  return sum;
}

/** s of all channels of the pixel x [C], written at s; row: zeros around the squares. */
@inline
function strengths(x: usize, row: usize, s: usize, C: i32, before: i32, size: i32, scale: v128, k: v128): void {
  for (let c = 0; c < C; c += 4) {
    const v = loadSome(x + (<usize>c << 2), C - c);
    storeSome(row + (<usize>(before + c) << 2), f32x4.mul(v, v), C - c);
  }
  for (let c = 0; c < C; c += 4) v128.store(s + (<usize>c << 2), madd(around(row + (<usize>c << 2), size), scale, k));
}

// x [M,C] -> y [M,C], which may be x. scratch: 2 (C + size + 3) floats
export function localResponseNorm(
  x: usize, y: usize, M: i32, C: i32, size: i32, alpha: f32, beta: f32, k: f32, scratch: usize,
): void {
  const length = <usize>(C + size + 3) << 2, row = scratch, s = scratch + length, pixel = <usize>C << 2;
  const scale = f32x4.splat(alpha / <f32>size), power = f32x4.splat(-beta), least = f32x4.splat(k);
  memory.fill(row, 0, length);
  for (; M > 0; M--, x += pixel, y += pixel) {
    strengths(x, row, s, C, size >> 1, size, scale, least);
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2;
      storeSome(y + at, f32x4.mul(loadSome(x + at, C - c), pow(v128.load(s + at), power)), C - c);
    }
  }
}

// dy, x [M,C] -> dx [M,C] (written) = dy s^-beta - 2 alpha beta / size x sum(dy x s^(-beta-1)), over those whose s holds x.
// scratch: 3 (C + size + 3) floats
export function localResponseNormBackward(
  dy: usize, x: usize, dx: usize, M: i32, C: i32, size: i32, alpha: f32, beta: f32, k: f32, scratch: usize,
): void {
  const length = <usize>(C + size + 3) << 2, row = scratch, s = scratch + length, shares = s + length, pixel = <usize>C << 2;
  const scale = f32x4.splat(alpha / <f32>size), power = f32x4.splat(-beta), least = f32x4.splat(k);
  const factor = f32x4.splat(-2 * alpha * beta / <f32>size), before = size >> 1, behind = size - 1 - before;
  memory.fill(row, 0, length);
  memory.fill(shares, 0, length);
  for (; M > 0; M--, dy += pixel, x += pixel, dx += pixel) {
    strengths(x, row, s, C, before, size, scale, least);
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, strength = v128.load(s + at), part = f32x4.mul(loadSome(dy + at, C - c), pow(strength, power));
      storeSome(shares + at + (<usize>behind << 2), f32x4.mul(f32x4.div(part, strength), loadSome(x + at, C - c)), C - c);
      storeSome(dx + at, part, C - c);
    }
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, others = f32x4.mul(factor, f32x4.mul(loadSome(x + at, C - c), around(shares + at, size)));
      storeSome(dx + at, f32x4.add(loadSome(dx + at, C - c), others), C - c);
    }
  }
}
