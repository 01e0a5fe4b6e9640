import { type Metric, tensor } from "../../src/index.ts";

export interface Rows {
  readonly predictions: Float32Array;
  /** Class indices, one per row, or a value per prediction. */
  readonly targets: ArrayLike<number>;
  readonly columns: number;
}

/** What a metric says of batches, one after the other. */
export function scoreOf(metric: Metric, ...batches: Rows[]): number {
  const sums = new Float64Array(metric.size(batches[0].columns));
  for (const { predictions, targets, columns } of batches) {
    const rows = predictions.length / columns;
    const kind = targets.length === rows && columns > 1 ? "indices" : "values";
    const tensors = () => ({
      predictions: tensor(predictions, [rows, columns]),
      targets: tensor(Float32Array.from(targets)),
    });
    metric.add(sums, { predictions, targets, rows, columns, kind, tensors });
  }
  return metric.value(sums);
}
