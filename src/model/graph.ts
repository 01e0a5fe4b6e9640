/** A network as a graph: which layer takes which values. Sequential models are chains. */
import { ArgumentError, show } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { FirstValues } from "../tensor/initializers.ts";
import type { Shape } from "../tensor/shape.ts";

/** An input of a model. */
export interface GraphInput {
  /** As given to `input`, or "input_1", "input_2", ... */
  readonly name: string;
  /** Of one sample. */
  readonly shape: Shape;
}

/** One use of a layer. Layers used several times share their parameters. */
export interface GraphNode {
  readonly layer: Layer;
  /** Numbers of values. */
  readonly inputs: readonly number[];
}

/** Values have numbers: first the inputs, then what the nodes make, in the order in which they are computed. */
export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  /** Numbers of values. */
  readonly outputs: readonly number[];
  /** Of one sample, for every value. */
  readonly shapes: readonly Shape[];
  /** Each once, in the order of their first use. */
  readonly layers: readonly Layer[];
}

/**
 * The graph between inputs and outputs.
 *
 * @throws ArgumentError where an output needs an input that is not given, an input is given twice or not used, or a layer
 * belongs to another model.
 */
export function traceGraph(op: string, inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): Graph {
  const made = reach(outputs, inputs);
  const values = [...inputs, ...made];
  const numbers = new Map(values.map((value, i) => [value, i]));
  const numberOf = (value: SymbolicTensor) => numbers.get(value) as number;
  for (const [i, given] of inputs.entries()) {
    const first = inputs.indexOf(given);
    if (first < i) throw new ArgumentError(`${op}: inputs[${first}] and inputs[${i}] are the same`);
    if (given.source !== undefined) {
      throw new ArgumentError(`${op}: inputs[${i}] must come from input(), but ${given.source.layer.name} made it`);
    }
  }
  for (const value of made) {
    if (value.source !== undefined) continue;
    throw new ArgumentError(`${op}: an output needs the input of shape ${show(value.shape)}, which inputs do not list`);
  }
  const nodes = made.map(({ source }) => ({
    layer: source?.layer as Layer,
    inputs: source?.inputs.map(numberOf) ?? [],
  }));
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputs.map(numberOf)]);
  for (const [i, { shape }] of inputs.entries()) {
    if (!used.has(i)) throw new ArgumentError(`${op}: no output needs inputs[${i}] of shape ${show(shape)}`);
  }
  const layers = [...new Set(nodes.map(({ layer }) => layer))];
  if (layers.length === 0) throw new ArgumentError(`${op}: outputs must come from layers, got an input itself`);
  for (const layer of layers) checkFree(op, layer);
  const names = new LayerNames(op);
  for (const layer of layers) names.give(layer);
  return {
    inputs: inputs.map(({ name, shape }, i) => ({ name: name === "" ? `input_${i + 1}` : name, shape })),
    nodes,
    outputs: outputs.map(numberOf),
    shapes: values.map(({ shape }) => shape),
    layers,
  };
}

/** What is needed for the outputs and is no input, in the order in which it was described. */
function reach(outputs: readonly SymbolicTensor[], inputs: readonly SymbolicTensor[]): SymbolicTensor[] {
  const found = new Set<SymbolicTensor>();
  const open = [...outputs];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (found.has(value) || inputs.includes(value)) continue;
    found.add(value);
    open.push(...(value.source?.inputs ?? []));
  }
  return [...found].sort((a, b) => a.order - b.order);
}

export function checkFree(op: string, layer: Layer): void {
  if (layer.built) throw new ArgumentError(`${op}: layer ${show(layer.name)} belongs to another model already`);
}

/** Names layers that have no name: the class in lower case and a number for each kind, as in "conv2d_1". */
export class LayerNames {
  readonly #op: string;
  readonly #owners = new Map<string, Layer>();
  readonly #counts = new Map<string, number>();

  /** @param op stands in messages. */
  constructor(op: string) {
    this.#op = op;
  }

  /** Throws ArgumentError where another layer has the name. */
  give(layer: Layer): void {
    const { kind, isNamed } = layer;
    if (isNamed && this.#owners.get(layer.name) === layer) return;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    const name = isNamed ? layer.name : `${kind}_${count}`;
    if (this.#owners.has(name)) throw new ArgumentError(`${this.#op}: two layers are named ${show(name)}`);
    this.#counts.set(kind, count);
    this.#owners.set(name, layer);
    layer.name = name;
  }
}

/** The layers that lead from inputs to outputs, each once, in the order of their first use. */
export function layersBetween(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): Layer[] {
  return [...new Set(reach(outputs, inputs).flatMap(({ source }) => (source === undefined ? [] : [source.layer])))];
}

/** Makes the parameters of all layers; makes none where a layer does not fit. */
export function buildLayers(op: string, runtime: Runtime, graph: Graph, firstValues: FirstValues): void {
  try {
    for (const { layer, inputs } of graph.nodes) {
      const shapes = inputs.map((value) => graph.shapes[value]);
      if (!layer.built) layer.build({ runtime, firstValues }, ...shapes);
      else if (layer.parameters.length > 0) checkShared(op, layer, shapes[0]);
    }
  } catch (error) {
    for (const layer of graph.layers) layer.unbuild();
    throw error;
  }
}

/** Parameters of a layer that is used again fit as many channels as at its first use. */
function checkShared(op: string, { name, inputShape }: Layer, shape: Shape): void {
  if (shape[shape.length - 1] === inputShape[inputShape.length - 1]) return;
  throw new ArgumentError(
    `${op}: layer ${show(name)} is shared, so its inputs must have equal channels, got ${show(inputShape)} and ${show(shape)}`,
  );
}

/** How often each value is read; an output counts as read once more. */
export function countReaders({ shapes, nodes, outputs }: Graph): number[] {
  const readers = shapes.map(() => 0);
  for (const value of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) readers[value]++;
  return readers;
}

/** Does every node take just what the one before it made? */
export function isChain({ inputs, nodes }: Graph): boolean {
  return inputs.length === 1 && nodes.every((node, i) => node.inputs.length === 1 && node.inputs[0] === i);
}

/** A name for what each node makes: that of its layer, from the second use on with a number, as in "conv2d_1:2". */
export function nodeNames({ nodes }: Graph): string[] {
  const uses = new Map<string, number>();
  return nodes.map(({ layer: { name } }) => {
    const use = (uses.get(name) ?? 0) + 1;
    uses.set(name, use);
    return use === 1 ? name : `${name}:${use}`;
  });
}
