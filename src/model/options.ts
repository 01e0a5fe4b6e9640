/** What the functions of a model take. */
import type { SymbolicTensor } from "../layers/symbolic.ts";
import type { LossFunction } from "../losses/custom.ts";
import type { Loss } from "../losses/loss.ts";
import type { LossName } from "../losses/registry.ts";
import type { MetricFunction } from "../metrics/custom.ts";
import type { Metric } from "../metrics/metric.ts";
import type { MetricName } from "../metrics/registry.ts";
import type { Precision } from "../ops/conv2d.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { OptimizerName } from "../optimizers/registry.ts";
import type { Samples } from "../tensor/samples.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Batch, Source } from "../tensor/source.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { WeightOptions } from "./batches.ts";
import type { LoopOptions } from "./fit.ts";

/** What every model takes. */
export interface ModelOptions {
  /** First weights, sample order and dropout follow from it. A whole number from 0 to 2^53 - 1. Default 0. */
  seed?: number;
  /** "high" never computes convolutions by Winograd's F(4x4), whose error is about twice that of a plain sum. Default "default". */
  precision?: Precision;
}

/** Every option of a model. */
export const MODEL_OPTIONS: Readonly<Record<keyof ModelOptions, true>> = { seed: true, precision: true };

/** What `sequential` takes. */
export interface SequentialOptions extends ModelOptions {
  /** Shape of one sample, without the batch: [H,W,C] for images. */
  inputShape: Shape;
}

/** What `model` takes. */
export interface GraphOptions extends ModelOptions {
  /** From `input()`: one, or an array. */
  inputs: SymbolicTensor | readonly SymbolicTensor[];
  /** What layers made of them: one, or an array. */
  outputs: SymbolicTensor | readonly SymbolicTensor[];
}

/** What `compile` takes. */
export interface CompileOptions {
  /** Default "adam". */
  optimizer?: Optimizer | OptimizerName;
  /** A name, what `losses` makes, or a function of your own. */
  loss: LossName | Loss | LossFunction;
  /** Names, what `metrics` makes, or functions of your own. Default none. */
  metrics?: readonly (MetricName | Metric | MetricFunction)[];
}

/** What `fit` takes. */
export interface FitOptions extends LoopOptions, WeightOptions {
  /** Default 32; the batches of an iterable are taken as they come. */
  batchSize?: number;
  /** Samples and targets on which each epoch is judged, or an iterable of batches of them. */
  validationData?: readonly [x: Samples, y: Samples] | Source<Batch>;
  /** Or the last part of the samples, from 0 to 1, kept out of training. */
  validationSplit?: number;
}

/** Every option of fit. */
export const FIT_OPTIONS: Readonly<Record<keyof FitOptions, true>> = {
  epochs: true,
  batchSize: true,
  shuffle: true,
  validationData: true,
  validationSplit: true,
  classWeight: true,
  sampleWeight: true,
  earlyStopping: true,
  reduceLROnPlateau: true,
  onBatchEnd: true,
  onEpochEnd: true,
  signal: true,
  resume: true,
};

/** What `predict` takes. */
export interface PredictOptions {
  /** Write here instead of into a new tensor. */
  into?: Tensor;
  /** Samples computed at once; bounds the memory, and may change the last bits. Default 128. */
  batchSize?: number;
}

/** What `predictAll` takes. */
export interface PredictAllOptions {
  /** Write here instead of into new tensors, one for each output. */
  into?: readonly Tensor[];
  /** Samples computed at once; bounds the memory, and may change the last bits. Default 128. */
  batchSize?: number;
}
