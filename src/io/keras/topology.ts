/** The topology of Keras' files (Keras 2 and 3, functional and sequential, nested): a graph of layers. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import type { Layer } from "../../layers/layer.ts";
import { input, type SymbolicTensor } from "../../layers/symbolic.ts";
import { closedShape, type InputShapes } from "../network/inputShapes.ts";
import { isKnownClass, type KerasConfig, layersOf } from "./classes.ts";

/** A layer as JSON has it. */
interface SavedLayer {
  readonly class_name: string;
  readonly name?: string;
  readonly config: KerasConfig;
  readonly inbound_nodes?: readonly unknown[];
}

/** A model as JSON has it, at the top or as a layer. */
export interface SavedNetwork {
  readonly class_name: string;
  readonly config: KerasConfig;
}

/** A layer of ours and where its weights stand in the file. */
export interface ImportedLayer {
  readonly layer: Layer;
  /** Names of the models around it and its own, as in "backbone/conv1". */
  readonly path: string;
  readonly config: KerasConfig;
}

/** What a topology describes. */
export interface Network {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly layers: readonly ImportedLayer[];
}

type Apply = (inputs: readonly SymbolicTensor[]) => readonly SymbolicTensor[];

const NETWORKS = ["Functional", "Model", "Sequential"];

/** Where a value comes from: the layer, which of its uses, and which of that's outputs. */
type Origin = readonly [name: string, use: number, output: number];

/** Makes layers and applies them to each other as the file says. */
export class Topology {
  readonly layers: ImportedLayer[] = [];
  readonly #file: string;
  readonly #version: string;
  readonly #inputShapes: InputShapes | undefined;

  constructor(file: string, version: string, inputShapes: InputShapes | undefined) {
    this.#file = file;
    this.#version = version;
    this.#inputShapes = inputShapes;
  }

  network(saved: SavedNetwork): Network {
    this.#checkKnown(saved);
    const starts = startsOf(this.#file, saved);
    const inputs = starts.map(({ name, shape }) =>
      input({ name, shape: closedShape(this.#file, name, shape, starts.length, this.#inputShapes) }),
    );
    return { inputs, outputs: this.#applier(saved, "")(inputs), layers: this.layers };
  }

  /** One error for all classes that there are no layers for. */
  #checkKnown(saved: SavedNetwork): void {
    const unknown = new Map<string, string[]>();
    const visit = (network: SavedNetwork): void => {
      for (const layer of layersIn(this.#file, network)) {
        if (NETWORKS.includes(layer.class_name)) visit(layer);
        else if (layer.class_name !== "InputLayer" && !isKnownClass(layer.class_name)) {
          unknown.set(layer.class_name, [...(unknown.get(layer.class_name) ?? []), nameOf(layer)]);
        }
      }
    };
    visit(saved);
    if (unknown.size === 0) return;
    const list = [...unknown].map(([name, uses]) => `${name} (${uses.join(", ")})`);
    throw new UnsupportedError(`${this.#file}: there are no layers for ${list.join("; ")}`, {
      missing: [...unknown.keys()],
    });
  }

  /** What a network computes of its inputs; its layers are made once, however often it is applied. */
  #applier(saved: SavedNetwork, path: string): Apply {
    const made = new Map<SavedLayer, Apply>();
    const applierOf = (layer: SavedLayer): Apply => {
      const own = path === "" ? nameOf(layer) : `${path}/${nameOf(layer)}`;
      const known = made.get(layer);
      if (known !== undefined) return known;
      const apply = NETWORKS.includes(layer.class_name) ? this.#applier(layer, own) : this.#layerApplier(layer, own);
      made.set(layer, apply);
      return apply;
    };
    const layers = layersIn(this.#file, saved);
    if (saved.class_name !== "Sequential") return (inputs) => this.#connect(saved, layers, inputs, applierOf);
    const chain = layers.filter(({ class_name }) => class_name !== "InputLayer");
    return (inputs) => chain.reduce((values, layer) => applierOf(layer)(values), inputs);
  }

  #layerApplier({ class_name: className, config }: SavedLayer, path: string): Apply {
    let layers: Layer[] | undefined;
    return (inputs) => {
      if (layers === undefined) {
        layers = layersOf(this.#file, {
          name: path,
          className,
          config,
          input: inputs[0].shape,
          version: this.#version,
        });
        this.layers.push(...layers.map((layer) => ({ layer, path, config })));
      }
      const [first, ...behind] = layers;
      return [behind.reduce((x, layer) => layer.connect(x), first.connect(inputs))];
    };
  }

  /** Applies layers in whatever order they stand, each as soon as its inputs are there. */
  #connect(
    saved: SavedNetwork,
    layers: readonly SavedLayer[],
    inputs: readonly SymbolicTensor[],
    applierOf: (layer: SavedLayer) => Apply,
  ): readonly SymbolicTensor[] {
    const values = new Map<string, readonly SymbolicTensor[]>();
    const valueAt = ([name, use, output]: Origin) => values.get(`${name}:${use}`)?.[output];
    for (const [i, [name]] of origins(this.#file, saved.config.input_layers).entries())
      values.set(`${name}:0`, [inputs[i]]);
    const ends = origins(this.#file, saved.config.output_layers);
    let open = numbered(
      layers.flatMap((layer) =>
        (layer.inbound_nodes ?? []).map((node, use) => ({ layer, use, takes: inputsOf(this.#file, layer, node) })),
      ),
      ends,
    );
    while (open.length > 0) {
      const later = open.filter(({ layer, key, takes }) => {
        const given = takes.map(valueAt);
        if (given.includes(undefined)) return true;
        values.set(key, applierOf(layer)(given as SymbolicTensor[]));
        return false;
      });
      if (later.length === open.length) {
        const { layer, takes } = later[0];
        const missing = takes.filter((origin) => valueAt(origin) === undefined).map(([name]) => name);
        throw new FormatError(
          `${this.#file}: layer ${show(nameOf(layer))} takes ${show(missing)}, which nothing makes`,
        );
      }
      open = later;
    }
    return ends.map((origin) => {
      const value = valueAt(origin);
      if (value !== undefined) return value;
      throw new FormatError(`${this.#file}: no layer makes the output ${show(origin[0])}`);
    });
  }
}

/** A layer, one of its uses, and what it takes there. */
interface Use {
  readonly layer: SavedLayer;
  readonly use: number;
  readonly takes: readonly Origin[];
}

/**
 * Uses with the key that their values are asked for by. Keras counts the uses of a model in a model from 1: the 0th was when it was
 * made, and is not in the file. Where none is asked for that the file does not list, they are counted from 0.
 */
function numbered(uses: readonly Use[], ends: readonly Origin[]): (Use & { readonly key: string })[] {
  const asked = [...ends, ...uses.flatMap(({ takes }) => takes)];
  const first = (layer: SavedLayer) => {
    if (!NETWORKS.includes(layer.class_name)) return 0;
    const count = layer.inbound_nodes?.length ?? 0;
    return asked.some(([name, use]) => name === nameOf(layer) && use >= count) ? 1 : 0;
  };
  return uses.map((one) => ({ ...one, key: `${nameOf(one.layer)}:${one.use + first(one.layer)}` }));
}

function nameOf({ name, config }: SavedLayer): string {
  return String(name ?? config.name);
}

function layersIn(file: string, { config }: SavedNetwork): readonly SavedLayer[] {
  const layers = Array.isArray(config) ? config : config?.layers;
  const isLayer = (layer: Partial<SavedLayer> | null) =>
    typeof layer?.class_name === "string" && typeof layer.config === "object" && layer.config !== null;
  if (Array.isArray(layers) && layers.length > 0 && layers.every(isLayer)) return layers;
  throw new FormatError(`${file}: a network must have layers with class_name and config, got ${show(layers)}`);
}

/** Names and shapes (without batch; null: open) of the inputs. */
function startsOf(file: string, saved: SavedNetwork): { name: string; shape: readonly (number | null)[] }[] {
  const layers = layersIn(file, saved);
  const starts =
    saved.class_name === "Sequential"
      ? layers.slice(0, 1)
      : origins(file, saved.config.input_layers).map(([name]) => layers.find((layer) => nameOf(layer) === name));
  return starts.map((layer) => {
    const { batch_input_shape, batch_shape = batch_input_shape } = layer?.config ?? {};
    if (layer !== undefined && NETWORKS.includes(layer.class_name)) return startsOf(file, layer)[0];
    const isSize = (size: unknown) => size === null || (Number.isSafeInteger(size) && Number(size) > 0);
    if (layer !== undefined && Array.isArray(batch_shape) && batch_shape.slice(1).every(isSize)) {
      return { name: nameOf(layer), shape: batch_shape.slice(1) };
    }
    throw new FormatError(`${file}: an input layer must have a batch_shape, got ${show(batch_shape)}`);
  });
}

/** [["conv1",0,0]], or ["conv1",0,0] where there is one. */
function origins(file: string, given: unknown): readonly Origin[] {
  const list = Array.isArray(given) && typeof given[0] === "string" ? [given] : given;
  const isOrigin = (one: unknown) =>
    Array.isArray(one) && typeof one[0] === "string" && Number.isInteger(one[1]) && Number.isInteger(one[2]);
  if (Array.isArray(list) && list.every(isOrigin)) return list as Origin[];
  throw new FormatError(`${file}: values must stand as ["layer",0,0], got ${show(given)}`);
}

/** What a layer takes at one of its uses: Keras 2 lists origins, Keras 3 arguments with tensors somewhere in them. */
function inputsOf(file: string, layer: SavedLayer, node: unknown): readonly Origin[] {
  if (Array.isArray(node)) return origins(file, node);
  const found = tensorsIn((node as { args?: unknown } | null)?.args);
  if (found.length > 0) return origins(file, found);
  throw new FormatError(`${file}: layer ${show(nameOf(layer))} must list its inputs, got ${show(node)}`);
}

function tensorsIn(argument: unknown): unknown[] {
  if (Array.isArray(argument)) return argument.flatMap(tensorsIn);
  const { class_name, config } = (argument ?? {}) as Partial<SavedNetwork>;
  return class_name === "__keras_tensor__" ? [config?.keras_history] : [];
}
