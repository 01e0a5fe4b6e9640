/** What a run was asked for and how far it came, kept in the metadata of its safetensors files. */
import { decodeSafetensors, encodeSafetensors, loadModel, type Model } from "striate";
import { type DataSet, SIDE } from "./data.ts";
import { readBytes, writeBytes } from "./files.ts";
import { Trouble } from "./trouble.ts";

/** What can be asked for. */
export interface Settings {
  data: string;
  epochs: number;
  batchSize: number;
  seed: number;
}

export const DEFAULTS: Readonly<Settings> = { data: "mnist", epochs: 3, batchSize: 32, seed: 0 };
/** The name of a checkpoint in the folder of a run. */
export const FILE = "checkpoint.safetensors";

export interface Run extends Settings {
  /** The loss of every batch so far. */
  readonly losses: number[];
  /** The loss on the test images after every epoch so far. */
  readonly testLosses: number[];
}

const OPTIONS: Readonly<Record<keyof Settings, string>> = {
  data: "--data",
  epochs: "--epochs",
  batchSize: "--batch-size",
  seed: "--seed",
};

/** What this program keeps in a file besides the network. */
interface Notes {
  readonly classes?: readonly string[];
  readonly run?: Run;
}

export function startRun(given: Partial<Settings>): Run {
  const { data, epochs, batchSize, seed } = { ...DEFAULTS, ...given };
  return { data, epochs, batchSize, seed, losses: [], testLosses: [] };
}

/** The network alone, with the names of its classes: what `predict` reads. */
export function saveNetwork(path: string, model: Model, { classes }: DataSet): void {
  writeBytes(path, withNotes(model.save(), { classes }));
}

/** The network, the optimizer's state and the run: what `--resume` reads. */
export function saveCheckpoint(path: string, model: Model, run: Run): void {
  writeBytes(path, withNotes(model.save({ optimizer: true }), { run }));
}

/** A network for images of 28x28, and the names of its classes. */
export function loadNetwork(path: string): { model: Model; classes: readonly string[] } {
  const bytes = readBytes(path);
  const model = loadModel(bytes, { name: path });
  const takes = model.inputShape.join();
  if (takes !== `${SIDE},${SIDE},1` || model.outputShape.length !== 1) {
    throw new Trouble(
      `${path}: expected a network from [28,28,1] to classes, got [${takes}] to [${model.outputShape}]`,
    );
  }
  const { classes } = notesOf(bytes, path);
  const [count] = model.outputShape;
  return { model, classes: classes?.length === count ? classes : Array.from({ length: count }, (_, i) => String(i)) };
}

/** A stopped training. What is given besides must be what it was started with, or it would end elsewhere. */
export function loadCheckpoint(path: string, given: Partial<Settings>): { model: Model; run: Run } {
  const bytes = readBytes(path);
  const { run } = notesOf(bytes, path);
  if (run === undefined) throw new Trouble(`${path}: holds no stopped training; --model FILE begins with a network`);
  for (const key of Object.keys(OPTIONS) as (keyof Settings)[]) {
    if (given[key] === undefined || given[key] === run[key]) continue;
    throw new Trouble(`${OPTIONS[key]} ${given[key]}: ${path} was begun with ${run[key]}; leave it out to go on`);
  }
  return { model: loadNetwork(path).model, run };
}

function withNotes(file: Uint8Array, notes: Notes): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(file);
  return encodeSafetensors({ tensors, metadata: { ...metadata, digits: JSON.stringify(notes) } });
}

function notesOf(file: Uint8Array, path: string): Notes {
  const { digits = "{}" } = decodeSafetensors(file, path).metadata;
  try {
    return JSON.parse(digits) as Notes;
  } catch {
    throw new Trouble(`${path}: its notes about the run are no JSON`);
  }
}
