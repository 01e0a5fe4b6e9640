// The transforms of Winograd convolution, four channels (or filters) at a time: of filters, of patches, and back to outputs.
// Patches of 6x6 interpolate at 0, +-3/4, +-3/2 and infinity, those of 4x4 at 0, +-1 and infinity.

import { ACCUMULATE, activate } from "./gemm";
import { loadSome, madd, storeSome } from "./simd";

/** a = 3/4, b = 3/2 and what the transforms need of them; in memory, since V8 would rebuild constants inside the loops. */
const POINTS = memory.data<f32>([
  0.75, 0.75, 0.75, 0.75, 1.5, 1.5, 1.5, 1.5, // a, b
  0.5625, 0.5625, 0.5625, 0.5625, 2.25, 2.25, 2.25, 2.25, // a^2, b^2
  1.265625, 1.265625, 1.265625, 1.265625, 2.8125, 2.8125, 2.8125, 2.8125, // a^2 b^2, a^2 + b^2
  0.421875, 0.421875, 0.421875, 0.421875, 3.375, 3.375, 3.375, 3.375, // a^3, b^3
], 16);

@inline
function point(index: i32): v128 {
  return v128.load(POINTS + (<usize>index << 4));
}

/** A tap of `count` filters, `outStep` bytes apart. */
@inline
export function tap(from: usize, outStep: i32, count: i32): v128 {
  if (count == 0) return i32x4.splat(0);
  if (outStep == 4) return loadSome(from, count);
  let x = v128.load32_zero(from);
  if (count > 1) x = v128.load32_lane(from + outStep, x, 1);
  if (count > 2) x = v128.load32_lane(from + 2 * outStep, x, 2);
  if (count > 3) x = v128.load32_lane(from + 3 * outStep, x, 3);
  return x;
}

/** G of F(4x4,3x3): entry `row` of G w is the filter's polynomial at a point over its Lagrange denominator. */
const G43 = memory.data<f32>([
  0.790123456790123, 0, 0,
  -0.526748971193416, -0.395061728395062, -0.296296296296296,
  -0.526748971193416, 0.395061728395062, -0.296296296296296,
  0.131687242798354, 0.197530864197531, 0.296296296296296,
  0.131687242798354, -0.197530864197531, 0.296296296296296,
  0, 0, 1,
]);
/** G of F(2x2,3x3). */
const G23 = memory.data<f32>([1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1]);
/** The same with stride 2: F(2,2) of the outer taps, at 0, 1 and infinity, and the middle tap twice, once for each output. */
const G23S2 = memory.data<f32>([1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0]);

// four filters 3x3, taps `taps` apart -> G w G^T at `to`, planes [side][side] `plane` apart
export function transformFilter(
  side: i32, from: usize, taps: i32, outStep: i32, count: i32, transposed: bool, to: usize, plane: i32,
): void {
  if (transposed) from += 8 * taps, taps = -taps;
  let row = 3 * taps;
  if (outStep != 4 || count != 4) {
    // They are put together where the result will go.
    for (let i = 0; i < 9; i++, from += taps) v128.store(to + (i / 3 * side + i % 3) * plane, tap(from, outStep, count));
    from = to, taps = plane, row = side * plane;
  }
  const second = from + row, third = second + row;
  const w0 = v128.load(from), w1 = v128.load(from + taps), w2 = v128.load(from + 2 * taps);
  const w3 = v128.load(second), w4 = v128.load(second + taps), w5 = v128.load(second + 2 * taps);
  const w6 = v128.load(third), w7 = v128.load(third + taps), w8 = v128.load(third + 2 * taps);
  const first = side == 6 ? G43 : side == 5 ? G23S2 : G23, end = first + side * 12;
  for (let line = first; line < end; line += 12) {
    let g0 = v128.load32_splat(line), g1 = v128.load32_splat(line, 4), g2 = v128.load32_splat(line, 8);
    const r0 = filterRow(g0, g1, g2, w0, w3, w6), r1 = filterRow(g0, g1, g2, w1, w4, w7), r2 = filterRow(g0, g1, g2, w2, w5, w8);
    for (let column = first; column < end; column += 12, to += plane) {
      g0 = v128.load32_splat(column), g1 = v128.load32_splat(column, 4), g2 = v128.load32_splat(column, 8);
      v128.store(to, filterRow(g0, g1, g2, r0, r1, r2));
    }
  }
}

/** Entry of G w, w a column (w0, w1, w2), by a row of G. */
@inline
function filterRow(g0: v128, g1: v128, g2: v128, w0: v128, w1: v128, w2: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(g0, w0), f32x4.mul(g2, w2)), f32x4.mul(g1, w1));
}

/** Columns of B^T d B, one transform of six vectors: x[i] at `from` + i*step to `to` + i*toStep. */
@inline
function input6(from: usize, step: i32, to: usize, toStep: i32): void {
  const a = point(0), b = point(1), a2 = point(2), b2 = point(3);
  const x0 = v128.load(from), x1 = v128.load(from + step), x2 = v128.load(from + 2 * step);
  const x3 = v128.load(from + 3 * step), x4 = v128.load(from + 4 * step), x5 = v128.load(from + 5 * step);
  const t0 = f32x4.sub(x4, f32x4.mul(b2, x2)), t1 = f32x4.mul(a, f32x4.sub(x3, f32x4.mul(b2, x1)));
  const t2 = f32x4.sub(x4, f32x4.mul(a2, x2)), t3 = f32x4.mul(b, f32x4.sub(x3, f32x4.mul(a2, x1)));
  v128.store(to, madd(point(4), x0, f32x4.sub(x4, f32x4.mul(point(5), x2))));
  v128.store(to + toStep, f32x4.add(t0, t1));
  v128.store(to + 2 * toStep, f32x4.sub(t0, t1));
  v128.store(to + 3 * toStep, f32x4.add(t2, t3));
  v128.store(to + 4 * toStep, f32x4.sub(t2, t3));
  v128.store(to + 5 * toStep, madd(point(4), x1, f32x4.sub(x5, f32x4.mul(point(5), x3))));
}

@inline
function input4(from: usize, step: i32, to: usize, toStep: i32): void {
  const x0 = v128.load(from), x1 = v128.load(from + step), x2 = v128.load(from + 2 * step), x3 = v128.load(from + 3 * step);
  v128.store(to, f32x4.sub(x0, x2));
  v128.store(to + toStep, f32x4.add(x1, x2));
  v128.store(to + 2 * toStep, f32x4.sub(x2, x1));
  v128.store(to + 3 * toStep, f32x4.sub(x1, x3));
}

/** F(2,2) of those at even places, which the outer taps see; the others as they are. */
@inline
function input5(from: usize, step: i32, to: usize, toStep: i32): void {
  const x0 = v128.load(from), x1 = v128.load(from + step), x2 = v128.load(from + 2 * step), x3 = v128.load(from + 3 * step);
  v128.store(to, f32x4.sub(x0, x2));
  v128.store(to + toStep, x2);
  v128.store(to + 2 * toStep, f32x4.sub(v128.load(from + 4 * step), x2));
  v128.store(to + 3 * toStep, x1);
  v128.store(to + 4 * toStep, x3);
}

// patch (rows `rowStep` apart, pixels `pixel` apart) -> planes [36][C4] at v, `plane` apart; temp [36][4]
export function transformInput6(patch: usize, rowStep: i32, pixel: i32, C4: i32, v: usize, plane: i32, temp: usize): void {
  for (let c = 0; c < C4; c += 4, patch += 16, v += 16) {
    for (let j = 0; j < 6; j++) input6(patch + j * pixel, rowStep, temp + (j << 4), 96);
    for (let i = 0; i < 6; i++) input6(temp + i * 96, 16, v + i * 6 * plane, plane);
  }
}

export function transformInput5(patch: usize, rowStep: i32, pixel: i32, C4: i32, v: usize, plane: i32, temp: usize): void {
  for (let c = 0; c < C4; c += 4, patch += 16, v += 16) {
    for (let j = 0; j < 5; j++) input5(patch + j * pixel, rowStep, temp + (j << 4), 80);
    for (let i = 0; i < 5; i++) input5(temp + i * 80, 16, v + i * 5 * plane, plane);
  }
}

export function transformInput4(patch: usize, rowStep: i32, pixel: i32, C4: i32, v: usize, plane: i32, temp: usize): void {
  for (let c = 0; c < C4; c += 4, patch += 16, v += 16) {
    for (let j = 0; j < 4; j++) input4(patch + j * pixel, rowStep, temp + (j << 4), 64);
    for (let i = 0; i < 4; i++) input4(temp + (i << 6), 16, v + i * 4 * plane, plane);
  }
}

/** Entries of A^T x, x a column of six or four vectors: four or two. */
@inline
function output43(from: usize, step: i32, to: usize, toStep: i32): void {
  const x0 = v128.load(from), x1 = v128.load(from + step), x2 = v128.load(from + 2 * step);
  const x3 = v128.load(from + 3 * step), x4 = v128.load(from + 4 * step), x5 = v128.load(from + 5 * step);
  const p = f32x4.add(x1, x2), q = f32x4.sub(x1, x2), r = f32x4.add(x3, x4), t = f32x4.sub(x3, x4);
  v128.store(to, f32x4.add(x0, f32x4.add(p, r)));
  v128.store(to + toStep, madd(point(1), t, f32x4.mul(point(0), q)));
  v128.store(to + 2 * toStep, madd(point(3), r, f32x4.mul(point(2), p)));
  v128.store(to + 3 * toStep, f32x4.add(x5, madd(point(7), t, f32x4.mul(point(6), q))));
}

@inline
function output23(from: usize, step: i32, to: usize, toStep: i32): void {
  const x0 = v128.load(from), x1 = v128.load(from + step), x2 = v128.load(from + 2 * step), x3 = v128.load(from + 3 * step);
  v128.store(to, f32x4.add(x0, f32x4.add(x1, x2)));
  v128.store(to + toStep, f32x4.sub(f32x4.sub(x1, x2), x3));
}

@inline
function output23s2(from: usize, step: i32, to: usize, toStep: i32): void {
  const x1 = v128.load(from + step);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), x1), v128.load(from + 3 * step)));
  v128.store(to + toStep, f32x4.add(f32x4.add(x1, v128.load(from + 2 * step)), v128.load(from + 4 * step)));
}

/** A^T of whichever of the three. */
@inline
function output(side: i32, from: usize, step: i32, to: usize, toStep: i32): void {
  if (side == 6) output43(from, step, to, toStep);
  else if (side == 4) output23(from, step, to, toStep);
  else output23s2(from, step, to, toStep);
}

/** `count` floats of a sum -> y, with bias and epilogue. */
@inline
export function finish(sum: v128, bias: v128, y: usize, count: i32, activation: i32, epilogue: i32): void {
  sum = f32x4.add(sum, bias);
  if (epilogue >= ACCUMULATE) sum = f32x4.add(loadSome(y, count), sum);
  storeSome(y, activate(sum, activation), count);
}

// planes [side][side][O4] at p, `plane` apart -> y: `rows` x `columns` pixels, with bias and epilogue; temp [m][side][4]
export function transformOutput(
  p: usize, plane: i32, m: i32, side: i32, O: i32, bias: usize, epilogue: i32,
  y: usize, yRow: i32, pixel: i32, rows: i32, columns: i32, temp: usize,
): void {
  const activation = epilogue & ~ACCUMULATE, row = side << 4;
  for (let o = 0; o < O; o += 4, p += 16, y += 16, bias += 16) {
    const count = O - o, b = v128.load(bias);
    for (let j = 0; j < side; j++) {
      output(side, p + j * plane, side * plane, temp + (j << 4), row);
    }
    const line = temp + (<usize>(m * side) << 4);
    for (let i = 0; i < rows; i++) {
      output(side, temp + i * row, 16, line, 16);
      let to = y + i * yRow;
      for (let j = 0; j < columns; j++, to += pixel) finish(v128.load(line + (j << 4)), b, to, count, activation, epilogue);
    }
  }
}
