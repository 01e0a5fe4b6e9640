/** The training loop: batches in an order that follows from the seed, scores, callbacks, and ways to stop. */
import { ArgumentError, show } from "../errors.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Batches } from "./batches.ts";
import type { Scores, Trainer } from "./trainer.ts";

/** After a batch: means over the epoch so far. */
export interface BatchReport {
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  readonly loss: number;
  readonly [metric: string]: number;
}

/** After an epoch: means over it, and those of the validation data with "val" before their names. */
export interface EpochReport {
  readonly epoch: number;
  readonly loss: number;
  readonly [metric: string]: number;
}

export interface EarlyStopping {
  /** What is watched. Default "valLoss" where there is validation data, else "loss". */
  monitor?: string;
  /** Epochs without an improvement until training stops. Default 0. */
  patience?: number;
  /** The least that counts as an improvement. Default 0. */
  minDelta?: number;
  /** Give the model the weights of its best epoch at the end. Default false. */
  restoreBestWeights?: boolean;
}

export interface LoopOptions {
  /** Default 1. */
  epochs?: number;
  /** Take the samples of each epoch in another order, which follows from the model's seed. Default true. */
  shuffle?: boolean;
  onBatchEnd?: (report: BatchReport) => void | Promise<void>;
  onEpochEnd?: (report: EpochReport) => void | Promise<void>;
  earlyStopping?: EarlyStopping;
  /** Stops after the batch that is under way. */
  signal?: AbortSignal;
}

/** Where a training is: the batch that comes next. A stopped one goes on from here. */
export interface Position {
  epoch: number;
  batch: number;
}

export interface History {
  /** One number per finished epoch. */
  readonly loss: number[];
  readonly [metric: string]: number[] | string | undefined;
  /** Why training ended before its last epoch; undefined where it did not. */
  readonly stopped?: "aborted" | "earlyStopping";
}

/** What the loop needs of a model. */
export interface Loop {
  readonly trainer: Trainer;
  readonly seed: number;
  readonly position: Position;
  readonly data: Batches;
  readonly validate: (() => Promise<Scores>) | undefined;
  readonly weights: { read(): Float32Array[]; write(values: Float32Array[]): void };
}

/** A page stays alive when the event loop gets its turn this often. */
const LONGEST_TURN_MS = 30;

export async function runLoop(loop: Loop, options: LoopOptions): Promise<History> {
  const { position } = loop;
  const epochs = options.epochs ?? 1;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new ArgumentError(`fit: epochs must be a whole number >= 1, got ${show(epochs)}`);
  }
  const history: Record<string, number[]> = { loss: [] };
  const watch = new Watch(loop, options.earlyStopping);
  let stopped: History["stopped"];
  while (position.epoch < epochs && stopped === undefined) {
    const scores = await runEpoch(loop, options);
    if (scores === undefined) {
      stopped = "aborted";
      break;
    }
    const report = { epoch: position.epoch, ...scores, ...(await validation(loop)) };
    position.epoch++;
    position.batch = 0;
    for (const [name, value] of Object.entries(report)) {
      if (name === "epoch") continue;
      history[name] ??= [];
      history[name].push(value);
    }
    await options.onEpochEnd?.(report);
    if (watch.shouldStop(report)) stopped = "earlyStopping";
    else if (options.signal?.aborted && position.epoch < epochs) stopped = "aborted";
  }
  watch.finish();
  return { ...history, stopped } as unknown as History;
}

/** The means over an epoch, or undefined where the signal stopped it. */
async function runEpoch({ trainer, seed, position, data }: Loop, options: LoopOptions): Promise<Scores | undefined> {
  const order = sampleOrder(data.count, seed, position.epoch, options.shuffle ?? true);
  const sums = new Means();
  let turn = performance.now();
  while (position.batch < data.batches) {
    if (options.signal?.aborted) return undefined;
    const indices = data.indices(order, position.batch);
    const scores = trainer.trainBatch(indices.length, data.feed(indices));
    sums.add(scores, indices.length);
    const { epoch, batch } = position;
    position.batch++;
    await options.onBatchEnd?.({ epoch, batch, batches: data.batches, ...sums.value });
    if (performance.now() - turn > LONGEST_TURN_MS) {
      await nextTurn();
      turn = performance.now();
    }
  }
  return sums.value;
}

/** The order of an epoch follows from the seed and the epoch alone, so that a resumed training finds it again. */
function sampleOrder(count: number, seed: number, epoch: number, shuffle: boolean): Int32Array {
  if (!shuffle) return Int32Array.from({ length: count }, (_, i) => i);
  return new SeededRandom(seed).fork("shuffle").fork(epoch).permutation(count);
}

async function validation({ validate }: Loop): Promise<Record<string, number>> {
  if (validate === undefined) return {};
  const scores = Object.entries(await validate());
  return Object.fromEntries(scores.map(([name, value]) => [`val${name[0].toUpperCase()}${name.slice(1)}`, value]));
}

/** Lets other tasks of the event loop run: timers, input, painting. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Means of scores, weighted by the samples they come from. */
export class Means {
  readonly #sums: Record<string, number> = {};
  #count = 0;

  add(scores: Scores, samples: number): void {
    for (const [name, value] of Object.entries(scores)) this.#sums[name] = (this.#sums[name] ?? 0) + value * samples;
    this.#count += samples;
  }

  get value(): Scores {
    return Object.fromEntries(Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#count])) as Scores;
  }
}

/** Early stopping: remembers the best epoch and counts those since. */
class Watch {
  readonly #loop: Loop;
  readonly #options: EarlyStopping | undefined;
  #best = Number.NaN;
  #since = 0;
  #weights: Float32Array[] | undefined;

  constructor(loop: Loop, options: EarlyStopping | undefined) {
    this.#loop = loop;
    this.#options = options;
  }

  shouldStop(report: EpochReport): boolean {
    if (this.#options === undefined) return false;
    const { monitor = "valLoss" in report ? "valLoss" : "loss", patience = 0, minDelta = 0 } = this.#options;
    const value = report[monitor];
    if (value === undefined) {
      const known = Object.keys(report).filter((name) => name !== "epoch");
      throw new ArgumentError(
        `fit: earlyStopping.monitor must be one of ${known.map(show).join(", ")}, got ${show(monitor)}`,
      );
    }
    const gain = /loss/i.test(monitor) ? this.#best - value : value - this.#best;
    if (Number.isNaN(this.#best) || gain > minDelta) {
      this.#best = value;
      this.#since = 0;
      if (this.#options.restoreBestWeights) this.#weights = this.#loop.weights.read();
      return false;
    }
    this.#since++;
    return this.#since > patience;
  }

  finish(): void {
    if (this.#weights !== undefined) this.#loop.weights.write(this.#weights);
  }
}
