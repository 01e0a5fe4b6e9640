import { type Array64, at, build } from "./array.ts";

/** Axis i of the result is axis order[i] of x. */
export function transpose(x: Array64, order: readonly number[]): Array64 {
  return build(
    order.map((axis) => x.shape[axis]),
    (...index) => at(x, ...x.shape.map((_, axis) => index[order.indexOf(axis)])),
  );
}
