import { ArgumentError, show } from "../errors.ts";
import { scope, type Tensor } from "../tensor/tensor.ts";
import type { Metric } from "./metric.ts";

/** A number from the predictions [N,...] (probabilities, where softmax or sigmoid ends the model) and targets of a batch. */
export type MetricFunction = (predictions: Tensor, targets: Tensor) => number;

/** A function as a metric: the mean over batches, weighted by their rows. No file can hold it. */
export function customMetric(compute: MetricFunction): Metric {
  const name = compute.name || "metric";
  return {
    name,
    wants: () => "probabilities",
    size: () => 2,
    add(sums, { rows, tensors }) {
      scope(() => {
        const { predictions, targets } = tensors();
        const value = compute(predictions, targets);
        if (typeof value !== "number") throw new ArgumentError(`${name}: must return a number, got ${show(value)}`);
        sums[0] += value * rows;
      });
      sums[1] += rows;
    },
    value: ([sum, rows]) => sum / rows,
  };
}
