/** The training loop: batches in an order that follows from the seed, scores, callbacks, and ways to stop. */
import { ArgumentError, show } from "../errors.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Batches } from "./batches.ts";
import { type EarlyStopping, type ReduceLROnPlateau, Reducer, Stopper, valName, type Watched } from "./monitor.ts";
import type { Scores } from "./tally.ts";
import type { Trainer } from "./trainer.ts";

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

export interface LoopOptions {
  /** Default 1. */
  epochs?: number;
  /** Take the samples of each epoch in another order, which follows from the model's seed. Default true. */
  shuffle?: boolean;
  /** Called after each batch; a promise is awaited. */
  onBatchEnd?: (report: BatchReport) => void | Promise<void>;
  /** Called after each epoch; a promise is awaited. */
  onEpochEnd?: (report: EpochReport) => void | Promise<void>;
  /** Stop where a score no longer improves. */
  earlyStopping?: EarlyStopping;
  /** Lower the learning rate where a score no longer improves. */
  reduceLROnPlateau?: ReduceLROnPlateau;
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
export interface Loop extends Watched {
  readonly seed: number;
  readonly position: Position;
  readonly data: Batches;
  readonly validate: (() => Promise<Scores>) | undefined;
}

/** A page stays alive when the event loop gets its turn this often. */
const LONGEST_TURN_MS = 30;

export async function runLoop(loop: Loop, options: LoopOptions): Promise<History> {
  const { position } = loop;
  const { epochs = 1, resume = false } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new ArgumentError(`fit: epochs must be a whole number >= 1, got ${show(epochs)}`);
  }
  checkListeners(options);
  const { earlyStopping, reduceLROnPlateau } = options;
  const stopper = earlyStopping && new Stopper(loop, earlyStopping);
  const reducer = reduceLROnPlateau && new Reducer(loop, reduceLROnPlateau, resume);
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
    const stop = stopper?.shouldStop(report);
    reducer?.look(report);
    await options.onEpochEnd?.(report);
    if (stop) stopped = "earlyStopping";
    else if (options.signal?.aborted && position.epoch < epochs) stopped = "aborted";
  }
  if (stopped !== "aborted") {
    // an aborted training goes on from the weights it has
    loop.trainer.finish();
    stopper?.finish();
  }
  return { ...history, stopped } as unknown as History;
}

function checkListeners(options: LoopOptions): void {
  for (const name of ["onBatchEnd", "onEpochEnd"] as const) {
    const listener = options[name];
    if (listener === undefined || typeof listener === "function") continue;
    throw new ArgumentError(`fit: ${name} must be a function, got ${show(listener)}`);
  }
  const { signal } = options;
  if (signal === undefined || typeof signal?.aborted === "boolean") return;
  throw new ArgumentError(`fit: signal must be an AbortSignal, got ${show(signal)}`);
}

/** The means over an epoch, or undefined where the signal stopped it. */
async function runEpoch({ trainer, seed, position, data }: Loop, options: LoopOptions): Promise<Scores | undefined> {
  const { shuffle = true } = options;
  const order = shuffle ? sampleOrder(data.count, seed, position.epoch) : data.all;
  const tally = trainer.tally();
  while (position.batch < data.batches) {
    if (options.signal?.aborted) return undefined;
    const indices = data.indices(order, position.batch);
    trainer.trainBatch(indices.length, data.feed(indices), tally);
    const { epoch, batch } = position;
    position.batch++;
    await options.onBatchEnd?.({ epoch, batch, batches: data.batches, ...tally.scores });
    await passTurn();
  }
  return tally.scores;
}

/** Loss and metrics over all samples, in batches. */
export async function evaluateBatches(trainer: Trainer, data: Batches): Promise<Scores> {
  const tally = trainer.tally();
  const { all } = data;
  for (let batch = 0; batch < data.batches; batch++) {
    const indices = data.indices(all, batch);
    trainer.evaluateBatch(indices.length, data.feed(indices), tally);
    await passTurn();
  }
  return tally.scores;
}

/** The order of an epoch follows from the seed and the epoch alone, so that a resumed training finds it again. */
function sampleOrder(count: number, seed: number, epoch: number): Int32Array {
  return new SeededRandom(seed).fork("shuffle").fork(epoch).permutation(count);
}

async function validation({ validate }: Loop): Promise<Record<string, number>> {
  if (validate === undefined) return {};
  return Object.fromEntries(Object.entries(await validate()).map(([name, value]) => [valName(name), value]));
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
