// Nearest-neighbour upsampling: every pixel becomes a block of FH x FW equal ones.

import { loadSome, storeSome } from "./simd";

// x [N,H,W,C] -> y [N,H*FH,W*FW,C]
export function upsample2d(x: usize, y: usize, N: i32, H: i32, W: i32, C: i32, FH: i32, FW: i32): void {
  const pixel = C << 2, row = W * FW * pixel;
  for (let i = N * H; i > 0; i--, y += FH * row) {
    for (let to = y, end = y + row; to < end; x += pixel) {
      for (let f = FW; f > 0; f--, to += pixel) {
        for (let c = 0; c < C; c += 4) storeSome(to + (c << 2), loadSome(x + (c << 2), C - c), C - c);
      }
    }
    for (let f = 1; f < FH; f++) memory.copy(y + f * row, y, row);
  }
}

// dy [N,H*FH,W*FW,C] -> dx [N,H,W,C] (written): the sum over each block
export function upsample2dBackward(dy: usize, dx: usize, N: i32, H: i32, W: i32, C: i32, FH: i32, FW: i32): void {
  const pixel = C << 2, row = W * FW * pixel;
  for (let i = N * H; i > 0; i--, dy += FH * row) {
    for (let w = 0; w < W; w++, dx += pixel) {
      const block = dy + w * FW * pixel;
      for (let c = 0; c < C; c += 4) {
        let sum = i32x4.splat(0);
        for (let fh = 0; fh < FH; fh++) for (let fw = 0; fw < FW; fw++) {
          sum = f32x4.add(sum, loadSome(block + fh * row + fw * pixel + (c << 2), C - c));
        }
        storeSome(dx + (c << 2), sum, C - c);
      }
    }
  }
}
