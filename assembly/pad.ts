import { fill } from "./simd";

// x [N,H,W,C] -> y [N,T+H+B,L+W+R,C], `value` outside x
export function pad(
  x: usize, y: usize, N: i32, H: i32, W: i32, C: i32,
  T: i32, B: i32, L: i32, R: i32, value: f32,
): void {
  const row = W * C, outRow = (L + W + R) * C;
  for (let n = 0; n < N; n++) {
    // What lies right of a row and left of the next one is one stretch.
    fill(y, T * outRow + L * C, value);
    y += (T * outRow + L * C) << 2;
    for (let h = 0; h < H; h++) {
      memory.copy(y, x, row << 2);
      x += row << 2;
      y += row << 2;
      const gap = h + 1 < H ? (R + L) * C : R * C + B * outRow;
      fill(y, gap, value);
      y += gap << 2;
    }
  }
}

// dy [N,T+H+B,L+W+R,C] -> dx [N,H,W,C]: what was copied out comes back; the border saw a constant
export function padBackward(
  dy: usize, dx: usize, N: i32, H: i32, W: i32, C: i32,
  T: i32, B: i32, L: i32, R: i32,
): void {
  const row = (W * C) << 2, outRow = ((L + W + R) * C) << 2;
  for (let n = 0; n < N; n++) {
    dy += T * outRow + ((L * C) << 2);
    for (let h = 0; h < H; h++) {
      memory.copy(dx, dy, row);
      dx += row;
      dy += outRow;
    }
    dy += B * outRow - ((L * C) << 2);
  }
}
