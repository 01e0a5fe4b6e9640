import type { Metric, MetricInput } from "./metric.ts";

/**
 * The fraction of samples whose largest output is at the target's place: the class index, or the largest value of a
 * one-hot target. With a single output: whether it lies on the same side of 0.5 as the target.
 */
export const accuracy: Metric = {
  name: "accuracy",
  sum({ predictions, targets, rows, columns, kind }: MetricInput): number {
    let hits = 0;
    for (let row = 0; row < rows; row++) {
      const at = row * columns;
      if (kind === "indices") hits += argMax(predictions, at, columns) === targets[row] ? 1 : 0;
      else if (columns === 1) hits += predictions[at] > 0.5 === targets[at] > 0.5 ? 1 : 0;
      else hits += argMax(predictions, at, columns) === argMax(targets, at, columns) ? 1 : 0;
    }
    return hits;
  },
};

/** The place of the first largest of `count` values from `at` on. */
export function argMax(values: ArrayLike<number>, at: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[at + i] > values[at + best]) best = i;
  return best;
}
