/** Which activations there are: what kernels are told of each, and its options. */

export type ActivationName =
  | "linear"
  | "relu"
  | "relu6"
  | "leakyRelu"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "swish"
  | "silu"
  | "selu"
  | "celu"
  | "erf"
  | "gelu"
  | "geluTanh"
  | "softplus"
  | "logSigmoid"
  | "softsign"
  | "mish"
  | "hardSigmoid"
  | "hardTanh"
  | "hardSwish";

/** Up to three numbers that a kernel is given besides x. */
export type Parameters = readonly [number, number?, number?];

export interface Kind {
  /** Its number in assembly/activation.ts, or from 8 on in activationRare.ts and normal.ts. */
  readonly kind: number;
  /** What backward reads besides dy. */
  readonly reads: "x" | "y";
  readonly parameters?: (options: Required<ActivationOptions>) => Parameters;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Every activation by name. @internal */
export const ACTIVATIONS: Readonly<Record<ActivationName, Kind>> = {
  linear: { kind: 0, reads: "y" },
  relu: { kind: 1, reads: "y" },
  relu6: { kind: 2, reads: "y" },
  leakyRelu: { kind: 3, reads: "y", parameters: ({ negativeSlope }) => [negativeSlope] },
  elu: { kind: 4, reads: "y", parameters: ({ alpha }) => [alpha] },
  sigmoid: { kind: 5, reads: "y" },
  tanh: { kind: 6, reads: "y" },
  swish: { kind: 7, reads: "x" },
  silu: { kind: 7, reads: "x" },
  selu: { kind: 8, reads: "y", parameters: () => [SELU_SCALE * SELU_ALPHA, 1, SELU_SCALE] },
  celu: { kind: 8, reads: "y", parameters: ({ alpha }) => [alpha, alpha === 0 ? 0 : 1 / alpha, 1] },
  erf: { kind: 18, reads: "x" },
  gelu: { kind: 9, reads: "x" },
  geluTanh: { kind: 10, reads: "x" },
  softplus: { kind: 11, reads: "y" },
  logSigmoid: { kind: 12, reads: "y" },
  softsign: { kind: 13, reads: "y" },
  mish: { kind: 14, reads: "x" },
  hardSigmoid: { kind: 15, reads: "y", parameters: () => [1 / 6, 0.5, 0] },
  hardTanh: { kind: 15, reads: "y", parameters: () => [1, 0, -1] },
  hardSwish: { kind: 16, reads: "x" },
};

/** relu with options. */
export const LIMITED_RELU: Kind = {
  kind: 17,
  reads: "x",
  parameters: ({ threshold, negativeSlope, maxValue }) => [threshold, negativeSlope, maxValue],
};
export const FIRST_RARE: number = 8;

/** Parameters of activations. */
export interface ActivationOptions {
  /**
   * relu, leakyRelu: the slope below 0 (relu: below the threshold), itself >= 0. Default 0 for relu; 0.2 for leakyRelu, as Keras'
   * activation of that name has, whose LeakyReLU layer has 0.3.
   */
  negativeSlope?: number;
  /** elu, celu: minus the limit far below 0, itself >= 0. Default 1. */
  alpha?: number;
  /** relu: the largest output. Default: none. */
  maxValue?: number;
  /** relu: x up to here counts as 0, or gives negativeSlope * (x - threshold). Default 0. */
  threshold?: number;
}

/** Whether these options make relu another function. */
export function isLimited(name: string, { negativeSlope = 0, maxValue, threshold = 0 }: ActivationOptions): boolean {
  return name === "relu" && (negativeSlope !== 0 || threshold !== 0 || maxValue !== undefined);
}
