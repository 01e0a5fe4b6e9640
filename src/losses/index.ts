/**
 * Losses for `compile`, with options; without them the name does, as in `loss: "huber"`.
 *
 * @module
 */
export {
  type CategoricalCrossentropyOptions,
  categoricalCrossentropy,
  type SparseCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from "./crossEntropy.ts";
export {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  dice,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  squaredHinge,
} from "./elementLoss.ts";
export type { SmoothingOptions } from "./smoothing.ts";
