/** A model as a file: what makes its layers again, its parameters, and where its training stands. */
import { ArgumentError, show } from "../errors.ts";
import { encodeSafetensors, type NamedTensor } from "../io/safetensors.ts";
import type { LayerConfig } from "../layers/layer.ts";
import type { Precision } from "../ops/conv2d.ts";
import { checkSchedule } from "../optimizers/registry.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Position } from "./fit.ts";
import type { Graph, GraphInput } from "./graph.ts";
import type { Model } from "./model.ts";
import type { Plateau } from "./monitor.ts";
import type { Trainer } from "./trainer.ts";

/** The version of what stands in the metadata. */
export const FORMAT_VERSION = 1;

export interface SavedLayer {
  readonly className: string;
  readonly name: string;
  readonly trainable: boolean;
  readonly config: LayerConfig;
}

/** A loss or a metric with options. */
export interface Configured {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface SavedTraining {
  readonly optimizer: { readonly name: string; readonly config: Readonly<Record<string, unknown>> };
  readonly loss: string | Configured;
  readonly metrics: readonly (string | Configured)[];
  readonly iteration: number;
  readonly position: Position;
  /** Where it is not as it began. */
  readonly plateau?: Plateau;
}

/** Values have numbers: first the inputs, then what the nodes make. */
export interface SavedGraph {
  readonly inputs: readonly GraphInput[];
  /** The number of a layer, then those of the values that it takes. */
  readonly nodes: readonly (readonly number[])[];
  /** Numbers of values. */
  readonly outputs: readonly number[];
}

/** What stands in the metadata of the file, as JSON under "striate". */
export interface SavedModel {
  readonly version: number;
  readonly graph: SavedGraph;
  readonly seed: number;
  readonly precision: Precision;
  readonly layers: readonly SavedLayer[];
  readonly training?: SavedTraining;
}

export function encodeModel(model: Model, withOptimizer: boolean): Uint8Array<ArrayBuffer> {
  const trainer = withOptimizer ? model.trainer("save") : undefined;
  // States that training has not made yet are made first: that may grow the memory, which detaches views.
  if (trainer !== undefined) for (const parameter of learned(model)) trainer.statesOf(parameter);
  const saved: SavedModel = {
    version: FORMAT_VERSION,
    graph: savedGraph(model.graph),
    seed: model.seed,
    precision: model.precision,
    layers: model.layers.map((layer) => {
      const { className, name, trainable } = layer;
      // undefined drops out of the JSON: both stand beside the options already, and may have changed since
      return { className, name, trainable, config: { ...layer.config(), name: undefined, trainable: undefined } };
    }),
    ...(trainer === undefined ? {} : { training: savedTraining(model, trainer) }),
  };
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape, data } of model.parameters) tensors.set(name, { shape, data });
  if (trainer !== undefined) addStates(tensors, model, trainer);
  return encodeSafetensors({ tensors, metadata: { format: "striate", striate: JSON.stringify(saved) } });
}

function savedGraph({ inputs, nodes, outputs, layers }: Graph): SavedGraph {
  return { inputs, nodes: nodes.map((node) => [layers.indexOf(node.layer), ...node.inputs]), outputs };
}

/** The name of an optimizer's state in a file. */
export function stateName(parameter: string, state: string): string {
  return `optimizer/${parameter}/${state}`;
}

/** What an optimizer may change. */
export function learned(model: Model): Parameter[] {
  return model.parameters.filter((parameter) => parameter.learned);
}

function savedTraining(model: Model, { compiled, plateau }: Trainer): SavedTraining {
  const { optimizer, loss, metrics } = compiled;
  checkSchedule("save", optimizer.schedule);
  return {
    optimizer: { name: optimizer.name, config: optimizer.config() },
    loss: configured("loss", loss.name, loss.name, loss.config),
    metrics: metrics.map(({ name, made }) => configured("metric", name, made?.metric ?? name, made?.config)),
    iteration: model.clock.iteration,
    position: { ...model.position },
    ...(plateau.best === null && plateau.factor === 1 ? {} : { plateau: { ...plateau } }),
  };
}

function addStates(tensors: Map<string, NamedTensor>, model: Model, trainer: Trainer): void {
  for (const parameter of learned(model)) {
    trainer.statesOf(parameter).forEach((pointer, i) => {
      const data = model.runtime.floats(pointer, parameter.size);
      tensors.set(stateName(parameter.name, trainer.compiled.optimizer.states[i]), { shape: parameter.shape, data });
    });
  }
}

/** The name alone, where there are no options. */
function configured(
  what: string,
  shown: string,
  name: string,
  config: Configured["config"] | undefined,
): string | Configured {
  if (config === undefined) {
    throw new ArgumentError(
      `save: a file cannot hold the ${what} ${show(shown)}, a function of your own; save without the optimizer`,
    );
  }
  return Object.keys(config).length === 0 ? name : { name, config };
}
