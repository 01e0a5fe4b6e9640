// Activations, element by element. Any of the buffers may be the same one.

import { lanes, ONE, vexp, vexpm1Below, vsigmoid, vtanh } from "./math";
import { loadSome, storeSome } from "./simd";

// Numbers as in src/ops/activation.ts; 0 to 2 as in gemm.ts.
const RELU: i32 = 1;
const RELU6: i32 = 2;
const LEAKY_RELU: i32 = 3;
const ELU: i32 = 4;
const SIGMOID: i32 = 5;
const TANH: i32 = 6;
const SWISH: i32 = 7;

const SIX = memory.data<f32>([6]);

/** y of x; `p` is the negative slope of leakyRelu, alpha of elu. pmax(x, 0) is x < 0 ? 0 : x, so that NaN stays. */
@inline
function apply(kind: i32, x: v128, p: v128): v128 {
  const zero = i32x4.splat(0);
  if (kind == RELU) return f32x4.pmax(x, zero);
  if (kind == RELU6) return f32x4.pmin(f32x4.pmax(x, zero), lanes(SIX));
  if (kind == LEAKY_RELU) return v128.bitselect(x, f32x4.mul(x, p), f32x4.gt(x, zero));
  if (kind == ELU) return v128.bitselect(x, f32x4.mul(vexpm1Below(f32x4.pmin(x, zero)), p), f32x4.gt(x, zero));
  if (kind == SIGMOID) return vsigmoid(x);
  if (kind == TANH) return vtanh(x);
  return f32x4.div(x, f32x4.add(lanes(ONE), vexp(f32x4.neg(x))));
}

/** dx of dy; `v` is x for swish and y for the others. At a kink the gradient is that of the side of 0 or 6 where y stands still. */
@inline
function derive(kind: i32, dy: v128, v: v128, p: v128): v128 {
  const zero = i32x4.splat(0), one = lanes(ONE);
  if (kind == RELU) return v128.andnot(dy, f32x4.le(v, zero));
  if (kind == RELU6) return v128.andnot(dy, v128.or(f32x4.le(v, zero), f32x4.ge(v, lanes(SIX))));
  if (kind == LEAKY_RELU) return v128.bitselect(dy, f32x4.mul(dy, p), f32x4.gt(v, zero));
  if (kind == ELU) return v128.bitselect(dy, f32x4.mul(dy, f32x4.add(v, p)), f32x4.gt(v, zero));
  if (kind == SIGMOID) return f32x4.mul(dy, f32x4.mul(v, f32x4.sub(one, v)));
  if (kind == TANH) return f32x4.mul(dy, f32x4.sub(one, f32x4.mul(v, v)));
  const s = vsigmoid(v);
  return f32x4.mul(dy, f32x4.mul(s, f32x4.add(one, f32x4.mul(v, f32x4.sub(one, s)))));
}

// Four vectors at once: an exponential is a long chain of operations that wait for each other.
@inline
function forward(kind: i32, x: usize, y: usize, n: i32, p: v128): void {
  for (; n >= 16; n -= 16, x += 64, y += 64) {
    const a = apply(kind, v128.load(x), p), b = apply(kind, v128.load(x, 16), p);
    const c = apply(kind, v128.load(x, 32), p), d = apply(kind, v128.load(x, 48), p);
    v128.store(y, a);
    v128.store(y, b, 16);
    v128.store(y, c, 32);
    v128.store(y, d, 48);
  }
  for (; n > 0; n -= 4, x += 16, y += 16) storeSome(y, apply(kind, loadSome(x, n), p), n);
}

@inline
function backward(kind: i32, dy: usize, v: usize, dx: usize, n: i32, p: v128): void {
  for (; n >= 16; n -= 16, dy += 64, v += 64, dx += 64) {
    const a = derive(kind, v128.load(dy), v128.load(v), p);
    const b = derive(kind, v128.load(dy, 16), v128.load(v, 16), p);
    const c = derive(kind, v128.load(dy, 32), v128.load(v, 32), p);
    const d = derive(kind, v128.load(dy, 48), v128.load(v, 48), p);
    v128.store(dx, a);
    v128.store(dx, b, 16);
    v128.store(dx, c, 32);
    v128.store(dx, d, 48);
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
    case RELU6: forward(RELU6, x, y, n, p); break;
    case LEAKY_RELU: forward(LEAKY_RELU, x, y, n, p); break;
    case ELU: forward(ELU, x, y, n, p); break;
    case SIGMOID: forward(SIGMOID, x, y, n, p); break;
    case TANH: forward(TANH, x, y, n, p); break;
    case SWISH: forward(SWISH, x, y, n, p); break;
    default: memory.copy(y, x, <usize>n << 2);
  }
}

// dy [n], v [n] (x for swish, else y) -> dx [n] (written)
export function activationBackward(dy: usize, v: usize, dx: usize, n: i32, kind: i32, parameter: f32): void {
  const p = f32x4.splat(parameter);
  switch (kind) {
    case RELU: backward(RELU, dy, v, dx, n, p); break;
    case RELU6: backward(RELU6, dy, v, dx, n, p); break;
    case LEAKY_RELU: backward(LEAKY_RELU, dy, v, dx, n, p); break;
    case ELU: backward(ELU, dy, v, dx, n, p); break;
    case SIGMOID: backward(SIGMOID, dy, v, dx, n, p); break;
    case TANH: backward(TANH, dy, v, dx, n, p); break;
    case SWISH: backward(SWISH, dy, v, dx, n, p); break;
    default: memory.copy(dx, dy, <usize>n << 2);
  }
}
