import { type Array64, array64, at, build } from "./array.ts";
import { dropout, philox } from "./dropout.ts";

/** erf x = 2 / sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (1 3 5 ... (2n+1)), all of whose terms have one sign. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** The number z with erf(z / sqrt 2) = v, by halving. */
function quantile(v: number): number {
  let [low, high] = [-6, 6];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (erf(middle / Math.SQRT2) < v) low = middle;
    else high = middle;
  }
  return low;
}

/** Normally distributed numbers: quantiles of the upper 22 bits of the words that dropout draws. */
export function normalNoise(n: number, seed: number, stream: number): Float64Array {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  return Float64Array.from({ length: n }, (_, i) => {
    const word = philox([Math.floor(i / 16) * 4 + (i % 4), 0, stream, 0], key)[Math.floor(i / 4) % 4];
    return quantile(((word >> 10) + 0.5) / 2 ** 21);
  });
}

/** x [N,...,C]; the mask is dropout's of [N,C], the same at all places. */
export function spatialDropout(x: Array64, rate: number, seed: number, stream: number): Array64 {
  const [n, c] = [x.shape[0], x.shape[x.shape.length - 1]];
  const mask = dropout(array64([n, c], new Float64Array(n * c).fill(1)), rate, seed, stream);
  return build(x.shape, (...index) => at(x, ...index) * at(mask, index[0], index[index.length - 1]));
}

/** Klambauer et al. 2017: kept elements, or the value at which SELU saturates, moved to mean 0 and variance 1. */
export function alphaDropout(x: Array64, rate: number, seed: number, stream: number): Array64 {
  const saturated = -1.0507009873554805 * 1.6732632423543772;
  const a = ((1 - rate) * (1 + rate * saturated ** 2)) ** -0.5;
  const b = -a * rate * saturated;
  const mask = dropout(array64(x.shape, new Float64Array(x.data.length).fill(1)), rate, seed, stream);
  const data = x.data.map((value, i) => a * (mask.data[i] === 0 ? saturated : value) + b);
  return { shape: x.shape, data };
}
