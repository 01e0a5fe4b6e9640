// What pool2d.ts and pool2dBackward.ts have in common, and the inner loops of the way forward.
//
// A span is a stretch of a row of outputs whose windows see equally many rows and columns of the input: what lies
// between the borders is one span, each window that reaches over a border one of its own. Padding is never looked at.

import { AVERAGE, EXACT_MAX, EXACT_MIN, isNaN4, join, MAX, MIN, neutral, watches } from "./poolKind";
import { averageWhole, isWhole, maxWhole, minWhole } from "./poolWhole";
import { loadSome, storeSome } from "./simd";

@inline
function finish(kind: i32, sum: v128, scale: v128): v128 {
  return kind == AVERAGE ? f32x4.mul(sum, scale) : sum;
}

// One window at x, up to 4 channels -> y. Rows are joined on their own first: a large average rounds less that way.
// Only `fresh` rows are watched; the next row of windows sees the others.
@inline
function window4(
  kind: i32, x: usize, y: usize, rows: i32, columns: i32, fresh: i32, xRow: i32, pixel: i32, channels: i32,
  start: v128, scale: v128, seen: v128,
): v128 {
  let all = start, v: v128;
  for (let i = 0; i < rows; i++, x += xRow) {
    let row = loadSome(x, channels);
    if (watches(kind) && i < fresh) {
      seen = f32x4.add(seen, row);
      for (let p = x + pixel, k = columns; --k > 0; p += pixel) {
        v = loadSome(p, channels); row = join(kind, row, v); seen = f32x4.add(seen, v);
      }
    } else {
      for (let p = x + pixel, k = columns; --k > 0; p += pixel) row = join(kind, row, loadSome(p, channels));
    }
    all = join(kind, all, row);
  }
  storeSome(y, finish(kind, all, scale), channels);
  return seen;
}

/** The same for 16 channels: they share what the loops cost. */
@inline
function window16(
  kind: i32, x: usize, y: usize, rows: i32, columns: i32, fresh: i32, xRow: i32, pixel: i32,
  start: v128, scale: v128, seen: v128,
): v128 {
  let a = start, b = start, c = start, d = start, v: v128, w: v128, sum: v128;
  for (let i = 0; i < rows; i++, x += xRow) {
    let e = v128.load(x), f = v128.load(x, 16), g = v128.load(x, 32), h = v128.load(x, 48);
    if (watches(kind) && i < fresh) {
      seen = f32x4.add(seen, f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
      for (let p = x + pixel, k = columns; --k > 0; p += pixel) {
        v = v128.load(p); w = v128.load(p, 16);
        e = join(kind, e, v); f = join(kind, f, w);
        sum = f32x4.add(v, w);
        v = v128.load(p, 32); w = v128.load(p, 48);
        g = join(kind, g, v); h = join(kind, h, w);
        seen = f32x4.add(seen, f32x4.add(sum, f32x4.add(v, w)));
      }
    } else {
      for (let p = x + pixel, k = columns; --k > 0; p += pixel) {
        e = join(kind, e, v128.load(p)); f = join(kind, f, v128.load(p, 16));
        g = join(kind, g, v128.load(p, 32)); h = join(kind, h, v128.load(p, 48));
      }
    }
    a = join(kind, a, e); b = join(kind, b, f); c = join(kind, c, g); d = join(kind, d, h);
  }
  v128.store(y, finish(kind, a, scale));
  v128.store(y, finish(kind, b, scale), 16);
  v128.store(y, finish(kind, c, scale), 32);
  v128.store(y, finish(kind, d, scale), 48);
  return seen;
}

// Windows of any size; the channels that do not fill a vector are computed once more from 4 before the end.
@inline
function spanAny(
  kind: i32, x: usize, y: usize, count: i32, rows: i32, columns: i32, fresh: i32, C: i32, xRow: i32, xStep: i32,
  scale: v128,
): v128 {
  const pixel = C << 2, start = neutral(kind);
  let seen = i32x4.splat(0);
  for (; count > 0; count--, x += xStep) {
    let p = x, c = C;
    for (; c >= 16; c -= 16, p += 64, y += 64) {
      seen = window16(kind, p, y, rows, columns, fresh, xRow, pixel, start, scale, seen);
    }
    for (; c >= 4; c -= 4, p += 16, y += 16) {
      seen = window4(kind, p, y, rows, columns, fresh, xRow, pixel, 4, start, scale, seen);
    }
    if (c > 0) {
      const back = C >= 4 ? (4 - c) << 2 : 0, channels = min(C, 4);
      seen = window4(kind, p - back, y - back, rows, columns, fresh, xRow, pixel, channels, start, scale, seen);
      y += c << 2;
    }
  }
  return seen;
}

// C >= 4. Max and min: windows do not overlap.
@inline
function span2x2(kind: i32, x: usize, y: usize, count: i32, C: i32, xRow: i32, xStep: i32, scale: v128): v128 {
  const pixel = C << 2;
  let sum = i32x4.splat(0);
  for (; count > 0; count--, x += xStep) {
    let p = x, q = x + pixel, r = x + xRow, t = q + xRow, c = C;
    for (; c >= 4; c -= 4, p += 16, q += 16, r += 16, t += 16, y += 16) {
      sum = window2x2(kind, p, q, r, t, y, scale, sum);
    }
    if (c > 0) {
      const back = (4 - c) << 2;
      sum = window2x2(kind, p - back, q - back, r - back, t - back, y - back, scale, sum);
      y += c << 2;
    }
  }
  return sum;
}

@inline
function window2x2(kind: i32, p: usize, q: usize, r: usize, t: usize, y: usize, scale: v128, sum: v128): v128 {
  const a = v128.load(p), b = v128.load(q), c = v128.load(r), d = v128.load(t);
  v128.store(y, finish(kind, join(kind, join(kind, a, b), join(kind, c, d)), scale));
  // pmax itself keeps a NaN of the first cell, and no window below sees it.
  return kind == AVERAGE ? sum : f32x4.add(sum, f32x4.add(f32x4.add(b, c), d));
}

// C >= 4, strides of 1 or 2. Max and min: each window watches the upper two rows of its first two columns: its neighbours
// watch the rest, and at the end of a row maxSpan (minSpan), below the last one poolRows.
@inline
function span3x3(kind: i32, x: usize, y: usize, count: i32, C: i32, xRow: i32, xStep: i32, scale: v128): v128 {
  const pixel = C << 2, back = C & 3 ? (4 - (C & 3)) << 2 : 0;
  let seen = i32x4.splat(0);
  while (count > 0) {
    const group = xStep == pixel ? (count > 3 ? 4 : 1) : xStep == pixel << 1 && count > 1 ? 2 : 1;
    let p = x, q = y, c = C;
    if (group == 4) {
      for (; c >= 4; c -= 4, p += 16, q += 16) seen = fourWindows3x3(kind, p, q, xRow, pixel, scale, seen);
      if (c > 0) seen = fourWindows3x3(kind, p - back, q - back, xRow, pixel, scale, seen);
    } else if (group == 2) {
      for (; c >= 4; c -= 4, p += 16, q += 16) seen = window3x3(kind, true, p, q, xRow, pixel, scale, seen);
      if (c > 0) seen = window3x3(kind, true, p - back, q - back, xRow, pixel, scale, seen);
    } else {
      for (; c >= 4; c -= 4, p += 16, q += 16) seen = window3x3(kind, false, p, q, xRow, pixel, scale, seen);
      if (c > 0) seen = window3x3(kind, false, p - back, q - back, xRow, pixel, scale, seen);
    }
    y += group * pixel;
    x += group * xStep;
    count -= group;
  }
  return seen;
}

/** One window, or two that share a column (stride 2). */
@inline
function window3x3(
  kind: i32, pair: bool, p: usize, y: usize, xRow: i32, pixel: i32, scale: v128, seen: v128,
): v128 {
  const q = p + xRow, r = q + xRow, two = pixel << 1, three = pixel + two, four = pixel << 2;
  let a = v128.load(p), b = v128.load(q);
  const left = column3(kind, a, b, r);
  let sum = f32x4.add(a, b);
  a = v128.load(p + pixel); b = v128.load(q + pixel);
  const middle = column3(kind, a, b, r + pixel);
  sum = f32x4.add(sum, f32x4.add(a, b));
  a = v128.load(p + two); b = v128.load(q + two);
  const right = column3(kind, a, b, r + two);
  if (pair) sum = f32x4.add(sum, f32x4.add(a, b));
  v128.store(y, finish(kind, join(kind, join(kind, left, middle), right), scale));
  if (pair) {
    a = v128.load(p + three); b = v128.load(q + three);
    const next = column3(kind, a, b, r + three);
    sum = f32x4.add(sum, f32x4.add(a, b));
    const last = column3(kind, v128.load(p + four), v128.load(q + four), r + four);
    v128.store(y + pixel, finish(kind, join(kind, join(kind, right, next), last), scale));
  }
  return watches(kind) ? f32x4.add(seen, sum) : seen;
}

/** Four windows side by side (stride 1): six columns instead of twelve. */
@inline
function fourWindows3x3(kind: i32, p: usize, y: usize, xRow: i32, pixel: i32, scale: v128, seen: v128): v128 {
  const two = pixel << 1, p2 = p + two, p4 = p2 + two, y2 = y + two;
  const a = column(kind, p, xRow), b = column(kind, p + pixel, xRow), c = column(kind, p2, xRow);
  v128.store(y, finish(kind, join(kind, join(kind, a, b), c), scale));
  const d = column(kind, p2 + pixel, xRow);
  v128.store(y + pixel, finish(kind, join(kind, join(kind, b, c), d), scale));
  const e = column(kind, p4, xRow);
  v128.store(y2, finish(kind, join(kind, join(kind, c, d), e), scale));
  v128.store(y2 + pixel, finish(kind, join(kind, join(kind, d, e), column(kind, p4 + pixel, xRow)), scale));
  if (!watches(kind)) return seen;
  const first = f32x4.add(upper(p, xRow), upper(p + pixel, xRow));
  const second = f32x4.add(upper(p2, xRow), upper(p2 + pixel, xRow));
  return f32x4.add(f32x4.add(seen, upper(p4, xRow)), f32x4.add(first, second));
}

@inline
function column(kind: i32, p: usize, xRow: i32): v128 {
  return column3(kind, v128.load(p), v128.load(p + xRow), p + xRow + xRow);
}

/** The sum of the upper two cells of a column. */
@inline
function upper(p: usize, xRow: i32): v128 {
  return f32x4.add(v128.load(p), v128.load(p + xRow));
}

/** Three rows of a column, of which the lower comes from memory. */
@inline
function column3(kind: i32, a: v128, b: v128, r: usize): v128 {
  return join(kind, join(kind, a, b), v128.load(r));
}

export function hasNaN(p: usize, count: i32): bool {
  let sum = i32x4.splat(0);
  for (; count > 0; count -= 4, p += 16) sum = f32x4.add(sum, loadSome(p, count));
  return isNaN4(sum);
}

// One function per kind, not inlined: the loops keep their registers to themselves.
function maxSpan(
  x: usize, y: usize, count: i32, rows: i32, columns: i32, fresh: i32, C: i32, xRow: i32, xStep: i32, lean: i32,
): bool {
  const none = i32x4.splat(0);
  if (isWhole(count, columns, C, xRow)) return maxWhole(x, y, rows, columns, C);
  if (lean == 3) {
    const last = x + (count - 1) * xStep + (C << 3), found = isNaN4(span3x3(MAX, x, y, count, C, xRow, xStep, none));
    return found || hasNaN(last, C) || hasNaN(last + xRow, C);
  }
  if (lean == 2) return isNaN4(span2x2(MAX, x, y, count, C, xRow, xStep, none));
  return isNaN4(spanAny(MAX, x, y, count, rows, columns, fresh, C, xRow, xStep, none));
}

function minSpan(
  x: usize, y: usize, count: i32, rows: i32, columns: i32, fresh: i32, C: i32, xRow: i32, xStep: i32, lean: i32,
): bool {
  const none = i32x4.splat(0);
  if (isWhole(count, columns, C, xRow)) return minWhole(x, y, rows, columns, C);
  if (lean == 3) {
    const last = x + (count - 1) * xStep + (C << 3), found = isNaN4(span3x3(MIN, x, y, count, C, xRow, xStep, none));
    return found || hasNaN(last, C) || hasNaN(last + xRow, C);
  }
  if (lean == 2) return isNaN4(span2x2(MIN, x, y, count, C, xRow, xStep, none));
  return isNaN4(spanAny(MIN, x, y, count, rows, columns, fresh, C, xRow, xStep, none));
}

function averageSpan(
  x: usize, y: usize, count: i32, rows: i32, columns: i32, C: i32, xRow: i32, xStep: i32, scale: f32,
): bool {
  const factor = f32x4.splat(scale);
  if (isWhole(count, columns, C, xRow)) averageWhole(x, y, rows, columns, C, scale);
  else if (rows == 2 && columns == 2 && C >= 4) span2x2(AVERAGE, x, y, count, C, xRow, xStep, factor);
  else if (rows == 3 && columns == 3 && C >= 4) span3x3(AVERAGE, x, y, count, C, xRow, xStep, factor);
  else spanAny(AVERAGE, x, y, count, rows, columns, 0, C, xRow, xStep, factor);
  return false;
}

function exactMaxSpan(
  x: usize, y: usize, count: i32, rows: i32, columns: i32, C: i32, xRow: i32, xStep: i32,
): bool {
  spanAny(EXACT_MAX, x, y, count, rows, columns, 0, C, xRow, xStep, i32x4.splat(0));
  return false;
}

function exactMinSpan(
  x: usize, y: usize, count: i32, rows: i32, columns: i32, C: i32, xRow: i32, xStep: i32,
): bool {
  spanAny(EXACT_MIN, x, y, count, rows, columns, 0, C, xRow, xStep, i32x4.splat(0));
  return false;
}

/**
 * Does a span of outputs, and says whether max or min came across NaN. `lean`: 2 for whole 2x2 windows that do not overlap
 * vertically, 3 for whole 3x3 windows with a vertical stride of 1 or 2.
 */
@inline
export function span(
  kind: i32, x: usize, y: usize, count: i32, rows: i32, columns: i32, fresh: i32, C: i32, xRow: i32, xStep: i32,
  scale: f32, lean: i32,
): bool {
  if (kind == MAX) return maxSpan(x, y, count, rows, columns, fresh, C, xRow, xStep, lean);
  if (kind == MIN) return minSpan(x, y, count, rows, columns, fresh, C, xRow, xStep, lean);
  if (kind == AVERAGE) return averageSpan(x, y, count, rows, columns, C, xRow, xStep, scale);
  if (kind == EXACT_MAX) return exactMaxSpan(x, y, count, rows, columns, C, xRow, xStep);
  return exactMinSpan(x, y, count, rows, columns, C, xRow, xStep);
}
