// Activations, element by element. Any of the buffers may be the same one.

import { ELU, exponentials, SIGMOID, SWISH, SWISH_SLOPE, TANH } from "./exponential";
import { lanes, ONE } from "./math";
import { loadSome, storeSome } from "./simd";

// Numbers as in src/ops/activation.ts; 0 to 2 as in gemm.ts.
const RELU: i32 = 1;
const RELU6: i32 = 2;
const LEAKY_RELU: i32 = 3;

const SIX = memory.data<f32>([6]);

/** y of x; `p` is the negative slope of leakyRelu, the 6 of relu6. pmax(x, 0) is x < 0 ? 0 : x, so that NaN stays. */
@inline
function apply(kind: i32, x: v128, p: v128): v128 {
  const zero = i32x4.splat(0);
  if (kind == RELU) return f32x4.pmax(x, zero);
  if (kind == RELU6) return f32x4.pmin(f32x4.pmax(x, zero), p);
  return v128.bitselect(x, f32x4.mul(x, p), f32x4.gt(x, zero));
}

/** dx of dy, `v` is y; `p` as in `apply`, alpha of elu, the 1 of sigmoid and tanh. At a kink the gradient is that of the side of 0 or 6 where y stands still. */
@inline
function derive(kind: i32, dy: v128, v: v128, p: v128): v128 {
  const zero = i32x4.splat(0);
  if (kind == RELU) return v128.andnot(dy, f32x4.le(v, zero));
  if (kind == RELU6) return v128.andnot(dy, v128.or(f32x4.le(v, zero), f32x4.ge(v, p)));
  if (kind == LEAKY_RELU) return v128.bitselect(dy, f32x4.mul(dy, p), f32x4.gt(v, zero));
  if (kind == ELU) return v128.bitselect(dy, f32x4.mul(dy, f32x4.add(v, p)), f32x4.gt(v, zero));
  if (kind == SIGMOID) return f32x4.mul(dy, f32x4.mul(v, f32x4.sub(p, v)));
  return f32x4.mul(dy, f32x4.sub(p, f32x4.mul(v, v)));
}

@inline
function forward(kind: i32, x: usize, y: usize, n: i32, p: v128): void {
  for (; n >= 16; n -= 16, x += 64, y += 64) {
    v128.store(y, apply(kind, v128.load(x), p));
    v128.store(y, apply(kind, v128.load(x, 16), p), 16);
    v128.store(y, apply(kind, v128.load(x, 32), p), 32);
    v128.store(y, apply(kind, v128.load(x, 48), p), 48);
  }
  for (; n > 0; n -= 4, x += 16, y += 16) storeSome(y, apply(kind, loadSome(x, n), p), n);
}

@inline
function backward(kind: i32, dy: usize, v: usize, dx: usize, n: i32, p: v128): void {
  for (; n >= 16; n -= 16, dy += 64, v += 64, dx += 64) {
    v128.store(dx, derive(kind, v128.load(dy), v128.load(v), p));
    v128.store(dx, derive(kind, v128.load(dy, 16), v128.load(v, 16), p), 16);
    v128.store(dx, derive(kind, v128.load(dy, 32), v128.load(v, 32), p), 32);
    v128.store(dx, derive(kind, v128.load(dy, 48), v128.load(v, 48), p), 48);
  }
  for (; n > 0; n -= 4, dy += 16, v += 16, dx += 16) {
    storeSome(dx, derive(kind, loadSome(dy, n), loadSome(v, n), p), n);
  }
}

// x [n] -> y [n]
export function activation(x: usize, y: usize, n: i32, kind: i32, parameter: f32): void {
  const p = f32x4.splat(parameter);
  switch (kind) {
    case RELU: forward(RELU, x, y, n, p); break;
    case RELU6: forward(RELU6, x, y, n, lanes(SIX)); break;
    case LEAKY_RELU: forward(LEAKY_RELU, x, y, n, p); break;
    case ELU: exponentials(ELU, x, 0, y, n, p); break;
    case SIGMOID: exponentials(SIGMOID, x, 0, y, n, p); break;
    case TANH: exponentials(TANH, x, 0, y, n, p); break;
    case SWISH: exponentials(SWISH, x, 0, y, n, p); break;
    default: memory.copy(y, x, <usize>n << 2);
  }
}

// dy [n], v [n] (x for swish, else y) -> dx [n] (written)
export function activationBackward(dy: usize, v: usize, dx: usize, n: i32, kind: i32, parameter: f32): void {
  const p = f32x4.splat(parameter);
  switch (kind) {
    case RELU: backward(RELU, dy, v, dx, n, p); break;
    case RELU6: backward(RELU6, dy, v, dx, n, lanes(SIX)); break;
    case LEAKY_RELU: backward(LEAKY_RELU, dy, v, dx, n, p); break;
    case ELU: backward(ELU, dy, v, dx, n, p); break;
    case SIGMOID: backward(SIGMOID, dy, v, dx, n, lanes(ONE)); break;
    case TANH: backward(TANH, dy, v, dx, n, lanes(ONE)); break;
    case SWISH: exponentials(SWISH_SLOPE, v, dy, dx, n, p); break;
    default: memory.copy(dx, dy, <usize>n << 2);
  }
}
