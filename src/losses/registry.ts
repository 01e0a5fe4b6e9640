/** Losses by name, and from files. */
import { checkCalled, oneOf } from "../errors.ts";
import { customLoss, type LossFunction } from "./custom.ts";
import type * as losses from "./index.ts";
import {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  dice,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from "./index.ts";
import type { Loss } from "./loss.ts";

/**
 * The cross-entropies take probabilities, so the last activation is to be "softmax", or "sigmoid" for the binary ones: sparse for
 * class indices 0, 1, 2, ..., one per sample; the others for targets in the shape of the output.
 */
export type LossName = keyof typeof losses;

const LOSSES: Readonly<Record<LossName, (options?: object) => Loss>> = {
  sparseCategoricalCrossentropy,
  categoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
  hinge,
  squaredHinge,
  categoricalHinge,
  klDivergence,
  cosineSimilarity,
  dice,
  binaryFocalCrossentropy,
  categoricalFocalCrossentropy,
};

/** The loss of this name with these options, the one given, or a function made one. */
export function loss(op: string, given: LossName | Loss | LossFunction, options: object = {}): Loss {
  checkCalled(op, "loss", given, "losses", LOSSES);
  if (typeof given === "function") return customLoss(given);
  if (typeof given === "object" && typeof given?.plan === "function") return given;
  return LOSSES[oneOf(op, "loss", given, Object.keys(LOSSES) as LossName[])](options);
}
