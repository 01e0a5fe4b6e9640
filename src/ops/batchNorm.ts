/** Batch normalisation over all axes but the last (Ioffe & Szegedy 2015, arXiv 1502.03167). */
import { ArgumentError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Eager, eager, shapeOf } from "./eager.ts";
import { rowsOf } from "./softmax.ts";

/** What `batchNorm` takes. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-3, as in Keras (PyTorch: 1e-5). */
  epsilon?: number;
}

/** What `batchNormTraining` takes. */
export interface BatchNormTrainingOptions extends BatchNormOptions {
  /** How much of the running statistics stays. Default 0.99, as in Keras (PyTorch's momentum is 1 minus this). */
  momentum?: number;
  /** Updated in place: running = momentum * running + (1 - momentum) * batch, [C] each. Default: none. */
  running?: { readonly mean: Tensor; readonly variance: Tensor };
}

export interface BatchNormPlan {
  readonly output: Shape;
  /** Rows and channels. */
  readonly m: number;
  readonly c: number;
  readonly epsilon: number;
  readonly momentum: number;
  /** Bytes of [C]: of mean and invStd, which backward reads. */
  readonly statisticsBytes: number;
  /** Bytes of scale and shift. */
  readonly foldedBytes: number;
  /** Scratch of the statistics and of backward. */
  readonly scratchBytes: number;
}

type Pointers<Names extends string> = Readonly<Record<Names, number>>;

/** The shape rule: x [...,C] stays; gamma, beta and statistics are [C]. */
export function inferBatchNorm(op: string, x: Shape, options: BatchNormTrainingOptions = {}): BatchNormPlan {
  const [m, c] = rowsOf(op, "x", x);
  const { epsilon = 1e-3, momentum = 0.99 } = options;
  if (!(Number.isFinite(epsilon) && epsilon > 0)) {
    throw new ArgumentError(`${op}: epsilon must be a finite number > 0, got ${show(epsilon)}`);
  }
  if (!(typeof momentum === "number" && momentum >= 0 && momentum <= 1)) {
    throw new ArgumentError(`${op}: momentum must be a number from 0 to 1, got ${show(momentum)}`);
  }
  const scratchBytes = 32 * Math.ceil(c / 4) * 4;
  return { output: x, m, c, epsilon, momentum, statisticsBytes: c * 4, foldedBytes: c * 8, scratchBytes };
}

/** x -> mean, invStd [C] of the batch; running statistics (0 where there are none) take a step. */
export function computeBatchNormStatistics(
  kernels: Kernels,
  at: Pointers<"x" | "mean" | "invStd" | "runningMean" | "runningVariance" | "scratch">,
  { m, c, momentum, epsilon }: BatchNormPlan,
): void {
  const { x, mean, invStd, runningMean, runningVariance, scratch } = at;
  kernels.batchNormStatistics(x, mean, invStd, runningMean, runningVariance, m, c, momentum, epsilon, scratch);
}

/** variance [C] -> invStd [C]: what stands for the batch's where statistics are frozen. */
export function computeBatchNormInvStd(
  kernels: Kernels,
  at: { variance: number; invStd: number },
  { c, epsilon }: BatchNormPlan,
): void {
  kernels.batchNormInvStd(at.variance, at.invStd, c, epsilon);
}

/** gamma, beta, mean, invStd [C] -> folded: scale [C], then shift [C]. */
export function foldBatchNorm(
  kernels: Kernels,
  at: Pointers<"gamma" | "beta" | "mean" | "invStd" | "folded">,
  { c }: BatchNormPlan,
): void {
  kernels.batchNormFold(at.gamma, at.beta, at.mean, at.invStd, at.folded, c);
}

/** w [rows,C], b [C] or null (0), folded -> weights = w * scale, bias = b * scale + shift: the layer before does the norm's work. */
export function foldIntoWeights(
  kernels: Kernels,
  at: Pointers<"w" | "b" | "folded" | "weights" | "bias">,
  rows: number,
  channels: number,
): void {
  kernels.batchNormFoldWeights(at.w, at.b, at.folded, at.weights, at.bias, rows, channels);
}

/** x, folded -> y = x * scale + shift, which may be x. */
export function forwardBatchNorm(
  kernels: Kernels,
  at: { x: number; folded: number; y: number },
  { m, c }: BatchNormPlan,
): void {
  kernels.batchNorm(at.x, at.folded, at.y, m, c);
}

/**
 * dy, x, gamma, mean, invStd -> dgamma, dbeta (accumulated) and dx (written; may be dy); each is left out where it is 0.
 * `frozen`: mean and invStd do not depend on x, which is read for dgamma and dbeta alone.
 */
export function backwardBatchNorm(
  kernels: Kernels,
  at: Pointers<"dy" | "x" | "gamma" | "mean" | "invStd" | "dx" | "dgamma" | "dbeta" | "scratch">,
  { m, c }: BatchNormPlan,
  frozen: boolean,
): void {
  const { dy, x, gamma, mean, invStd, dx, dgamma, dbeta, scratch } = at;
  kernels.batchNormBackward(dy, x, gamma, mean, invStd, dx, dgamma, dbeta, m, c, frozen ? 1 : 0, scratch);
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167) with given statistics, as in inference: y = (x - mean) /
 * sqrt(variance + epsilon) * gamma + beta, per channel. NaN stays NaN, in its element alone.
 *
 * @param x [...,C]
 * @param gamma [C]
 * @param beta [C]
 * @param mean [C]
 * @param variance [C]
 * @returns the shape of x
 * @throws ShapeError where the shapes do not fit; ArgumentError unless epsilon > 0.
 * @example
 * const [gamma, beta, mean, variance] = [full([1], 2), full([1], 1), full([1], 5), full([1], 4)];
 * ops.batchNorm(tensor([[5], [9]]), gamma, beta, mean, variance, { epsilon: 1e-9 }).toArray(); // [[1], [5]]
 */
export function batchNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  mean: Tensor,
  variance: Tensor,
  options: BatchNormOptions = {},
): Tensor {
  const plan = planned("batchNorm", x, { gamma, beta, mean, variance }, options);
  return eager("batchNorm", { x, gamma, beta, mean, variance }, (run) => {
    const invStd = run.scratch(plan.statisticsBytes);
    computeBatchNormInvStd(run.kernels, { variance: variance.pointer, invStd }, plan);
    return normalise(run, x, { gamma: gamma.pointer, beta: beta.pointer, mean: mean.pointer, invStd }, plan);
  });
}

/** Gradients of the inputs of a batch norm. */
export interface BatchNormGradients {
  /** Of the shape of x. */
  readonly dx: Tensor;
  /** [C] */
  readonly dgamma: Tensor;
  /** [C] */
  readonly dbeta: Tensor;
}

/**
 * The gradients of `batchNorm`: dx = dy gamma / sqrt(variance + epsilon), dgamma = sum dy (x - mean) / sqrt(variance + epsilon),
 * dbeta = sum dy; the statistics are constants.
 *
 * @returns dx of the shape of x, dgamma and dbeta [C]
 * @example
 * const [gamma, mean, variance] = [full([1], 2), full([1], 5), full([1], 4)];
 * const { dbeta } = ops.batchNormBackward(full([2, 1], 1), tensor([[5], [9]]), gamma, mean, variance);
 * dbeta.toArray(); // [2]
 */
export function batchNormBackward(
  dy: Tensor,
  x: Tensor,
  gamma: Tensor,
  mean: Tensor,
  variance: Tensor,
  options: BatchNormOptions = {},
): BatchNormGradients {
  const op = "batchNormBackward";
  const plan = planned(op, x, { gamma, mean, variance }, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, gamma, mean, variance }, (run) => {
    const invStd = run.scratch(plan.statisticsBytes);
    computeBatchNormInvStd(run.kernels, { variance: variance.pointer, invStd }, plan);
    return gradients(run, dy, x, gamma, { mean: mean.pointer, invStd }, plan, true);
  });
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167) with the statistics of x itself, as in training: the mean and the
 * biased variance of each channel over all other axes. The running variance takes the biased one too, as Keras and tfjs do;
 * PyTorch's takes m / (m - 1) times it. NaN makes its whole channel NaN, in the running statistics too.
 *
 * @param x [...,C]
 * @param gamma [C]
 * @param beta [C]
 * @returns the shape of x
 * @throws ShapeError where the shapes do not fit; ArgumentError unless epsilon > 0 and momentum lies in [0, 1].
 * @example
 * const running = { mean: zeros([1]), variance: full([1], 1) };
 * const y = ops.batchNormTraining(tensor([[2], [4]]), full([1], 1), zeros([1]), { running, momentum: 0.5 }); // [2,1]
 * running.mean.toArray(); // [1.5]
 */
export function batchNormTraining(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: BatchNormTrainingOptions = {},
): Tensor {
  const { running } = options;
  const plan = planned("batchNormTraining", x, { gamma, beta, ...running }, options);
  return eager("batchNormTraining", { x, gamma, beta, ...running }, (run) => {
    const statistics = computed(run, x, plan, running);
    return normalise(run, x, { gamma: gamma.pointer, beta: beta.pointer, ...statistics }, plan);
  });
}

/**
 * The gradients of `batchNormTraining`, through the statistics too: dx = gamma / std (dy - mean(dy) - z mean(dy z)), dgamma =
 * sum dy z, dbeta = sum dy, z = (x - mean) / std; these are computed again from x.
 *
 * @returns dx of the shape of x, dgamma and dbeta [C]
 * @example
 * const { dx, dgamma, dbeta } = ops.batchNormTrainingBackward(full([2, 1], 1), tensor([[2], [4]]), full([1], 1));
 * dbeta.toArray(); // [2]
 */
export function batchNormTrainingBackward(
  dy: Tensor,
  x: Tensor,
  gamma: Tensor,
  options: BatchNormOptions = {},
): BatchNormGradients {
  const op = "batchNormTrainingBackward";
  const plan = planned(op, x, { gamma }, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, gamma }, (run) => {
    return gradients(run, dy, x, gamma, computed(run, x, plan), plan, false);
  });
}

/** Checks that all of `vectors` are [C]. */
function planned(
  op: string,
  x: Tensor,
  vectors: Readonly<Record<string, Tensor>>,
  options: BatchNormTrainingOptions,
): BatchNormPlan {
  const plan = inferBatchNorm(op, shapeOf(op, "x", x), options);
  for (const [name, vector] of Object.entries(vectors)) expectShape(op, name, shapeOf(op, name, vector), [plan.c]);
  return plan;
}

function computed(run: Eager, x: Tensor, plan: BatchNormPlan, running?: BatchNormTrainingOptions["running"]) {
  const [mean, invStd] = [run.scratch(plan.statisticsBytes), run.scratch(plan.statisticsBytes)];
  const [runningMean, runningVariance] = [running?.mean.pointer ?? 0, running?.variance.pointer ?? 0];
  const scratch = run.scratch(plan.scratchBytes);
  computeBatchNormStatistics(run.kernels, { x: x.pointer, mean, invStd, runningMean, runningVariance, scratch }, plan);
  return { mean, invStd };
}

function normalise(
  run: Eager,
  x: Tensor,
  at: Pointers<"gamma" | "beta" | "mean" | "invStd">,
  plan: BatchNormPlan,
): Tensor {
  const y = run.output(plan.output);
  const folded = run.scratch(plan.foldedBytes);
  foldBatchNorm(run.kernels, { ...at, folded }, plan);
  forwardBatchNorm(run.kernels, { x: x.pointer, folded, y: y.pointer }, plan);
  return y;
}

function gradients(
  run: Eager,
  dy: Tensor,
  x: Tensor,
  gamma: Tensor,
  statistics: Pointers<"mean" | "invStd">,
  plan: BatchNormPlan,
  frozen: boolean,
): BatchNormGradients {
  const dx = run.output(x.shape);
  const [dgamma, dbeta] = [run.zeros([plan.c]), run.zeros([plan.c])];
  const at = { dy: dy.pointer, x: x.pointer, gamma: gamma.pointer, ...statistics, dx: dx.pointer };
  const scratch = run.scratch(plan.scratchBytes);
  backwardBatchNorm(run.kernels, { ...at, dgamma: dgamma.pointer, dbeta: dbeta.pointer, scratch }, plan, frozen);
  return { dx, dgamma, dbeta };
}
