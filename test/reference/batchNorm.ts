import { type Array64, at, build } from "./array.ts";

/** x [M,C] -> mean and biased variance of each channel. */
export function statistics(x: Array64): { mean: Array64; variance: Array64 } {
  const [m, c] = x.shape;
  const average = (f: (row: number, channel: number) => number) =>
    build([c], (channel) => {
      let sum = 0;
      for (let row = 0; row < m; row++) sum += f(row, channel);
      return sum / m;
    });
  const mean = average((row, channel) => at(x, row, channel));
  return { mean, variance: average((row, channel) => (at(x, row, channel) - at(mean, channel)) ** 2) };
}

/** x [M,C], all else [C] -> (x - mean) / sqrt(variance + epsilon) * gamma + beta. */
export function batchNorm(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  mean: Array64,
  variance: Array64,
  epsilon: number,
): Array64 {
  return build(x.shape, (row, c) => {
    const normal = (at(x, row, c) - at(mean, c)) / Math.sqrt(at(variance, c) + epsilon);
    return normal * at(gamma, c) + at(beta, c);
  });
}
