/** What a metric is: a number per sample, whose mean is reported. */

export interface MetricInput {
  /** [rows][columns], probabilities or logits. */
  readonly predictions: Float32Array;
  /** Class indices, one per row, or values in the shape of the predictions. */
  readonly targets: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  readonly kind: "indices" | "values";
}

export interface Metric {
  readonly name: string;
  /** The sum over the rows. */
  readonly sum: (input: MetricInput) => number;
}
