// Rows of length 1.

import { loadSome, storeSome, sum4 } from "./simd";

/** What lengths are at least. */
const LEAST: f32 = 1e-6;

/** sum a b over a row. */
@inline
function dot(a: usize, b: usize, n: i32): f32 {
  let sum = i32x4.splat(0);
  for (; n > 0; n -= 4, a += 16, b += 16) sum = f32x4.add(sum, f32x4.mul(loadSome(a, n), loadSome(b, n)));
  return sum4(sum);
}

// x [M,C] -> y [M,C] = x / max(|x|, LEAST); may be x
export function unitNorm(x: usize, y: usize, M: i32, C: i32): void {
  const row = <usize>C << 2;
  for (let i = 0; i < M; i++, x += row, y += row) {
    const length = f32x4.splat(max(Mathf.sqrt(dot(x, x, C)), LEAST));
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2;
      storeSome(y + at, f32x4.div(loadSome(x + at, C - c), length), C - c);
    }
  }
}

// dy, x [M,C] -> dx [M,C] = (dy - x sum(x dy) / |x|^2) / |x| (written; may be dy or x); dy / LEAST where |x| is less
export function unitNormBackward(dy: usize, x: usize, dx: usize, M: i32, C: i32): void {
  const row = <usize>C << 2;
  for (let i = 0; i < M; i++, dy += row, x += row, dx += row) {
    const square = dot(x, x, C), length = f32x4.splat(max(Mathf.sqrt(square), LEAST));
    const share = f32x4.splat(square > LEAST * LEAST ? dot(x, dy, C) / square : 0);
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, n = C - c;
      const rest = f32x4.sub(loadSome(dy + at, n), f32x4.mul(loadSome(x + at, n), share));
      storeSome(dx + at, f32x4.div(rest, length), n);
    }
  }
}
