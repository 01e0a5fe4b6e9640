// Two operands, element by element; sizes of 1 are repeated. Their strides say so: 0 along an axis on which they stay.

import { loadSome, storeSome } from "./simd";

const ADD: i32 = 0;
const SUB: i32 = 1;
const MUL: i32 = 2;
const DIV: i32 = 3;
const MINIMUM: i32 = 4;

@inline
function apply(kind: i32, a: v128, b: v128): v128 {
  if (kind == ADD) return f32x4.add(a, b);
  if (kind == SUB) return f32x4.sub(a, b);
  if (kind == MUL) return f32x4.mul(a, b);
  if (kind == DIV) return f32x4.div(a, b);
  if (kind == MINIMUM) return f32x4.min(a, b);
  return f32x4.max(a, b);
}

// y [n] = a op b, each of which moves on (step 1) or stays (0)
@inline
function row(kind: i32, a: usize, b: usize, y: usize, n: i32, aStep: i32, bStep: i32): void {
  let p = v128.load32_splat(a), q = v128.load32_splat(b);
  for (; n >= 4; n -= 4, y += 16, a += aStep << 4, b += bStep << 4) {
    if (aStep) p = v128.load(a);
    if (bStep) q = v128.load(b);
    v128.store(y, apply(kind, p, q));
  }
  if (n <= 0) return;
  if (aStep) p = loadSome(a, n);
  if (bStep) q = loadSome(b, n);
  storeSome(y, apply(kind, p, q), n);
}

// y [N0,N1,N2] = a op b; strides in floats, the last ones 0 or 1. y may be an operand that moves on all axes
export function arithmetic(
  kind: i32, a: usize, b: usize, y: usize, N0: i32, N1: i32, N2: i32, a0: i32, a1: i32, a2: i32, b0: i32, b1: i32, b2: i32,
): void {
  for (; N0 > 0; N0--, a += a0 << 2, b += b0 << 2) {
    let p = a, q = b;
    for (let j = N1; j > 0; j--, p += a1 << 2, q += b1 << 2, y += N2 << 2) {
      if (kind == ADD) row(ADD, p, q, y, N2, a2, b2);
      else if (kind == MUL) row(MUL, p, q, y, N2, a2, b2);
      else row(kind, p, q, y, N2, a2, b2); // the others share a loop that asks which one it is: rare enough
    }
  }
}

/** d(a op b)/da times dy, or with `second` by db. Of two equal extremes the first takes the gradient. */
@inline
function slope(kind: i32, second: i32, dy: v128, a: v128, b: v128): v128 {
  if (kind == ADD) return dy;
  if (kind == SUB) return second ? f32x4.neg(dy) : dy;
  if (kind == MUL) return f32x4.mul(dy, second ? a : b);
  if (kind == DIV) {
    const part = f32x4.div(dy, b);
    return second ? f32x4.neg(f32x4.mul(part, f32x4.div(a, b))) : part;
  }
  const first = kind == MINIMUM ? f32x4.le(a, b) : f32x4.ge(a, b);
  return second ? v128.andnot(dy, first) : v128.and(dy, first);
}

// dy [n], a, b -> g [n], where a and b move on (step 1) or stay (0)
@inline
function slopeRow(kind: i32, second: i32, dy: usize, a: usize, b: usize, g: usize, n: i32, aStep: i32, bStep: i32): void {
  let p = v128.load32_splat(a), q = v128.load32_splat(b);
  for (; n >= 4; n -= 4, dy += 16, g += 16, a += aStep << 4, b += bStep << 4) {
    if (aStep) p = v128.load(a);
    if (bStep) q = v128.load(b);
    v128.store(g, slope(kind, second, v128.load(dy), p, q));
  }
  if (n <= 0) return;
  if (aStep) p = loadSome(a, n);
  if (bStep) q = loadSome(b, n);
  storeSome(g, slope(kind, second, loadSome(dy, n), p, q), n);
}

// dy [N0,N1,N2], a, b -> g [N0,N1,N2]: the gradient of a, or of b where `second`, not yet summed where that was repeated
export function arithmeticBackward(
  kind: i32, second: i32, dy: usize, a: usize, b: usize, g: usize,
  N0: i32, N1: i32, N2: i32, a0: i32, a1: i32, a2: i32, b0: i32, b1: i32, b2: i32,
): void {
  const step = N2 << 2;
  for (; N0 > 0; N0--, a += a0 << 2, b += b0 << 2) {
    let p = a, q = b;
    for (let j = N1; j > 0; j--, p += a1 << 2, q += b1 << 2, dy += step, g += step) {
      if (kind == ADD) memory.copy(g, dy, step);
      else slopeRow(kind, second, dy, p, q, g, N2, a2, b2);
    }
  }
}
