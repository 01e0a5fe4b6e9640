// Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167) of rows x [M,C] over M: y = (x - mean) * invStd * gamma + beta,
// invStd = 1 / sqrt(variance + epsilon). For images M = N*H*W.
//
// Sums are taken in doubles: squares of floats are exact there, so that mean and variance come out of one pass, even where
// the mean is a thousand times the deviation. Rows are taken a chunk at a time, so that they are still in the cache
// when the next channels come by.

import { high, loadSome, low, madd, storeSome } from "./simd";

/** Rows to a chunk: few where rows lie a multiple of 2 KiB apart and meet in one set of the cache. */
@inline
function chunkRows(C: i32): i32 {
  return C & 511 ? 32 : 8;
}

/** C rounded up to whole vectors. */
@inline
export function padded(C: i32): i32 {
  return (C + 3) & ~3;
}

/** to [4] += the four doubles (a, b). */
@inline
function addTo(to: usize, a: v128, b: v128): void {
  v128.store(to, f64x2.add(v128.load(to), a));
  v128.store(to, f64x2.add(v128.load(to, 16), b), 16);
}

/** sums [4] += x, squares [4] += x^2 over `rows` rows of up to four channels. */
@inline
function addMoments(x: usize, row: usize, rows: i32, count: i32, sums: usize, squares: usize): void {
  let a = f64x2.splat(0), b = a, aa = a, bb = a;
  for (; rows > 0; rows--, x += row) {
    const v = loadSome(x, count), l = low(v), h = high(v);
    a = f64x2.add(a, l);
    b = f64x2.add(b, h);
    aa = f64x2.add(aa, f64x2.mul(l, l));
    bb = f64x2.add(bb, f64x2.mul(h, h));
  }
  addTo(sums, a, b);
  addTo(squares, aa, bb);
}

/** sums [C], then squares [C] (doubles, C rounded up to 4) = those of the channels of x [M,C]. */
export function sumMoments(x: usize, M: i32, C: i32, sums: usize): void {
  const row = <usize>C << 2, chunk = chunkRows(C), squares = sums + (<usize>padded(C) << 3);
  memory.fill(sums, 0, <usize>padded(C) << 4);
  for (let m = 0; m < M; m += chunk) {
    const rows = min(chunk, M - m);
    let c = C, p = x + <usize>m * row, sum = sums, square = squares;
    for (; c >= 4; c -= 4, p += 16, sum += 32, square += 32) addMoments(p, row, rows, 4, sum, square);
    if (c > 0) addMoments(p, row, rows, c, sum, square);
  }
}

// x [M,C] -> mean [C], invStd [C]; runningMean, runningVariance [C] (or null) = momentum * running + (1 - momentum) * batch,
// both with the biased variance. scratch: 32 bytes a channel, C rounded up to 4
export function batchNormStatistics(
  x: usize, mean: usize, invStd: usize, runningMean: usize, runningVariance: usize,
  M: i32, C: i32, momentum: f64, epsilon: f64, scratch: usize,
): void {
  const squares = scratch + (<usize>padded(C) << 3);
  sumMoments(x, M, C, scratch);
  for (let c: usize = 0; c < <usize>C; c++) {
    const average = load<f64>(scratch + (c << 3)) / M;
    const variance = max(load<f64>(squares + (c << 3)) / M - average * average, 0);
    store<f32>(mean + (c << 2), <f32>average);
    store<f32>(invStd + (c << 2), <f32>(1 / Math.sqrt(variance + epsilon)));
    if (runningMean) move(runningMean + (c << 2), average, momentum);
    if (runningVariance) move(runningVariance + (c << 2), variance, momentum);
  }
}

/** A running value takes one step towards that of the batch. */
@inline
function move(running: usize, batch: f64, momentum: f64): void {
  store<f32>(running, <f32>(momentum * load<f32>(running) + (1 - momentum) * batch));
}

// variance [C] -> invStd [C]
export function batchNormInvStd(variance: usize, invStd: usize, C: i32, epsilon: f64): void {
  for (; C > 0; C--, variance += 4, invStd += 4) store<f32>(invStd, <f32>(1 / Math.sqrt(load<f32>(variance) + epsilon)));
}

// gamma, beta, mean, invStd [C] -> folded [2][C]: scale = gamma * invStd, shift = beta - mean * scale
export function batchNormFold(gamma: usize, beta: usize, mean: usize, invStd: usize, folded: usize, C: i32): void {
  const row = <usize>C << 2, end = folded + row;
  for (; folded < end; folded += 4, gamma += 4, beta += 4, mean += 4, invStd += 4) {
    const scale = load<f32>(gamma) * load<f32>(invStd);
    store<f32>(folded, scale);
    store<f32>(folded + row, <f32>(<f64>load<f32>(beta) - <f64>load<f32>(mean) * <f64>scale));
  }
}

/** So many rows share what is loaded of each channel; more would not stay in the nearest cache until the next channels. */
@inline
function rowsAtOnce(row: usize): i32 {
  return row > 2048 ? 4 : 8;
}

// x [M,C], folded [2][C] -> y [M,C] = x * scale + shift; y may be x
export function batchNorm(x: usize, folded: usize, y: usize, M: i32, C: i32): void {
  const row = <usize>C << 2, chunk = rowsAtOnce(row);
  for (; M > 0; M -= chunk, x += row * chunk, y += row * chunk) {
    const rows = min(chunk, M);
    let c = C, p = x, q = y, scale = folded;
    for (; c >= 16; c -= 16, p += 64, q += 64, scale += 64) normalize16(p, scale, scale + row, q, row, rows);
    for (; c >= 4; c -= 4, p += 16, q += 16, scale += 16) normalize(p, scale, scale + row, q, row, rows, 4);
    if (c > 0) normalize(p, scale, scale + row, q, row, rows, c);
  }
}

/** 16 channels of so many rows: what is loaded of scale and shift serves all of them. */
@inline
function normalize16(x: usize, scale: usize, shift: usize, y: usize, row: usize, rows: i32): void {
  const a = v128.load(scale), b = v128.load(scale, 16), c = v128.load(scale, 32), d = v128.load(scale, 48);
  const e = v128.load(shift), f = v128.load(shift, 16), g = v128.load(shift, 32), h = v128.load(shift, 48);
  for (; rows > 0; rows--, x += row, y += row) {
    v128.store(y, madd(v128.load(x), a, e));
    v128.store(y, madd(v128.load(x, 16), b, f), 16);
    v128.store(y, madd(v128.load(x, 32), c, g), 32);
    v128.store(y, madd(v128.load(x, 48), d, h), 48);
  }
}

/** Up to four. */
@inline
function normalize(x: usize, scale: usize, shift: usize, y: usize, row: usize, rows: i32, count: i32): void {
  const a = loadSome(scale, count), b = loadSome(shift, count);
  for (; rows > 0; rows--, x += row, y += row) storeSome(y, madd(loadSome(x, count), a, b), count);
}

/** sums [4] += dy, products [4] += dy (x - mean) over `rows` rows of up to four channels. */
@inline
function addGradients4(
  dy: usize, x: usize, mean: usize, row: usize, rows: i32, count: i32, sums: usize, products: usize,
): void {
  const center = loadSome(mean, count);
  let a = i32x4.splat(0), b = a; // of at most 32 rows, so floats will do
  for (; rows > 0; rows--, dy += row, x += row) {
    const d = loadSome(dy, count);
    a = f32x4.add(a, d);
    b = madd(d, f32x4.sub(loadSome(x, count), center), b);
  }
  addTo(sums, low(a), high(a));
  addTo(products, low(b), high(b));
}

/** The same for eight channels: each sum waits for its last addition, so there are to be many. */
@inline
function addGradients8(
  dy: usize, x: usize, mean: usize, row: usize, rows: i32, sums: usize, products: usize,
): void {
  const left = v128.load(mean), right = v128.load(mean, 16);
  let a = i32x4.splat(0), b = a, c = a, d = a;
  for (; rows > 0; rows--, dy += row, x += row) {
    const e = v128.load(dy), f = v128.load(dy, 16);
    a = f32x4.add(a, e);
    b = f32x4.add(b, f);
    c = madd(e, f32x4.sub(v128.load(x), left), c);
    d = madd(f, f32x4.sub(v128.load(x, 16), right), d);
  }
  addTo(sums, low(a), high(a));
  addTo(sums + 32, low(b), high(b));
  addTo(products, low(c), high(c));
  addTo(products + 32, low(d), high(d));
}

/** sums [C] of dy, then products [C] of dy (x - mean) (doubles, C rounded up to 4) over the rows of dy, x [M,C]; mean [C]. */
export function sumGradients(dy: usize, x: usize, mean: usize, M: i32, C: i32, sums: usize): void {
  const row = <usize>C << 2, products = sums + (<usize>padded(C) << 3), chunk = chunkRows(C);
  memory.fill(sums, 0, <usize>padded(C) << 4);
  for (let m = 0; m < M; m += chunk) {
    const rows = min(chunk, M - m), at = <usize>m * row;
    let c = C, d = dy + at, p = x + at, center = mean, s = sums, t = products;
    for (; c >= 8; c -= 8, d += 32, p += 32, center += 32, s += 64, t += 64) {
      addGradients8(d, p, center, row, rows, s, t);
    }
    for (; c >= 4; c -= 4, d += 16, p += 16, center += 16, s += 32, t += 32) {
      addGradients4(d, p, center, row, rows, 4, s, t);
    }
    if (c > 0) addGradients4(d, p, center, row, rows, c, s, t);
  }
}

// dy, x [M,C], gamma, mean, invStd [C] -> dgamma, dbeta [C] (accumulated; or null), dx [M,C] (written; or null; may be dy)
//
// dbeta = sum dy, dgamma = sum dy xhat with xhat = (x - mean) invStd. Where mean and invStd are those of the batch,
// dx = gamma invStd (dy - dbeta/M - xhat dgamma/M); where they are frozen, dx = gamma invStd dy, and x is read for dgamma
// alone: where neither dgamma nor dbeta is wanted, it may be anything.
// scratch: 32 bytes a channel, C rounded up to 4
export function batchNormBackward(
  dy: usize, x: usize, gamma: usize, mean: usize, invStd: usize, dx: usize, dgamma: usize, dbeta: usize,
  M: i32, C: i32, frozen: i32, scratch: usize,
): void {
  if (frozen && !dgamma && !dbeta) {
    if (dx) scaleGradients(dy, gamma, invStd, dx, M, C, scratch);
    return;
  }
  const step = <usize>padded(C) << 2, products = scratch + (step << 1);
  sumGradients(dy, x, mean, M, C, scratch);
  // dx = a dy + b (x - mean) + c, with a [C], b [C], c [C] behind the sums
  const coefficients = scratch + (step << 2);
  for (let c: usize = 0; c < <usize>C; c++) {
    const at = c << 2, inverse = <f64>load<f32>(invStd + at), scale = <f64>load<f32>(gamma + at) * inverse;
    const sum = load<f64>(scratch + (c << 3)), product = load<f64>(products + (c << 3)) * inverse;
    if (dgamma) store<f32>(dgamma + at, <f32>(load<f32>(dgamma + at) + product));
    if (dbeta) store<f32>(dbeta + at, <f32>(load<f32>(dbeta + at) + sum));
    store<f32>(coefficients + at, <f32>scale);
    store<f32>(coefficients + step + at, frozen ? 0 : <f32>(-scale * inverse * product / M));
    store<f32>(coefficients + 2 * step + at, frozen ? 0 : <f32>(-scale * sum / M));
  }
  if (dx) combine(dy, x, mean, coefficients, step, dx, M, C);
}

/** dx [M,C] = gamma invStd dy. scratch: 8 bytes a channel */
function scaleGradients(dy: usize, gamma: usize, invStd: usize, dx: usize, M: i32, C: i32, scratch: usize): void {
  const row = <usize>C << 2;
  for (let at: usize = 0; at < row; at += 4) store<f32>(scratch + at, load<f32>(gamma + at) * load<f32>(invStd + at));
  memory.fill(scratch + row, 0, row);
  batchNorm(dy, scratch, dx, M, C);
}

// dx [M,C] = a dy + b (x - mean) + c, coefficients [3][step bytes]
export function combine(dy: usize, x: usize, mean: usize, a: usize, step: usize, dx: usize, M: i32, C: i32): void {
  const row = <usize>C << 2, chunk = rowsAtOnce(row);
  for (; M > 0; M -= chunk, dy += row * chunk, x += row * chunk, dx += row * chunk) {
    const rows = min(chunk, M);
    let c = C, at: usize = 0;
    for (; c >= 8; c -= 8, at += 32) combine8(dy + at, x + at, mean + at, a + at, step, dx + at, row, rows);
    for (; c >= 4; c -= 4, at += 16) combine4(dy + at, x + at, mean + at, a + at, step, dx + at, row, rows, 4);
    if (c > 0) combine4(dy + at, x + at, mean + at, a + at, step, dx + at, row, rows, c);
  }
}

/** Eight channels of so many rows. */
@inline
function combine8(
  dy: usize, x: usize, mean: usize, a: usize, step: usize, dx: usize, row: usize, rows: i32,
): void {
  const b = a + step, c = b + step, left = v128.load(mean), right = v128.load(mean, 16);
  const e = v128.load(a), f = v128.load(a, 16), g = v128.load(b), h = v128.load(b, 16);
  const i = v128.load(c), j = v128.load(c, 16);
  for (; rows > 0; rows--, dy += row, x += row, dx += row) {
    v128.store(dx, madd(e, v128.load(dy), madd(g, f32x4.sub(v128.load(x), left), i)));
    v128.store(dx, madd(f, v128.load(dy, 16), madd(h, f32x4.sub(v128.load(x, 16), right), j)), 16);
  }
}

/** Up to four. */
@inline
function combine4(
  dy: usize, x: usize, mean: usize, a: usize, step: usize, dx: usize, row: usize, rows: i32, count: i32,
): void {
  const center = loadSome(mean, count), e = v128.load(a), f = v128.load(a + step), g = v128.load(a + (step << 1));
  for (; rows > 0; rows--, dy += row, x += row, dx += row) {
    storeSome(dx, madd(e, loadSome(dy, count), madd(f, f32x4.sub(loadSome(x, count), center), g)), count);
  }
}

// w [rows,C], b [C] or null, folded (scale [C], shift [C]) -> weights [rows,C] = w scale, bias [C] = b scale + shift
export function batchNormFoldWeights(
  w: usize, b: usize, folded: usize, weights: usize, bias: usize, rows: i32, C: i32,
): void {
  const row = <usize>C << 2;
  for (let i: usize = 0; i < row; i += 4) {
    const product = b ? load<f32>(b + i) * load<f32>(folded + i) : 0;
    store<f32>(bias + i, product + load<f32>(folded + row + i));
  }
  for (; rows > 0; rows--, w += row, weights += row) {
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2;
      storeSome(weights + at, f32x4.mul(loadSome(w + at, C - c), loadSome(folded + at, C - c)), C - c);
    }
  }
}
