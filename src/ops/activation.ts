/** Activations: element by element, any shape. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** Activations by name; "silu" is "swish". */
export type ActivationName = "linear" | "relu" | "relu6" | "leakyRelu" | "elu" | "sigmoid" | "tanh" | "swish" | "silu";

/** Every activation by name: its number in assembly/activation.ts, and what backward reads besides dy. @internal */
export const ACTIVATIONS: Readonly<Record<ActivationName, { readonly kind: number; readonly reads: "x" | "y" }>> = {
  linear: { kind: 0, reads: "y" },
  relu: { kind: 1, reads: "y" },
  relu6: { kind: 2, reads: "y" },
  leakyRelu: { kind: 3, reads: "y" },
  elu: { kind: 4, reads: "y" },
  sigmoid: { kind: 5, reads: "y" },
  tanh: { kind: 6, reads: "y" },
  swish: { kind: 7, reads: "x" },
  silu: { kind: 7, reads: "x" },
};

/** What activations with a parameter take. */
export interface ActivationOptions {
  /** leakyRelu: the slope below 0, itself >= 0. Default 0.2, as Keras' activation of that name; its LeakyReLU layer has 0.3. */
  negativeSlope?: number;
  /** elu: minus its limit far below 0, itself >= 0. Default 1. */
  alpha?: number;
}

export interface ActivationPlan {
  readonly output: Shape;
  readonly size: number;
  readonly kind: number;
  readonly parameter: number;
  /** Whether backward reads x or y; the other need not be kept. */
  readonly reads: "x" | "y";
}

/** The shape rule: any shape stays. */
export function inferActivation(
  op: string,
  x: Shape,
  name: ActivationName,
  options: ActivationOptions = {},
): ActivationPlan {
  const known = oneOf(op, "name", name, Object.keys(ACTIVATIONS) as ActivationName[]);
  const { negativeSlope = 0.2, alpha = 1 } = options;
  checkParameter(op, "negativeSlope", negativeSlope);
  checkParameter(op, "alpha", alpha);
  return { output: x, size: sizeOf(x), ...ACTIVATIONS[known], parameter: known === "elu" ? alpha : negativeSlope };
}

function checkParameter(op: string, argument: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new ArgumentError(`${op}: ${argument} must be a finite number >= 0, got ${show(value)}`);
}

/** x -> y, which may be the same. */
export function forwardActivation(kernels: Kernels, at: { x: number; y: number }, plan: ActivationPlan): void {
  kernels.activation(at.x, at.y, plan.size, plan.kind, plan.parameter);
}

/** dy and `value`, which is x or y as `plan.reads` says -> dx (written), which may be either. */
export function backwardActivation(
  kernels: Kernels,
  at: { dy: number; value: number; dx: number },
  plan: ActivationPlan,
): void {
  kernels.activationBackward(at.dy, at.value, at.dx, plan.size, plan.kind, plan.parameter);
}

/**
 * Applies an activation by name: linear x, relu max(x, 0), relu6 min(max(x, 0), 6), leakyRelu x or negativeSlope * x,
 * elu x or alpha * (e^x - 1), sigmoid 1 / (1 + e^-x), tanh, swish (silu) x / (1 + e^-x). NaN stays NaN in all of them.
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError for an unknown name, or an option that is not a finite number >= 0.
 * @example
 * const x = tensor([-2, 3]);
 * ops.activation(x, "leakyRelu", { negativeSlope: 0.5 }).toArray(); // [-1, 3]
 */
export function activation(x: Tensor, name: ActivationName, options: ActivationOptions = {}): Tensor {
  return apply("activation", x, name, options);
}

/**
 * The gradient of `activation`. At a kink it is 0 for relu (at 0) and relu6 (at 0 and 6), negativeSlope for leakyRelu and
 * alpha for elu, as in PyTorch. Where x is NaN, relu and relu6 pass dy on and leakyRelu negativeSlope * dy; the smooth ones
 * give NaN.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const x = tensor([-2, 3]);
 * ops.activationBackward(full([2], 10), x, "relu").toArray(); // [0, 10]
 */
export function activationBackward(
  dy: Tensor,
  x: Tensor,
  name: ActivationName,
  options: ActivationOptions = {},
): Tensor {
  const op = "activationBackward";
  const plan = inferActivation(op, shapeOf(op, "x", x), name, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    const value = plan.reads === "x" ? x : dx;
    if (plan.reads === "y") forwardActivation(run.kernels, { x: x.pointer, y: dx.pointer }, plan);
    backwardActivation(run.kernels, { dy: dy.pointer, value: value.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}

/**
 * max(x, 0).
 *
 * @example
 * ops.relu(tensor([-2, 3])).toArray(); // [0, 3]
 */
export function relu(x: Tensor): Tensor {
  return apply("relu", x, "relu");
}

/**
 * min(max(x, 0), 6).
 *
 * @example
 * ops.relu6(tensor([-2, 3, 7])).toArray(); // [0, 3, 6]
 */
export function relu6(x: Tensor): Tensor {
  return apply("relu6", x, "relu6");
}

/**
 * x above 0, negativeSlope * x below.
 *
 * @example
 * ops.leakyRelu(tensor([-2, 3]), { negativeSlope: 0.25 }).toArray(); // [-0.5, 3]
 */
export function leakyRelu(x: Tensor, options: Pick<ActivationOptions, "negativeSlope"> = {}): Tensor {
  return apply("leakyRelu", x, "leakyRelu", options);
}

/**
 * x above 0, alpha * (e^x - 1) below (Clevert et al. 2015, arXiv 1511.07289).
 *
 * @example
 * ops.elu(tensor([-100, 3])).toArray(); // [-1, 3]
 */
export function elu(x: Tensor, options: Pick<ActivationOptions, "alpha"> = {}): Tensor {
  return apply("elu", x, "elu", options);
}

/**
 * 1 / (1 + e^-x).
 *
 * @example
 * ops.sigmoid(tensor([0, 100])).toArray(); // [0.5, 1]
 */
export function sigmoid(x: Tensor): Tensor {
  return apply("sigmoid", x, "sigmoid");
}

/**
 *
 * @example
 * ops.tanh(tensor([0, 100])).toArray(); // [0, 1]
 */
export function tanh(x: Tensor): Tensor {
  return apply("tanh", x, "tanh");
}

/**
 * x / (1 + e^-x) (Ramachandran et al. 2017, arXiv 1710.05941).
 *
 * @example
 * ops.swish(tensor([0, 100])).toArray(); // [0, 100]
 */
export function swish(x: Tensor): Tensor {
  return apply("swish", x, "swish");
}

/**
 * The other name of swish.
 *
 * @example
 * ops.silu(tensor([0, 100])).toArray(); // [0, 100]
 */
export function silu(x: Tensor): Tensor {
  return apply("silu", x, "silu");
}

function apply(op: string, x: Tensor, name: ActivationName, options: ActivationOptions = {}): Tensor {
  const plan = inferActivation(op, shapeOf(op, "x", x), name, options);
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    forwardActivation(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}
