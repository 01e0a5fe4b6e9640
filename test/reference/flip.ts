import { type Array64, at, build } from "./array.ts";

/** The order along `axes` reversed. */
export function flip(x: Array64, axes: readonly number[]): Array64 {
  return build(x.shape, (...index) =>
    at(x, ...index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i))),
  );
}
