import type { ActivationName } from "../../src/ops/activationKinds.ts";
import type { Array64 } from "./array.ts";

/** The error function by its Taylor series near 0 (Abramowitz & Stegun 7.1.5), by its complement beyond. */
export function erf(t: number): number {
  if (Math.abs(t) >= 2.5) return 1 - erfc(t);
  let [term, sum] = [t, t];
  for (let k = 1; k < 80; k++) {
    term *= (-t * t) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Its complement, by a continued fraction (Abramowitz & Stegun 7.1.14) far from 0. */
export function erfc(t: number): number {
  if (t < 0) return 2 - erfc(-t);
  if (t < 2.5) return 1 - erf(t);
  let fraction = t;
  for (let k = 120; k > 0; k--) fraction = t + k / 2 / fraction;
  return Math.exp(-t * t) / Math.sqrt(Math.PI) / fraction;
}

const clip = (x: number, low: number, high: number) => (x < low ? low : x > high ? high : x);
const softplus = (x: number) => (x > 0 ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Activations of one number; `p` is the negative slope of leakyRelu, alpha of elu and celu. */
export const scalars: Readonly<Record<ActivationName, (x: number, p: number) => number>> = {
  linear: (x) => x,
  relu: (x) => (x < 0 ? 0 : x),
  relu6: (x) => (x < 0 ? 0 : x > 6 ? 6 : x),
  leakyRelu: (x, p) => (x > 0 ? x : p * x),
  elu: (x, p) => (x > 0 ? x : p * Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: (x) => Math.tanh(x),
  swish: (x) => x / (1 + Math.exp(-x)),
  silu: (x) => x / (1 + Math.exp(-x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  celu: (x, p) => (x > 0 ? x : p * Math.expm1(p === 0 ? 0 * x : x / p)),
  erf,
  gelu: (x) => x * 0.5 * erfc(-x * Math.SQRT1_2),
  geluTanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  softplus,
  logSigmoid: (x) => -softplus(-x),
  softsign: (x) => x / (1 + Math.abs(x)),
  mish: (x) => x * Math.tanh(softplus(x)),
  hardSigmoid: (x) => clip(x / 6 + 0.5, 0, 1),
  hardTanh: (x) => clip(x, -1, 1),
  hardSwish: (x) => x * clip(x / 6 + 0.5, 0, 1),
};

/** x -> y, element by element. */
export function activation(x: Array64, name: ActivationName, parameter: number): Array64 {
  return { shape: x.shape, data: x.data.map((value) => scalars[name](value, parameter)) };
}

/** relu with options. */
export function limitedRelu(x: Array64, negativeSlope: number, threshold: number, maxValue: number): Array64 {
  const one = (v: number) => (v >= maxValue ? maxValue : v > threshold ? v : negativeSlope * (v - threshold));
  return { shape: x.shape, data: x.data.map(one) };
}
