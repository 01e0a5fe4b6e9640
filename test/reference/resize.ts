import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C] -> [N,H*fh,W*fw,C]. */
export function upsample2d(x: Array64, [fh, fw]: readonly [number, number]): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, h * fh, w * fw, c], (image, y, column, channel) =>
    at(x, image, Math.floor(y / fh), Math.floor(column / fw), channel),
  );
}

/** x [N,H,W,C] -> [N,oh,ow,C]; where output i of an axis lies in the input says `coordinates`. */
export function resize(
  x: Array64,
  [oh, ow]: readonly [number, number],
  interpolation: "nearest" | "bilinear",
  coordinates: "halfPixel" | "alignCorners" | "asymmetric",
): Array64 {
  const [n, h, w, c] = x.shape;
  const place = (i: number, from: number, to: number) => {
    if (coordinates === "halfPixel") return ((i + 0.5) * from) / to - 0.5;
    if (coordinates === "asymmetric") return (i * from) / to;
    return to > 1 ? (i * (from - 1)) / (to - 1) : 0;
  };
  const inside = (i: number, size: number) => Math.min(Math.max(i, 0), size - 1);
  /** The cells that output i looks at, with their weights. */
  const looks = (i: number, from: number, to: number): [cell: number, weight: number][] => {
    const at = inside(place(i, from, to), from);
    if (interpolation === "bilinear") {
      const first = Math.floor(at);
      return [
        [first, 1 - (at - first)],
        [inside(first + 1, from), at - first],
      ];
    }
    const rounded = coordinates === "asymmetric" ? Math.floor(at) : Math.floor(place(i, from, to) + 0.5);
    return [[inside(rounded, from), 1]];
  };
  return build([n, oh, ow, c], (image, i, j, channel) => {
    let sum = 0;
    for (const [row, a] of looks(i, h, oh)) {
      for (const [column, b] of looks(j, w, ow)) sum += a * b * at(x, image, row, column, channel);
    }
    return sum;
  });
}
