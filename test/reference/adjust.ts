import { type Array64, at, build } from "./array.ts";

type Range = readonly [low: number, high: number];

const within = (value: number, [low, high]: Range) => Math.min(Math.max(value, low), high);

/** x [N,H,W,C], an amount for each image. */
export function adjustBrightness(x: Array64, deltas: readonly number[], range: Range): Array64 {
  return build(x.shape, (n, ...place) => within(at(x, n, ...place) + deltas[n], range));
}

/** x [N,H,W,C], a factor for each image. */
export function adjustContrast(x: Array64, factors: readonly number[], range: Range): Array64 {
  const [images, h, w, channels] = x.shape;
  const means = build([images, channels], (n, c) => {
    let sum = 0;
    for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) sum += at(x, n, i, j, c);
    return sum / (h * w);
  });
  return build(x.shape, (n, i, j, c) => {
    const mean = at(means, n, c);
    return within((at(x, n, i, j, c) - mean) * factors[n] + mean, range);
  });
}
