/** Samples with their targets, cut into batches. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Loss } from "../losses/loss.ts";
import { argMax } from "../metrics/metric.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { SeededRandom } from "../tensor/random.ts";
import { indicesOf, Rows, type Samples } from "../tensor/samples.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { BatchesOfEpoch, TrainingBatch } from "./fit.ts";
import type { Feed } from "./trainer.ts";

/** The weight of each class in the loss, by its index. Classes without one weigh 1. */
export type ClassWeights = Readonly<Record<number, number>>;

/** How much samples count. */
export interface WeightOptions {
  /** Factors by class index. Default 1. */
  classWeight?: ClassWeights;
  /** How much each sample counts in the loss, one number >= 0 for each. */
  sampleWeight?: ArrayLike<number>;
}

export interface BatchesOptions extends WeightOptions {
  readonly batchSize: number;
  /** Of the order of samples; they come as they stand without. */
  readonly seed?: number;
}

/** What batches are checked against. */
export interface Expected {
  readonly runtime: Runtime;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly loss: Loss;
}

export class Batches implements BatchesOfEpoch {
  readonly #x: Rows;
  readonly #y: Rows;
  readonly #from: number;
  readonly #options: BatchesOptions;
  readonly #expected: Expected;
  /** Samples. */
  readonly count: number;

  /** @param range the part of the samples that is used. */
  constructor(
    op: string,
    x: Samples,
    y: Samples,
    expected: Expected,
    options: BatchesOptions,
    range: readonly [number, number] = [0, 1],
  ) {
    const { batchSize } = options;
    checkBatchSize(op, batchSize);
    const indices = expected.loss.targets === "indices";
    const { inputShape, outputShape, runtime } = expected;
    this.#x = new Rows(op, "x", x, inputShape, runtime);
    refuseOtherTargets(op, y, this.#x.count, expected);
    this.#y = new Rows(op, "y", y, indices ? outputShape.slice(0, -1) : outputShape, runtime);
    if (this.#x.count !== this.#y.count) {
      throw new ShapeError(`${op}: x holds ${this.#x.count} samples, but y ${this.#y.count}`);
    }
    if (indices) checkIndices(op, this.#y, outputShape);
    checkWeights(op, options, this.#x.count, expected);
    const [first, end] = range.map((part) => Math.round(part * this.#x.count));
    this.#from = first;
    this.count = end - first;
    if (this.count < 1) {
      const use = first === 0 ? "train on" : "judge by";
      throw new ArgumentError(`${op}: validationSplit leaves none of ${this.#x.count} samples to ${use}`);
    }
    this.#options = options;
    this.#expected = expected;
  }

  /** Batches; the last may be smaller. */
  get batches(): number {
    return Math.ceil(this.count / this.#options.batchSize);
  }

  /** All samples in the order they have. */
  get all(): Int32Array {
    return indicesOf(this.count);
  }

  /** All samples, shuffled where there is a seed: the order follows from it and the epoch, so that a resumed training finds it again. */
  *epoch(epoch: number, first: number): Generator<TrainingBatch, void, undefined> {
    const { batchSize, seed } = this.#options;
    const order =
      seed === undefined ? this.all : new SeededRandom(seed).fork("shuffle").fork(epoch).permutation(this.count);
    for (let from = first * batchSize; from < this.count; from += batchSize) {
      const indices = order.subarray(from, Math.min(from + batchSize, this.count));
      yield { count: indices.length, feed: this.feed(indices) };
    }
  }

  /** Copies the samples with these indices into a program. */
  feed(indices: Int32Array): Feed {
    const shifted = this.#from === 0 ? indices : indices.map((i) => i + this.#from);
    return ({ x, targets, weights }) => {
      this.#x.gather(shifted, x);
      this.#y.gather(shifted, targets);
      this.#weigh(shifted, targets, weights);
    };
  }

  #weigh(samples: Int32Array, targets: ArrayLike<number>, weights: Float32Array): void {
    const { classWeight, sampleWeight } = this.#options;
    const columns = targets.length / weights.length;
    const isIndex = this.#expected.loss.targets === "indices";
    const classOf = (i: number) => {
      if (isIndex) return targets[i];
      return columns === 1 ? Number(targets[i] > 0.5) : argMax(targets, i * columns, columns);
    };
    for (let i = 0; i < weights.length; i++) {
      weights[i] = (sampleWeight?.[samples[i]] ?? 1) * (classWeight?.[classOf(i)] ?? 1);
    }
  }
}

/** Throws ArgumentError unless a batch can have this size. */
export function checkBatchSize(op: string, batchSize: number): void {
  if (Number.isInteger(batchSize) && batchSize >= 1) return;
  throw new ArgumentError(`${op}: batchSize must be a whole number >= 1, got ${show(batchSize)}`);
}

function checkWeights(op: string, options: WeightOptions, samples: number, { loss, outputShape }: Expected): void {
  const { classWeight, sampleWeight } = options;
  if (classWeight === undefined && sampleWeight === undefined) return;
  if (loss.config === undefined) {
    throw new ArgumentError(`${op}: the loss ${show(loss.name)} is a function of your own, which sees no weights`);
  }
  if (classWeight !== undefined) {
    if (outputShape.length !== 1) {
      throw new ArgumentError(`${op}: classWeight needs a class per sample, but outputs are ${show(outputShape)}`);
    }
    checkClassWeight(op, classWeight, Math.max(sizeOf(outputShape), 2));
  }
  if (sampleWeight !== undefined) checkSampleWeight(op, sampleWeight, samples);
}

function checkSampleWeight(op: string, weights: ArrayLike<number>, samples: number): void {
  if (weights?.length !== samples) {
    const got = weights?.length ?? show(weights);
    throw new ShapeError(`${op}: sampleWeight must hold ${samples} numbers, one per sample, got ${got}`);
  }
  for (let i = 0; i < samples; i++) {
    if (Number.isFinite(weights[i]) && weights[i] >= 0) continue;
    throw new ArgumentError(`${op}: sampleWeight[${i}] must be a number >= 0, got ${show(weights[i])}`);
  }
}

function checkClassWeight(op: string, weights: ClassWeights, classes: number): void {
  if (typeof weights !== "object" || weights === null) {
    throw new ArgumentError(`${op}: classWeight must be an object such as { 0: 1, 1: 5 }, got ${show(weights)}`);
  }
  for (const [key, weight] of Object.entries(weights)) {
    if (!(Number(key) >= 0 && Number(key) < classes)) {
      throw new ArgumentError(`${op}: classWeight must name classes from 0 to ${classes - 1}, got ${show(key)}`);
    }
    if (Number.isFinite(weight) && weight >= 0) continue;
    throw new ArgumentError(`${op}: classWeight[${key}] must be a number >= 0, got ${show(weight)}`);
  }
}

/** One-hot targets where class indices belong, and the other way round: the message tells which loss takes them. */
function refuseOtherTargets(op: string, y: Samples, count: number, { loss, outputShape }: Expected): void {
  const [classes] = outputShape;
  if (typeof y !== "object" || y === null || outputShape.length !== 1 || classes === 1) return;
  const shape = sizesOf(y);
  const rows = shape.length === 1 ? shape[0] === count * classes : shape[0] === count && shape[1] === classes;
  if (loss.name === "sparseCategoricalCrossentropy" && rows) {
    throw new ShapeError(
      `${op}: y holds rows of ${classes}, but the loss "${loss.name}" takes a class index per sample; for one-hot targets use "categoricalCrossentropy"`,
    );
  }
  if (loss.name === "categoricalCrossentropy" && shape.length === 1 && shape[0] === count) {
    throw new ShapeError(
      `${op}: y holds one value per sample, but the loss "${loss.name}" takes rows of ${classes}; for class indices use "sparseCategoricalCrossentropy"`,
    );
  }
}

/** How many samples there are and, where they are nested, how many values the first has. */
function sizesOf(y: Samples): Shape {
  if ("shape" in y) return y.shape;
  const first = y[0] as Partial<ArrayLike<number>>;
  return typeof first === "object" && first?.length !== undefined ? [y.length, first.length] : [y.length];
}

/** Kernels index with labels, so each must be a class. */
function checkIndices(op: string, labels: Rows, outputShape: Shape): void {
  const classes = outputShape[outputShape.length - 1];
  const positions = sizeOf(outputShape) / classes;
  for (let i = 0; i < labels.count * positions; i++) {
    const label = labels.at(i);
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new ArgumentError(`${op}: y[${i}] must be a class from 0 to ${classes - 1}, got ${show(label)}`);
  }
}
