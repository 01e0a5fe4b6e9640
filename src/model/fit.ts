/** The training loop: batches in an order that follows from the seed, scores, callbacks, and ways to stop. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Batches } from "./batches.ts";
import type { Scores, Trainer } from "./trainer.ts";

/** After a batch: means over the epoch so far. */
export interface BatchReport {
  /** Counted from 0. */
  readonly epoch: number;
  /** Counted from 0. */
  readonly batch: number;
  /** How many an epoch has. */
  readonly batches: number;
  /** With the penalties on weights. */
  readonly loss: number;
  readonly [metric: string]: number;
}

/** After an epoch: means over it, and those of the validation data with "val" before their names. */
export interface EpochReport {
  /** Counted from 0. */
  readonly epoch: number;
  /** With the penalties on weights. */
  readonly loss: number;
  readonly [metric: string]: number;
}

/** When to stop before the last epoch. */
export interface EarlyStopping {
  /** What is watched. Default "valLoss" where there is validation data, else "loss". */
  monitor?: string;
  /** Training stops after this many epochs in a row without an improvement; 0 means the same as 1, as in Keras. Default 0. */
  patience?: number;
  /** The least that counts as an improvement. Default 0. */
  minDelta?: number;
  /** Give the model the weights of its best epoch at the end, but not where the signal stopped it. Default false. */
  restoreBestWeights?: boolean;
}

export interface LoopOptions {
  /** Default 1. */
  epochs?: number;
  /** Take the samples of each epoch in another order, which follows from the model's seed. Default true. */
  shuffle?: boolean;
  /** Called after each batch; a promise is awaited. */
  onBatchEnd?: (report: BatchReport) => void | Promise<void>;
  /** Called after each epoch; a promise is awaited. */
  onEpochEnd?: (report: EpochReport) => void | Promise<void>;
  /** Default: never. */
  earlyStopping?: EarlyStopping;
  /** Stops after the batch that is under way. */
  signal?: AbortSignal;
  /** Go on where a stopped or saved training was, instead of at the first epoch. Default false. */
  resume?: boolean;
}

/** Where a training is: the batch that comes next. A stopped one goes on from here. */
export interface Position {
  epoch: number;
  batch: number;
}

/** What `fit` returns: loss, metrics, and those of the validation data with "val" before their names, by epoch. */
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
  const { epochs = 1, resume = false } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new ArgumentError(`fit: epochs must be a whole number >= 1, got ${show(epochs)}`);
  }
  const watch = new Watch(loop, options.earlyStopping);
  if (!resume) Object.assign(position, { epoch: 0, batch: 0 });
  // Saved behind the last batch of an epoch, before its end: the next epoch is what is left.
  else if (position.batch >= loop.data.batches) Object.assign(position, { epoch: position.epoch + 1, batch: 0 });
  const history: Record<string, number[]> = { loss: [] };
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
    const stop = watch.shouldStop(report);
    await options.onEpochEnd?.(report);
    if (stop) stopped = "earlyStopping";
    else if (options.signal?.aborted && position.epoch < epochs) stopped = "aborted";
  }
  if (stopped !== "aborted") watch.finish(); // an aborted training goes on from the weights it has
  return { ...history, stopped } as unknown as History;
}

/** The means over an epoch, or undefined where the signal stopped it. */
async function runEpoch({ trainer, seed, position, data }: Loop, options: LoopOptions): Promise<Scores | undefined> {
  const { shuffle = true } = options;
  const order = shuffle ? sampleOrder(data.count, seed, position.epoch) : data.all;
  const sums = new Means();
  while (position.batch < data.batches) {
    if (options.signal?.aborted) return undefined;
    const indices = data.indices(order, position.batch);
    const scores = trainer.trainBatch(indices.length, data.feed(indices));
    sums.add(scores, indices.length);
    const { epoch, batch } = position;
    position.batch++;
    await options.onBatchEnd?.({ epoch, batch, batches: data.batches, ...sums.value });
    await passTurn();
  }
  return sums.value;
}

/** Loss and metrics over all samples, in batches. */
export async function evaluateBatches(trainer: Trainer, data: Batches): Promise<Scores> {
  const means = new Means();
  const { all } = data;
  for (let batch = 0; batch < data.batches; batch++) {
    const indices = data.indices(all, batch);
    means.add(trainer.evaluateBatch(indices.length, data.feed(indices)), indices.length);
    await passTurn();
  }
  return means.value;
}

/** The order of an epoch follows from the seed and the epoch alone, so that a resumed training finds it again. */
function sampleOrder(count: number, seed: number, epoch: number): Int32Array {
  return new SeededRandom(seed).fork("shuffle").fork(epoch).permutation(count);
}

async function validation({ validate }: Loop): Promise<Record<string, number>> {
  if (validate === undefined) return {};
  return Object.fromEntries(Object.entries(await validate()).map(([name, value]) => [valName(name), value]));
}

/** "loss" of the validation data is "valLoss". */
function valName(name: string): string {
  return `val${name[0].toUpperCase()}${name.slice(1)}`;
}

/** When the event loop last had its turn; for all models, since many short trainings may follow each other. */
let lastTurn = 0;

/** Lets other tasks of the event loop run, now and then: timers, input, painting. */
async function passTurn(): Promise<void> {
  if (performance.now() - lastTurn <= LONGEST_TURN_MS) return;
  await nextTurn();
  lastTurn = performance.now();
}

/** Resolves when other tasks of the event loop had their turn. */
export function nextTurn(): Promise<void> {
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
class Means {
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
  readonly #options: Required<EarlyStopping> | undefined;
  #best = Number.NaN;
  #since = 0;
  #weights: Float32Array[] | undefined;

  constructor(loop: Loop, options: EarlyStopping | undefined) {
    this.#loop = loop;
    if (options !== undefined) this.#options = checkEarlyStopping(loop, options);
  }

  shouldStop(report: EpochReport): boolean {
    if (this.#options === undefined) return false;
    const { monitor, patience, minDelta, restoreBestWeights } = this.#options;
    const value = report[monitor];
    const gain = /loss/i.test(monitor) ? this.#best - value : value - this.#best;
    if (gain > minDelta || (Number.isNaN(this.#best) && !Number.isNaN(value))) {
      this.#best = value;
      this.#since = 0;
      if (restoreBestWeights) this.#weights = this.#loop.weights.read();
      return false;
    }
    this.#since++;
    return this.#since >= patience;
  }

  finish(): void {
    if (this.#weights !== undefined) this.#loop.weights.write(this.#weights);
  }
}

function checkEarlyStopping({ validate, trainer }: Loop, options: EarlyStopping): Required<EarlyStopping> {
  const trained = ["loss", ...trainer.compiled.metrics.map(({ name }) => name)];
  const known = validate === undefined ? trained : [...trained, ...trained.map(valName)];
  const { patience = 0, minDelta = 0, restoreBestWeights = false } = options;
  const monitor = oneOf(
    "fit",
    "earlyStopping.monitor",
    options.monitor ?? (validate === undefined ? "loss" : "valLoss"),
    known,
  );
  if (!Number.isInteger(patience) || patience < 0) {
    throw new ArgumentError(`fit: earlyStopping.patience must be a whole number >= 0, got ${show(patience)}`);
  }
  if (!(minDelta >= 0 && Number.isFinite(minDelta))) {
    throw new ArgumentError(`fit: earlyStopping.minDelta must be a number >= 0, got ${show(minDelta)}`);
  }
  return { monitor, patience, minDelta, restoreBestWeights };
}
