/** What a metric is: sums over rows, which add up over batches, and the number that they make. */
import type { Tensor } from "../tensor/tensor.ts";

/** The rows of a batch, as metrics see them. */
export interface MetricInput {
  /** [rows][columns]: outputs of the model as they are, logits or probabilities, as the metric `wants`. */
  readonly predictions: Float32Array;
  /** Class indices, one per row, or values in the shape of the predictions. */
  readonly targets: ArrayLike<number>;
  /** How many predictions there are. */
  readonly rows: number;
  /** How many numbers each has. */
  readonly columns: number;
  /** What targets are. */
  readonly kind: "indices" | "values";
  /** Copies of both as tensors, in the shapes of the model. */
  readonly tensors: () => { predictions: Tensor; targets: Tensor };
}

/** A metric: sums over the batches of an epoch, and their value; made by `metrics`. */
export interface Metric {
  /** What scores and histories call it. */
  readonly name: string;
  /** What makes it again; undefined for a function of the user's own. */
  readonly made?: { readonly metric: string; readonly config: Readonly<Record<string, unknown>> };
  /** Whether it asks which prediction is the largest, or for probabilities (which a loss that fused their making computes for it). */
  readonly wants: (columns: number) => "order" | "probabilities";
  /** How many sums it keeps for outputs with so many columns. */
  readonly size: (columns: number) => number;
  /** Adds the rows to the sums. */
  readonly add: (sums: Float64Array, input: MetricInput) => void;
  /** What the sums make. */
  readonly value: (sums: Float64Array) => number;
}

/** What a loss has to leave behind for these metrics of outputs with so many columns. */
export function wantsOf(metrics: readonly Metric[], columns: number): "nothing" | "order" | "probabilities" {
  if (metrics.some(({ wants }) => wants(columns) === "probabilities")) return "probabilities";
  return metrics.length > 0 ? "order" : "nothing";
}

/** What all metrics take. */
export interface MetricOptions {
  /** What scores and histories call it. Default: the name of the metric. */
  name?: string;
}

/** A metric that is a mean over rows: how many rows hit, of how many. */
export function rowMean(
  metric: string,
  options: MetricOptions,
  wants: Metric["wants"],
  isHit: (input: MetricInput, row: number) => boolean,
): Metric {
  return {
    name: options.name ?? metric,
    made: { metric, config: { ...options } },
    wants,
    size: () => 2,
    add(sums, input) {
      for (let row = 0; row < input.rows; row++) if (isHit(input, row)) sums[0]++;
      sums[1] += input.rows;
    },
    value: ([hits, rows]) => hits / rows,
  };
}

/** The class that a row's target names: its index, or its largest value. */
export function targetClass({ targets, columns, kind }: MetricInput, row: number): number {
  return kind === "indices" ? targets[row] : argMax(targets, row * columns, columns);
}

/** The place of the first largest of `count` values from `at` on. */
export function argMax(values: ArrayLike<number>, at: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[at + i] > values[at + best]) best = i;
  return best;
}
