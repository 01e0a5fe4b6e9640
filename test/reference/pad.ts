import { type Array64, at, build } from "./array.ts";

/** What stands at i of a row of n cells, by the definition of each mode; undefined where that is the constant. */
const borders: Readonly<Record<string, (i: number, n: number) => number | undefined>> = {
  constant: (i, n) => (i >= 0 && i < n ? i : undefined),
  edge: (i, n) => (i < 0 ? 0 : i >= n ? n - 1 : i),
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  symmetric: (i, n) => (i < 0 ? -i - 1 : i >= n ? 2 * n - 1 - i : i),
  wrap: (i, n) => (i < 0 ? i + n : i >= n ? i - n : i),
};

/** x [N,H,W,C] -> [N,top+H+bottom,left+W+right,C]. */
export function pad(
  x: Array64,
  [top, bottom, left, right]: readonly number[],
  value: number,
  mode = "constant",
): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, top + h + bottom, left + w + right, c], (image, y, column, channel) => {
    const [iy, ix] = [borders[mode](y - top, h), borders[mode](column - left, w)];
    return iy === undefined || ix === undefined ? value : at(x, image, iy, ix, channel);
  });
}
