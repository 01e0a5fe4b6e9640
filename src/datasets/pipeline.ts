/**
 * From samples to the batches that `fit` takes, one after the other: each step asks the one before it for as much as it needs, and
 * holds no more. All follow from epoch and seed alone, so that a resumed training finds the same batches again.
 */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { NumberArray, Samples } from "../tensor/samples.ts";
import { whole } from "../tensor/shape.ts";
import { type Batch, isBatch, type Source, valuesOf } from "../tensor/source.ts";
import { type NestedArray, Tensor } from "../tensor/tensor.ts";

/** One sample, with its target where it is known. */
export interface Sample {
  /** Its numbers. */
  readonly x: Tensor | NumberArray | NestedArray;
  /** A class or a number, or several. */
  readonly y?: Tensor | NumberArray | NestedArray;
  /** How much it counts in the loss. */
  readonly sampleWeight?: number;
}

/** What a step makes: the values for an epoch, when they are asked for. */
export type EpochValues<T> = (epoch: number) => AsyncGenerator<T, void, undefined>;

/**
 * The samples of arrays that are in memory, as something to shuffle, map and batch. Typed arrays are not copied.
 *
 * @param count how many; may be left out where x is a tensor or a list, which tell
 * @throws ArgumentError where the arrays are not as many samples.
 * @example
 * const [images, labels] = [new Uint8Array(100 * 784), new Uint8Array(100)];
 * const batches = datasets.batch(datasets.samples({ x: images, y: labels }, 100), { batchSize: 32 });
 */
export function samples(all: Batch, count?: number): Iterable<Sample> {
  if (!isBatch(all)) throw new ArgumentError(`samples: must be an object { x, y } of arrays, got ${show(all)}`);
  const n = whole("samples", "count", count ?? countOf(all.x));
  const parts = (["x", "y", "sampleWeight"] as const).flatMap((name) => {
    const values = all[name];
    return values === undefined ? [] : [[name, partOf(name, values, n)] as const];
  });
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < n; i++) yield Object.fromEntries(parts.map(([name, part]) => [name, part(i)])) as never;
    },
  };
}

/** How many samples there are, where the form tells. */
function countOf(data: Samples): number | undefined {
  return data instanceof Tensor ? data.shape[0] : Array.isArray(data) ? data.length : undefined;
}

/** What cuts sample i of n out of data. */
function partOf(name: string, data: Samples | ArrayLike<number>, n: number): (i: number) => unknown {
  const told = countOf(data as Samples);
  const values = data instanceof Tensor ? data : (data as ArrayLike<number>);
  const size = (values instanceof Tensor ? values.size : values.length) / n;
  if ((told !== undefined && told !== n) || !(Number.isInteger(size) && size > 0)) {
    const got = told === undefined ? `${show(values)}` : `${told}`;
    throw new ArgumentError(`samples: ${name} must hold ${n} samples, got ${got}`);
  }
  if (values instanceof Tensor) return (i) => values.data.slice(i * size, (i + 1) * size); // growth detaches views
  if (told !== undefined || size === 1) return (i) => values[i];
  return (i) => (values as Float32Array).subarray(i * size, (i + 1) * size);
}

/**
 * What a function makes of each value, which may be a promise.
 *
 * @param change is given a value and its number
 * @example
 * const halves = datasets.map([{ x: [2, 4], y: 1 }], ({ x, y }) => ({ x: x.map((value) => value / 2), y }));
 */
export function map<T, R>(source: Source<T>, change: (value: T, index: number) => R | Promise<R>): EpochValues<R> {
  if (typeof change !== "function") throw new ArgumentError(`map: change must be a function, got ${show(change)}`);
  return async function* (epoch) {
    let index = 0;
    for await (const value of valuesOf("map", source, epoch)) yield await change(value, index++);
  };
}

/**
 * The first `count` values, where there are so many: an end for what has none.
 *
 * @example
 * const three = datasets.take([{ x: [1] }, { x: [2] }, { x: [3] }, { x: [4] }], 3);
 */
export function take<T>(source: Source<T>, count: number): EpochValues<T> {
  whole("take", "count", count);
  return async function* (epoch) {
    let left = count;
    for await (const value of valuesOf("take", source, epoch)) {
      yield value;
      left--;
      if (left === 0) return;
    }
  };
}

/** What `shuffle` takes. */
export interface ShuffleOptions {
  /** How many values wait at once for their turn: as many as there are for all orders to be equally likely. */
  bufferSize: number;
  /** The order follows from it and the epoch. A whole number from 0 to 2^53 - 1. Default 0. */
  seed?: number;
}

/**
 * The values in another order in every epoch, as far as a buffer of some of them allows: each time a random one of it leaves, and the
 * next value comes in (TensorFlow Dataset.shuffle).
 *
 * @example
 * const read = (epoch: number) => [{ x: [1], y: 0 }, { x: [2], y: 1 }]; // or files, one by one
 * const batches = datasets.batch(datasets.shuffle(read, { bufferSize: 1000, seed: 1 }), { batchSize: 32 });
 */
export function shuffle<T>(source: Source<T>, options: ShuffleOptions): EpochValues<T> {
  checkOptions("shuffle", options, { bufferSize: true, seed: true });
  const bufferSize = whole("shuffle", "bufferSize", options.bufferSize);
  const seeded = new SeededRandom(options.seed ?? 0).fork("datasets.shuffle");
  return async function* (epoch) {
    const random = seeded.fork(epoch);
    const buffer: T[] = [];
    for await (const value of valuesOf("shuffle", source, epoch)) {
      if (buffer.length < bufferSize) {
        buffer.push(value);
        continue;
      }
      const i = random.integer(bufferSize);
      const leaving = buffer[i];
      buffer[i] = value;
      yield leaving;
    }
    for (const i of random.permutation(buffer.length)) yield buffer[i];
  };
}

/** What `batch` takes. */
export interface BatchOptions {
  /** Samples in each batch. */
  batchSize: number;
  /** Leave out what is too little for a last batch. Default false. */
  dropRemainder?: boolean;
}

/**
 * Samples put together to batches.
 *
 * @example
 * async function* read() { // or fetch, or read files: one sample at a time
 *   for (let i = 0; i < 70; i++) yield { x: new Float32Array(4), y: i % 2 };
 * }
 * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
 * model.compile({ loss: "sparseCategoricalCrossentropy" });
 * await model.fit(datasets.batch(read, { batchSize: 32 }), { epochs: 2 }); // 3 batches each
 */
export function batch(source: Source<Sample>, options: BatchOptions): EpochValues<Batch> {
  checkOptions("batch", options, { batchSize: true, dropRemainder: true });
  const batchSize = whole("batch", "batchSize", options.batchSize);
  const { dropRemainder = false } = options;
  return async function* (epoch) {
    let waiting: Sample[] = [];
    for await (const sample of valuesOf("batch", source, epoch)) {
      if (!isBatch(sample)) throw new ArgumentError(`batch: a sample must be an object { x, y }, got ${show(sample)}`);
      waiting.push(sample);
      if (waiting.length < batchSize) continue;
      yield together(waiting);
      waiting = [];
    }
    if (waiting.length > 0 && !dropRemainder) yield together(waiting);
  };
}

function together(all: readonly Sample[]): Batch {
  const [{ y, sampleWeight }] = all;
  const list = (name: keyof Sample) => all.map((sample) => sample[name]) as never;
  return {
    x: list("x"),
    ...(y === undefined ? {} : { y: list("y") }),
    ...(sampleWeight === undefined ? {} : { sampleWeight: list("sampleWeight") }),
  };
}
