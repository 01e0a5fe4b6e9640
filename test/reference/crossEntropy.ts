import { type Array64, at, build } from "./array.ts";
import { softmax } from "./softmax.ts";

/** Class indices as rows that are 1 at the label. */
export function oneHot(labels: readonly number[], c: number): Array64 {
  return build([labels.length, c], (row, column) => (labels[row] === column ? 1 : 0));
}

/** p [M,C], targets [M,C], weights [M] -> the sum over rows of weight * -sum(target ln p), over M. */
export function crossEntropy(p: Array64, targets: Array64, weights: Array64): number {
  const [m, c] = p.shape;
  let sum = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < c; j++) {
      const clipped = Math.min(Math.max(at(p, i, j), 1e-7), 1 - 1e-7);
      sum -= at(weights, i) * at(targets, i, j) * Math.log(clipped);
    }
  }
  return sum / m;
}

/** The same of softmax(logits). */
export function softmaxCrossEntropy(logits: Array64, targets: Array64, weights: Array64): number {
  const [m, c] = logits.shape;
  const p = softmax(logits);
  let sum = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < c; j++) sum -= at(weights, i) * at(targets, i, j) * Math.log(at(p, i, j));
  }
  return sum / m;
}
