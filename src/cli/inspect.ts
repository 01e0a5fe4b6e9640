/** `striate inspect`: what is in a file, and what it costs. */
import { init, type Model, UnsupportedError } from "../index.ts";
import { FORMATS, type ModelFile, modelOf, readModelFile } from "./models.ts";
import { bytesText, print, printJson } from "./output.ts";

export interface InspectOptions {
  readonly inputShape?: readonly number[];
  readonly batchSize: number;
  readonly json?: boolean;
}

export async function inspect(path: string, { inputShape, batchSize, json }: InspectOptions): Promise<void> {
  await init();
  const file = readModelFile(path);
  try {
    const model = await modelOf(file, inputShape);
    if (json) printJson(reportOf(file, model, batchSize));
    else print(textOf(file, model, batchSize));
  } catch (error) {
    const unsupported = error instanceof UnsupportedError ? error.missing : [];
    if (json && unsupported.length > 0) printJson({ ...aboutFile(file), unsupported });
    throw error;
  }
}

function aboutFile({ path, format, bytes }: ModelFile): object {
  return { file: path, format, bytes };
}

function reportOf(file: ModelFile, model: Model, batchSize: number): object {
  const { parameters, predict } = model.memory({ batchSize });
  const count = (learned: boolean) =>
    model.layers
      .flatMap((layer) => layer.parameters.filter((p) => !learned || (layer.trainable && p.learned)))
      .reduce((sum, { size }) => sum + size, 0);
  return {
    ...aboutFile(file),
    inputs: model.inputs,
    outputs: model.outputShapes.map((shape) => ({ shape })),
    layers: model.layers.map(({ name, className, outputShape, parameters: own }) => ({
      ...{ name, type: className, outputShape },
      parameters: own.reduce((sum, { size }) => sum + size, 0),
    })),
    operators: operatorsOf(model),
    parameters: { all: count(false), learned: count(true) },
    memory: { batchSize, parameters, predict },
    ...(file.notes.labels && { labels: file.notes.labels }),
  };
}

function textOf(file: ModelFile, model: Model, batchSize: number): string {
  const { parameters, predict } = model.memory({ batchSize });
  const operators = Object.entries(operatorsOf(model)).map(([name, count]) => `${name} ${count}`);
  return [
    `${file.path}: ${FORMATS[file.format]}, ${bytesText(file.bytes)}`,
    ...model.inputs.map(({ name, shape }) => `input ${name} [${shape}]`),
    "",
    model.summary(),
    "",
    `operators: ${operators.join(", ")}`,
    `memory for a batch of ${batchSize}: parameters ${bytesText(parameters)}, prediction ${bytesText(predict)}`,
    ...(file.notes.labels === undefined ? [] : [`classes: ${file.notes.labels.join(", ")}`]),
  ].join("\n");
}

/** How many layers there are of each class, the most frequent first. */
function operatorsOf(model: Model): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { className } of model.layers) counts.set(className, (counts.get(className) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
