import { type Array64, at, build } from "./array.ts";

/** x [M,C] -> x (k + alpha / size sum x^2)^-beta over `size` channels: size / 2 before, itself, the rest behind. */
export function localResponseNorm(x: Array64, size: number, alpha: number, beta: number, k: number): Array64 {
  return build(x.shape, (row, channel) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += at(x, row, channel - Math.floor(size / 2) + i) ** 2;
    return at(x, row, channel) * (k + (alpha / size) * sum) ** -beta;
  });
}
