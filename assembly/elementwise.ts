import { loadSome, storeSome } from "./simd";

// a, b [n] -> y [n] = a + b; y may be a or b
export function add(a: usize, b: usize, y: usize, n: i32): void {
  for (; n >= 16; n -= 16, a += 64, b += 64, y += 64) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
    v128.store(y, f32x4.add(v128.load(a, 16), v128.load(b, 16)), 16);
    v128.store(y, f32x4.add(v128.load(a, 32), v128.load(b, 32)), 32);
    v128.store(y, f32x4.add(v128.load(a, 48), v128.load(b, 48)), 48);
  }
  for (; n > 0; n -= 4, a += 16, b += 16, y += 16) storeSome(y, f32x4.add(loadSome(a, n), loadSome(b, n)), n);
}

// x [n] -> y [n] = factor x + shift; y may be x
export function affine(x: usize, y: usize, n: i32, factor: f32, shift: f32): void {
  const a = f32x4.splat(factor), b = f32x4.splat(shift);
  for (; n > 0; n -= 4, x += 16, y += 16) storeSome(y, f32x4.add(f32x4.mul(a, loadSome(x, n)), b), n);
}

// x [n] -> y [n] = x
export function copy(x: usize, y: usize, n: i32): void {
  memory.copy(y, x, <usize>n << 2);
}
