/** Activations: element by element, any shape. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  ACTIVATIONS,
  type ActivationName,
  type ActivationOptions,
  FIRST_RARE,
  isLimited,
  LIMITED_RELU,
  type Parameters,
} from "./activationKinds.ts";
import { eager, shapeOf } from "./eager.ts";

export interface ActivationPlan {
  readonly output: Shape;
  readonly size: number;
  readonly kind: number;
  readonly parameters: Parameters;
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
  const { negativeSlope = known === "relu" ? 0 : 0.2, alpha = 1, threshold = 0, maxValue } = options;
  checkParameter(op, "negativeSlope", negativeSlope);
  checkParameter(op, "alpha", alpha);
  checkParameter(op, "threshold", threshold);
  if (maxValue !== undefined) checkParameter(op, "maxValue", maxValue);
  const { kind, reads, parameters } = isLimited(known, options) ? LIMITED_RELU : ACTIVATIONS[known];
  const settings = { negativeSlope, alpha, threshold, maxValue: maxValue ?? Number.POSITIVE_INFINITY };
  return { output: x, size: sizeOf(x), kind, reads, parameters: parameters?.(settings) ?? [0] };
}

function checkParameter(op: string, argument: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new ArgumentError(`${op}: ${argument} must be a finite number >= 0, got ${show(value)}`);
}

/** x -> y, which may be the same. */
export function forwardActivation(kernels: Kernels, at: { x: number; y: number }, plan: ActivationPlan): void {
  const { size, kind, parameters } = plan;
  const [a, b = 0, c = 0] = parameters;
  if (kind < FIRST_RARE) kernels.activation(at.x, at.y, size, kind, a);
  else kernels.rareActivation(at.x, at.y, size, kind, a, b, c);
}

/** dy and `value`, which is x or y as `plan.reads` says -> dx (written), which may be either. */
export function backwardActivation(
  kernels: Kernels,
  at: { dy: number; value: number; dx: number },
  plan: ActivationPlan,
): void {
  const { size, kind, parameters } = plan;
  const [a, b = 0, c = 0] = parameters;
  if (kind < FIRST_RARE) kernels.activationBackward(at.dy, at.value, at.dx, size, kind, a);
  else kernels.rareActivationBackward(at.dy, at.value, at.dx, size, kind, a, b, c);
}

/**
 * Applies an activation by name: linear x, relu max(x, 0), relu6 min(max(x, 0), 6), leakyRelu x or negativeSlope * x,
 * elu x or alpha * (e^x - 1), sigmoid 1 / (1 + e^-x), tanh, swish (silu) x / (1 + e^-x). The others have functions of their own
 * names, with their sources. NaN stays NaN in all of them.
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
 * max(x, 0) (Nair & Hinton 2010); with options maxValue from maxValue on, x above threshold, negativeSlope * (x - threshold) up
 * to there (Keras ReLU). Slope 1 above 0, else 0.
 *
 * @example
 * const y = ops.relu(tensor([-2, 3, 9]), { maxValue: 6, negativeSlope: 0.5 });
 * y.toArray(); // [-1,3,6]
 */
export function relu(
  x: Tensor,
  options: Pick<ActivationOptions, "maxValue" | "threshold" | "negativeSlope"> = {},
): Tensor {
  return apply("relu", x, "relu", options);
}

/**
 * min(max(x, 0), 6) (Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"). Slope 1 between 0 and 6, else 0.
 *
 * @example
 * ops.relu6(tensor([-2, 3, 7])).toArray(); // [0, 3, 6]
 */
export function relu6(x: Tensor): Tensor {
  return apply("relu6", x, "relu6");
}

/**
 * x above 0, negativeSlope * x below (Maas et al. 2013). Slope 1 above 0, else negativeSlope.
 *
 * @example
 * ops.leakyRelu(tensor([-2, 3]), { negativeSlope: 0.25 }).toArray(); // [-0.5, 3]
 */
export function leakyRelu(x: Tensor, options: Pick<ActivationOptions, "negativeSlope"> = {}): Tensor {
  return apply("leakyRelu", x, "leakyRelu", options);
}

/**
 * x above 0, alpha * (e^x - 1) below (Clevert et al. 2015, arXiv 1511.07289). Slope 1 above 0, else y + alpha.
 *
 * @example
 * ops.elu(tensor([-100, 3])).toArray(); // [-1, 3]
 */
export function elu(x: Tensor, options: Pick<ActivationOptions, "alpha"> = {}): Tensor {
  return apply("elu", x, "elu", options);
}

/**
 * 1 / (1 + e^-x), the logistic function (Verhulst 1838). Slope y (1 - y).
 *
 * @example
 * ops.sigmoid(tensor([0, 100])).toArray(); // [0.5, 1]
 */
export function sigmoid(x: Tensor): Tensor {
  return apply("sigmoid", x, "sigmoid");
}

/**
 * (e^x - e^-x) / (e^x + e^-x) (LeCun et al. 1998, "Efficient BackProp"). Slope 1 - y^2.
 *
 * @example
 * ops.tanh(tensor([0, 100])).toArray(); // [0, 1]
 */
export function tanh(x: Tensor): Tensor {
  return apply("tanh", x, "tanh");
}

/**
 * x / (1 + e^-x) (Ramachandran et al. 2017, arXiv 1710.05941). Slope s (1 + x (1 - s)), s = 1 / (1 + e^-x).
 *
 * @example
 * ops.swish(tensor([0, 100])).toArray(); // [0, 100]
 */
export function swish(x: Tensor): Tensor {
  return apply("swish", x, "swish");
}

/**
 * The other name of swish (Elfwing et al. 2017, arXiv 1702.03118). Slope as that of swish.
 *
 * @example
 * ops.silu(tensor([0, 100])).toArray(); // [0, 100]
 */
export function silu(x: Tensor): Tensor {
  return apply("silu", x, "silu");
}

/**
 * 1.0507 times elu with alpha 1.6733 (Klambauer et al. 2017, arXiv 1706.02515). Slope 1.0507 above 0, else y + 1.7581.
 *
 * @example
 * const y = ops.selu(zeros([2, 3])); // [2,3]
 */
export function selu(x: Tensor): Tensor {
  return apply("selu", x, "selu");
}

/**
 * x above 0, alpha * (e^(x / alpha) - 1) below (Barron 2017, arXiv 1704.07483). Slope 1 above 0, else e^(x / alpha).
 *
 * @example
 * const y = ops.celu(zeros([2, 3])); // [2,3]
 */
export function celu(x: Tensor, options: Pick<ActivationOptions, "alpha"> = {}): Tensor {
  return apply("celu", x, "celu", options);
}

/**
 * The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x (Abramowitz & Stegun 1964, 7.1.1). Slope 2 /
 * sqrt(pi) e^(-x^2).
 *
 * @example
 * const y = ops.erf(zeros([2, 3])); // [2,3]
 */
export function erf(x: Tensor): Tensor {
  return apply("erf", x, "erf");
}

/**
 * x times the normal distribution up to x; with `approximate`, by a tanh, as Keras' option of that name (Hendrycks & Gimpel
 * 2016, arXiv 1606.08415). Slope P + x e^(-x^2 / 2) / sqrt(2 pi), P the normal distribution up to x.
 *
 * @example
 * const y = ops.gelu(zeros([2, 3]), { approximate: true }); // [2,3]
 */
export function gelu(x: Tensor, { approximate = false }: { approximate?: boolean } = {}): Tensor {
  return apply("gelu", x, approximate ? "geluTanh" : "gelu");
}

/**
 * ln(1 + e^x) (Dugas et al. 2001). Slope 1 / (1 + e^-x).
 *
 * @example
 * const y = ops.softplus(zeros([2, 3])); // [2,3]
 */
export function softplus(x: Tensor): Tensor {
  return apply("softplus", x, "softplus");
}

/**
 * ln(1 / (1 + e^-x)), the logarithm of sigmoid, as in PyTorch. Slope 1 / (1 + e^x).
 *
 * @example
 * const y = ops.logSigmoid(zeros([2, 3])); // [2,3]
 */
export function logSigmoid(x: Tensor): Tensor {
  return apply("logSigmoid", x, "logSigmoid");
}

/**
 * x / (1 + |x|) (Glorot & Bengio 2010). Slope 1 / (1 + |x|)^2.
 *
 * @example
 * const y = ops.softsign(zeros([2, 3])); // [2,3]
 */
export function softsign(x: Tensor): Tensor {
  return apply("softsign", x, "softsign");
}

/**
 * x * tanh(ln(1 + e^x)) (Misra 2019, arXiv 1908.08681). Slope t + x (1 - t^2) / (1 + e^-x), t = tanh(ln(1 + e^x)).
 *
 * @example
 * const y = ops.mish(zeros([2, 3])); // [2,3]
 */
export function mish(x: Tensor): Tensor {
  return apply("mish", x, "mish");
}

/**
 * x / 6 + 1/2 within [0, 1], as PyTorch and Keras 3 have it. Slope 1/6 within, else 0.
 *
 * @example
 * const y = ops.hardSigmoid(zeros([2, 3])); // [2,3]
 */
export function hardSigmoid(x: Tensor): Tensor {
  return apply("hardSigmoid", x, "hardSigmoid");
}

/**
 * x within [-1, 1] (Collobert 2004). Slope 1 within, else 0.
 *
 * @example
 * const y = ops.hardTanh(zeros([2, 3])); // [2,3]
 */
export function hardTanh(x: Tensor): Tensor {
  return apply("hardTanh", x, "hardTanh");
}

/**
 * x * hardSigmoid(x) (Howard et al. 2019, arXiv 1905.02244). Slope x / 3 + 1/2 between -3 and 3, 0 below, 1 above.
 *
 * @example
 * const y = ops.hardSwish(zeros([2, 3])); // [2,3]
 */
export function hardSwish(x: Tensor): Tensor {
  return apply("hardSwish", x, "hardSwish");
}

function apply(op: string, x: Tensor, name: ActivationName, options: ActivationOptions = {}): Tensor {
  const plan = inferActivation(op, shapeOf(op, "x", x), name, options);
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    forwardActivation(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}
