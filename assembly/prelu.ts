import { loadSome, madd, storeSome } from "./simd";

// x [M,K], slopes a [K] -> y [M,K] = x above 0, a x below; y may be x
export function prelu(x: usize, a: usize, y: usize, M: i32, K: i32): void {
  for (; M > 0; M--) {
    let p = a;
    for (let n = K; n > 0; n -= 4, p += 16) {
      const v = loadSome(x, n), step = <usize>min(n, 4) << 2;
      storeSome(y, v128.bitselect(v, f32x4.mul(v, loadSome(p, n)), f32x4.gt(v, i32x4.splat(0))), n);
      x += step;
      y += step;
    }
  }
}

// dy [M,K], x [M,K], a [K] -> dx [M,K] (written; or null; may be either), da [K] += sum of dy x where x is not above 0 (or null)
export function preluBackward(dy: usize, x: usize, a: usize, dx: usize, da: usize, M: i32, K: i32): void {
  for (; M > 0; M--) {
    let p = a, q = da;
    for (let n = K; n > 0; n -= 4, p += 16) {
      const v = loadSome(x, n), d = loadSome(dy, n), above = f32x4.gt(v, i32x4.splat(0)), step = <usize>min(n, 4) << 2;
      if (dx) {
        storeSome(dx, v128.bitselect(d, f32x4.mul(d, loadSome(p, n)), above), n);
        dx += step;
      }
      if (da) {
        storeSome(q, madd(v128.andnot(d, above), v128.andnot(v, above), loadSome(q, n)), n);
        q += 16;
      }
      x += step;
      dy += step;
    }
  }
}
