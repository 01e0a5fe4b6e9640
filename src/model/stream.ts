/** Batches that come one by one, from data larger than memory. */
import { ArgumentError, show } from "../errors.ts";
import { type Batch, isBatch, type Source, valuesOf } from "../tensor/source.ts";
import { Batches, type BatchesOptions, type Expected } from "./batches.ts";
import type { BatchesOfEpoch, TrainingBatch } from "./fit.ts";

export class Stream implements BatchesOfEpoch {
  readonly batches: number = Number.NaN;
  readonly #op: string;
  readonly #source: Source<Batch>;
  readonly #expected: Expected;
  readonly #options: Omit<BatchesOptions, "batchSize">;

  constructor(op: string, source: Source<Batch>, expected: Expected, options: Omit<BatchesOptions, "batchSize"> = {}) {
    this.#op = op;
    this.#source = source;
    this.#expected = expected;
    this.#options = options;
  }

  async *epoch(epoch: number, first: number, signal?: AbortSignal): AsyncGenerator<TrainingBatch, void, undefined> {
    let batch = 0;
    for await (const value of valuesOf(this.#op, this.#source, epoch, signal)) {
      if (batch >= first) yield this.#prepared(value, batch);
      batch++;
    }
    if (batch > 0 || signal?.aborted) return;
    throw new ArgumentError(
      `${this.#op}: the data holds no batch in epoch ${epoch + 1}; what lasts only once, such as a generator, must be given as a function that makes it: () => generate()`,
    );
  }

  #prepared(value: Batch, number: number): TrainingBatch {
    const op = `${this.#op}: batch ${number + 1}`;
    if (!isBatch(value) || value.y === undefined) {
      throw new ArgumentError(`${op}: must be an object { x, y } of samples and targets, got ${show(value)}`);
    }
    const { x, y, sampleWeight } = value;
    const data = new Batches(op, x, y, this.#expected, { ...this.#options, sampleWeight, batchSize: 2 ** 31 });
    return { count: data.count, feed: data.feed(data.all) };
  }
}
