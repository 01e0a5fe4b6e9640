/** Normalisation of each sample by itself: over groups of channels, single channels, or all of the last axes. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Eager, eager, shapeOf } from "./eager.ts";

/** What `layerNorm` and `instanceNorm` take. */
export interface LayerNormOptions {
  /** Added to the variance. Default 1e-3, as in Keras (PyTorch: 1e-5). */
  epsilon?: number;
}

/** What `groupNorm` takes. */
export interface GroupNormOptions extends LayerNormOptions {
  /** How many groups the channels form. Default 32, as in Keras. */
  groups?: number;
}

export interface GroupNormPlan {
  readonly output: Shape;
  /** x as [N,P,C]: samples, pixels, channels; and the groups of these. */
  readonly sizes: readonly [n: number, p: number, c: number, g: number];
  readonly epsilon: number;
  /** The shape of gamma and beta. */
  readonly parameters: Shape;
  /** Bytes of [N,G]: of mean and invStd, which backward reads. */
  readonly statisticsBytes: number;
  readonly scratchBytes: number;
  readonly backwardScratchBytes: number;
}

type Pointers<Names extends string> = Readonly<Record<Names, number>>;

function inferSizes(
  op: string,
  x: Shape,
  sizes: GroupNormPlan["sizes"],
  parameters: Shape,
  { epsilon = 1e-3 }: LayerNormOptions,
): GroupNormPlan {
  if (!(Number.isFinite(epsilon) && epsilon > 0)) {
    throw new ArgumentError(`${op}: epsilon must be a finite number > 0, got ${show(epsilon)}`);
  }
  const [n, , c, g] = sizes;
  const room = Math.ceil(c / 4) * 4;
  return {
    output: x,
    sizes,
    epsilon,
    parameters,
    statisticsBytes: 4 * n * g,
    scratchBytes: 16 * room,
    backwardScratchBytes: 48 * room,
  };
}

/** The shape rule: x [N,H,W,C] or [H,W,C] stays; gamma and beta are [C]. */
export function inferGroupNorm(op: string, x: Shape, options: GroupNormOptions = {}): GroupNormPlan {
  checkOptions(op, options, { groups: true, epsilon: true });
  const { groups = 32 } = options;
  const [n, h, w, c] = imageShape(op, "x", x);
  if (!(Number.isInteger(groups) && groups >= 1 && c % groups === 0)) {
    throw new ArgumentError(`${op}: groups must divide the ${c} channels of x ${show(x)}, got ${show(groups)}`);
  }
  return inferSizes(op, x, [n, h * w, c, groups], [c], options);
}

/** The shape rule: x [N,H,W,C] or [H,W,C] stays; gamma and beta are [C]. */
export function inferInstanceNorm(op: string, x: Shape, options: LayerNormOptions = {}): GroupNormPlan {
  checkOptions(op, options, { epsilon: true });
  const [n, h, w, c] = imageShape(op, "x", x);
  return inferSizes(op, x, [n, h * w, c, c], [c], options);
}

/** The shape rule: x stays; gamma and beta have the shape of its last axes, over which it is normalised. */
export function inferLayerNorm(op: string, x: Shape, parameters: Shape, options: LayerNormOptions = {}): GroupNormPlan {
  checkOptions(op, options, { epsilon: true });
  const front = x.slice(0, x.length - parameters.length);
  if (parameters.length === 0 || parameters.length > x.length) {
    throw new ShapeError(`${op}: gamma must have the shape of the last axes of x ${show(x)}, got ${show(parameters)}`);
  }
  expectShape(op, "gamma", parameters, x.slice(front.length));
  return inferSizes(op, x, [sizeOf(front), 1, sizeOf(parameters), 1], parameters, options);
}

/** x, gamma, beta -> y, which may be x; mean, invStd [N,G]. */
export function forwardGroupNorm(
  kernels: Kernels,
  at: Pointers<"x" | "gamma" | "beta" | "y" | "mean" | "invStd" | "scratch">,
  { sizes, epsilon }: GroupNormPlan,
): void {
  extra(kernels).groupNorm(at.x, at.gamma, at.beta, at.y, at.mean, at.invStd, ...sizes, epsilon, at.scratch);
}

/** dy, x, gamma, mean, invStd -> dgamma, dbeta (accumulated) and dx (written; may be dy); each is left out where it is 0. */
export function backwardGroupNorm(
  kernels: Kernels,
  at: Pointers<"dy" | "x" | "gamma" | "mean" | "invStd" | "dx" | "dgamma" | "dbeta" | "scratch">,
  { sizes }: GroupNormPlan,
): void {
  const { dy, x, gamma, mean, invStd, dx, dgamma, dbeta, scratch } = at;
  extra(kernels).groupNormBackward(dy, x, gamma, mean, invStd, dx, dgamma, dbeta, ...sizes, scratch);
}

/** The gradients of a normalisation. */
export interface NormGradients {
  /** Of the shape of x. */
  readonly dx: Tensor;
  /** Of the shape of gamma. */
  readonly dgamma: Tensor;
  /** Of the shape of gamma. */
  readonly dbeta: Tensor;
}

/**
 * Group normalisation (Wu & He 2018, arXiv 1803.08494): (x - mean) / sqrt(variance + epsilon) * gamma + beta, with mean and
 * variance of each sample over all pixels and the channels of a group. NaN spreads over its group.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param gamma [C]
 * @param beta [C]
 * @returns the shape of x
 * @throws ShapeError where the shapes do not fit; ArgumentError unless groups divides C and epsilon > 0.
 * @example
 * const [x, gamma, beta] = [zeros([2, 8, 8, 16]), full([16], 1), zeros([16])];
 * const y = ops.groupNorm(x, gamma, beta, { groups: 8 }); // [2,8,8,16]
 */
export function groupNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: GroupNormOptions = {}): Tensor {
  return run("groupNorm", x, gamma, beta, inferGroupNorm("groupNorm", shapeOf("groupNorm", "x", x), options));
}

/**
 * The gradients of `groupNorm`, through the statistics too: dx = (g - mean(g) - z mean(g z)) / std with g = dy gamma, dgamma =
 * sum dy z, dbeta = sum dy, z = (x - mean) / std; these are computed again from x.
 *
 * @example
 * const [x, gamma] = [zeros([2, 8, 8, 16]), full([16], 1)];
 * const { dx, dgamma, dbeta } = ops.groupNormBackward(x, x, gamma, { groups: 8 });
 * dgamma.shape; // [16]
 */
export function groupNormBackward(dy: Tensor, x: Tensor, gamma: Tensor, options: GroupNormOptions = {}): NormGradients {
  const op = "groupNormBackward";
  return runBackward(op, dy, x, gamma, inferGroupNorm(op, shapeOf(op, "x", x), options));
}

/**
 * Instance normalisation (Ulyanov et al. 2016, arXiv 1607.08022): `groupNorm` with every channel a group of its own.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param gamma [C]
 * @param beta [C]
 * @returns the shape of x
 * @throws ShapeError where the shapes do not fit; ArgumentError unless epsilon > 0.
 * @example
 * const [x, gamma, beta] = [zeros([2, 8, 8, 16]), full([16], 1), zeros([16])];
 * const y = ops.instanceNorm(x, gamma, beta); // [2,8,8,16]
 */
export function instanceNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: LayerNormOptions = {}): Tensor {
  return run(
    "instanceNorm",
    x,
    gamma,
    beta,
    inferInstanceNorm("instanceNorm", shapeOf("instanceNorm", "x", x), options),
  );
}

/**
 * The gradients of `instanceNorm`, through the statistics too, as those of `groupNorm`.
 *
 * @example
 * const [x, gamma] = [zeros([2, 8, 8, 16]), full([16], 1)];
 * const { dx, dgamma, dbeta } = ops.instanceNormBackward(x, x, gamma);
 * dgamma.shape; // [16]
 */
export function instanceNormBackward(
  dy: Tensor,
  x: Tensor,
  gamma: Tensor,
  options: LayerNormOptions = {},
): NormGradients {
  const op = "instanceNormBackward";
  return runBackward(op, dy, x, gamma, inferInstanceNorm(op, shapeOf(op, "x", x), options));
}

/**
 * Layer normalisation (Ba et al. 2016, arXiv 1607.06450) over the last axes, those of gamma: the channels of each pixel where
 * gamma is [C], all of a sample where it is [H,W,C]. NaN spreads over these.
 *
 * @param x any shape
 * @param gamma the shape of the last axes of x
 * @param beta the same
 * @returns the shape of x
 * @throws ShapeError where the shapes do not fit; ArgumentError unless epsilon > 0.
 * @example
 * const [x, gamma, beta] = [zeros([2, 8, 8, 16]), full([16], 1), zeros([16])];
 * const y = ops.layerNorm(x, gamma, beta, { epsilon: 1e-6 }); // [2,8,8,16]
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: LayerNormOptions = {}): Tensor {
  const op = "layerNorm";
  return run(op, x, gamma, beta, inferLayerNorm(op, shapeOf(op, "x", x), shapeOf(op, "gamma", gamma), options));
}

/**
 * The gradients of `layerNorm`, through the statistics too, as those of `groupNorm`.
 *
 * @example
 * const [x, gamma] = [zeros([2, 8, 8, 16]), full([16], 1)];
 * const { dx, dgamma, dbeta } = ops.layerNormBackward(x, x, gamma);
 * dgamma.shape; // [16]
 */
export function layerNormBackward(dy: Tensor, x: Tensor, gamma: Tensor, options: LayerNormOptions = {}): NormGradients {
  const op = "layerNormBackward";
  return runBackward(op, dy, x, gamma, inferLayerNorm(op, shapeOf(op, "x", x), shapeOf(op, "gamma", gamma), options));
}

function run(op: string, x: Tensor, gamma: Tensor, beta: Tensor, plan: GroupNormPlan): Tensor {
  expectShape(op, "gamma", shapeOf(op, "gamma", gamma), plan.parameters);
  expectShape(op, "beta", shapeOf(op, "beta", beta), plan.parameters);
  return eager(op, { x, gamma, beta }, (lend) => {
    const y = lend.output(plan.output);
    normalise(lend, x, gamma, beta, y.pointer, plan);
    return y;
  });
}

function runBackward(op: string, dy: Tensor, x: Tensor, gamma: Tensor, plan: GroupNormPlan): NormGradients {
  expectShape(op, "gamma", shapeOf(op, "gamma", gamma), plan.parameters);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, gamma }, (lend) => {
    const dx = lend.output(x.shape);
    // dx serves as the output of forward, of which the statistics alone are wanted.
    const statistics = normalise(lend, x, gamma, gamma, dx.pointer, plan);
    const [dgamma, dbeta] = [lend.zeros(plan.parameters), lend.zeros(plan.parameters)];
    const gradients = { dx: dx.pointer, dgamma: dgamma.pointer, dbeta: dbeta.pointer };
    const scratch = lend.scratch(plan.backwardScratchBytes);
    const at = { dy: dy.pointer, x: x.pointer, gamma: gamma.pointer, ...statistics, ...gradients, scratch };
    backwardGroupNorm(lend.kernels, at, plan);
    return { dx, dgamma, dbeta };
  });
}

function normalise(lend: Eager, x: Tensor, gamma: Tensor, beta: Tensor, y: number, plan: GroupNormPlan) {
  const statistics = { mean: lend.scratch(plan.statisticsBytes), invStd: lend.scratch(plan.statisticsBytes) };
  const scratch = lend.scratch(plan.scratchBytes);
  const at = { x: x.pointer, gamma: gamma.pointer, beta: beta.pointer, y, ...statistics, scratch };
  forwardGroupNorm(lend.kernels, at, plan);
  return statistics;
}
