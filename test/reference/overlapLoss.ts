import type { Array64 } from "./array.ts";

/** x [M,...,C], targets, weights [M] -> the mean of weight * -cos over the last axis. */
export function cosineSimilarity(x: Array64, targets: Array64, weights: Array64): number {
  const c = x.shape[x.shape.length - 1];
  const rows = x.data.length / c;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let [dot, ofX, ofT] = [0, 0, 0];
    for (let i = row * c; i < (row + 1) * c; i++) {
      dot += x.data[i] * targets.data[i];
      ofX += x.data[i] ** 2;
      ofT += targets.data[i] ** 2;
    }
    const lengths = Math.max(Math.sqrt(ofX), 1e-7) * Math.max(Math.sqrt(ofT), 1e-7);
    sum -= (weights.data[Math.floor((row * x.shape[0]) / rows)] * dot) / lengths;
  }
  return sum / rows;
}

/** x [M,...], targets, weights [M] -> the mean of weight * (1 - Dice coefficient) over samples. */
export function dice(x: Array64, targets: Array64, weights: Array64): number {
  const [m] = x.shape;
  const c = x.data.length / m;
  let sum = 0;
  for (let sample = 0; sample < m; sample++) {
    let [both, all] = [0, 0];
    for (let i = sample * c; i < (sample + 1) * c; i++) {
      both += x.data[i] * targets.data[i];
      all += x.data[i] + targets.data[i];
    }
    sum += weights.data[sample] * (1 - (2 * both + 1e-7) / (all + 1e-7));
  }
  return sum / m;
}

/** x [M,...,C], targets, weights [M] -> the mean of weight * max(1 + max((1 - t) x) - sum(t x), 0) over the last axis. */
export function categoricalHinge(x: Array64, targets: Array64, weights: Array64): number {
  const c = x.shape[x.shape.length - 1];
  const rows = x.data.length / c;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let [right, wrong] = [0, Number.NEGATIVE_INFINITY];
    for (let i = row * c; i < (row + 1) * c; i++) {
      right += targets.data[i] * x.data[i];
      wrong = Math.max(wrong, (1 - targets.data[i]) * x.data[i]);
    }
    sum += weights.data[Math.floor((row * x.shape[0]) / rows)] * Math.max(1 + wrong - right, 0);
  }
  return sum / rows;
}
