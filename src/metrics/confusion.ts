/** What is taken for what: the confusion matrix, and the mean intersection over union. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { Tensor } from "../tensor/tensor.ts";
import { argMax, type Metric, type MetricInput, type MetricOptions, targetClass } from "./metric.ts";

/** Adds the rows to counts [target class][predicted class]. */
function count(sums: Float64Array, input: MetricInput, classes: number): void {
  const { predictions, targets, rows, columns, kind } = input;
  const isBinary = columns === 1 && kind === "values";
  for (let row = 0; row < rows; row++) {
    const guess = isBinary ? +(predictions[row] > 0.5) : argMax(predictions, row * columns, columns);
    const target = isBinary ? +(targets[row] > 0.5) : targetClass(input, row);
    sums[target * classes + guess]++;
  }
}

/**
 * The intersection over union of each class, |both| / |either|, its mean over the classes that occur (Keras OneHotMeanIoU, and
 * MeanIoU of class indices): for segmentation. The class of an output is its largest value; of a single output, whether it is
 * above 0.5.
 *
 * @example
 * const metric = metrics.meanIoU(); // for model.compile({ metrics: [metric] })
 */
export function meanIoU(options: MetricOptions = {}): Metric {
  checkOptions("meanIoU", options, { name: true });
  return {
    name: options.name ?? "meanIoU",
    made: { metric: "meanIoU", config: { ...options } },
    wants: () => "probabilities",
    size: (columns) => Math.max(columns, 2) ** 2,
    add: (sums, input) => count(sums, input, Math.sqrt(sums.length)),
    value(sums) {
      const classes = Math.sqrt(sums.length);
      let [total, seen] = [0, 0];
      for (let c = 0; c < classes; c++) {
        let either = -sums[c * classes + c];
        for (let other = 0; other < classes; other++) either += sums[c * classes + other] + sums[other * classes + c];
        if (either === 0) continue;
        total += sums[c * classes + c] / either;
        seen++;
      }
      return total / seen;
    },
  };
}

/**
 * How often rows of each class (first index) were taken for each class (second index).
 *
 * @param predictions [...,C]; the largest output is the guess
 * @param targets a class index per row, or a tensor of the shape of predictions
 * @throws ShapeError where they do not fit; ArgumentError for an index that is no class.
 * @example
 * const predictions = tensor([0.9, 0.1, 0.2, 0.8, 0.6, 0.4], [3, 2]);
 * metrics.confusionMatrix(predictions, [0, 1, 1]); // [[1,0],[1,1]]
 */
export function confusionMatrix(predictions: Tensor, targets: ArrayLike<number> | Tensor): number[][] {
  if (!(predictions instanceof Tensor)) {
    throw new ArgumentError(`confusionMatrix: predictions must be a Tensor, got ${show(predictions)}`);
  }
  const columns = predictions.shape[predictions.shape.length - 1];
  const rows = predictions.size / columns;
  const kind = targets instanceof Tensor ? "values" : "indices";
  const values = targets instanceof Tensor ? targets.data : targets;
  const wanted = kind === "values" ? predictions.size : rows;
  if (values?.length !== wanted) {
    throw new ShapeError(`confusionMatrix: targets must hold ${wanted} numbers, got ${values?.length ?? show(values)}`);
  }
  if (kind === "indices") {
    for (let i = 0; i < rows; i++) {
      if (Number.isInteger(values[i]) && values[i] >= 0 && values[i] < columns) continue;
      throw new ArgumentError(
        `confusionMatrix: targets[${i}] must be a class from 0 to ${columns - 1}, got ${show(values[i])}`,
      );
    }
  }
  const classes = kind === "values" ? Math.max(columns, 2) : columns;
  const sums = new Float64Array(classes * classes);
  const tensors = () => ({ predictions, targets: predictions });
  count(sums, { predictions: predictions.data, targets: values, rows, columns, kind, tensors }, classes);
  return Array.from({ length: classes }, (_, c) => [...sums.subarray(c * classes, (c + 1) * classes)]);
}
