// Pools forward. Letters as in window.ts; every channel for itself (O = C), no dilation.

import { AVERAGE, EXACT_MAX, EXACT_MIN, MAX, MIN } from "./poolKind";
import { hasNaN, span } from "./poolSpan";
import { insideBegin, insideEnd, Window } from "./window";

// x [H,W,C], one image -> y, rows [from, to) of its outputs, beginning at y. An average divides by the cells of the
// window that lie in the input and `above`, `below`, `before`, `after` it.
@inline
function poolRows(
  kind: i32, x: usize, y: usize, s: Window, from: i32, to: i32,
  above: i32, below: i32, before: i32, after: i32,
): bool {
  const C = s.C, pixel = C << 2, xRow = s.W * pixel, xStep = s.SW * pixel;
  const two = s.KH == 2 && s.KW == 2 && s.SH >= 2 && C >= 4, three = s.KH == 3 && s.KW == 3 && s.SH <= 2 && s.SW <= 2 && C >= 4;
  const begin = insideBegin(s), end = insideEnd(s);
  let seen = false;
  for (let oy = from; oy < to; oy++) {
    const iy = oy * s.SH - s.PT, top = max(iy, 0), rows = min(iy + s.KH, s.H) - top;
    // Rows from the start of the next windows on are theirs to watch.
    const fresh = oy + 1 < to ? iy + s.SH - top : rows;
    const high = min(iy + s.KH, s.H + below) - max(iy, -above), line = x + top * xRow;
    for (let ox = 0, count = 0; ox < s.OW; ox += count) {
      const ix = ox * s.SW - s.PL, left = max(ix, 0), columns = min(ix + s.KW, s.W) - left;
      const wide = min(ix + s.KW, s.W + after) - max(ix, -before), whole = rows == s.KH && columns == s.KW;
      count = ox == begin ? max(end - begin, 1) : 1;
      const lean = whole ? (two ? 2 : three ? 3 : 0) : 0;
      const scale = <f32>1 / <f32>(high * wide);
      const found = span(kind, line + left * pixel, y, count, rows, columns, fresh, C, xRow, xStep, scale, lean);
      seen = seen || found;
      y += count * pixel;
    }
    if (kind != AVERAGE && three && rows == 3 && oy + 1 == to) seen = seen || hasNaN(line + 2 * xRow, s.W * C);
  }
  return seen;
}

@inline
function slide(
  kind: i32, exact: i32, x: usize, y: usize, s: Window, from: i32, to: i32,
  above: i32, below: i32, before: i32, after: i32,
): void {
  const image = s.H * s.W * s.C << 2, yRow = s.OW * s.C << 2;
  for (let done = from; done < to;) {
    const n = done / s.OH, oy = done - n * s.OH, stop = min(s.OH, oy + to - done);
    const xImage = x + n * image, yImage = y + done * yRow;
    const seen = poolRows(kind, xImage, yImage, s, oy, stop, above, below, before, after);
    if (exact && seen) poolRows(exact, xImage, yImage, s, oy, stop, above, below, before, after);
    done += stop - oy;
  }
}

// x [N,H,W,C] -> y [N,OH,OW,C], rows [from, to) of the N*OH
export function maxPool2d(x: usize, y: usize, s: Window, from: i32, to: i32): void {
  slide(MAX, EXACT_MAX, x, y, s, from, to, 0, 0, 0, 0);
}

// x [N,H,W,C] -> y [N,OH,OW,C], rows [from, to) of the N*OH
export function minPool2d(x: usize, y: usize, s: Window, from: i32, to: i32): void {
  slide(MIN, EXACT_MIN, x, y, s, from, to, 0, 0, 0, 0);
}

// x [N,H,W,C] -> y [N,OH,OW,C], rows [from, to) of the N*OH; counts the input and so much padding around it
export function avgPool2d(
  x: usize, y: usize, s: Window, from: i32, to: i32, above: i32, below: i32, before: i32, after: i32,
): void {
  slide(AVERAGE, 0, x, y, s, from, to, above, below, before, after);
}
