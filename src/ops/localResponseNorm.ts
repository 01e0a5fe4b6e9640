/** Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3). */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { rowsOf } from "./softmax.ts";

/** What `localResponseNorm` takes. */
export interface LocalResponseNormOptions {
  /** How many channels are looked at: size / 2 (rounded down) before each, itself, and the rest behind it. Default 5. */
  size?: number;
  /** Default 1e-4. It is divided by size, as in PyTorch and ONNX; TensorFlow's alpha is this over size. */
  alpha?: number;
  /** Default 0.75. */
  beta?: number;
  /** Default 1. */
  k?: number;
}

export interface LocalResponseNormPlan {
  readonly output: Shape;
  /** M, C, size, alpha, beta, k. */
  readonly arguments: readonly [number, number, number, number, number, number];
  readonly scratchBytes: number;
  readonly backwardScratchBytes: number;
}

/** The shape rule: [...,C] stays. */
export function inferLocalResponseNorm(
  op: string,
  x: Shape,
  options: LocalResponseNormOptions = {},
): LocalResponseNormPlan {
  checkOptions(op, options, { size: true, alpha: true, beta: true, k: true });
  const [m, c] = rowsOf(op, "x", x);
  const { size = 5, alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new ArgumentError(`${op}: size must be a whole number >= 1, got ${show(size)}`);
  }
  for (const [name, value] of Object.entries({ alpha, beta })) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new ArgumentError(`${op}: ${name} must be a finite number >= 0, got ${show(value)}`);
  }
  if (!(Number.isFinite(k) && k > 0)) throw new ArgumentError(`${op}: k must be a finite number > 0, got ${show(k)}`);
  const row = 4 * (c + size + 3);
  return {
    output: x,
    arguments: [m, c, size, alpha, beta, k],
    scratchBytes: 2 * row,
    backwardScratchBytes: 3 * row,
  };
}

/** x -> y, which may be x. */
export function forwardLocalResponseNorm(
  kernels: Kernels,
  at: { x: number; y: number; scratch: number },
  plan: LocalResponseNormPlan,
): void {
  extra(kernels).localResponseNorm(at.x, at.y, ...plan.arguments, at.scratch);
}

/** dy, x -> dx (written; may be dy). */
export function backwardLocalResponseNorm(
  kernels: Kernels,
  at: { dy: number; x: number; dx: number; scratch: number },
  plan: LocalResponseNormPlan,
): void {
  extra(kernels).localResponseNormBackward(at.dy, at.x, at.dx, ...plan.arguments, at.scratch);
}

/**
 * x (k + alpha / size sum x^2)^-beta, the sum over `size` channels around each (Krizhevsky et al. 2012). NaN spreads to the
 * channels that look at it.
 *
 * @param x [...,C]
 * @returns the shape of x
 * @throws ShapeError for a scalar; ArgumentError unless size >= 1, alpha, beta >= 0 and k > 0.
 * @example
 * const y = ops.localResponseNorm(zeros([1, 55, 55, 96]), { size: 5, k: 2 }); // [1,55,55,96]
 */
export function localResponseNorm(x: Tensor, options: LocalResponseNormOptions = {}): Tensor {
  const op = "localResponseNorm";
  const plan = inferLocalResponseNorm(op, shapeOf(op, "x", x), options);
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    const scratch = run.scratch(plan.scratchBytes);
    forwardLocalResponseNorm(run.kernels, { x: x.pointer, y: y.pointer, scratch }, plan);
    return y;
  });
}

/**
 * The gradient of `localResponseNorm`: with s = k + alpha / size sum x^2, dy s^-beta - 2 alpha beta / size x sum(dy y / s).
 *
 * @example
 * const dx = ops.localResponseNormBackward(zeros([2, 8]), zeros([2, 8])); // [2,8]
 */
export function localResponseNormBackward(dy: Tensor, x: Tensor, options: LocalResponseNormOptions = {}): Tensor {
  const op = "localResponseNormBackward";
  const plan = inferLocalResponseNorm(op, shapeOf(op, "x", x), options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    const scratch = run.scratch(plan.backwardScratchBytes);
    backwardLocalResponseNorm(run.kernels, { dy: dy.pointer, x: x.pointer, dx: dx.pointer, scratch }, plan);
    return dx;
  });
}
