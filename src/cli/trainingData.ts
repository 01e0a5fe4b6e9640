/** What `striate train` learns from: a folder with a folder of pictures for each class, or IDX files (MNIST). */
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { datasets, images } from "../index.ts";
import { isFolder, namesIn, readBytes } from "./files.ts";
import { isPictureName, readPicture } from "./pictures.ts";
import { Trouble } from "./trouble.ts";

interface Example {
  readonly label: number;
  readonly read: () => images.PixelImage;
}

export interface DataSet {
  /** The names of the classes, in the order of their labels. */
  readonly labels: readonly string[];
  readonly examples: readonly Example[];
}

/** Samples and targets as `fit` takes them. */
export interface Samples {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

export interface Preparation {
  /** [H,W,C] of the network. */
  readonly shape: readonly number[];
  readonly normalize: images.Normalization;
}

/** Samples are held in memory at once: as many bytes as an array may have. */
const MOST_BYTES = 2 ** 32;

export function readDataSet(folder: string): DataSet {
  if (!isFolder(folder)) throw new Trouble(`${folder}: must be a folder of classes, or one with IDX files`);
  const names = namesIn(folder).filter((name) => !name.startsWith("."));
  const idx = names.filter((name) => /idx[13]-ubyte(\.gz)?$/.test(name));
  const set = idx.length > 0 ? fromIdx(folder, idx) : fromFolders(folder, names);
  return { ...set, examples: spread(set.examples) };
}

/** Decoded, resized and scaled to what the network takes. */
export function prepare({ examples }: DataSet, { shape, normalize }: Preparation): Samples {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  if (examples.length * size * 4 > MOST_BYTES) {
    throw new Trouble(
      `${examples.length} images of [${shape}] take ${(examples.length * size * 4) / 1e9} GB, more than can be held`,
    );
  }
  const samples = { x: new Float32Array(examples.length * size), y: new Int32Array(examples.length) };
  for (const [i, { label, read }] of examples.entries()) {
    const image = images.fromImage(read(), {
      size: [height, width],
      ...{ colors: channels === 1 ? "grey" : "rgb", normalize },
    });
    samples.x.set(image.data, i * size);
    samples.y[i] = label;
    image.dispose();
  }
  return samples;
}

function fromFolders(folder: string, names: readonly string[]): DataSet {
  const labels = names.filter((name) => isFolder(join(folder, name)));
  if (labels.length < 2) {
    throw new Trouble(
      `${folder}: must hold a folder of pictures for each of two or more classes, or IDX files, got ${labels.length} folders`,
    );
  }
  const examples = labels.flatMap((name, label) => {
    const pictures = namesIn(join(folder, name)).filter(isPictureName);
    if (pictures.length === 0) throw new Trouble(`${join(folder, name)}: holds no .png or .jpg`);
    return pictures.map((picture) => ({ label, read: () => readPicture(join(folder, name, picture)) }));
  });
  return { labels, examples };
}

function fromIdx(folder: string, names: readonly string[]): DataSet {
  const read = (axes: 1 | 3) => {
    const own = names.filter((name) => name.includes(`idx${axes}`));
    const name = own.find((one) => one.startsWith("train")) ?? own[0];
    if (name === undefined)
      throw new Trouble(`${folder}: lacks the IDX file of the ${axes === 1 ? "labels" : "images"}`);
    const path = join(folder, name);
    const bytes = readBytes(path);
    const { shape, data } = datasets.parseIdx(unpacked(path, bytes), path);
    if (shape.length === axes && data instanceof Uint8Array) return { path, shape, data };
    throw new Trouble(`${path}: must hold bytes along ${axes} axes, got [${shape}]`);
  };
  const [pixels, classes] = [read(3), read(1)];
  const [count, height, width] = pixels.shape;
  if (classes.shape[0] !== count)
    throw new Trouble(`${classes.path}: must hold ${count} labels, got ${classes.shape[0]}`);
  const most = classes.data.reduce((a, b) => Math.max(a, b));
  const examples = Array.from(classes.data, (label, i) => {
    const data = pixels.data.subarray(i * height * width, (i + 1) * height * width);
    return { label, read: () => ({ width, height, data }) };
  });
  return { labels: Array.from({ length: most + 1 }, (_, i) => String(i)), examples };
}

function unpacked(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new Trouble(`${path}: is no gzip file (${(error as Error).message})`);
  }
}

/** In an order in which every part holds all classes in their shares: validation takes the last part. */
function spread(examples: readonly Example[]): Example[] {
  const counts = new Map<number, number>();
  const places = examples.map(({ label }) => {
    const place = counts.get(label) ?? 0;
    counts.set(label, place + 1);
    return place;
  });
  const key = (i: number) => (places[i] + 0.5) / (counts.get(examples[i].label) ?? 1);
  return Array.from(examples.keys())
    .sort((a, b) => key(a) - key(b) || a - b)
    .map((i) => examples[i]);
}
