/** `npm start`: trains, stops cleanly at Ctrl-C, goes on where it stopped, and reports. */
import { dirname, join } from "node:path";
import { init, type Model } from "striate";
import * as checkpoint from "./checkpoint.ts";
import { CLASSES, type DataSet, loadDataSet } from "./data.ts";
import { makeFolder } from "./files.ts";
import { createNetwork, prepareTraining } from "./network.ts";
import { showProgress } from "./progress.ts";
import { report } from "./report.ts";
import { percent } from "./terminal.ts";
import { Trouble } from "./trouble.ts";

export interface TrainArguments extends Partial<checkpoint.Settings> {
  model?: string;
  out?: string;
  /** A checkpoint; true for the one in `out`. */
  resume?: string | true;
}

const STOPPED = 130; // 128 + SIGINT, as shells have it

/** @returns the exit code */
export async function train(given: TrainArguments): Promise<number> {
  const stop = stopAtInterrupt();
  const runtime = await init();
  const out = given.out ?? (typeof given.resume === "string" ? dirname(given.resume) : "out");
  const { model, run } = begin(given, join(out, checkpoint.FILE));
  const data = await loadDataSet(run.data);
  makeFolder(out); // before the work, not after it
  const { train: samples, test } = data;
  const batches = Math.ceil(samples.count / run.batchSize) * run.epochs;
  if (given.resume === undefined) prepareTraining(model, batches);
  console.log(
    `${data.name}: ${samples.count} images to learn, ${test.count} to test; ${runtime.features.binary} kernels`,
  );
  console.log(model.summary());

  if (run.epochs > 0 && (await learn(model, run, data, stop)) === "stopped") {
    const path = join(out, checkpoint.FILE);
    checkpoint.saveCheckpoint(path, model, run);
    console.log(`stopped after ${run.losses.length} of ${batches} batches; saved ${path}`);
    console.log(`go on with: npm start -- --resume${given.out === undefined && out === "out" ? "" : ` ${path}`}`);
    return STOPPED;
  }
  report({ model, run, data, out });
  return 0;
}

/** Aborted by Ctrl-C. The signal may come twice at once, from the terminal and handed on by npm; a later one ends all. */
function stopAtInterrupt(): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  process.on("SIGINT", () => {
    if (stop.signal.aborted && performance.now() - first > 1000) process.exit(STOPPED);
    first ||= performance.now();
    stop.abort();
  });
  return stop.signal;
}

/** A new network, one from a file, or a stopped training; and what was asked for. */
function begin({ model, resume, ...given }: TrainArguments, usual: string): { model: Model; run: checkpoint.Run } {
  if (resume !== undefined) {
    if (model !== undefined) throw new Trouble("--model and --resume both name a network; give one of them");
    return checkpoint.loadCheckpoint(resume === true ? usual : resume, given);
  }
  if (model === undefined) {
    const run = checkpoint.startRun(given);
    return { model: createNetwork(run.seed), run };
  }
  const loaded = checkpoint.loadNetwork(model);
  if (loaded.classes.length !== CLASSES) {
    throw new Trouble(`${model}: expected a network for ${CLASSES} classes, got one for ${loaded.classes.length}`);
  }
  loaded.model.seed = given.seed ?? loaded.model.seed;
  return { model: loaded.model, run: checkpoint.startRun({ ...given, seed: loaded.model.seed }) };
}

/** Trains up to the last epoch, or to the signal. */
async function learn(
  model: Model,
  run: checkpoint.Run,
  { train: samples, test }: DataSet,
  signal: AbortSignal,
): Promise<"finished" | "stopped"> {
  const { epochs, batchSize } = run;
  const batches = Math.ceil(samples.count / batchSize) * epochs;
  const progress = showProgress({ epochs, batches, batchSize, from: run.losses.length });
  const lossOf = batchLoss(samples.count, batchSize);
  try {
    const { stopped } = await model.fit(samples.images, samples.labels, {
      epochs,
      batchSize,
      resume: true,
      signal,
      validationData: [test.images, test.labels],
      onBatchEnd: ({ epoch, batch, loss, accuracy }) => {
        run.losses.push(lossOf(batch, loss));
        progress.update(run.losses.length, epoch + 1, { loss, accuracy });
      },
      onEpochEnd: ({ epoch, loss, accuracy, valLoss, valAccuracy }) => {
        run.testLosses.push(valLoss);
        const learned = `loss ${loss.toFixed(4)}, accuracy ${percent(accuracy)}`;
        progress.print(`epoch ${epoch + 1}/${epochs} done: ${learned}; on the test images ${percent(valAccuracy)}`);
      },
    });
    return stopped === undefined ? "finished" : "stopped";
  } finally {
    progress.stop();
  }
}

/** `fit` tells the mean loss since the epoch began (or was resumed); this finds the part of the latest batch in it. */
function batchLoss(count: number, batchSize: number): (batch: number, mean: number) => number {
  let sum = 0;
  let seen = 0;
  return (batch, mean) => {
    if (batch === 0) sum = seen = 0;
    const size = Math.min(batchSize, count - batch * batchSize);
    const before = sum;
    seen += size;
    sum = mean * seen;
    return (sum - before) / size;
  };
}
