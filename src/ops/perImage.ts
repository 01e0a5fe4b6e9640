/** What ops take for each image of a batch: one for all of them, or a list. */
import { ArgumentError, show } from "../errors.ts";

/** A list of n; `wanted` tells what one is, for the message. */
export function perImage<T>(
  op: string,
  argument: string,
  given: T | readonly T[],
  n: number,
  isOne: (value: unknown) => boolean,
  wanted: string,
): readonly T[] {
  if (isOne(given)) return Array<T>(n).fill(given as T);
  if (Array.isArray(given) && given.length === n && given.every(isOne)) return given;
  throw new ArgumentError(
    `${op}: ${argument} must be ${wanted}, or ${n} of these, one for each image, got ${show(given)}`,
  );
}

/** Whether this is a list of so many numbers, none of them NaN or infinite. */
export function isNumbers(value: unknown, count: number): boolean {
  return Array.isArray(value) && value.length === count && value.every(Number.isFinite);
}
