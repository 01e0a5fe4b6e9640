import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C] -> [N,top+H+bottom,left+W+right,C]. */
export function pad(x: Array64, [top, bottom, left, right]: readonly number[], value: number): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, top + h + bottom, left + w + right, c], (image, y, column, channel) => {
    const inside = y >= top && y < top + h && column >= left && column < left + w;
    return inside ? at(x, image, y - top, column - left, channel) : value;
  });
}
