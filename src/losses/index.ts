/** Losses by name. */
import { oneOf } from "../errors.ts";
import { categoricalCrossentropy, sparseCategoricalCrossentropy } from "./crossEntropy.ts";
import type { Loss } from "./loss.ts";
import { meanSquaredError } from "./meanSquaredError.ts";

/**
 * The cross-entropies take probabilities, so the last activation is to be "softmax": sparse for class indices 0, 1, 2, ...,
 * one per sample; the other for one row per sample, as one-hot targets are.
 */
export type LossName = "sparseCategoricalCrossentropy" | "categoricalCrossentropy" | "meanSquaredError";

const LOSSES: Readonly<Record<LossName, Loss>> = {
  sparseCategoricalCrossentropy,
  categoricalCrossentropy,
  meanSquaredError,
};

/** The loss of this name. */
export function loss(op: string, name: LossName): Loss {
  return LOSSES[oneOf(op, "loss", name, Object.keys(LOSSES) as LossName[])];
}
