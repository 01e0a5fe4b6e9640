/** Penalties on weights, as Keras has them. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Regularizer } from "../tensor/parameter.ts";

/**
 * factor * sum |w|. Default factor 0.01.
 *
 * @example
 * const layer = layers.dense({ units: 10, kernelRegularizer: regularizers.l1(0.01) });
 */
export function l1(factor = 0.01): Regularizer {
  return { l1: penalty("l1", factor), l2: 0 };
}

/**
 * factor * sum w^2. Default factor 0.01.
 *
 * @example
 * const layer = layers.dense({ units: 10, kernelRegularizer: regularizers.l2(0.001) });
 */
export function l2(factor = 0.01): Regularizer {
  return { l1: 0, l2: penalty("l2", factor) };
}

/**
 * Both.
 *
 * @example
 * const layer = layers.dense({ units: 10, kernelRegularizer: regularizers.l1l2({ l1: 0.01, l2: 0.001 }) });
 */
export function l1l2(factors: { l1?: number; l2?: number } = {}): Regularizer {
  checkOptions("l1l2", factors, { l1: true, l2: true });
  return { l1: penalty("l1l2", factors.l1 ?? 0.01), l2: penalty("l1l2", factors.l2 ?? 0.01) };
}

function penalty(op: string, factor: number): number {
  if (typeof factor === "number" && factor >= 0 && Number.isFinite(factor)) return factor;
  throw new ArgumentError(`${op}: the factor must be a number >= 0, got ${show(factor)}`);
}
