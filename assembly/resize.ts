// Images of another size. Output row i looks at input row (i + offset) from / to + shift, columns alike: between the nearest two
// (bilinear), or at the one that this is rounded down to (nearest). What lies outside is moved to the border. Multiplied first,
// divided then: so that whole numbers come out whole.

import { loadSome, madd, storeSome } from "./simd";

/** Where along an axis of `size` cells output i looks. */
@inline
function place(i: i32, from: f64, to: f64, offset: f64, shift: f64, size: i32): f64 {
  return min(max((<f64>i + offset) * from / to + shift, 0), <f64>(size - 1));
}

// x [N,H,W,C] -> y [N,OH,OW,C]; linear 0 or 1
export function resize(
  x: usize, y: usize, N: i32, H: i32, W: i32, C: i32, OH: i32, OW: i32,
  fromH: f64, toH: f64, fromW: f64, toW: f64, offset: f64, shift: f64, linear: i32,
): void {
  const pixel = C << 2, row = W * pixel;
  for (; N > 0; N--, x += H * row) for (let i = 0; i < OH; i++) {
    const v = place(i, fromH, toH, offset, shift, H), h = <i32>v, fh = f32x4.splat(<f32>(v - h));
    const above = x + h * row, below = h + 1 < H ? above + row : above;
    for (let j = 0; j < OW; j++, y += pixel) {
      const u = place(j, fromW, toW, offset, shift, W), w = <i32>u, fw = f32x4.splat(<f32>(u - w));
      const at = w * pixel, next = w + 1 < W ? at + pixel : at;
      for (let c = 0, n = C; n > 0; c += 16, n -= 4) {
        let v = loadSome(above + at + c, n);
        if (linear) {
          v = between(v, loadSome(above + next + c, n), fw);
          v = between(v, between(loadSome(below + at + c, n), loadSome(below + next + c, n), fw), fh);
        }
        storeSome(y + c, v, n);
      }
    }
  }
}

@inline
function between(a: v128, b: v128, f: v128): v128 {
  return madd(f32x4.sub(b, a), f, a);
}

/** dx [C] += factor dy [C]. */
function add(dy: usize, dx: usize, C: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; C > 0; C -= 4, dy += 16, dx += 16) storeSome(dx, madd(f, loadSome(dy, C), loadSome(dx, C)), C);
}

// dy [N,OH,OW,C] -> dx [N,H,W,C] (written): every output gives to the cells it looked at, in their shares
export function resizeBackward(
  dy: usize, dx: usize, N: i32, H: i32, W: i32, C: i32, OH: i32, OW: i32,
  fromH: f64, toH: f64, fromW: f64, toW: f64, offset: f64, shift: f64, linear: i32,
): void {
  const pixel = C << 2, row = W * pixel;
  memory.fill(dx, 0, <usize>N * H * row);
  for (; N > 0; N--, dx += H * row) for (let i = 0; i < OH; i++) {
    const v = place(i, fromH, toH, offset, shift, H), h = <i32>v, fh = linear ? <f32>(v - h) : 0;
    for (let j = 0; j < OW; j++, dy += pixel) {
      const u = place(j, fromW, toW, offset, shift, W), w = <i32>u, fw = linear ? <f32>(u - w) : 0;
      const at = dx + h * row + w * pixel;
      add(dy, at, C, (1 - fh) * (1 - fw));
      if (fw > 0) add(dy, at + pixel, C, (1 - fh) * fw);
      if (fh > 0) add(dy, at + row, C, fh * (1 - fw));
      if (fh > 0 && fw > 0) add(dy, at + row + pixel, C, fh * fw);
    }
  }
}
