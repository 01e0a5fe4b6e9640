/** `striate run`: what a network says of pictures, or makes of them. */
import { FormatError, images, init, type Model, ops, scope, type Tensor, tensor } from "../index.ts";
import { writeBytes } from "./files.ts";
import { readLabels } from "./labels.ts";
import { type ModelFile, modelOf, readModelFile } from "./models.ts";
import { print, printJson, table } from "./output.ts";
import { encodePng, type Picture, readPicture } from "./pictures.ts";
import { Misuse, Trouble } from "./trouble.ts";

export interface RunOptions {
  readonly labels?: string;
  readonly top: number;
  readonly normalize?: images.Normalization;
  readonly size?: readonly [number, number];
  readonly crop?: boolean;
  readonly bgr?: boolean;
  readonly softmax?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** What came out: classes, or the numbers of anything else; in full only where machines read them. */
interface Output {
  readonly shape: readonly number[];
  readonly predictions?: readonly images.Prediction[];
  readonly low?: number;
  readonly high?: number;
  readonly data?: readonly number[];
}

interface Report {
  readonly image: string;
  readonly outputs: readonly Output[];
}

export async function run(path: string, pictures: readonly string[], options: RunOptions): Promise<void> {
  if (options.out !== undefined && pictures.length > 1) throw new Misuse("--out takes one picture, got several");
  await init();
  const labels = options.labels === undefined ? undefined : readLabels(options.labels);
  const file = readModelFile(path);
  const first = readPicture(pictures[0]);
  const model = await modelFor(file, first, options);
  checkLabels(file, model, labels);
  const how = {
    ...options,
    normalize: options.normalize ?? file.notes.normalize ?? "[0,1]",
    labels: labels ?? file.notes.labels,
  };
  const reports = pictures.map((name, i): Report => {
    const picture = i === 0 ? first : readPicture(name);
    return { image: name, outputs: scope(() => outputsFor(model, picture, how)) };
  });
  if (options.json) return printJson(reports);
  for (const report of reports) print(textOf(report, pictures.length > 1));
}

/** What the pictures are taken for, all defaults filled in. */
type How = Omit<RunOptions, "labels" | "normalize"> & {
  readonly labels?: readonly string[];
  readonly normalize: images.Normalization;
};

/** Sizes that a file leaves open are those asked for, or the picture's. */
async function modelFor(file: ModelFile, { width, height }: Picture, { size }: RunOptions): Promise<Model> {
  const model = await closed(file, size ?? [height, width], size !== undefined);
  const [{ shape, name }, ...others] = model.inputs;
  if (others.length > 0)
    throw new Trouble(`${file.path}: takes ${model.inputs.length} inputs, and run gives it one picture`);
  if (shape.length === 3 && (shape[2] === 1 || shape[2] === 3)) return model;
  throw new Trouble(`${file.path}: input ${name} is [${shape}], no picture with 1 or 3 colours`);
}

async function closed(file: ModelFile, size: readonly [number, number], isAsked: boolean): Promise<Model> {
  const attempts = [...(isAsked ? [] : [undefined]), [...size, 3], [...size, 1]];
  let failure: unknown;
  for (const shape of attempts) {
    try {
      return await modelOf(file, shape);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // What a network says against a size tells more than that a size was missing.
      if (failure === undefined || !error.message.includes("give it one that fits")) failure = error;
    }
  }
  throw failure;
}

function checkLabels({ path, notes }: ModelFile, model: Model, given: readonly string[] | undefined): void {
  const labels = given ?? notes.labels;
  const shapes = model.outputShapes;
  if (labels === undefined || shapes.some((shape) => tells(shape, labels))) return;
  throw new Trouble(
    `${path}: no output has ${labels.length} classes, as the labels say; outputs are [${shapes.join("], [")}]`,
  );
}

/** Whether an output has a number for each label. A single one is the probability of the second of two. */
function tells(shape: readonly number[], { length }: readonly string[]): boolean {
  return shape.length === 1 && (shape[0] === length || (shape[0] === 1 && length === 2));
}

function outputsFor(model: Model, picture: Picture, how: How): Output[] {
  const [height, width, channels] = model.inputShape;
  const { normalize } = how;
  const x = images.fromImage(picture, {
    size: [height, width],
    ...(how.crop && { crop: "center" }),
    ...{ colors: channels === 1 ? "grey" : how.bgr ? "bgr" : "rgb", normalize },
  });
  const outputs = model.predictAll([x]);
  if (how.out !== undefined) writePicture(how.out, outputs, how);
  return outputs.map((y) => describe(y, how));
}

/** The first output that is an image, at the scale of what came in. */
function writePicture(path: string, outputs: readonly Tensor[], { bgr, normalize }: How): void {
  const isImage = ({ shape }: Tensor) => shape.length === 4 && [1, 3, 4].includes(shape[3]);
  const found = outputs.find(isImage);
  if (found === undefined) {
    const shapes = outputs.map(({ shape }) => `[${shape.slice(1)}]`);
    throw new Trouble(`--out ${path}: the network makes no image, but ${shapes.join(", ")}`);
  }
  const isForColors = typeof normalize === "object" || normalize === "imagenet";
  const scale = found.shape[3] === 1 && isForColors ? "[0,1]" : normalize;
  writeBytes(path, encodePng(images.toImage(found, { colors: bgr ? "bgr" : "rgb", normalize: scale })));
}

function describe(y: Tensor, { labels, top, softmax, json }: How): Output {
  const shape = y.shape.slice(1);
  if (shape.length === 1) {
    const names = labels && tells(shape, labels) ? labels : undefined;
    const isSecond = y.size === 1 && names?.length === 2;
    const shares = isSecond ? tensor([1 - y.data[0], y.data[0]]) : softmax ? ops.softmax(y) : y;
    const [predictions] = images.decodePredictions(shares, { labels: names, top });
    return { shape, predictions };
  }
  if (json) return { shape, data: Array.from(y.data) };
  const extreme = (choose: (a: number, b: number) => number) => y.data.reduce((a, b) => choose(a, b));
  return { shape, low: extreme(Math.min), high: extreme(Math.max) };
}

function textOf({ image, outputs }: Report, isOneOfSeveral: boolean): string {
  const lines = outputs.flatMap(({ shape, predictions, low, high }, i) => {
    if (predictions === undefined)
      return [`output ${i + 1} [${shape}]: from ${low?.toPrecision(4)} to ${high?.toPrecision(4)}`];
    const rows = predictions.map(({ label, probability }) => [label, probability.toFixed(4)]);
    return [...(outputs.length > 1 ? [`output ${i + 1}`] : []), table(rows)];
  });
  return isOneOfSeveral ? [image, ...lines.map((line) => line.replace(/^/gm, "  "))].join("\n") : lines.join("\n");
}
