/** The training loop: batches in an order that follows from the seed, scores, callbacks, and ways to stop. */
import { ArgumentError, show } from "../errors.ts";
import { type EarlyStopping, type ReduceLROnPlateau, Reducer, Stopper, valName, type Watched } from "./monitor.ts";
import type { Scores } from "./tally.ts";
import type { Feed, Trainer } from "./trainer.ts";

/** After a batch: means over the epoch so far. */
export interface BatchReport {
  /** Counted from 0. */
  readonly epoch: number;
  /** Counted from 0. */
  readonly batch: number;
  /** How many an epoch has; NaN where the data is an iterable, which does not tell. */
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
  /** Take the samples of each epoch in another order, which follows from the model's seed. Default true; not of an iterable. */
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

/** So many samples, and how they come into a program. */
export interface TrainingBatch {
  readonly count: number;
  readonly feed: Feed;
}

/** What is trained on, or judged by. */
export interface BatchesOfEpoch {
  /** How many an epoch has; NaN where that is not known. */
  readonly batches: number;
  /** Those of an epoch from number `first` on; where the signal aborts they may end before. */
  epoch(epoch: number, first: number, signal?: AbortSignal): Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>;
}

/** What the loop needs of a model. */
export interface Loop extends Watched {
  readonly position: Position;
  readonly data: BatchesOfEpoch;
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
  const history: Record<string, number[]> = { loss: [] };
  let stopped: History["stopped"];
  while (position.epoch < epochs && stopped === undefined) {
    const scores = await runEpoch(loop, options);
    if (scores === "aborted") {
      stopped = scores;
      break;
    }
    if (scores === "over") {
      Object.assign(position, { epoch: position.epoch + 1, batch: 0 });
      continue;
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

/** The means over an epoch; "over" where it was resumed behind its last batch. */
async function runEpoch(
  { trainer, position, data }: Loop,
  { signal, onBatchEnd }: LoopOptions,
): Promise<Scores | "aborted" | "over"> {
  const tally = trainer.tally();
  const first = position.batch;
  for await (const { count, feed } of data.epoch(position.epoch, first, signal)) {
    if (signal?.aborted) return "aborted";
    trainer.trainBatch(count, feed, tally);
    const { epoch, batch } = position;
    position.batch++;
    await onBatchEnd?.({ epoch, batch, batches: data.batches, ...tally.scores });
    await passTurn();
  }
  // An iterable does not tell whether more would have come.
  if (signal?.aborted && !(position.batch >= data.batches)) return "aborted";
  return position.batch === first ? "over" : tally.scores;
}

/** Loss and metrics over all samples, in batches. */
export async function evaluateBatches(trainer: Trainer, data: BatchesOfEpoch): Promise<Scores> {
  const tally = trainer.tally();
  for await (const { count, feed } of data.epoch(0, 0)) {
    trainer.evaluateBatch(count, feed, tally);
    await passTurn();
  }
  return tally.scores;
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
