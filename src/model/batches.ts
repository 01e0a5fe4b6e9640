/** Samples with their targets, cut into batches. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Loss } from "../losses/loss.ts";
import { argMax } from "../metrics/accuracy.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { indicesOf, Rows, type Samples } from "./samples.ts";
import type { Feed } from "./trainer.ts";

/** The weight of each class in the loss, by its index. Classes without one weigh 1. */
export type ClassWeights = Readonly<Record<number, number>>;

export interface BatchesOptions {
  readonly batchSize: number;
  readonly classWeight?: ClassWeights;
}

/** What batches are checked against. */
export interface Expected {
  readonly runtime: Runtime;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly loss: Loss;
}

export class Batches {
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
    this.#y = new Rows(op, "y", y, indices ? [] : outputShape, runtime);
    if (this.#x.count !== this.#y.count) {
      throw new ShapeError(`${op}: x holds ${this.#x.count} samples, but y ${this.#y.count}`);
    }
    if (indices) checkIndices(op, y, this.#y.count, expected.outputShape);
    if (options.classWeight !== undefined) checkClassWeight(op, options.classWeight, sizeOf(outputShape));
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

  /** The samples of a batch, in this order of all. */
  indices(order: Int32Array, batch: number): Int32Array {
    const first = batch * this.#options.batchSize;
    return order.subarray(first, Math.min(first + this.#options.batchSize, this.count));
  }

  /** Copies the samples with these indices into a program. */
  feed(indices: Int32Array): Feed {
    const shifted = this.#from === 0 ? indices : indices.map((i) => i + this.#from);
    return ({ x, targets, weights }) => {
      this.#x.gather(shifted, x);
      this.#y.gather(shifted, targets);
      this.#weigh(targets, weights);
    };
  }

  #weigh(targets: ArrayLike<number>, weights: Float32Array): void {
    const { classWeight } = this.#options;
    if (classWeight === undefined) {
      weights.fill(1);
      return;
    }
    const columns = targets.length / weights.length;
    const isIndex = this.#expected.loss.targets === "indices";
    for (let i = 0; i < weights.length; i++) {
      weights[i] = classWeight[isIndex ? targets[i] : argMax(targets, i * columns, columns)] ?? 1;
    }
  }
}

/** Throws ArgumentError unless a batch can have this size. */
export function checkBatchSize(op: string, batchSize: number): void {
  if (Number.isInteger(batchSize) && batchSize >= 1) return;
  throw new ArgumentError(`${op}: batchSize must be a whole number >= 1, got ${show(batchSize)}`);
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
  const first: unknown = y[0];
  return Array.isArray(first) ? [y.length, first.length] : [y.length];
}

/** Kernels index with labels, so each must be a class. */
function checkIndices(op: string, y: Samples, count: number, outputShape: Shape): void {
  const classes = outputShape[outputShape.length - 1];
  const labels = "shape" in y ? y.data : (y as ArrayLike<number>);
  for (let i = 0; i < count; i++) {
    const label = labels[i];
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new ArgumentError(`${op}: y[${i}] must be a class from 0 to ${classes - 1}, got ${show(label)}`);
  }
}
