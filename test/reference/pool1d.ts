import { type Array64, at, build } from "./array.ts";

/** x [N,L,C] -> [N,OL,C]: the maximum or the mean of the cells of every window. */
export function pool1d(
  x: Array64,
  kind: "max" | "avg",
  size: number,
  stride: number,
  [before, after]: readonly [number, number],
  countIncludePad = false,
): Array64 {
  const [n, length, channels] = x.shape;
  const outputs = Math.floor((length + before + after - size) / stride) + 1;
  return build([n, outputs, channels], (sample, t, c) => {
    const cells: number[] = [];
    for (let i = t * stride - before; i < t * stride - before + size; i++) {
      if (i >= 0 && i < length) cells.push(at(x, sample, i, c));
    }
    if (kind === "max") return Math.max(...cells);
    return cells.reduce((a, b) => a + b) / (countIncludePad ? size : cells.length);
  });
}
