// Cross-entropy of M samples with P rows each over C classes, of logits (fused with softmax) and of probabilities.
//
// losses [M] are w l, l the mean over the rows of a sample, with weights w [M] (or null: 1); gradients are those of
// scale P sum(w l): scale = 1 / (M P) for the mean. labels [M,P] are i32 class indices; targets [M,P,C] are f32, a probability for
// each class.

import { lanes, vlog } from "./math";
import { loadSome, storeSome, sum4 } from "./simd";
import { rowExp, rowMax, scaleRow } from "./softmax";

/** Probabilities are kept this far from 0 and 1, as in Keras. */
export const LEAST = memory.data<f32>([1e-7]);
const MOST = memory.data<f32>([0.9999999]);

@inline
export function weight(weights: usize, i: i32): f32 {
  return weights ? load<f32>(weights + (<usize>i << 2)) : 1;
}

/** Row i of P rows a sample: its loss is part of the mean of the sample. */
@inline
function gather(losses: usize, i: i32, P: i32, loss: f32): void {
  const at = losses + (<usize>(i / P) << 2);
  store<f32>(at, loss / <f32>P + (i % P ? load<f32>(at) : 0));
}

/** ln x. */
@inline
function log(x: f32): f32 {
  return f32x4.extract_lane(vlog(f32x4.splat(x)), 0);
}

// logits [M,P,C], labels [M,P] -> losses [M], dlogits [M,P,C] (written; or null), which may be logits
export function softmaxCrossEntropy(
  logits: usize, labels: usize, weights: usize, losses: usize, dlogits: usize, M: i32, P: i32, C: i32, scale: f32,
): void {
  const row = <usize>C << 2;
  for (let i = 0, last = M * P; i < last; i++, logits += row, labels += 4) {
    const w = weight(weights, i / P), m = rowMax(logits, C), label = <usize>load<i32>(labels) << 2;
    const shifted = load<f32>(logits + label) - f32x4.extract_lane(m, 0);
    const sum = rowExp(logits, dlogits, C, m);
    gather(losses, i, P, w * (log(sum) - shifted));
    if (dlogits) {
      scaleRow(dlogits, C, w * scale / sum);
      store<f32>(dlogits + label, load<f32>(dlogits + label) - w * scale);
      dlogits += row;
    }
  }
}

// logits [M,P,C], targets [M,P,C] -> losses [M], dlogits [M,P,C] (written; or null), which may be logits
export function softmaxCrossEntropyTargets(
  logits: usize, targets: usize, weights: usize, losses: usize, dlogits: usize, M: i32, P: i32, C: i32, scale: f32,
): void {
  const row = <usize>C << 2, zero = i32x4.splat(0);
  for (let i = 0, last = M * P; i < last; i++, logits += row, targets += row) {
    const w = weight(weights, i / P), m = rowMax(logits, C);
    let total = zero, dot = zero;
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, t = loadSome(targets + at, C - c);
      const product = f32x4.mul(t, f32x4.sub(loadSome(logits + at, C - c), m));
      total = f32x4.add(total, t);
      dot = f32x4.add(dot, v128.andnot(product, f32x4.eq(t, zero))); // 0 * -infinity counts as 0
    }
    const all = sum4(total), sum = rowExp(logits, dlogits, C, m);
    gather(losses, i, P, w * (all * log(sum) - sum4(dot)));
    if (dlogits) {
      const a = f32x4.splat(w * scale * all / sum), b = f32x4.splat(w * scale);
      for (let c = 0; c < C; c += 4) {
        const at = <usize>c << 2, count = C - c, e = f32x4.mul(a, loadSome(dlogits + at, count));
        storeSome(dlogits + at, f32x4.sub(e, f32x4.mul(b, loadSome(targets + at, count))), count);
      }
      dlogits += row;
    }
  }
}

/** x within [LEAST, MOST]; NaN stays. */
@inline
export function clip(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, lanes(LEAST)), lanes(MOST));
}

/** All bits where `clip` stands still. */
@inline
export function outside(x: v128): v128 {
  return v128.or(f32x4.lt(x, lanes(LEAST)), f32x4.gt(x, lanes(MOST)));
}

/** -1/x within the bounds, 0 outside. */
@inline
function slope(x: v128): v128 {
  return v128.andnot(f32x4.div(f32x4.splat(-1), x), outside(x));
}

// p [M,P,C], labels [M,P] -> losses [M] = mean -w ln p[label], dp [M,P,C] (written; or null)
export function crossEntropy(
  p: usize, labels: usize, weights: usize, losses: usize, dp: usize, M: i32, P: i32, C: i32, scale: f32,
): void {
  const row = <usize>C << 2;
  for (let i = 0, last = M * P; i < last; i++, p += row, labels += 4) {
    const w = weight(weights, i / P), label = <usize>load<i32>(labels) << 2, x = v128.load32_splat(p + label);
    gather(losses, i, P, -w * f32x4.extract_lane(vlog(clip(x)), 0));
    if (dp) {
      memory.fill(dp, 0, row);
      store<f32>(dp + label, w * scale * f32x4.extract_lane(slope(x), 0));
      dp += row;
    }
  }
}

// p [M,P,C], targets [M,P,C] -> losses [M] = mean -w sum(t ln p), dp [M,P,C] (written; or null)
export function crossEntropyTargets(
  p: usize, targets: usize, weights: usize, losses: usize, dp: usize, M: i32, P: i32, C: i32, scale: f32,
): void {
  const row = <usize>C << 2;
  for (let i = 0, last = M * P; i < last; i++, p += row, targets += row) {
    const w = weight(weights, i / P), factor = f32x4.splat(w * scale);
    let sum = i32x4.splat(0);
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, count = C - c, x = loadSome(p + at, count), t = loadSome(targets + at, count);
      sum = f32x4.add(sum, f32x4.mul(t, vlog(clip(x))));
      if (dp) storeSome(dp + at, f32x4.mul(f32x4.mul(factor, t), slope(x)), count);
    }
    gather(losses, i, P, -w * sum4(sum));
    if (dp) dp += row;
  }
}
