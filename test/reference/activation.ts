import type { ActivationName } from "../../src/ops/activation.ts";
import type { Array64 } from "./array.ts";

/** Activations of one number; `p` is the negative slope of leakyRelu, alpha of elu. */
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
};

/** x -> y, element by element. */
export function activation(x: Array64, name: ActivationName, parameter: number): Array64 {
  return { shape: x.shape, data: x.data.map((value) => scalars[name](value, parameter)) };
}
