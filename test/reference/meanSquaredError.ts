import type { Array64 } from "./array.ts";

/** x [M,C], targets [M,C], weights [M] -> mean of weight * (x - target)^2. */
export function meanSquaredError(x: Array64, targets: Array64, weights: Array64): number {
  const c = x.shape[1];
  let sum = 0;
  for (let i = 0; i < x.data.length; i++) {
    sum += weights.data[Math.floor(i / c)] * (x.data[i] - targets.data[i]) ** 2;
  }
  return sum / x.data.length;
}
