import { type Array64, at, build } from "./array.ts";
import type { Three } from "./conv3d.ts";

/** x [N,D,H,W,C] -> [N,OD,OH,OW,C]: the maximum or the mean of the cells of each window; padding is on both ends. */
export function pool3d(x: Array64, kind: "max" | "avg", size: Three, stride: Three, padding: Three): Array64 {
  const [n, d, h, w, c] = x.shape;
  const outputs = [d, h, w].map((length, a) => Math.floor((length + 2 * padding[a] - size[a]) / stride[a]) + 1);
  return build([n, ...outputs, c], (image, oz, oy, ox, channel) => {
    const cells: number[] = [];
    build(size, (kz, ky, kx) => {
      const [z, y, col] = [
        [oz, kz],
        [oy, ky],
        [ox, kx],
      ].map(([o, k], a) => o * stride[a] - padding[a] + k);
      const inside = z >= 0 && z < d && y >= 0 && y < h && col >= 0 && col < w;
      if (inside) cells.push(at(x, image, z, y, col, channel));
      return 0;
    });
    return kind === "max" ? Math.max(...cells) : cells.reduce((a, b) => a + b) / cells.length;
  });
}
