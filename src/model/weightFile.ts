/** The weights of a model alone, by name: out of files of any framework, and into files for one. */
import { ArgumentError, checkOptions, FormatError, oneOf, show } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "../io/safetensors.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Graph } from "./graph.ts";
import { flattenedInput, NOT_A_WEIGHT, type TorchWeight, torchWeight } from "./torchLayout.ts";

const LAYOUTS = ["keras", "torch"] as const;

/** What `saveWeights` takes. */
export interface SaveWeightsOptions {
  /**
   * "keras": "conv1/kernel" [KH,KW,I,O], as here; "torch": "conv1.weight" [O,I,KH,KW], and the rows of a matrix behind a
   * flattened image in the order of [C,H,W]. Default "keras".
   */
  layout?: (typeof LAYOUTS)[number];
  /**
   * Names in the file of layers or of tensors, where they are not those here: { "conv1": "features.0" }, or a function that is asked
   * for both and may leave names as they are.
   */
  map?: Readonly<Record<string, string>> | ((name: string) => string | undefined);
}

/** What `loadWeights` takes. */
export interface LoadWeightsOptions extends SaveWeightsOptions {
  /** False: parameters that the file lacks stay as they are, and tensors that no parameter takes are left. Default true. */
  strict?: boolean;
  /** Stands in messages. Default "loadWeights". */
  name?: string;
}

/** What a file had no values for, and what it held in vain. */
export interface LoadedWeights {
  /** Names of parameters. */
  readonly missing: readonly string[];
  /** Names of tensors of the file. */
  readonly unused: readonly string[];
}

/** Every parameter under its name in the file. */
function named(
  op: string,
  graph: Graph,
  { layout = "keras", map = {} }: SaveWeightsOptions,
): { parameter: Graph["layers"][number]["parameters"][number]; weight: TorchWeight }[] {
  const isTorch = oneOf(op, "layout", layout, LAYOUTS) === "torch";
  if (typeof map !== "function" && (typeof map !== "object" || map === null)) {
    throw new ArgumentError(`${op}: map must be an object of names or a function, got ${show(map)}`);
  }
  const renamed = (name: string) => {
    const given = typeof map === "function" ? map(name) : Object.hasOwn(map, name) ? map[name] : undefined;
    return given === name ? undefined : given;
  };
  const separator = isTorch ? "." : "/";
  return graph.layers.flatMap((layer) => {
    const flattened = isTorch ? flattenedInput(graph, layer) : undefined;
    return layer.parameters.map((parameter) => {
      const { name, shape } = parameter;
      const weight = isTorch ? torchWeight(parameter, flattened) : { name, shape, place: (i: number) => i };
      const at = weight.name.lastIndexOf(separator);
      const [own, role] = [weight.name.slice(0, at), weight.name.slice(at)];
      const inLayer = renamed(own);
      const inFile = renamed(name) ?? renamed(weight.name) ?? (inLayer === undefined ? weight.name : inLayer + role);
      return { parameter, weight: { ...weight, name: inFile } };
    });
  });
}

export function readWeights(graph: Graph, bytes: Uint8Array | ArrayBuffer, options: LoadWeightsOptions): LoadedWeights {
  checkOptions("loadWeights", options, { layout: true, map: true, strict: true, name: true });
  const { strict = true, name: file = "loadWeights" } = options;
  const given = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  if (!(given instanceof Uint8Array)) {
    throw new ArgumentError(`loadWeights: bytes must be a Uint8Array or an ArrayBuffer, got ${show(bytes)}`);
  }
  const { tensors } = decodeSafetensors(given, file);
  const wanted = named("loadWeights", graph, options);
  const taken = new Set(wanted.map(({ weight }) => weight.name));
  const missing = wanted.filter(({ weight }) => !tensors.has(weight.name));
  const unused = [...tensors.keys()].filter((key) => !taken.has(key) && !NOT_A_WEIGHT.test(key));
  if (strict && (missing.length > 0 || unused.length > 0)) {
    const lacks = missing.map(({ parameter, weight }) => `${show(weight.name)} for ${parameter.name}`).join(", ");
    throw new FormatError(
      `${file}: the file lacks ${lacks || "nothing"}; nothing takes ${unused.map(show).join(", ") || "anything else"}`,
    );
  }
  const found = wanted.filter(({ weight }) => tensors.has(weight.name));
  for (const { weight } of found) checkWeight(file, weight, tensors.get(weight.name) as NamedTensor);
  for (const { parameter, weight } of found) {
    const { data } = tensors.get(weight.name) as NamedTensor;
    parameter.set(Float32Array.from({ length: parameter.size }, (_, i) => data[weight.place(i)]));
  }
  return { missing: missing.map(({ parameter }) => parameter.name), unused };
}

function checkWeight(file: string, { name, shape }: TorchWeight, tensor: NamedTensor): void {
  if (sameShape(tensor.shape, shape)) return;
  throw new FormatError(`${file}: tensor ${show(name)} must be ${show(shape)}, got ${show(tensor.shape)}`);
}

export function writeWeights(graph: Graph, options: SaveWeightsOptions): Uint8Array<ArrayBuffer> {
  checkOptions("saveWeights", options, { layout: true, map: true });
  const tensors = new Map<string, NamedTensor>();
  for (const { parameter, weight } of named("saveWeights", graph, options)) {
    if (tensors.has(weight.name)) {
      throw new ArgumentError(`saveWeights: two parameters would be named ${show(weight.name)} in the file`);
    }
    const data = new Float32Array(parameter.size);
    parameter.data.forEach((value, i) => {
      data[weight.place(i)] = value;
    });
    tensors.set(weight.name, { shape: weight.shape, data });
  }
  return encodeSafetensors({ tensors, metadata: { format: options.layout === "torch" ? "pt" : "striate" } });
}
