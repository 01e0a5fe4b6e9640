import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C], [top, left, height, width] for each image. */
export function erase(x: Array64, boxes: readonly (readonly number[])[], value: number): Array64 {
  return build(x.shape, (n, i, j, c) => {
    const [top, left, height, width] = boxes[n];
    const isInside = i >= top && i < top + height && j >= left && j < left + width;
    return isInside ? value : at(x, n, i, j, c);
  });
}
