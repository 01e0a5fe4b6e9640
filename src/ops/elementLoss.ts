/** Losses that are sums over elements: each looks at one prediction and its target. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LossOptions } from "./crossEntropy.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `huber` takes. */
export interface HuberOptions {
  /** From here on the loss grows in a straight line. Default 1. */
  delta?: number;
}

/** What `binaryCrossentropy` takes. */
export interface BinaryOptions {
  /** The predictions are logits: sigmoid(x) is the probability. Default false. */
  fromLogits?: boolean;
}

/** What `categoricalFocalCrossentropy` takes. */
export interface FocalOptions {
  /** How much less a sure prediction counts. Default 2. */
  gamma?: number;
  /** The weight of targets that are 1. Default 0.25. */
  alpha?: number;
}

/** What `binaryFocalCrossentropy` takes. */
export interface BinaryFocalOptions extends BinaryOptions, FocalOptions {
  /** Weigh targets 1 by alpha and 0 by 1 - alpha. Default false: alpha is not used. */
  applyClassBalancing?: boolean;
}

type Options = HuberOptions & BinaryFocalOptions;

/** Each loss: its number in assembly/elementLoss.ts (that from logits behind it), and whether it is a sum over the last axis. */
const LOSSES = {
  meanSquaredError: { kinds: [0] },
  meanAbsoluteError: { kinds: [1] },
  huber: { kinds: [2] },
  hinge: { kinds: [3] },
  squaredHinge: { kinds: [4] },
  binaryCrossentropy: { kinds: [5, 6] },
  binaryFocalCrossentropy: { kinds: [5, 6] },
  categoricalFocalCrossentropy: { kinds: [7], sums: true },
  klDivergence: { kinds: [8], sums: true },
} as const;
export type ElementLossName = keyof typeof LOSSES;

export interface ElementLossPlan {
  readonly output: Shape;
  /** Samples, and elements of a sample. */
  readonly m: number;
  readonly c: number;
  readonly kind: number;
  /** What the sum over a sample is multiplied with: 1 / C for a mean. */
  readonly unit: number;
  /** What gradients are multiplied with: unit / M. */
  readonly scale: number;
  /** delta or gamma, and the weights of targets 1 and 0. */
  readonly settings: readonly [number, number, number];
  readonly lossesBytes: number;
}

/** The shape rule: x [M,...], targets of the same shape, weights [M] or null. */
export function inferElementLoss(
  op: string,
  name: ElementLossName,
  x: Shape,
  targets: Shape,
  options: Options = {},
  weights: Shape | null = null,
): ElementLossPlan {
  if (x.length === 0) throw new ShapeError(`${op}: x must have at least one axis, got ${show(x)}`);
  expectShape(op, "targets", targets, x);
  const m = x[0];
  if (weights !== null) expectShape(op, "weights", weights, [m]);
  const { kinds, sums = false }: { kinds: readonly number[]; sums?: boolean } = LOSSES[name];
  const unit = (sums ? x[x.length - 1] : 1) / (sizeOf(x) / m);
  const kind = kinds[options.fromLogits ? 1 : 0];
  const settings = settingsOf(op, name, options);
  return { output: x, m, c: sizeOf(x) / m, kind, unit, scale: unit / m, settings, lossesBytes: m * 4 };
}

function settingsOf(op: string, name: ElementLossName, options: Options): readonly [number, number, number] {
  const { delta = 1, gamma = 2, alpha = 0.25, applyClassBalancing = false } = options;
  if (!(delta > 0 && Number.isFinite(delta))) {
    throw new ArgumentError(`${op}: delta must be a number > 0, got ${show(delta)}`);
  }
  if (!(gamma >= 0 && Number.isFinite(gamma))) {
    throw new ArgumentError(`${op}: gamma must be a number >= 0, got ${show(gamma)}`);
  }
  if (!(alpha >= 0 && alpha <= 1)) throw new ArgumentError(`${op}: alpha must lie in [0, 1], got ${show(alpha)}`);
  if (name === "huber") return [delta, 1, 1];
  if (name === "categoricalFocalCrossentropy") return [gamma, alpha, 0];
  if (name !== "binaryFocalCrossentropy") return [0, 1, 1];
  return applyClassBalancing ? [gamma, alpha, 1 - alpha] : [gamma, 1, 1];
}

export interface Pointers {
  readonly x: number;
  readonly targets: number;
  /** f32 [M]; 0 where each sample counts 1. */
  readonly weights: number;
  /** f32 [M], written: weight * loss of each sample. Their sum / M is the loss. */
  readonly losses: number;
}

/** x, targets -> losses. */
export function forwardElementLoss(kernels: Kernels, at: Pointers, plan: ElementLossPlan): void {
  backwardElementLoss(kernels, { ...at, dx: 0 }, plan);
}

/** x, targets -> losses and dx (written; may be x) in one pass. */
export function backwardElementLoss(kernels: Kernels, at: Pointers & { dx: number }, plan: ElementLossPlan): void {
  const { m, c, kind, unit, scale, settings } = plan;
  kernels.elementLoss(at.x, at.targets, at.weights, at.losses, at.dx, m, c, kind, unit, scale, ...settings);
}

/** Runs a loss over tensors. */
export function runLoss(
  op: string,
  inputs: { x: Tensor; targets: Tensor; weights: Tensor | null },
  { m, lossesBytes }: { m: number; lossesBytes: number },
  compute: (kernels: Kernels, at: Pointers & { dx: number }) => void,
): LossResult {
  const { x, targets, weights } = inputs;
  return eager(op, inputs, (run) => {
    const dx = run.output(x.shape);
    const losses = run.scratch(lossesBytes);
    const at = { x: x.pointer, targets: targets.pointer, weights: weights?.pointer ?? 0, losses, dx: dx.pointer };
    compute(run.kernels, at);
    return { loss: run.kernels.sum(losses, m) / m, dx };
  });
}

/** What a loss gives: the mean over samples (with weights [M]: sum(weight * loss) / M), and its gradient. */
export interface LossResult {
  /** The mean over samples. */
  loss: number;
  /** The shape of x. */
  dx: Tensor;
}

function run(name: ElementLossName, x: Tensor, targets: Tensor, options: Options & LossOptions): LossResult {
  const { weights = null } = options;
  const weightsShape = weights === null ? null : shapeOf(name, "weights", weights);
  const shapes = [shapeOf(name, "x", x), shapeOf(name, "targets", targets)] as const;
  const plan = inferElementLoss(name, name, ...shapes, options, weightsShape);
  return runLoss(name, { x, targets, weights }, plan, (kernels, at) => backwardElementLoss(kernels, at, plan));
}

/**
 * mean((x - targets)^2) over all elements (least squares, Legendre 1805). Its gradient is 2 (x - targets) / size. NaN makes the
 * loss NaN.
 *
 * @param x [M,...]
 * @param targets the shape of x
 * @returns the loss, and dx of the shape of x
 * @throws ShapeError where the shapes do not fit.
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * ops.meanSquaredError(prediction, targets).loss; // 0.25
 */
export function meanSquaredError(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("meanSquaredError", x, targets, options);
}

/**
 * mean(|x - targets|) over all elements (least absolute deviations). Its gradient is sign(x - targets) / size, 0 where they are
 * equal. As meanSquaredError otherwise.
 *
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * ops.meanAbsoluteError(prediction, targets).loss; // 0.5
 */
export function meanAbsoluteError(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("meanAbsoluteError", x, targets, options);
}

/**
 * d^2 / 2 for |d| <= delta, delta (|d| - delta / 2) beyond, d = x - targets (Huber 1964); the mean over all elements. Its
 * gradient is d kept within [-delta, delta], over size.
 *
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * ops.huber(prediction, targets, { delta: 1 }).loss; // 0.125
 */
export function huber(x: Tensor, targets: Tensor, options: HuberOptions & LossOptions = {}): LossResult {
  return run("huber", x, targets, options);
}

/**
 * mean(max(1 - t x, 0)), t = 1 where a target is above 0 and -1 elsewhere (Cortes & Vapnik 1995). Its gradient is -t / size, 0
 * from the kink on.
 *
 * @example
 * ops.hinge(tensor([[0.5, -0.5]]), tensor([[1, -1]])).loss; // 0.5
 */
export function hinge(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("hinge", x, targets, options);
}

/**
 * mean(max(1 - t x, 0)^2), t = 1 where a target is above 0 and -1 elsewhere (Tang 2013, arXiv 1306.0239). Its gradient is -2 t
 * max(1 - t x, 0) / size.
 *
 * @example
 * ops.squaredHinge(tensor([[0.5, -0.5]]), tensor([[1, -1]])).loss; // 0.25
 */
export function squaredHinge(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("squaredHinge", x, targets, options);
}

/**
 * -mean(t ln p + (1 - t) ln(1 - p)) over all elements (Bishop 2006, 4.3.2), p = x kept within [1e-7, 1 - 1e-7], outside of which
 * the gradient is 0; with `fromLogits` p = sigmoid(x), computed so that neither end overflows. Its gradient is ((1 - t) / (1 -
 * p) - t / p) / size, of logits (p - t) / size.
 *
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * const { loss, dx } = ops.binaryCrossentropy(prediction, targets);
 * dx.shape; // [1,2]
 */
export function binaryCrossentropy(x: Tensor, targets: Tensor, options: BinaryOptions & LossOptions = {}): LossResult {
  return run("binaryCrossentropy", x, targets, options);
}

/**
 * Binary cross-entropy times q^gamma, q = t (1 - p) + (1 - t) p: what is sure already counts less (Lin et al. 2017, arXiv
 * 1708.02002). Its gradient is that of the product, of both of its factors.
 *
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * const { loss, dx } = ops.binaryFocalCrossentropy(prediction, targets);
 * dx.shape; // [1,2]
 */
export function binaryFocalCrossentropy(
  x: Tensor,
  targets: Tensor,
  options: BinaryFocalOptions & LossOptions = {},
): LossResult {
  return run("binaryFocalCrossentropy", x, targets, options);
}

/**
 * -alpha sum(t (1 - p)^gamma ln p) over the last axis, the mean over all others (Lin et al. 2017, arXiv 1708.02002); p as in
 * binaryCrossentropy, not normalized. Its gradient is alpha t (1 - p)^gamma (gamma ln p / (1 - p) - 1 / p) over the number of
 * rows.
 *
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * const { loss, dx } = ops.categoricalFocalCrossentropy(prediction, targets);
 * dx.shape; // [1,2]
 */
export function categoricalFocalCrossentropy(
  x: Tensor,
  targets: Tensor,
  options: FocalOptions & LossOptions = {},
): LossResult {
  return run("categoricalFocalCrossentropy", x, targets, options);
}

/**
 * sum(t ln(t / x)) over the last axis, the mean over all others; both kept within [1e-7, 1] (Kullback & Leibler 1951). Its
 * gradient is -t / x over the number of rows.
 *
 * @example
 * const [prediction, targets] = [tensor([[0.5, 0.5]]), tensor([[0, 1]])];
 * const { loss, dx } = ops.klDivergence(prediction, targets);
 * dx.shape; // [1,2]
 */
export function klDivergence(x: Tensor, targets: Tensor, options: LossOptions = {}): LossResult {
  return run("klDivergence", x, targets, options);
}
