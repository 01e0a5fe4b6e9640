// Pools backward. Letters as in window.ts, spans as in poolSpan.ts.
//
// Windows scatter, in their order: the first that sees a cell writes to it, the others add. Of the cells of a window, those
// in its `oldRows` first rows and those in its `oldColumns` first columns were seen before. The extreme is found anew
// from x, so that nothing has to be kept from forward. A cell takes the gradient when no other of its window exceeds it:
// so a NaN does too.

import { AVERAGE, join, MAX, MIN, neutral } from "./poolKind";
import { loadSome, storeSome } from "./simd";
import { insideBegin, insideEnd, Window } from "./window";

@inline
function exceeded(kind: i32, v: v128, extreme: v128): v128 {
  return kind == MAX ? f32x4.lt(v, extreme) : f32x4.gt(v, extreme);
}

@inline
function put(old: bool, p: usize, g: v128, channels: i32): void {
  storeSome(p, old ? f32x4.add(loadSome(p, channels), g) : g, channels);
}

// The cells of a window are gone over twice: for the extreme, then for those that equal it.

/** A cell of value v takes its part of the gradient g, which goes to dx; returns what it leaves to the next cells. */
@inline
function take(kind: i32, old: bool, v: v128, dx: usize, g: v128, extreme: v128, channels: i32): v128 {
  const less = exceeded(kind, v, extreme);
  put(old, dx, v128.andnot(g, less), channels);
  return v128.and(g, less);
}

// One window at x, up to 4 channels: the gradient at dy goes to dx, to the first of equal cells or to `all`.
@inline
function window4(
  kind: i32, all: bool, dy: usize, x: usize, dx: usize, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  xRow: i32, pixel: i32, channels: i32, start: v128,
): void {
  let extreme = start, g = loadSome(dy, channels);
  for (let r = x, i = rows; i > 0; i--, r += xRow) {
    for (let p = r, k = columns; k > 0; k--, p += pixel) extreme = join(kind, extreme, loadSome(p, channels));
  }
  for (let i = 0; i < rows; i++, x += xRow, dx += xRow) {
    const old = i < oldRows ? columns : oldColumns;
    for (let p = x, d = dx, k = 0; k < columns; k++, p += pixel, d += pixel) {
      const v = loadSome(p, channels);
      const left = k < old ? take(kind, true, v, d, g, extreme, channels) : take(kind, false, v, d, g, extreme, channels);
      if (!all) g = left;
    }
  }
}

/** The same for 16 channels: they share what the loops cost, and are a line of the cache. */
@inline
function window16(
  kind: i32, dy: usize, x: usize, dx: usize, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  xRow: i32, pixel: i32, start: v128,
): void {
  let a = start, b = start, c = start, d = start;
  for (let r = x, i = rows; i > 0; i--, r += xRow) {
    for (let p = r, k = columns; k > 0; k--, p += pixel) {
      a = join(kind, a, v128.load(p)); b = join(kind, b, v128.load(p, 16));
      c = join(kind, c, v128.load(p, 32)); d = join(kind, d, v128.load(p, 48));
    }
  }
  let e = v128.load(dy), f = v128.load(dy, 16), g = v128.load(dy, 32), h = v128.load(dy, 48);
  for (let i = 0; i < rows; i++, x += xRow, dx += xRow) {
    const old = i < oldRows ? columns : oldColumns;
    let p = x, q = dx, k = 0;
    for (; k < old; k++, p += pixel, q += pixel) {
      e = take(kind, true, v128.load(p), q, e, a, 4);
      f = take(kind, true, v128.load(p, 16), q + 16, f, b, 4);
      g = take(kind, true, v128.load(p, 32), q + 32, g, c, 4);
      h = take(kind, true, v128.load(p, 48), q + 48, h, d, 4);
    }
    for (; k < columns; k++, p += pixel, q += pixel) {
      e = take(kind, false, v128.load(p), q, e, a, 4);
      f = take(kind, false, v128.load(p, 16), q + 16, f, b, 4);
      g = take(kind, false, v128.load(p, 32), q + 32, g, c, 4);
      h = take(kind, false, v128.load(p, 48), q + 48, h, d, 4);
    }
  }
}

@inline
function spanAny(
  kind: i32, all: bool, dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  C: i32, xRow: i32, xStep: i32,
): void {
  const pixel = C << 2, start = neutral(kind);
  for (; count > 0; count--, x += xStep, dx += xStep) {
    let p = x, d = dx, c = C;
    if (!all) {
      for (; c >= 16; c -= 16, dy += 64, p += 64, d += 64) {
        window16(kind, dy, p, d, rows, columns, oldRows, oldColumns, xRow, pixel, start);
      }
    }
    for (; c >= 4; c -= 4, dy += 16, p += 16, d += 16) {
      window4(kind, all, dy, p, d, rows, columns, oldRows, oldColumns, xRow, pixel, 4, start);
    }
    if (c > 0) window4(kind, all, dy, p, d, rows, columns, oldRows, oldColumns, xRow, pixel, c, start);
    dy += c << 2;
  }
}

// C >= 4; no cell was seen before
@inline
function span2x2(kind: i32, dy: usize, x: usize, dx: usize, count: i32, C: i32, xRow: i32, xStep: i32): void {
  const pixel = C << 2, start = neutral(kind);
  for (; count > 0; count--, x += xStep, dx += xStep) {
    let p = x, d = dx, c = C;
    for (; c >= 4; c -= 4, dy += 16, p += 16, d += 16) window2x2(kind, dy, p, d, xRow, pixel, start);
    if (c > 0) {
      const back = (4 - c) << 2;
      window2x2(kind, dy - back, p - back, d - back, xRow, pixel, start);
      dy += c << 2;
    }
  }
}

@inline
function window2x2(kind: i32, dy: usize, x: usize, dx: usize, xRow: i32, pixel: i32, start: v128): void {
  const a = v128.load(x), b = v128.load(x + pixel), c = v128.load(x + xRow), d = v128.load(x + xRow + pixel);
  const extreme = join(kind, join(kind, join(kind, join(kind, start, a), b), c), d);
  let g = take(kind, false, a, dx, v128.load(dy), extreme, 4);
  g = take(kind, false, b, dx + pixel, g, extreme, 4);
  g = take(kind, false, c, dx + xRow, g, extreme, 4);
  take(kind, false, d, dx + xRow + pixel, g, extreme, 4);
}

@inline
function extremeSpan(
  kind: i32, dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  C: i32, xRow: i32, xStep: i32, all: bool,
): void {
  const fresh = (oldRows | oldColumns) == 0;
  if (!all && fresh && rows == 2 && columns == 2 && C >= 4) span2x2(kind, dy, x, dx, count, C, xRow, xStep);
  else spanAny(kind, all, dy, x, dx, count, rows, columns, oldRows, oldColumns, C, xRow, xStep);
}

function maxSpan(
  dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  C: i32, xRow: i32, xStep: i32, all: bool,
): void {
  extremeSpan(MAX, dy, x, dx, count, rows, columns, oldRows, oldColumns, C, xRow, xStep, all);
}

function minSpan(
  dy: usize, x: usize, dx: usize, count: i32, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  C: i32, xRow: i32, xStep: i32, all: bool,
): void {
  extremeSpan(MIN, dy, x, dx, count, rows, columns, oldRows, oldColumns, C, xRow, xStep, all);
}

// dy * scale to every cell of its window
function averageSpan(
  dy: usize, dx: usize, count: i32, rows: i32, columns: i32, oldRows: i32, oldColumns: i32,
  C: i32, xRow: i32, xStep: i32, scale: f32,
): void {
  const pixel = C << 2, factor = f32x4.splat(scale);
  if (count == 1 && xRow == columns * pixel && (oldRows | oldColumns) == 0) {
    averageWhole(dy, dx, rows * xRow, C, factor);
    return;
  }
  for (; count > 0; count--, dx += xStep) {
    let d = dx, c = C;
    for (; c >= 16; c -= 16, dy += 64, d += 64) {
      averageWindow16(dy, d, rows, columns, oldRows, oldColumns, xRow, pixel, factor);
    }
    for (; c >= 4; c -= 4, dy += 16, d += 16) {
      averageWindow4(f32x4.mul(v128.load(dy), factor), d, rows, columns, oldRows, oldColumns, xRow, pixel, 4);
    }
    if (c > 0) {
      averageWindow4(f32x4.mul(loadSome(dy, c), factor), d, rows, columns, oldRows, oldColumns, xRow, pixel, c);
    }
    dy += c << 2;
  }
}

@inline
function averageWindow4(
  g: v128, dx: usize, rows: i32, columns: i32, oldRows: i32, oldColumns: i32, xRow: i32, pixel: i32, channels: i32,
): void {
  for (let i = 0; i < rows; i++, dx += xRow) {
    const old = i < oldRows ? columns : oldColumns;
    for (let d = dx, k = 0; k < columns; k++, d += pixel) {
      if (k < old) put(true, d, g, channels);
      else put(false, d, g, channels);
    }
  }
}

/** g [16] = dy * scale to the cells of a window. */
@inline
function averageWindow16(
  dy: usize, dx: usize, rows: i32, columns: i32, oldRows: i32, oldColumns: i32, xRow: i32, pixel: i32, scale: v128,
): void {
  const e = f32x4.mul(v128.load(dy), scale), f = f32x4.mul(v128.load(dy, 16), scale);
  const g = f32x4.mul(v128.load(dy, 32), scale), h = f32x4.mul(v128.load(dy, 48), scale);
  for (let i = 0; i < rows; i++, dx += xRow) {
    const old = i < oldRows ? columns : oldColumns;
    let d = dx, k = 0;
    for (; k < old; k++, d += pixel) put16(true, d, e, f, g, h);
    for (; k < columns; k++, d += pixel) put16(false, d, e, f, g, h);
  }
}

@inline
function put16(old: bool, p: usize, e: v128, f: v128, g: v128, h: v128): void {
  put(old, p, e, 4);
  put(old, p + 16, f, 4);
  put(old, p + 32, g, 4);
  put(old, p + 48, h, 4);
}

/** A window as wide as the input, `bytes` long: its pixels are all alike, and lie one behind the other. */
@inline
function averageWhole(dy: usize, dx: usize, bytes: i32, C: i32, factor: v128): void {
  for (let c = 0; c < C; c += 4) {
    const at = <usize>c << 2;
    storeSome(dx + at, f32x4.mul(loadSome(dy + at, C - c), factor), C - c);
  }
  for (let done = C << 2; done < bytes; done <<= 1) memory.copy(dx + done, dx, min(done, bytes - done));
}

/** Clears rows [done, to) from column `left` on, where windows see no cell or leave some out; returns `to`. */
function clear(dx: usize, s: Window, done: i32, to: i32, left: i32): i32 {
  const pixel = s.C << 2;
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
  const begin = max(insideBegin(s), 1), end = insideEnd(s); // no column is old to the first window
  // Windows leave out nothing between them unless the stride exceeds their size.
  const unseen = s.SH > s.KH || s.SW > s.KW ? 0 : min((s.OW - 1) * s.SW - s.PL + s.KW, s.W);
  dy += from * s.OH * s.OW * pixel; x += from * image; dx += from * image;
  for (let n = from; n < to; n++, x += image, dx += image) {
    let done = 0;
    for (let oy = 0; oy < s.OH; oy++) {
      const iy = oy * s.SH - s.PT, top = max(iy, 0), rows = min(iy + s.KH, s.H) - top;
      const high = min(iy + s.KH, s.H + below) - max(iy, -above), oldRows = max(done - top, 0);
      done = clear(dx, s, done, top + rows, unseen);
      for (let ox = 0, count = 0; ox < s.OW; ox += count) {
        const ix = ox * s.SW - s.PL, left = max(ix, 0), columns = min(ix + s.KW, s.W) - left;
        const wide = min(ix + s.KW, s.W + after) - max(ix, -before), at = top * xRow + left * pixel;
        const oldColumns = ox > 0 ? min(max(ix - s.SW + s.KW - left, 0), columns) : 0;
        count = ox == begin ? max(end - begin, 1) : 1;
        if (kind == AVERAGE) {
          const scale = <f32>1 / <f32>(high * wide);
          averageSpan(dy, dx + at, count, rows, columns, oldRows, oldColumns, C, xRow, xStep, scale);
        } else if (kind == MAX) {
          maxSpan(dy, x + at, dx + at, count, rows, columns, oldRows, oldColumns, C, xRow, xStep, all);
        } else minSpan(dy, x + at, dx + at, count, rows, columns, oldRows, oldColumns, C, xRow, xStep, all);
        dy += count * pixel;
      }
    }
    clear(dx, s, done, s.H, 0);
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
