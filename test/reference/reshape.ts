import { type Array64, array64 } from "./array.ts";

/** The same elements in the same order. */
export function reshape(x: Array64, shape: readonly number[]): Array64 {
  return array64(shape, x.data);
}
