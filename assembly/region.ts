// Rectangles cut out of an image; what lies outside the image is zero.

import { loadSome } from "./simd";

// x [H,W,C] -> out [PH,PW,C] = x from (top, left) on, which may be negative
export function copyRegion(
  x: usize, H: i32, W: i32, C: i32, out: usize, top: i32, left: i32, PH: i32, PW: i32,
): void {
  const pixel = C << 2, outRow = PW * pixel;
  const from = min(max(-left, 0), PW), to = max(min(W - left, PW), from);
  for (let py = 0; py < PH; py++, out += outRow) {
    const iy = py + top;
    if (<u32>iy >= <u32>H) {
      memory.fill(out, 0, outRow);
      continue;
    }
    memory.fill(out, 0, from * pixel);
    memory.copy(out + from * pixel, x + (iy * W + left + from) * pixel, (to - from) * pixel);
    memory.fill(out + to * pixel, 0, (PW - to) * pixel);
  }
}

// x [H,W,C] (channels c.. of it) -> out [PH,PW,4]: up to 4 channels of a region, missing ones zero
export function copyRegion4(
  x: usize, H: i32, W: i32, C: i32, c: i32, channels: i32, out: usize, top: i32, left: i32, PH: i32, PW: i32,
): void {
  const pixel = C << 2;
  const from = min(max(-left, 0), PW), to = max(min(W - left, PW), from);
  for (let py = 0; py < PH; py++) {
    const iy = py + top, inside = <u32>iy < <u32>H;
    const begin = inside ? from : PW, end = inside ? to : PW;
    memory.fill(out, 0, begin << 4);
    out += begin << 4;
    let p = x + ((iy * W + left + begin) * C + c << 2);
    if (channels >= 4) {
      for (let i = begin; i < end; i++, p += pixel, out += 16) v128.store(out, v128.load(p));
    } else {
      for (let i = begin; i < end; i++, p += pixel, out += 16) v128.store(out, loadSome(p, channels));
    }
    memory.fill(out, 0, (PW - end) << 4);
    out += (PW - end) << 4;
  }
}
