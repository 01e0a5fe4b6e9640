import type { images } from "../index.ts";
import { init, losses, type Model, optimizers } from "../index.ts";
import { isFolder, parseJson, readBytes, writeBytes } from "./files.ts";
import { isJson, modelOf, readModelFile } from "./models.ts";
import { isDescription, modelFromDescription } from "./network.ts";
import { type Notes, withNotes } from "./notes.ts";
import { bytesText, print } from "./output.ts";
import { epochText, showProgress } from "./progress.ts";
import { type DataSet, prepare, readDataSet } from "./trainingData.ts";
import { Misuse, Trouble } from "./trouble.ts";

/** Everything that may be given; `DEFAULTS` stand for what is not. */
export interface TrainOptions {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly validationSplit?: number;
  readonly normalize?: images.Normalization;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: boolean;
}

export const DEFAULTS = {
  epochs: 10,
  batchSize: 32,
  learningRate: 1e-3,
  validationSplit: 0.1,
  seed: 0,
  out: "model.safetensors",
} as const;

/** 128 + SIGINT, as shells have it. */
const STOPPED = 130;

interface Training {
  readonly model: Model;
  readonly notes: Required<Notes>;
  readonly set: DataSet;
}

/** @returns the exit code */
export async function train(path: string, folder: string, options: TrainOptions): Promise<number> {
  await init();
  const training = options.resume ? await resumed(path, folder, options) : await begun(path, folder, options);
  const out = options.out ?? (options.resume ? path : DEFAULTS.out);
  const { labels, training: run } = training.notes;
  const count = training.set.examples.length;
  print(
    `${folder}: ${count} images of ${labels.length} classes, ${Math.round(run.validationSplit * 100)} % of them to judge by`,
  );
  const end = await learn(training, options.resume ?? false);
  const isStopped = end === "stopped";
  const file = withNotes(
    training.model.save({ optimizer: isStopped }),
    isStopped ? training.notes : without(training.notes),
  );
  writeBytes(out, file);
  const next = isStopped ? `go on with: striate train ${out} ${folder} --resume` : `try it: striate run ${out} PICTURE`;
  print(`${isStopped ? "stopped; " : ""}wrote ${out} (${bytesText(file.length)}); ${next}`);
  return isStopped ? STOPPED : 0;
}

function without({ labels, normalize }: Notes): Notes {
  return { labels, normalize };
}

async function begun(path: string, folder: string, options: TrainOptions): Promise<Training> {
  const { epochs, batchSize, learningRate, validationSplit, seed } = { ...DEFAULTS, ...options };
  const { model, normalize = "[0,1]" } = await startFrom(path, seed);
  const set = readDataSet(folder);
  checkFits(path, model, set);
  model.seed = seed;
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: lossFor(model), metrics: ["accuracy"] });
  const training = { epochs, batchSize, validationSplit };
  return { model, set, notes: { labels: set.labels, normalize: options.normalize ?? normalize, training } };
}

async function startFrom(path: string, seed: number): Promise<{ model: Model; normalize?: images.Normalization }> {
  if (!isFolder(path)) {
    const content = readBytes(path);
    const json = isJson(content) ? parseJson(path, content) : undefined;
    if (isDescription(json)) return { model: modelFromDescription(path, json, seed) };
  }
  const file = readModelFile(path);
  return { model: await modelOf(file), normalize: file.notes.normalize };
}

/** Goes on where a training was stopped, with what it was asked for. */
async function resumed(path: string, folder: string, options: TrainOptions): Promise<Training> {
  const file = readModelFile(path);
  const { labels, normalize, training } = file.notes;
  if (training === undefined || labels === undefined || normalize === undefined) {
    throw new Trouble(`${path}: holds no stopped training; without --resume a new one begins with its weights`);
  }
  for (const name of ["batchSize", "validationSplit", "learningRate", "normalize", "seed"] as const) {
    if (options[name] === undefined) continue;
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new Misuse(`--${flag} stays as the training was begun; leave it out with --resume`);
  }
  const model = await modelOf(file);
  const set = readDataSet(folder);
  if (set.labels.join() !== labels.join()) {
    throw new Trouble(`${folder}: must hold the classes ${labels.join(", ")}, got ${set.labels.join(", ")}`);
  }
  return {
    model,
    set,
    notes: { labels, normalize, training: { ...training, epochs: options.epochs ?? training.epochs } },
  };
}

function checkFits(path: string, { inputs, outputShapes, inputShape }: Model, { labels }: DataSet): void {
  const takesPicture = inputs.length === 1 && inputShape.length === 3 && [1, 3].includes(inputShape[2]);
  if (!takesPicture) throw new Trouble(`${path}: must take one picture with 1 or 3 colours, got [${inputShape}]`);
  const [output] = outputShapes;
  const classes = output.length === 1 && outputShapes.length === 1 ? Math.max(output[0], 2) : 0;
  if (classes === labels.length || (classes > labels.length && labels[0] === "0")) return;
  throw new Trouble(
    `${path}: must end with ${labels.length} outputs, one for each class, got [${outputShapes.join("], [")}]`,
  );
}

/** One output is the probability of the second class. */
function lossFor({ outputShape, layers }: Model) {
  if (outputShape[0] === 1) return losses.binaryCrossentropy();
  const last = layers[layers.length - 1].config().activation;
  return losses.sparseCategoricalCrossentropy({ fromLogits: last !== "softmax" });
}

async function learn({ model, set, notes }: Training, resume: boolean): Promise<"finished" | "stopped"> {
  const { epochs, batchSize, validationSplit } = notes.training;
  const { x, y } = prepare(set, { shape: model.inputShape, normalize: notes.normalize });
  const signal = stopAtInterrupt();
  const progress = showProgress(epochs);
  try {
    const { stopped } = await model.fit(x, y, {
      ...{ epochs, batchSize, resume, signal },
      ...(validationSplit > 0 && { validationSplit }),
      onBatchEnd: (report) => progress.update(report),
      onEpochEnd: (report) => progress.print(epochText(report, epochs)),
    });
    return stopped === undefined ? "finished" : "stopped";
  } finally {
    progress.stop();
  }
}

/** Aborted by the first Ctrl-C; npm may hand it on a second time at once. A later one ends all. */
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
