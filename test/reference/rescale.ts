import { type Array64, at, build } from "./array.ts";

/** scale x + offset. */
export function rescale(x: Array64, scale: number, offset: number): Array64 {
  return build(x.shape, (...index) => scale * at(x, ...index) + offset);
}
