/** What a classifier says, in words. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { shapeOf } from "../ops/eager.ts";
import { whole } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A class and how likely it is. */
export interface Prediction {
  /** Its name; its index, where there are no names. */
  readonly label: string;
  /** Its place among the outputs. */
  readonly index: number;
  /** The output as it is: a probability behind softmax or sigmoid. */
  readonly probability: number;
}

/** What `decodePredictions` takes. */
export interface DecodePredictionsOptions {
  /** The names of all classes, in the order of the outputs. Default: their indices. */
  labels?: readonly string[];
  /** How many; all of them where there are fewer. Default 5. */
  top?: number;
}

/**
 * The likeliest classes of each sample, the likeliest first, of equal ones the one with the lower index; NaN comes last.
 *
 * @param y [N,C], or [C] for one sample
 * @returns a list for each sample
 * @throws ShapeError unless y is [N,C] or [C]; ArgumentError where there are more or fewer labels than classes.
 * @example
 * const y = tensor([[0.1, 0.7, 0.2]]);
 * const [[best]] = images.decodePredictions(y, { labels: ["cat", "dog", "bird"], top: 1 });
 * best.label; // "dog"
 */
export function decodePredictions(y: Tensor, options: DecodePredictionsOptions = {}): Prediction[][] {
  const op = "decodePredictions";
  checkOptions(op, options, { labels: true, top: true });
  const { labels, top = 5 } = options;
  whole(op, "top", top);
  const shape = shapeOf(op, "y", y);
  if (shape.length !== 1 && shape.length !== 2)
    throw new ShapeError(`${op}: y must be [N,C] or [C], got ${show(shape)}`);
  const classes = shape[shape.length - 1];
  if (labels !== undefined && !(Array.isArray(labels) && labels.length === classes)) {
    const got = Array.isArray(labels) ? `${labels.length}` : show(labels);
    throw new ArgumentError(`${op}: labels must be a list of ${classes} names, one for each class, got ${got}`);
  }
  const { data } = y;
  const key = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
  return Array.from({ length: data.length / classes }, (_, sample) => {
    const own = data.subarray(sample * classes, (sample + 1) * classes);
    const ranked = Array.from(own.keys()).sort((a, b) => key(own[b]) - key(own[a]) || a - b);
    return ranked
      .slice(0, top)
      .map((index) => ({ label: labels?.[index] ?? String(index), index, probability: own[index] }));
  });
}
