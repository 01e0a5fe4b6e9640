// Pools backward. Letters as in window.ts, spans as in poolSpan.ts.
//
// Windows scatter: where they tile the input (stride = size) each cell is written once, otherwise added to rows that were
// cleared just before. The extreme is found anew from x, so that nothing has to be kept from forward. A cell takes the
// gradient when no other of its window exceeds it: so a NaN does too.

import { AVERAGE, join, MAX, MIN, neutral } from "./poolKind";
import { loadSome, storeSome } from "./simd";
import { insideBegin, insideEnd, Window } from "./window";

@inline
function exceeded(kind: i32, v: v128, extreme: v128): v128 {
  return kind == MAX ? f32x4.lt(v, extreme) : f32x4.gt(v, extreme);
}

@inline
function put(tiled: bool, p: usize, g: v128, channels: i32): void {
  storeSome(p, tiled ? g : f32x4.add(loadSome(p, channels), g), channels);
}

// One window at x, up to 4 channels: the gradient at dy goes to dx. `once`: all bits where only the first may take it.
@inline
function window4(
  kind: i32, tiled: bool, dy: usize, x: usize, dx: usize, rows: i32, columns: i32, xRow: i32, pixel: i32, channels: i32,
  start: v128, once: v128,
): void {
  let extreme = start, taken = i32x4.splat(0);
  for (let r = x, i = rows; i > 0; i--, r += xRow) {
    for (let p = r, k = columns; k > 0; k--, p += pixel) extreme = join(kind, extreme, loadSome(p, channels));
  }
  const g = loadSome(dy, channels);
  for (let i = rows; i > 0; i--, x += xRow, dx += xRow) {
    for (let p = x, d = dx, k = columns; k > 0; k--, p += pixel, d += pixel) {
      const less = exceeded(kind, loadSome(p, channels), extreme);
      put(tiled, d, v128.andnot(g, v128.or(less, taken)), channels);
      taken = v128.or(taken, v128.andnot(once, less));
    }
  }
}

@inline
function spanAny(
  kind: i32, tiled: bool, dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32,
  C: i32, xRow: i32, xStep: i32, once: v128,
): void {
  const pixel = C << 2, start = neutral(kind);
  for (; count > 0; count--, x += xStep, dx += xStep) {
    let p = x, d = dx, c = C;
    for (; c >= 4; c -= 4, dy += 16, p += 16, d += 16) {
      window4(kind, tiled, dy, p, d, rows, columns, xRow, pixel, 4, start, once);
    }
    if (c > 0) window4(kind, tiled, dy, p, d, rows, columns, xRow, pixel, c, start, once);
    dy += c << 2;
  }
}

// C >= 4, tiled
@inline
function span2x2(
  kind: i32, dy: usize, x: usize, dx: usize, count: i32, C: i32, xRow: i32, xStep: i32, once: v128,
): void {
  const pixel = C << 2, start = neutral(kind);
  for (; count > 0; count--, x += xStep, dx += xStep) {
    let p = x, d = dx, c = C;
    for (; c >= 4; c -= 4, dy += 16, p += 16, d += 16) window2x2(kind, dy, p, d, xRow, pixel, start, once);
    if (c > 0) {
      const back = (4 - c) << 2;
      window2x2(kind, dy - back, p - back, d - back, xRow, pixel, start, once);
      dy += c << 2;
    }
  }
}

@inline
function window2x2(
  kind: i32, dy: usize, x: usize, dx: usize, xRow: i32, pixel: i32, start: v128, once: v128,
): void {
  const g = v128.load(dy);
  const a = v128.load(x), b = v128.load(x + pixel), c = v128.load(x + xRow), d = v128.load(x + xRow + pixel);
  const extreme = join(kind, join(kind, join(kind, start, a), b), join(kind, c, d));
  let less = exceeded(kind, a, extreme), taken = v128.andnot(once, less);
  v128.store(dx, v128.andnot(g, less));
  less = exceeded(kind, b, extreme);
  v128.store(dx + pixel, v128.andnot(g, v128.or(less, taken)));
  taken = v128.or(taken, v128.andnot(once, less));
  less = exceeded(kind, c, extreme);
  v128.store(dx + xRow, v128.andnot(g, v128.or(less, taken)));
  taken = v128.or(taken, v128.andnot(once, less));
  less = exceeded(kind, d, extreme);
  v128.store(dx + xRow + pixel, v128.andnot(g, v128.or(less, taken)));
}

@inline
function extremeSpan(
  kind: i32, dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32,
  C: i32, xRow: i32, xStep: i32, tiled: bool, all: bool,
): void {
  const once = i32x4.splat(all ? 0 : -1);
  if (!tiled) spanAny(kind, false, dy, x, dx, count, rows, columns, C, xRow, xStep, once);
  else if (rows == 2 && columns == 2 && C >= 4) span2x2(kind, dy, x, dx, count, C, xRow, xStep, once);
  else spanAny(kind, true, dy, x, dx, count, rows, columns, C, xRow, xStep, once);
}

function maxSpan(
  dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32,
  C: i32, xRow: i32, xStep: i32, tiled: bool, all: bool,
): void {
  extremeSpan(MAX, dy, x, dx, count, rows, columns, C, xRow, xStep, tiled, all);
}

function minSpan(
  dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32,
  C: i32, xRow: i32, xStep: i32, tiled: bool, all: bool,
): void {
  extremeSpan(MIN, dy, x, dx, count, rows, columns, C, xRow, xStep, tiled, all);
}

// dy * scale to every cell of its window
function averageSpan(
  dy: usize, dx: usize, count: i32, rows: i32, columns: i32,
  C: i32, xRow: i32, xStep: i32, scale: f32, tiled: bool,
): void {
  const pixel = C << 2, factor = f32x4.splat(scale);
  for (; count > 0; count--, dx += xStep) {
    let d = dx, c = C;
    for (; c >= 4; c -= 4, dy += 16, d += 16) {
      averageWindow4(tiled, f32x4.mul(v128.load(dy), factor), d, rows, columns, xRow, pixel, 4);
    }
    if (c > 0) averageWindow4(tiled, f32x4.mul(loadSome(dy, c), factor), d, rows, columns, xRow, pixel, c);
    dy += c << 2;
  }
}

@inline
function averageWindow4(
  tiled: bool, g: v128, dx: usize, rows: i32, columns: i32, xRow: i32, pixel: i32, channels: i32,
): void {
  for (; rows > 0; rows--, dx += xRow) {
    if (tiled) for (let d = dx, k = columns; k > 0; k--, d += pixel) put(true, d, g, channels);
    else for (let d = dx, k = columns; k > 0; k--, d += pixel) put(false, d, g, channels);
  }
}

/** Clears what a row of windows is about to add to, or, where windows tile, what they leave out; returns the rows done. */
function clear(dx: usize, s: Window, done: i32, to: i32, tiled: bool): i32 {
  const pixel = s.C << 2, left = tiled ? min(s.OW * s.SW - s.PL, s.W) : 0;
  for (; done < to; done++) memory.fill(dx + (done * s.W + left) * pixel, 0, (s.W - left) * pixel);
  return done;
}

// dy, x -> dx (written), images [from, to) of the N
@inline
function scatter(
  kind: i32, dy: usize, x: usize, dx: usize, s: Window, all: bool, from: i32, to: i32,
  above: i32, below: i32, before: i32, after: i32,
): void {
  const C = s.C, pixel = C << 2, xRow = s.W * pixel, xStep = s.SW * pixel, image = s.H * xRow;
  const tiled = s.SH == s.KH && s.SW == s.KW, begin = insideBegin(s), end = insideEnd(s);
  dy += from * s.OH * s.OW * pixel; x += from * image; dx += from * image;
  for (let n = from; n < to; n++, x += image, dx += image) {
    let done = 0;
    for (let oy = 0; oy < s.OH; oy++) {
      const iy = oy * s.SH - s.PT, top = max(iy, 0), rows = min(iy + s.KH, s.H) - top;
      const high = min(iy + s.KH, s.H + below) - max(iy, -above);
      done = clear(dx, s, done, top + rows, tiled);
      for (let ox = 0, count = 0; ox < s.OW; ox += count) {
        const ix = ox * s.SW - s.PL, left = max(ix, 0), columns = min(ix + s.KW, s.W) - left;
        const wide = min(ix + s.KW, s.W + after) - max(ix, -before), at = top * xRow + left * pixel;
        count = ox == begin ? max(end - begin, 1) : 1;
        if (kind == MAX) maxSpan(dy, x + at, dx + at, count, rows, columns, C, xRow, xStep, tiled, all);
        else if (kind == MIN) minSpan(dy, x + at, dx + at, count, rows, columns, C, xRow, xStep, tiled, all);
        else averageSpan(dy, dx + at, count, rows, columns, C, xRow, xStep, <f32>1 / <f32>(high * wide), tiled);
        dy += count * pixel;
      }
    }
    clear(dx, s, done, s.H, false);
  }
}

// dy [N,OH,OW,C], x [N,H,W,C] -> dx [N,H,W,C] (written), images [from, to). Of equal maxima the first takes the gradient,
// in row-major order, or `all` do.
export function maxPool2dBackward(
  dy: usize, x: usize, dx: usize, s: Window, all: bool, from: i32, to: i32,
): void {
  scatter(MAX, dy, x, dx, s, all, from, to, 0, 0, 0, 0);
}

// The same for minima.
export function minPool2dBackward(
  dy: usize, x: usize, dx: usize, s: Window, all: bool, from: i32, to: i32,
): void {
  scatter(MIN, dy, x, dx, s, all, from, to, 0, 0, 0, 0);
}

// dy [N,OH,OW,C] -> dx [N,H,W,C] (written), images [from, to); counted padding as in avgPool2d
export function avgPool2dBackward(
  dy: usize, dx: usize, s: Window, from: i32, to: i32, above: i32, below: i32, before: i32, after: i32,
): void {
  scatter(AVERAGE, dy, 0, dx, s, false, from, to, above, below, before, after);
}
