// Normalisation of each sample by itself (Wu & He 2018, arXiv 1803.08494): over all P pixels and the channels of one of G
// groups. One group of one pixel is layer normalisation (Ba et al. 2016, arXiv 1607.06450), a group a channel instance
// normalisation (Ulyanov et al. 2016, arXiv 1607.08022). Sums are taken in doubles, as in batchNorm.ts.

import { batchNorm, combine, padded, sumGradients, sumMoments } from "./batchNorm";
import { loadSome, madd, storeSome } from "./simd";

/** The sum of `count` doubles. */
@inline
function total(p: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (; count > 0; count--, p += 8) sum += load<f64>(p);
  return sum;
}

// x [N,P,C], gamma, beta [C] -> y [N,P,C], mean, invStd [N,G]; y may be x. scratch: 16 bytes a channel, C rounded up to 4
export function groupNorm(
  x: usize, gamma: usize, beta: usize, y: usize, mean: usize, invStd: usize,
  N: i32, P: i32, C: i32, G: i32, epsilon: f64, scratch: usize,
): void {
  const sample = <usize>(P * C) << 2, share = C / G, count = <f64>(P * share);
  for (; N > 0; N--, x += sample, y += sample) {
    // A sample of one group lies in one piece: four sums will do, and the elements behind the last four.
    const lanes = G == 1 ? 4 : C, rows = G == 1 ? P * C >> 2 : P, rest = G == 1 ? P * C & 3 : 0;
    sumMoments(x, rows, lanes, scratch);
    for (let g = 0; g < G; g++, mean += 4, invStd += 4) {
      const width = G == 1 ? 4 : share, sums = scratch + (<usize>(g * width) << 3);
      let sum = total(sums, width), squares = total(sums + (<usize>padded(lanes) << 3), width);
      for (let i = rest; i > 0; i--) {
        const v = <f64>load<f32>(x + sample - (<usize>i << 2));
        sum += v;
        squares += v * v;
      }
      const average = sum / count, variance = max(squares / count - average * average, 0);
      store<f32>(mean, <f32>average);
      store<f32>(invStd, <f32>(1 / Math.sqrt(variance + epsilon)));
    }
    const group = <usize>G << 2;
    if (G == 1) whole(x, gamma, beta, y, mean - 4, invStd - 4, P, C);
    else {
      fold(gamma, beta, mean - group, invStd - group, scratch, C, share);
      batchNorm(x, scratch, y, P, C);
    }
  }
}

// y [P,C] = (x - mean) invStd gamma + beta, mean and invStd one number each
@inline
function whole(x: usize, gamma: usize, beta: usize, y: usize, mean: usize, invStd: usize, P: i32, C: i32): void {
  const m = v128.load32_splat(mean), s = v128.load32_splat(invStd);
  for (; P > 0; P--) for (let c = C, a = gamma, b = beta; c > 0; c -= 4, a += 16, b += 16) {
    const normal = f32x4.mul(f32x4.sub(loadSome(x, c), m), s);
    storeSome(y, madd(normal, loadSome(a, c), loadSome(b, c)), c);
    const step = min(c, 4) << 2;
    x += step;
    y += step;
  }
}

// folded [2][C]: scale = gamma invStd, shift = beta - mean scale, by the group of each channel
@inline
function fold(gamma: usize, beta: usize, mean: usize, invStd: usize, folded: usize, C: i32, share: i32): void {
  for (let c = 0; c < C; c++) {
    const at = <usize>c << 2, group = <usize>(c / share) << 2, scale = load<f32>(gamma + at) * load<f32>(invStd + group);
    store<f32>(folded + at, scale);
    store<f32>(folded + (<usize>C << 2) + at, <f32>(<f64>load<f32>(beta + at) - <f64>load<f32>(mean + group) * <f64>scale));
  }
}

// dy, x [N,P,C], gamma [C], mean, invStd [N,G] -> dx [N,P,C] (written; or null; may be dy), dgamma, dbeta [C] (accumulated; or null)
//
// With g = dy gamma and xhat = (x - mean) invStd: dx = invStd (g - mean of g - xhat mean of (g xhat)), means over a group.
// scratch: 48 bytes a channel, C rounded up to 4
export function groupNormBackward(
  dy: usize, x: usize, gamma: usize, mean: usize, invStd: usize, dx: usize, dgamma: usize, dbeta: usize,
  N: i32, P: i32, C: i32, G: i32, scratch: usize,
): void {
  const sample = <usize>(P * C) << 2, share = C / G, count = <f64>(P * share), step = <usize>padded(C) << 2;
  const products = scratch + (step << 1), a = scratch + (step << 2), b = a + step, c = b + step, center = c + step;
  // Over all samples: sums of dy and of dy xhat, in doubles.
  const sumDy = center + step, sumDyXhat = sumDy + (step << 1);
  memory.fill(sumDy, 0, step << 2);
  for (; N > 0; N--, dy += sample, x += sample, dx += dx ? sample : 0, mean += <usize>G << 2, invStd += <usize>G << 2) {
    for (let i = 0; i < C; i++) store<f32>(center + (<usize>i << 2), load<f32>(mean + (<usize>(i / share) << 2)));
    sumGradients(dy, x, center, P, C, scratch);
    for (let g = 0; g < G; g++) {
      const inverse = <f64>load<f32>(invStd + (<usize>g << 2));
      let sum: f64 = 0, product: f64 = 0;
      for (let i = g * share, end = i + share; i < end; i++) {
        const at = <usize>i << 3, d = load<f64>(scratch + at), dX = load<f64>(products + at) * inverse;
        const factor = <f64>load<f32>(gamma + (<usize>i << 2));
        store<f64>(sumDy + at, load<f64>(sumDy + at) + d);
        store<f64>(sumDyXhat + at, load<f64>(sumDyXhat + at) + dX);
        sum += d * factor;
        product += dX * factor;
      }
      for (let i = g * share, end = i + share; i < end; i++) {
        const at = <usize>i << 2;
        store<f32>(a + at, <f32>(<f64>load<f32>(gamma + at) * inverse));
        store<f32>(b + at, <f32>(-inverse * inverse * product / count));
        store<f32>(c + at, <f32>(-inverse * sum / count));
      }
    }
    if (dx) combine(dy, x, center, a, step, dx, P, C);
  }
  for (let i: usize = 0; i < <usize>C; i++) {
    const at = i << 2;
    if (dbeta) store<f32>(dbeta + at, <f32>(load<f32>(dbeta + at) + load<f64>(sumDy + (i << 3))));
    if (dgamma) store<f32>(dgamma + at, <f32>(load<f32>(dgamma + at) + load<f64>(sumDyXhat + (i << 3))));
  }
}
