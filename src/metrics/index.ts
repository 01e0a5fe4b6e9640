/**
 * Metrics for `compile`, with options; without them the name does, as in `metrics: ["accuracy"]`.
 *
 * @module
 */
export {
  accuracy,
  type BinaryAccuracyOptions,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  type TopKOptions,
  topKAccuracy,
} from "./accuracy.ts";
export { confusionMatrix, meanIoU } from "./confusion.ts";
export { type AucOptions, auc, f1Score, precision, recall, type ThresholdOptions } from "./threshold.ts";
