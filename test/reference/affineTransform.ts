import { type Array64, at, build } from "./array.ts";

export type FillMode = "constant" | "nearest" | "reflect" | "wrap";

/** The cell that stands at i of an axis of n cells; undefined for none. */
function cell(i: number, n: number, mode: FillMode): number | undefined {
  if (i >= 0 && i < n) return i;
  if (mode === "constant") return undefined;
  if (mode === "nearest") return i < 0 ? 0 : n - 1;
  if (mode === "wrap") return cell(i < 0 ? i + n : i - n, n, mode);
  return cell(i < 0 ? -1 - i : 2 * n - 1 - i, n, mode);
}

/** x [N,H,W,C]; output (i, j) looks at column a0 j + a1 i + a2 and row b0 j + b1 i + b2. */
export function affineTransform(
  x: Array64,
  transforms: readonly (readonly number[])[],
  [oh, ow]: readonly [number, number],
  { mode, value, interpolation }: { mode: FillMode; value: number; interpolation: "nearest" | "bilinear" },
): Array64 {
  const [n, h, w, c] = x.shape;
  const looks = (place: number): [cell: number, weight: number][] => {
    if (interpolation === "nearest") return [[Math.floor(place + 0.5), 1]];
    const first = Math.floor(place);
    return [
      [first, 1 - (place - first)],
      [first + 1, place - first],
    ];
  };
  return build([n, oh, ow, c], (image, i, j, channel) => {
    const [a0, a1, a2, b0, b1, b2] = transforms[image];
    let sum = 0;
    for (const [row, a] of looks(b0 * j + (b1 * i + b2))) {
      for (const [column, b] of looks(a0 * j + (a1 * i + a2))) {
        const [r, s] = [cell(row, h, mode), cell(column, w, mode)];
        sum += a * b * (r === undefined || s === undefined ? value : at(x, image, r, s, channel));
      }
    }
    return sum;
  });
}
