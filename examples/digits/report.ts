/** What a trained network is worth: accuracy, confusions, a few digits; and the files it leaves. */
import { join } from "node:path";
import type { Model } from "striate";
import type { Canvas } from "./canvas.ts";
import { type Run, saveNetwork } from "./checkpoint.ts";
import { CLASSES, type DataSet, imageAt, type Samples, SIDE } from "./data.ts";
import { writeBytes } from "./files.ts";
import { drawLossCurve } from "./lossCurve.ts";
import { drawFeatureMaps, drawFilters, type Panel } from "./plots.ts";
import { beside, confusionOf, drawConfusion, drawImage, drawProbabilities, percent, ranked } from "./terminal.ts";

export interface Result {
  readonly model: Model;
  readonly run: Run;
  readonly data: DataSet;
  /** The folder for files. */
  readonly out: string;
}

export function report({ model, run, data, out }: Result): void {
  const { test, classes } = data;
  const probabilities = predictAll(model, test);
  const guesses = probabilities.map((each) => ranked(each)[0]);
  const right = guesses.filter((guess, i) => guess === test.labels[i]).length;
  console.log(`\ntest accuracy: ${percent(right / test.count)} (${test.count} images)\n`);
  console.log(drawConfusion(confusionOf(test.labels, guesses), classes).join("\n"));

  const wrong = [...guesses.keys()].filter((i) => guesses[i] !== test.labels[i]);
  const shown = [...guesses.keys()].filter((i) => guesses[i] === test.labels[i]).slice(0, 3);
  for (const i of [...shown, ...wrong.slice(0, 3)]) {
    const head = `${classes[test.labels[i]]}${wrong.includes(i) ? ", but the network says" : ""}:`;
    const text = [head, "", ...drawProbabilities(probabilities[i], classes)];
    console.log(`\n${beside(drawImage(imageAt(test, i)), text).join("\n")}`);
  }
  console.log(`\nwrote ${writeFiles({ model, run, data, out }).join(", ")}`);
}

/** The probabilities of every image. */
function predictAll(model: Model, samples: Samples): Float32Array[] {
  const y = model.predict(samples.images);
  const all = y.data.slice();
  y.dispose();
  return Array.from({ length: samples.count }, (_, i) => all.subarray(i * CLASSES, (i + 1) * CLASSES));
}

/** @returns the paths */
function writeFiles({ model, run, data, out }: Result): string[] {
  const network = join(out, "digits.safetensors");
  saveNetwork(network, model, data);
  const pictures: Record<string, Canvas | undefined> = {
    "filters.png": filters(model),
    "feature-maps.png": featureMaps(model, data),
    "loss.png": run.losses.length === 0 ? undefined : drawLossCurve(run),
  };
  const drawn = Object.entries(pictures).flatMap(([name, canvas]) => {
    if (canvas === undefined) return [];
    writeBytes(join(out, name), canvas.toPng());
    return [join(out, name)];
  });
  return [network, ...drawn];
}

/** The first layer's filters, where it has any. */
function filters(model: Model): Canvas | undefined {
  const kernel = model.layers[0].parameters[0];
  if (kernel?.shape.length !== 4) return undefined;
  const [rows, columns, , count] = kernel.shape;
  return drawFilters({ rows, columns, count, values: kernel.data });
}

/** The first test image and what every convolution and pool makes of it. */
function featureMaps(model: Model, { test, classes }: DataSet): Canvas {
  const panel = (title: string, [rows, columns, count]: readonly number[], values: ArrayLike<number>): Panel => {
    return { title, rows, columns, count, values, scale: Math.max(1, Math.round((4 * SIDE) / columns)) };
  };
  const image = imageAt(test, 0);
  const panels = [panel(`input: ${classes[test.labels[0]]}`, [SIDE, SIDE, 1], image)];
  const outputs = model.activations(image);
  for (const layer of model.layers) {
    const { name, inputShape, outputShape } = layer;
    const { data } = outputs[name];
    if (layer.windowOver(inputShape) !== undefined)
      panels.push(panel(`${name}: ${outputShape.join("x")}`, outputShape, data));
  }
  const picture = drawFeatureMaps(panels);
  for (const output of Object.values(outputs)) output.dispose();
  return picture;
}
