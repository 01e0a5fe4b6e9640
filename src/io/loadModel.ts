/** A model from the file that `model.save()` wrote. */
import { ArgumentError, checkOptions, FormatError, show } from "../errors.ts";
import { Layer, type LayerClass } from "../layers/layer.ts";
import { layerFrom } from "../layers/registry.ts";
import { input } from "../layers/symbolic.ts";
import { type LossName, loss } from "../losses/registry.ts";
import { type MetricName, metric } from "../metrics/registry.ts";
import { connectModel } from "../model/functional.ts";
import type { Model } from "../model/model.ts";
import type { Plateau } from "../model/monitor.ts";
import type { GraphOptions } from "../model/options.ts";
import {
  type Configured,
  FORMAT_VERSION,
  learned,
  type SavedModel,
  type SavedTraining,
  stateName,
} from "../model/snapshot.ts";
import { optimizer } from "../optimizers/registry.ts";
import { sameShape } from "../tensor/shape.ts";
import { asFormatError } from "./loading.ts";
import { decodeSafetensors, type NamedTensor } from "./safetensors.ts";

/** What `loadModel` takes. */
export interface LoadOptions {
  /** Stands in messages; the file's name, say. */
  name?: string;
  /** Classes of your own layers, by their `className`. */
  layers?: Readonly<Record<string, LayerClass>>;
}

/**
 * Makes the saved model again. Where the file holds the optimizer's state the model comes compiled, and
 * `fit(..., { resume: true })` goes on to the same weights as if it had never stopped.
 *
 * @param bytes the file, as `readFile` or a response's `arrayBuffer()` gives it.
 * @throws FormatError where the file is truncated, no model of striate, or lacks a parameter.
 * @example
 * const model = sequential({ inputShape: [4], seed: 1 }, [layers.dense({ units: 2, activation: "softmax" })]);
 * const same = loadModel(model.save()); // or what readFile or a response's arrayBuffer() gives
 */
export function loadModel(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Model {
  checkOptions("loadModel", options, { name: true, layers: true });
  const { name = "loadModel", layers = {} } = options;
  checkClasses(layers);
  const file = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  if (!(file instanceof Uint8Array)) {
    throw new ArgumentError(`loadModel: bytes must be a Uint8Array or an ArrayBuffer, got ${show(bytes)}`);
  }
  const { tensors, metadata } = decodeSafetensors(file, name);
  const saved = parseModel(metadata.striate, name);
  let model: Model | undefined;
  try {
    const { seed, precision } = saved;
    const options = { ...connect(name, saved, layers), seed, precision };
    model = connectModel("model", options, (key, shape) => tensorOf(tensors, key, shape, name).data);
    if (saved.training !== undefined) restoreTraining(model, saved.training, tensors, name);
    return model;
  } catch (error) {
    model?.dispose();
    throw asFormatError(error, name);
  }
}

function checkClasses(classes: Readonly<Record<string, LayerClass>>): void {
  for (const [name, made] of Object.entries(classes)) {
    if (typeof made === "function" && made.prototype instanceof Layer) continue;
    throw new ArgumentError(`loadModel: layers.${name} must be a class that extends Layer, got ${show(made)}`);
  }
}

function parseModel(json: string | undefined, name: string): SavedModel {
  if (json === undefined) throw new FormatError(`${name}: the file holds tensors, but no model saved by striate`);
  let saved: Partial<SavedModel> | null;
  try {
    saved = JSON.parse(json);
  } catch (cause) {
    throw new FormatError(`${name}: the model's configuration is no JSON`, { cause });
  }
  if (saved?.version !== FORMAT_VERSION) {
    throw new FormatError(
      `${name}: the file has version ${show(saved?.version)}, this striate reads ${FORMAT_VERSION}`,
    );
  }
  const { inputs, nodes, outputs } = saved.graph ?? {};
  if ([saved.layers, inputs, nodes, outputs].every(Array.isArray)) return saved as SavedModel;
  throw new FormatError(`${name}: the model's configuration lacks layers or a graph`);
}

/** Makes the layers and applies them to each other as the file says. */
function connect(
  file: string,
  { graph, layers: savedLayers }: SavedModel,
  classes: Readonly<Record<string, LayerClass>>,
): Pick<GraphOptions, "inputs" | "outputs"> {
  const layers = savedLayers.map((layer) => layerFrom(file, layer, classes));
  const inputs = graph.inputs.map(({ shape, name }) => input({ shape, name }));
  const values = [...inputs];
  for (const [layer, ...numbers] of graph.nodes) {
    values.push(numbered(file, "layer", layers, layer)(numbers.map((n) => numbered(file, "value", values, n))));
  }
  return { inputs, outputs: graph.outputs.map((n) => numbered(file, "value", values, n)) };
}

function numbered<T>(file: string, what: string, list: readonly T[], number: number): T {
  if (Number.isInteger(number) && number >= 0 && number < list.length) return list[number];
  throw new FormatError(`${file}: the graph asks for ${what} ${show(number)} of ${list.length}`);
}

function tensorOf(
  tensors: ReadonlyMap<string, NamedTensor>,
  key: string,
  shape: readonly number[],
  name: string,
): NamedTensor {
  const found = tensors.get(key);
  if (found === undefined) throw new FormatError(`${name}: the file lacks the tensor ${show(key)}`);
  if (sameShape(found.shape, shape)) return found;
  throw new FormatError(`${name}: tensor ${show(key)} must be ${show(shape)}, got ${show(found.shape)}`);
}

function restoreTraining(
  model: Model,
  training: SavedTraining,
  tensors: ReadonlyMap<string, NamedTensor>,
  name: string,
): void {
  model.compile({
    optimizer: optimizer(name, training.optimizer.name, training.optimizer.config),
    loss: loss(name, ...nameAndConfig<LossName>(training.loss)),
    metrics: training.metrics.map((saved) => metric(name, ...nameAndConfig<MetricName>(saved))),
  });
  const { epoch, batch } = training.position;
  for (const count of [training.iteration, epoch, batch]) {
    if (!Number.isInteger(count) || count < 0) throw new FormatError(`${name}: the training's position is damaged`);
  }
  model.clock.iteration = training.iteration;
  Object.assign(model.position, { epoch, batch });
  const trainer = model.trainer(name);
  restorePlateau(trainer.plateau, training.plateau, name);
  const { states } = trainer.compiled.optimizer;
  for (const parameter of learned(model)) {
    trainer.statesOf(parameter).forEach((pointer, i) => {
      const { data } = tensorOf(tensors, stateName(parameter.name, states[i]), parameter.shape, name);
      model.runtime.floats(pointer, parameter.size).set(data);
    });
  }
}

/** A name alone, as older files have it, or with options. */
function nameAndConfig<Name>(saved: string | Configured): [Name, object | undefined] {
  return typeof saved === "object" && saved !== null ? [saved.name as Name, saved.config] : [saved as Name, undefined];
}

function restorePlateau(plateau: Plateau, saved: Plateau | undefined, name: string): void {
  if (saved === undefined) return;
  const { factor, best, since, cooldown } = saved;
  const areCounts = [since, cooldown].every((count) => Number.isInteger(count) && count >= 0);
  if (!areCounts || !(factor > 0 && factor <= 1) || (best !== null && typeof best !== "number")) {
    throw new FormatError(`${name}: the training's plateau is damaged`);
  }
  Object.assign(plateau, { factor, best, since, cooldown });
}
