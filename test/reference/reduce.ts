import { type Array64, array64, at, build } from "./array.ts";

/** The sum, mean, largest or least over `axes`, which go, or stay with size 1. */
export function reduce(
  kind: "sum" | "mean" | "max" | "min",
  x: Array64,
  axes: readonly number[],
  keepDims: boolean,
): Array64 {
  const left = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const over = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1));
  const y = build(left, (...index) => {
    const values: number[] = [];
    build(over, (...step) => values.push(at(x, ...index.map((i, axis) => i + step[axis]))));
    if (kind === "max") return Math.max(...values);
    if (kind === "min") return Math.min(...values);
    const sum = values.reduce((a, b) => a + b, 0);
    return kind === "mean" ? sum / values.length : sum;
  });
  return keepDims
    ? y
    : array64(
        x.shape.filter((_, axis) => !axes.includes(axis)),
        y.data,
      );
}
