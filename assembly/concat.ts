// Concatenation over the last axis, one input at a time.

import { loadSome, storeSome } from "./simd";

// x [rows] of C floats, every xRow bytes -> y, every yRow bytes. Short rows are not worth a call of memory.copy.
function copyRows(x: usize, y: usize, rows: i32, C: i32, xRow: i32, yRow: i32): void {
  for (; rows > 0; rows--, x += xRow, y += yRow) {
    let p = x, q = y, c = C;
    for (; c >= 16; c -= 16, p += 64, q += 64) {
      const a = v128.load(p), b = v128.load(p, 16), d = v128.load(p, 32), e = v128.load(p, 48);
      v128.store(q, a);
      v128.store(q, b, 16);
      v128.store(q, d, 32);
      v128.store(q, e, 48);
    }
    for (; c > 0; c -= 4, p += 16, q += 16) storeSome(q, loadSome(p, c), c);
  }
}

// x [rows,C] -> columns [first, first+C) of y [rows,O]
export function concat(x: usize, y: usize, rows: i32, C: i32, O: i32, first: i32): void {
  copyRows(x, y + (<usize>first << 2), rows, C, C << 2, O << 2);
}

// columns [first, first+C) of dy [rows,O] -> dx [rows,C] (written)
export function concatBackward(dy: usize, dx: usize, rows: i32, C: i32, O: i32, first: i32): void {
  copyRows(dy + (<usize>first << 2), dx, rows, C, O << 2, C << 2);
}
