/** Models of TensorFlow.js and Keras: model.json and the weights beside it. */
import { ArgumentError, checkOptions, FormatError, show } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import { MODEL_OPTIONS, type ModelOptions } from "../../model/options.ts";
import { asFormatError } from "../loading.ts";
import type { InputShapes } from "../network/inputShapes.ts";
import { type GraphTopology, graphModel, type Signature } from "./graphModel.ts";
import { type LayersTopology, layersModel } from "./layersModel.ts";
import { decodeWeights, type WeightFiles, type WeightGroup } from "./weights.ts";

/** What `loadKeras` takes. */
export interface LoadKerasOptions extends ModelOptions {
  /**
   * The shape of one sample, where the file leaves sizes open, as in [null,null,3]; by name where there are several inputs.
   * Default: that of the file.
   */
  inputShape?: InputShapes;
  /** Stands in messages. Default: the URL, or "loadKeras". */
  name?: string;
}

const OPTIONS = { inputShape: true, name: true, ...MODEL_OPTIONS } as const;

/** What model.json holds. */
export interface KerasFile {
  /** Layers or operations. */
  readonly modelTopology?: unknown;
  /** Where the weights stand. */
  readonly weightsManifest?: unknown;
  /** Names of inputs and outputs of a graph model. */
  readonly signature?: Signature;
}

/**
 * A model of TensorFlow.js: a layers model of Keras 2 or 3 or a frozen graph model, weights in f32, f16, i32 or quantized to
 * 8 or 16 bits. It is a model as any: it predicts, trains on, and is saved as one of striate.
 *
 * @param url of model.json; the weights are fetched beside it.
 * @throws FormatError where a file is damaged or cannot be had; UnsupportedError that lists every layer or operation that
 * striate does not have.
 * @example
 * import { loadKeras } from "striate/keras";
 * const load = () => loadKeras("https://example.com/mobilenet/model.json");
 */
export function loadKeras(url: string | URL, options?: LoadKerasOptions): Promise<Model>;
/**
 * The same of files that are there already.
 *
 * @param modelJson what JSON.parse makes of model.json.
 * @param weightFiles the bytes of its weight files, in the order of the manifest or by name.
 */
export function loadKeras(modelJson: KerasFile, weightFiles: WeightFiles, options?: LoadKerasOptions): Promise<Model>;
export async function loadKeras(
  source: string | URL | KerasFile,
  second?: LoadKerasOptions | WeightFiles,
  third?: LoadKerasOptions,
): Promise<Model> {
  if (typeof source !== "string" && !(source instanceof URL)) {
    return fromFiles(source, second as WeightFiles, third ?? {});
  }
  const options = { name: String(source), ...(second as LoadKerasOptions) };
  checkOptions("loadKeras", options, OPTIONS);
  const response = await get(source);
  const json = await response.json().catch((cause) => {
    throw new FormatError(`loadKeras: ${source} is no JSON`, { cause });
  });
  const base = response.url === "" ? source : response.url;
  const paths = manifestOf(options.name, json).flatMap((group) => group.paths);
  const files = await Promise.all(paths.map((path) => bytesOf(new URL(path, base))));
  return fromFiles(json, files, options);
}

async function get(url: string | URL): Promise<Response> {
  const response = await fetch(url).catch((cause) => {
    throw new FormatError(`loadKeras: ${url} cannot be fetched (${cause.message})`, { cause });
  });
  if (response.ok) return response;
  throw new FormatError(`loadKeras: ${url} cannot be fetched (${response.status} ${response.statusText})`);
}

/** A connection may end after the headers came. */
async function bytesOf(url: URL): Promise<ArrayBuffer> {
  const response = await get(url);
  return response.arrayBuffer().catch((cause) => {
    throw new FormatError(`loadKeras: ${url} cannot be fetched (${cause.message})`, { cause });
  });
}

function fromFiles(json: KerasFile, files: WeightFiles, options: LoadKerasOptions): Model {
  checkOptions("loadKeras", options, OPTIONS);
  const { name = "loadKeras", inputShape, ...others } = options;
  if (typeof json !== "object" || json === null || ArrayBuffer.isView(json)) {
    throw new ArgumentError(
      `loadKeras: modelJson must be a URL or what JSON.parse makes of model.json, got ${show(json)}`,
    );
  }
  const topology = topologyOf(name, json);
  const weights = decodeWeights(name, manifestOf(name, json), files);
  try {
    if ("node" in topology) return graphModel(name, topology, json.signature, weights, inputShape, others);
    return layersModel(name, topology, weights, inputShape, others);
  } catch (error) {
    throw asFormatError(error, name);
  }
}

function topologyOf(file: string, { modelTopology }: KerasFile): LayersTopology | GraphTopology {
  const topology = modelTopology as Partial<LayersTopology & GraphTopology & { config: unknown }> | undefined;
  if (Array.isArray(topology?.node)) return topology as GraphTopology;
  if (topology?.model_config !== undefined) return topology as LayersTopology;
  if (topology?.config !== undefined) return { keras_version: topology.keras_version, model_config: topology as never };
  throw new FormatError(`${file}: model.json must hold a modelTopology with a model_config or nodes`);
}

function manifestOf(file: string, json: KerasFile | null): readonly WeightGroup[] {
  const weightsManifest = json?.weightsManifest;
  const isGroup = (group: Partial<WeightGroup> | null) =>
    Array.isArray(group?.weights) && Array.isArray(group.paths) && group.paths.every((p) => typeof p === "string");
  if (Array.isArray(weightsManifest) && weightsManifest.every(isGroup)) return weightsManifest;
  throw new FormatError(`${file}: model.json must hold a weightsManifest with paths and weights`);
}
