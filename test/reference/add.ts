import { type Array64, at, build } from "./array.ts";

/** a + b, of equal shapes. */
export function add(a: Array64, b: Array64): Array64 {
  return build(a.shape, (...index) => at(a, ...index) + at(b, ...index));
}
