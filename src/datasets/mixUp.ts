/** Batches whose samples are blended with each other, on their way into a model. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { type MixUpOptions as Blend, mixUp as blend } from "../ops/mixUp.ts";
import { flatten } from "../ops/reshape.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { NumberArray, Samples } from "../tensor/samples.ts";
import { type Batch, isBatch, type Source, valuesOf } from "../tensor/source.ts";
import { type NestedArray, scope, Tensor, zeros } from "../tensor/tensor.ts";
import type { EpochValues } from "./pipeline.ts";

/** What `mixUp` takes. */
export interface MixUpOptions {
  /** How even blends are: near 0 most samples stay as they are, 1 makes all shares equally likely. Default 0.2. */
  alpha?: number;
  /** What is drawn follows from it, the epoch and the batch. A whole number from 0 to 2^53 - 1. Default 0. */
  seed?: number;
}

/**
 * Blends each sample of a batch with another one, and its target alike (Zhang et al. 2017, arXiv 1710.09412; Keras MixUp): shares are drawn
 * from B(alpha, alpha), for each sample by itself. Targets must be numbers or one-hot rows, since a blend of classes has no index.
 *
 * @param batches whose x and y are tensors or lists, as `datasets.batch` makes them
 * @example
 * const all = datasets.samples({ x: zeros([8, 4]), y: [[1, 0], [0, 1], [1, 0], [0, 1], [1, 0], [0, 1], [1, 0], [0, 1]] });
 * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
 * model.compile({ loss: "categoricalCrossentropy" });
 * await model.fit(datasets.mixUp(datasets.batch(all, { batchSize: 4 }), { alpha: 0.2, seed: 1 }), { epochs: 2 });
 */
export function mixUp(batches: Source<Batch>, options: MixUpOptions = {}): EpochValues<Batch> {
  checkOptions("mixUp", options, { alpha: true, seed: true });
  const { alpha = 0.2, seed = 0 } = options;
  if (!(Number.isFinite(alpha) && alpha > 0)) {
    throw new ArgumentError(`mixUp: alpha must be a finite number > 0, got ${show(alpha)}`);
  }
  const seeded = new SeededRandom(seed).fork("datasets.mixUp");
  return async function* (epoch) {
    const random = seeded.fork(epoch);
    let number = 0;
    for await (const batch of valuesOf("mixUp", batches, epoch)) {
      if (!isBatch(batch) || batch.y === undefined) {
        throw new ArgumentError(`mixUp: a batch must be an object { x, y } of samples and targets, got ${show(batch)}`);
      }
      yield mixed(batch.x, batch.y, alpha, random.fork(number));
      number++;
    }
  };
}

function mixed(x: Samples, y: Samples, alpha: number, random: SeededRandom): Batch {
  return scope(() => {
    const [inputs, targets] = [rowsOf("x", x), rowsOf("y", y)];
    const [n] = inputs.shape;
    const drawn: Blend = {
      weights: Array.from({ length: n }, () => random.beta(alpha)),
      partners: random.permutation(n),
    };
    // Copies, since tensors would have to be given back.
    return { x: apart(blend(inputs, drawn)), y: apart(blend(targets, drawn)) };
  });
}

/** The samples as a tensor [N,size]. */
function rowsOf(name: string, data: Samples): Tensor {
  if (data instanceof Tensor) return flatten(data);
  if (!Array.isArray(data) || data.length === 0) {
    const wanted = "a tensor or a list, which tell how many samples there are";
    throw new ArgumentError(`mixUp: ${name} must be ${wanted}, got ${show(data)}`);
  }
  const size = numbersIn(data[0]).length;
  const rows = zeros([data.length, size]);
  for (const [i, one] of data.entries()) {
    const numbers = numbersIn(one);
    if (numbers.length !== size) {
      throw new ShapeError(`mixUp: ${name}[${i}] must hold ${size} numbers as those before it, got ${numbers.length}`);
    }
    rows.data.set(numbers, i * size);
  }
  return rows;
}

function numbersIn(one: Tensor | NumberArray | NestedArray): ArrayLike<number> {
  if (one instanceof Tensor) return one.data;
  if (ArrayBuffer.isView(one)) return one;
  return typeof one === "number" ? [one] : ((one as readonly unknown[]).flat(9) as number[]);
}

/** A list with a typed array for each row. */
function apart({ data, shape: [n, size] }: Tensor): Float32Array[] {
  const copy = data.slice();
  return Array.from({ length: n }, (_, i) => copy.subarray(i * size, (i + 1) * size));
}
