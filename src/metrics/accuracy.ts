/** Fractions of rows that are right. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { argMax, type Metric, type MetricInput, type MetricOptions, rowMean, targetClass } from "./metric.ts";
import { checkThreshold } from "./threshold.ts";

function isClassHit(input: MetricInput, row: number): boolean {
  return argMax(input.predictions, row * input.columns, input.columns) === targetClass(input, row);
}

/**
 * The fraction of rows whose largest output is at the target's place: the class index, or the largest value of a one-hot
 * target. With a single output: whether it lies on the same side of 0.5 as the target.
 *
 * @example
 * const metric = metrics.accuracy(); // for model.compile({ metrics: [metric] })
 */
export function accuracy(options: MetricOptions = {}): Metric {
  checkOptions("accuracy", options, { name: true });
  return rowMean(
    "accuracy",
    options,
    (columns) => (columns > 1 ? "order" : "probabilities"),
    (input, row) => {
      const { predictions, targets, columns, kind } = input;
      if (columns > 1 || kind === "indices") return isClassHit(input, row);
      return predictions[row] > 0.5 === targets[row] > 0.5;
    },
  );
}

/**
 * The fraction of rows whose largest output is where that of the target is.
 *
 * @example
 * const metric = metrics.categoricalAccuracy(); // for model.compile({ metrics: [metric] })
 */
export function categoricalAccuracy(options: MetricOptions = {}): Metric {
  checkOptions("categoricalAccuracy", options, { name: true });
  return rowMean("categoricalAccuracy", options, () => "order", isClassHit);
}

/**
 * The fraction of rows whose largest output is at the class index.
 *
 * @example
 * const metric = metrics.sparseCategoricalAccuracy(); // for model.compile({ metrics: [metric] })
 */
export function sparseCategoricalAccuracy(options: MetricOptions = {}): Metric {
  checkOptions("sparseCategoricalAccuracy", options, { name: true });
  return rowMean("sparseCategoricalAccuracy", options, () => "order", isClassHit);
}

/** What `binaryAccuracy` takes. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Outputs above it say yes. Default 0.5. */
  threshold?: number;
}

/**
 * The fraction of all outputs that lie on the right side of the threshold; targets above 0.5 are yes.
 *
 * @example
 * const metric = metrics.binaryAccuracy({ threshold: 0.3 }); // for model.compile({ metrics: [metric] })
 */
export function binaryAccuracy(options: BinaryAccuracyOptions = {}): Metric {
  checkOptions("binaryAccuracy", options, { name: true, threshold: true });
  const { threshold = 0.5 } = options;
  checkThreshold("binaryAccuracy", threshold);
  return {
    ...rowMean(
      "binaryAccuracy",
      options,
      () => "probabilities",
      () => false,
    ),
    add(sums, { predictions, targets }) {
      for (let i = 0; i < predictions.length; i++) if (predictions[i] > threshold === targets[i] > 0.5) sums[0]++;
      sums[1] += predictions.length;
    },
  };
}

/** What `topK` takes. */
export interface TopKOptions extends MetricOptions {
  /** How many of the largest outputs count. Default 5. */
  k?: number;
}

/**
 * The fraction of rows whose target is among the k largest outputs: fewer than k are larger (Keras' topKCategoricalAccuracy and
 * sparseTopKCategoricalAccuracy).
 *
 * @example
 * const metric = metrics.topKAccuracy({ k: 3 }); // for model.compile({ metrics: [metric] })
 */
export function topKAccuracy(options: TopKOptions = {}): Metric {
  checkOptions("topKAccuracy", options, { name: true, k: true });
  const { k = 5 } = options;
  if (!Number.isInteger(k) || k < 1) {
    throw new ArgumentError(`topKAccuracy: k must be a whole number >= 1, got ${show(k)}`);
  }
  return rowMean(
    "topKAccuracy",
    options,
    () => "order",
    (input, row) => {
      const { predictions, columns } = input;
      const at = row * columns;
      const wanted = predictions[at + targetClass(input, row)];
      let larger = 0;
      for (let i = at; i < at + columns; i++) if (!(predictions[i] <= wanted)) larger++;
      return larger < k;
    },
  );
}
