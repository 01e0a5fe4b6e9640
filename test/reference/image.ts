import { type Array64, build } from "./array.ts";

/** Bytes or floats [H,W,K] row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The weight of cell k among `from` for output i of `to`: a triangle around the output's centre, as wide as a cell of the larger
 * grid to each side, that has sum 1 over the cells there are.
 */
function weight(k: number, i: number, from: number, to: number): number {
  const reach = Math.max(from / to, 1);
  const center = ((i + 0.5) * from) / to;
  const height = (cell: number) => Math.max(0, 1 - Math.abs(cell + 0.5 - center) / reach);
  let sum = 0;
  for (let cell = 0; cell < from; cell++) sum += height(cell);
  return height(k) / sum;
}

/** A picture, cut out and resized, [1,OH,OW,K]. */
export function resized({ width, height, data }: Picture, box: Box, [oh, ow]: readonly [number, number]): Array64 {
  const channels = data.length / (width * height);
  return build([1, oh, ow, channels], (_, i, j, channel) => {
    let sum = 0;
    for (let row = 0; row < box.height; row++) {
      for (let column = 0; column < box.width; column++) {
        const at = ((box.top + row) * width + box.left + column) * channels + channel;
        const w = weight(row, i, box.height, oh) * weight(column, j, box.width, ow);
        if (w > 0) sum += w * data[at];
      }
    }
    return sum;
  });
}

/** Channels [1,OH,OW,C] of colours from 0 to `unit`, in the order of the tensor: (c / unit - mean) / std. */
export function normalized(
  x: Array64,
  unit: number,
  order: "rgb" | "bgr" | "grey",
  mean: readonly number[],
  std: readonly number[],
): Array64 {
  const [, oh, ow, k] = x.shape;
  const isGrey = k === 1;
  return build([1, oh, ow, order === "grey" ? 1 : 3], (_, i, j, channel) => {
    const color = (c: number) => x.data[(i * ow + j) * k + (isGrey ? 0 : c)] / unit;
    const luma = 0.299 * color(0) + 0.587 * color(1) + 0.114 * color(2);
    const value = order === "grey" ? luma : color(order === "bgr" ? 2 - channel : channel);
    return (value - mean[channel]) / std[channel];
  });
}
