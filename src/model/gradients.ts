/** What is done to gradients between the way back and the optimizer: penalties and clipping. */
import type { Kernels } from "../runtime/kernels.ts";
import type { Parameter } from "../tensor/parameter.ts";

/** The penalties on these weights. */
export function penaltyOf(kernels: Kernels, learning: readonly Parameter[]): number {
  let penalty = 0;
  for (const { regularizer, pointer, size } of learning) {
    if (regularizer === undefined) continue;
    if (regularizer.l2 !== 0) penalty += regularizer.l2 * kernels.sumOfSquares(pointer, size);
    if (regularizer.l1 !== 0) penalty += regularizer.l1 * kernels.sumOfAbs(pointer, size);
  }
  return penalty;
}

/** Adds the gradients of the penalties and returns their sum. */
export function addPenalties(kernels: Kernels, learning: readonly Parameter[]): number {
  for (const { regularizer, gradient, pointer, size } of learning) {
    if (regularizer === undefined) continue;
    if (regularizer.l2 !== 0) kernels.addScaled(gradient, pointer, size, 2 * regularizer.l2);
    if (regularizer.l1 !== 0) kernels.addSign(gradient, pointer, size, regularizer.l1);
  }
  return penaltyOf(kernels, learning);
}

/** Scales all gradients down so that their common norm is at most `most` (Pascanu et al. 2013, arXiv 1211.5063). */
export function clip(kernels: Kernels, learning: readonly Parameter[], most: number): void {
  let squares = 0;
  for (const { gradient, size } of learning) squares += kernels.sumOfSquares(gradient, size);
  const factor = most / (Math.sqrt(squares) + 1e-6);
  if (factor >= 1) return;
  for (const { gradient, size } of learning) kernels.scale(gradient, size, factor);
}
