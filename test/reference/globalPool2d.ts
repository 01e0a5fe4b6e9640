import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C] -> [N,C]: the maximum or the mean of each channel. */
export function globalPool2d(x: Array64, kind: "max" | "avg"): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, c], (image, channel) => {
    const cells = Array.from({ length: h * w }, (_, i) => at(x, image, Math.floor(i / w), i % w, channel));
    return kind === "max" ? Math.max(...cells) : cells.reduce((a, b) => a + b) / cells.length;
  });
}
