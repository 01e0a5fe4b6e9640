// Every output is checked before it is timed.

/** Relative to the output's largest value (at least 1). */
const TOLERANCE = 1e-3;

/**
 * @param {Float32Array} y the output
 * @param {[number, number][] | null} reference sampled float64 values (reference.mjs)
 * @param {Float32Array | undefined} first the output of the first contender
 * @returns {{ maxErrVsF64?: number, maxDiffVsFirst?: number, outScale: number, ok: boolean }}
 */
export function checkOutput(y, reference, first) {
  const outScale = largest(y, (value) => Math.abs(value));
  const result = { outScale };
  if (reference) result.maxErrVsF64 = largest(reference, ([i, value]) => Math.abs(y[i] - value));
  if (first) result.maxDiffVsFirst = largestDifference(y, first);
  const errors = [outScale * 0, result.maxErrVsF64 ?? 0, result.maxDiffVsFirst ?? 0];
  const limit = TOLERANCE * Math.max(1, outScale);
  return { ...result, ok: errors.every((error) => error <= limit) };
}

/** The largest difference of two outputs; Infinity where their lengths differ. */
export function largestDifference(a, b) {
  if (a.length !== b.length) return Infinity;
  return largest(a, (value, i) => Math.abs(value - b[i]));
}

/** The largest measure(item, index); a NaN counts as Infinity, lest it pass unseen. */
function largest(items, measure) {
  let result = 0;
  for (let i = 0; i < items.length; i++) {
    const value = measure(items[i], i);
    if (Number.isNaN(value)) return Infinity;
    if (value > result) result = value;
  }
  return result;
}
