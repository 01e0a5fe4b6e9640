import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C] -> [N,H*b,W*b,C/b^2]; channel (row, column, depth) of a pixel, or (depth, row, column) in mode CRD. */
export function depthToSpace(x: Array64, b: number, mode: "DCR" | "CRD"): Array64 {
  const [n, h, w, c] = x.shape;
  const depth = c / (b * b);
  return build([n, h * b, w * b, depth], (image, y, column, d) => {
    const [row, col] = [y % b, column % b];
    const channel = mode === "DCR" ? (row * b + col) * depth + d : (d * b + row) * b + col;
    return at(x, image, Math.floor(y / b), Math.floor(column / b), channel);
  });
}

/** The inverse. */
export function spaceToDepth(x: Array64, b: number, mode: "DCR" | "CRD"): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, h / b, w / b, c * b * b], (image, y, column, channel) => {
    const [row, col, d] =
      mode === "DCR"
        ? [Math.floor(channel / c / b), Math.floor(channel / c) % b, channel % c]
        : [Math.floor(channel / b) % b, channel % b, Math.floor(channel / (b * b))];
    return at(x, image, y * b + row, column * b + col, d);
  });
}
