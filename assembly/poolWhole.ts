// Windows as wide as the input, of pixels whose distance is a multiple of 2 KiB: a global pool over 512, 1024, 2048 channels.
//
// Block by block of channels, as in poolSpan.ts, the pixels of such a window meet in one set of the cache (12 lines) and push
// out what was fetched ahead. So these go row by row, with the window's result in y: half the time for 7x7x2048.

import { AVERAGE, isNaN4, join, MAX, MIN, neutral, watches } from "./poolKind";
import { fill } from "./simd";

/** Whether a window is of that sort: it is alone in its row, and wide enough for passing through y not to matter. */
@inline
export function isWhole(count: i32, columns: i32, C: i32, xRow: i32): bool {
  return count == 1 && columns >= 4 && (C & 511) == 0 && xRow == columns * C << 2;
}

/** y [16] joins with a row of pixels; returns the sum of what it saw and `seen`, where NaN is watched for. */
@inline
function row16(kind: i32, x: usize, y: usize, columns: i32, pixel: i32, seen: v128): v128 {
  let a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
  if (watches(kind)) seen = sum4of(seen, a, b, c, d);
  for (x += pixel; --columns > 0; x += pixel) {
    const e = v128.load(x), f = v128.load(x, 16), g = v128.load(x, 32), h = v128.load(x, 48);
    if (watches(kind)) seen = sum4of(seen, e, f, g, h);
    a = join(kind, a, e); b = join(kind, b, f); c = join(kind, c, g); d = join(kind, d, h);
  }
  joinTo(kind, y, a);
  joinTo(kind, y + 16, b);
  joinTo(kind, y + 32, c);
  joinTo(kind, y + 48, d);
  return seen;
}

@inline
function sum4of(seen: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(seen, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

@inline
function joinTo(kind: i32, y: usize, v: v128): void {
  v128.store(y, join(kind, v128.load(y), v));
}

// x [H,W,C] -> y [C], C a multiple of 16; says whether max or min came across NaN
@inline
function whole(kind: i32, x: usize, y: usize, H: i32, W: i32, C: i32): bool {
  const pixel = C << 2, xRow = W * pixel;
  let seen = i32x4.splat(0);
  fill(y, C, f32x4.extract_lane(neutral(kind), 0));
  for (; H > 0; H--, x += xRow) {
    for (let at = 0; at < pixel; at += 64) seen = row16(kind, x + at, y + at, W, pixel, seen);
  }
  return isNaN4(seen);
}

export function maxWhole(x: usize, y: usize, H: i32, W: i32, C: i32): bool {
  return whole(MAX, x, y, H, W, C);
}

export function minWhole(x: usize, y: usize, H: i32, W: i32, C: i32): bool {
  return whole(MIN, x, y, H, W, C);
}

export function averageWhole(x: usize, y: usize, H: i32, W: i32, C: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  whole(AVERAGE, x, y, H, W, C);
  for (; C > 0; C -= 4, y += 16) v128.store(y, f32x4.mul(factor, v128.load(y)));
}
