// Images moved, turned, stretched or mirrored, each in its own way. Output pixel (i, j) looks at row v = b0 j + b1 i + b2 and column
// u = a0 j + a1 i + a2 of the input, places in doubles: between the nearest four cells (bilinear, the same arithmetic as
// resize's), or at the nearest one. What lies outside is a constant, or the cell that the fill mode puts there.
//
// Of every row the part that looks at cells of the image alone goes a fast way, without questions; the rest goes cell by cell.

import { loadSome, madd, storeSome } from "./simd";

const CONSTANT: i32 = 0;
const NEAREST: i32 = 1;
const REFLECT: i32 = 2;

/** The cell of n that stands at i; -1 for none. */
@inline
function cellAt(i: i32, n: i32, fill: i32): i32 {
  if (<u32>i < <u32>n) return i;
  if (fill == CONSTANT) return -1;
  if (fill == NEAREST) return i < 0 ? 0 : n - 1;
  const period = fill == REFLECT ? 2 * n : n;
  let m = i < 0 ? i + period : i;
  if (<u32>m >= <u32>period) m = (m % period + period) % period;
  return m < n ? m : period - 1 - m;
}

/** Where the pixel of these cells lies, or 0 for none. */
@inline
function pixelAt(x: usize, h: i32, w: i32, row: i32, pixel: i32): usize {
  return (h | w) < 0 ? 0 : x + h * row + w * pixel;
}

@inline
function between(a: v128, b: v128, f: v128): v128 {
  return madd(f32x4.sub(b, a), f, a);
}

/** Up to four channels at p, or the constant where there is none. */
@inline
function someAt(p: usize, c: i32, n: i32, value: v128): v128 {
  return p ? loadSome(p + c, n) : value;
}

/** A pixel whose cells may lie outside. */
function pixelAnywhere(
  x: usize, y: usize, H: i32, W: i32, C: i32, v: f64, u: f64, fill: i32, value: f32, linear: i32,
): void {
  const pixel = C << 2, row = W * pixel, other = f32x4.splat(value), half: f64 = linear ? 0 : 0.5;
  const v0 = floor(v + half), u0 = floor(u + half), h = cellAt(<i32>v0, H, fill), w = cellAt(<i32>u0, W, fill);
  const p = pixelAt(x, h, w, row, pixel);
  if (!linear) {
    for (let c = 0, n = C; n > 0; c += 16, n -= 4) storeSome(y + c, someAt(p, c, n, other), n);
    return;
  }
  const fh = f32x4.splat(<f32>(v - v0)), fw = f32x4.splat(<f32>(u - u0));
  const below = cellAt(<i32>v0 + 1, H, fill), next = cellAt(<i32>u0 + 1, W, fill);
  const q = pixelAt(x, h, next, row, pixel), r = pixelAt(x, below, w, row, pixel), s = pixelAt(x, below, next, row, pixel);
  for (let c = 0, n = C; n > 0; c += 16, n -= 4) {
    const top = between(someAt(p, c, n, other), someAt(q, c, n, other), fw);
    const bottom = between(someAt(r, c, n, other), someAt(s, c, n, other), fw);
    storeSome(y + c, between(top, bottom, fh), n);
  }
}

const COUNT = memory.data<i32>([0, 1, 2, 3], 16);

/** Of the places a j + b, whose cells are in the image, for four j from `count` [4 doubles] on: the first or the last two. */
@inline
function places(a: v128, b: v128, count: v128): v128 {
  return f64x2.add(f64x2.mul(a, count), b);
}

/** The cells of four places. */
@inline
function cells(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(high), 0, 1, 4, 5);
}

/** What is left of four places without their cells. */
@inline
function fractions(low: v128, high: v128, cell: v128): v128 {
  const a = f64x2.sub(low, f64x2.convert_low_i32x4_s(cell));
  const b = f64x2.sub(high, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(cell, cell, 2, 3, 2, 3)));
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}

/** Up to four floats between those at p, `pixel` bytes behind them, and a row below. */
@inline
function square(p: usize, pixel: i32, row: i32, n: i32, fw: v128, fh: v128): v128 {
  const top = between(loadSome(p, n), loadSome(p + pixel, n), fw), below = p + row;
  return between(top, between(loadSome(below, n), loadSome(below + pixel, n), fw), fh);
}

/** A pixel between the four at p. */
@inline
function pixelBetween(three: bool, p: usize, y: usize, row: i32, C: i32, fw: v128, fh: v128): void {
  const below = p + row;
  if (three) {
    const top = between(v128.load(p), v128.load(p, 12), fw);
    v128.store(y, between(top, between(v128.load(below), v128.load(below, 12), fw), fh));
  } else for (let c = 0, n = C; n > 0; c += 16, n -= 4) storeSome(y + c, square(p + c, C << 2, row, n, fw, fh), n);
}

/** Between each of four floats and the one behind it. */
@inline
function floatsBetween(p: usize, q: usize, r: usize, s: usize, f: v128): v128 {
  const a = v128.load64_lane(q, v128.load64_zero(p), 1), b = v128.load64_lane(s, v128.load64_zero(r), 1);
  return between(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7), f);
}

const ANY: i32 = 0;

/** Pixels of a row from j on, four at a time while they end before `end`: returns the first that is left. channels: 1, 3 or ANY. */
@inline
function fours(
  linear: bool, channels: i32, x: usize, y: usize, row: i32, C: i32, j: i32, end: i32, a0: f64, u0: f64, b0: f64, v0: f64,
): i32 {
  const pixel = C << 2, three = channels == 3, a = f64x2.splat(a0), b = f64x2.splat(b0), u = f64x2.splat(u0), v = f64x2.splat(v0);
  y += j * pixel;
  for (; j + 4 <= end; j += 4, y += pixel << 2) {
    const j0 = f64x2.convert_low_i32x4_s(i32x4.add(i32x4.splat(j), v128.load(COUNT))), j1 = f64x2.add(j0, f64x2.splat(2));
    let ul = places(a, u, j0), uh = places(a, u, j1), vl = places(b, v, j0), vh = places(b, v, j1);
    if (!linear) {
      const half = f64x2.splat(0.5);
      ul = f64x2.add(ul, half);
      uh = f64x2.add(uh, half);
      vl = f64x2.add(vl, half);
      vh = f64x2.add(vh, half);
    }
    const w = cells(ul, uh), h = cells(vl, vh);
    const at = i32x4.add(i32x4.mul(h, i32x4.splat(row)), i32x4.mul(w, i32x4.splat(pixel)));
    const p = x + i32x4.extract_lane(at, 0), q = x + i32x4.extract_lane(at, 1);
    const r = x + i32x4.extract_lane(at, 2), s = x + i32x4.extract_lane(at, 3);
    if (!linear && channels == 1) {
      const half = v128.load32_lane(q, v128.load32_zero(p), 1);
      v128.store(y, v128.load32_lane(s, v128.load32_lane(r, half, 2), 3));
      continue;
    }
    if (!linear) {
      copyPixel(three, p, y, C);
      copyPixel(three, q, y + pixel, C);
      copyPixel(three, r, y + 2 * pixel, C);
      copyPixel(three, s, y + 3 * pixel, C);
      continue;
    }
    const fw = fractions(ul, uh, w), fh = fractions(vl, vh, h);
    if (channels == 1) {
      const top = floatsBetween(p, q, r, s, fw);
      v128.store(y, between(top, floatsBetween(p + row, q + row, r + row, s + row, fw), fh));
      continue;
    }
    pixelBetween(three, p, y, row, C, v128.shuffle<f32>(fw, fw, 0, 0, 0, 0), v128.shuffle<f32>(fh, fh, 0, 0, 0, 0));
    pixelBetween(three, q, y + pixel, row, C, v128.shuffle<f32>(fw, fw, 1, 1, 1, 1), v128.shuffle<f32>(fh, fh, 1, 1, 1, 1));
    pixelBetween(three, r, y + 2 * pixel, row, C, v128.shuffle<f32>(fw, fw, 2, 2, 2, 2), v128.shuffle<f32>(fh, fh, 2, 2, 2, 2));
    pixelBetween(three, s, y + 3 * pixel, row, C, v128.shuffle<f32>(fw, fw, 3, 3, 3, 3), v128.shuffle<f32>(fh, fh, 3, 3, 3, 3));
  }
  return j;
}

@inline
function copyPixel(three: bool, p: usize, y: usize, C: i32): void {
  if (three) v128.store(y, v128.load(p));
  else for (let c = 0, n = C; n > 0; c += 16, n -= 4) storeSome(y + c, loadSome(p + c, n), n);
}

/** n floats of a row that only moved: all look equally far beside a cell. */
@inline
function straight(p: usize, y: usize, pixel: i32, row: i32, n: i32, right: f32, down: f32, linear: i32): void {
  if (!linear) {
    memory.copy(y, p, n << 2);
    return;
  }
  const fw = f32x4.splat(right), fh = f32x4.splat(down);
  for (; n >= 4; n -= 4, p += 16, y += 16) v128.store(y, square(p, pixel, row, 4, fw, fh));
  if (n > 0) storeSome(y, square(p, pixel, row, n, fw, fh), n);
}

/** Of the k from 0 to count with 0 <= a k + b < most: the first, or where `upper` the one behind the last; about so. */
@inline
function bound(a: f64, b: f64, most: f64, upper: bool, count: i32): i32 {
  if (a == 0) return (b >= 0 && b < most) == upper ? count : 0;
  const k = ((upper == (a > 0) ? most : 0) - b) / a;
  return <i32>min(max(upper ? floor(k) + 1 : ceil(k), 0), count);
}

// x [H,W,C] -> y [OH,OW,C]; fill: 0 constant, 1 nearest, 2 reflect, 3 wrap; linear 0 or 1
export function affineTransform(
  x: usize, y: usize, H: i32, W: i32, C: i32, OH: i32, OW: i32,
  a0: f64, a1: f64, a2: f64, b0: f64, b1: f64, b2: f64, fill: i32, value: f32, linear: i32,
): void {
  const pixel = C << 2, row = W * pixel, three = C == 3, half: f64 = linear ? 0 : 0.5;
  // Between two cells there is one less. Four floats at a pixel of three are one more than it has: not in the last column.
  const mostV: f64 = H - linear, mostU: f64 = W - linear - i32(three), last = three ? OW - 1 : OW;
  if (b0 != 0) store<i32>(y, readAll(x, H * row));
  for (let i = 0; i < OH; i++, y += OW * pixel) {
    const u0 = a1 * i + a2, v0 = b1 * i + b2;
    let first = max(bound(a0, u0 + half, mostU, false, OW), bound(b0, v0 + half, mostV, false, OW));
    let end = min(min(bound(a0, u0 + half, mostU, true, OW), bound(b0, v0 + half, mostV, true, OW)), last);
    // Places grow or fall from one to the next, so what holds at both ends holds between.
    while (first < end && !inside(a0 * first + u0 + half, mostU, b0 * first + v0 + half, mostV)) first++;
    while (first < end && !inside(a0 * (end - 1) + u0 + half, mostU, b0 * (end - 1) + v0 + half, mostV)) end--;
    end = max(end, 0);
    first = min(first, end);
    for (let j = 0; j < first; j++) pixelAnywhere(x, y + j * pixel, H, W, C, b0 * j + v0, a0 * j + u0, fill, value, linear);
    if (a0 == 1 && b0 == 0) {
      const u = floor(u0 + half), v = floor(v0 + half), at = x + <i32>v * row + (first + <i32>u) * pixel;
      if (first < end) straight(at, y + first * pixel, pixel, row, C * (end - first), <f32>(u0 - u), <f32>(v0 - v), linear);
      first = end;
    } else if (!linear) {
      if (three) first = fours(false, 3, x, y, row, 3, first, end, a0, u0, b0, v0);
      else if (C == 1) first = fours(false, 1, x, y, row, 1, first, end, a0, u0, b0, v0);
      else first = fours(false, ANY, x, y, row, C, first, end, a0, u0, b0, v0);
    } else if (three) first = fours(true, 3, x, y, row, 3, first, end, a0, u0, b0, v0);
    else if (C == 1) first = fours(true, 1, x, y, row, 1, first, end, a0, u0, b0, v0);
    else first = fours(true, ANY, x, y, row, C, first, end, a0, u0, b0, v0);
    for (let j = first; j < OW; j++) pixelAnywhere(x, y + j * pixel, H, W, C, b0 * j + v0, a0 * j + u0, fill, value, linear);
  }
}

@inline
function inside(u: f64, mostU: f64, v: f64, mostV: f64): bool {
  return u >= 0 && u < mostU && v >= 0 && v < mostV;
}

/** dx [C] += factor dy [C], where there is one. */
function give(dy: usize, dx: usize, C: i32, factor: f32): void {
  if (dx == 0) return;
  const f = f32x4.splat(factor);
  for (; C > 0; C -= 4, dy += 16, dx += 16) storeSome(dx, madd(f, loadSome(dy, C), loadSome(dx, C)), C);
}

/**
 * Reads something of every line of the cache. A slanted walk comes to a new line every few pixels, where no prefetcher follows:
 * with the image read in order before, turning takes a third to a half of the time.
 */
@inline
function readAll(x: usize, bytes: i32): i32 {
  let some = 0;
  for (const end = x + bytes; x < end; x += 64) some |= load<i32>(x);
  return some;
}

// dy [OH,OW,C] -> dx [H,W,C] (written): every output gives to the cells it looked at, in their shares
export function affineTransformBackward(
  dy: usize, dx: usize, H: i32, W: i32, C: i32, OH: i32, OW: i32,
  a0: f64, a1: f64, a2: f64, b0: f64, b1: f64, b2: f64, fill: i32, linear: i32,
): void {
  const pixel = C << 2, row = W * pixel, half: f64 = linear ? 0 : 0.5;
  memory.fill(dx, 0, <usize>H * row);
  for (let i = 0; i < OH; i++) for (let j = 0; j < OW; j++, dy += pixel) {
    const u = a0 * j + (a1 * i + a2), v = b0 * j + (b1 * i + b2), u0 = floor(u + half), v0 = floor(v + half);
    const h = cellAt(<i32>v0, H, fill), w = cellAt(<i32>u0, W, fill);
    const fh = linear ? <f32>(v - v0) : 0, fw = linear ? <f32>(u - u0) : 0;
    give(dy, pixelAt(dx, h, w, row, pixel), C, (1 - fh) * (1 - fw));
    if (!linear) continue;
    const below = cellAt(<i32>v0 + 1, H, fill), next = cellAt(<i32>u0 + 1, W, fill);
    give(dy, pixelAt(dx, h, next, row, pixel), C, (1 - fh) * fw);
    give(dy, pixelAt(dx, below, w, row, pixel), C, fh * (1 - fw));
    give(dy, pixelAt(dx, below, next, row, pixel), C, fh * fw);
  }
}
