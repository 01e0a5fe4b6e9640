// Softmax and its logarithm along any axis: four columns at once.

import { vexp, vlog } from "./math";
import { loadSome, storeSome } from "./simd";

// x [O,C,I] -> y [O,C,I], which may be x; its logarithm where `log`
export function softmaxAxis(x: usize, y: usize, O: i32, C: i32, I: i32, log: i32): void {
  const row = <usize>I << 2, block = row * C;
  for (; O > 0; O--, x += block, y += block) {
    for (let i = 0; i < I; i += 4) {
      const n = I - i, from = x + (<usize>i << 2), end = from + block;
      let m = loadSome(from, n), sum = i32x4.splat(0);
      for (let p = from + row; p < end; p += row) m = f32x4.pmax(m, loadSome(p, n));
      for (let p = from; p < end; p += row) sum = f32x4.add(sum, vexp(f32x4.sub(loadSome(p, n), m)));
      const shift = log ? vlog(sum) : sum;
      for (let p = from, q = y + (<usize>i << 2); p < end; p += row, q += row) {
        const d = f32x4.sub(loadSome(p, n), m);
        storeSome(q, log ? f32x4.sub(d, shift) : f32x4.div(vexp(d), shift), n);
      }
    }
  }
}

// dy [O,C,I], y [O,C,I] -> dx [O,C,I] = y (dy - sum(dy y)), or dy - e^y sum(dy) where `log` (written), which may be either
export function softmaxAxisBackward(dy: usize, y: usize, dx: usize, O: i32, C: i32, I: i32, log: i32): void {
  const row = <usize>I << 2, block = row * C;
  for (; O > 0; O--, dy += block, y += block, dx += block) {
    for (let i = 0; i < I; i += 4) {
      const n = I - i, at = <usize>i << 2;
      let sum = i32x4.splat(0);
      for (let p = at; p < block; p += row) {
        const d = loadSome(dy + p, n);
        sum = f32x4.add(sum, log ? d : f32x4.mul(d, loadSome(y + p, n)));
      }
      for (let p = at; p < block; p += row) {
        const d = loadSome(dy + p, n), v = loadSome(y + p, n);
        storeSome(dx + p, log ? f32x4.sub(d, f32x4.mul(vexp(v), sum)) : f32x4.mul(v, f32x4.sub(d, sum)), n);
      }
    }
  }
}
