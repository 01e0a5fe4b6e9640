// Padding and cropping by maps, which src/ops/pad.ts writes: OH, runs | rows [OH] | (column, length) [runs].
// Output row oy copies input row rows[oy]; a row is made of runs of input columns. Row or column -1 is outside.

import { add } from "./elementwise";
import { fill } from "./simd";

// x [N,H,W,C] -> y [N,OH,OW,C], `value` for what is outside
export function pad(x: usize, y: usize, N: i32, H: i32, W: i32, C: i32, map: usize, value: f32): void {
  const pixel = C << 2, rows = map + 8, columns = rows + (load<i32>(map) << 2), end = columns + (load<i32>(map, 4) << 3);
  for (; N > 0; N--, x += H * W * pixel) for (let row = rows; row < columns; row += 4) {
    const iy = load<i32>(row), line = x + iy * W * pixel;
    for (let run = columns; run < end; run += 8) {
      const ix = load<i32>(run), length = load<i32>(run, 4) * C;
      if (iy < 0 || ix < 0) fill(y, length, value);
      else memory.copy(y, line + ix * pixel, length << 2);
      y += length << 2;
    }
  }
}

// dy [N,OH,OW,C] -> dx [N,H,W,C] (written): what was copied out comes back, a sum where that was more than once
export function padBackward(dy: usize, dx: usize, N: i32, H: i32, W: i32, C: i32, map: usize): void {
  const pixel = C << 2, rows = map + 8, columns = rows + (load<i32>(map) << 2), end = columns + (load<i32>(map, 4) << 3);
  memory.fill(dx, 0, N * H * W * pixel);
  for (; N > 0; N--, dx += H * W * pixel) for (let row = rows; row < columns; row += 4) {
    const iy = load<i32>(row), line = dx + iy * W * pixel;
    for (let run = columns; run < end; run += 8) {
      const ix = load<i32>(run), length = load<i32>(run, 4) * C, to = line + ix * pixel;
      if (iy >= 0 && ix >= 0) add(to, dy, to, length);
      dy += length << 2;
    }
  }
}
