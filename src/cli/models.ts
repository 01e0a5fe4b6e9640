/** Models from files of all formats. The content tells the format; the name of a file does not matter. */
import { basename, dirname, isAbsolute, join, normalize, sep } from "node:path";
import { FormatError, loadModel, type Model } from "../index.ts";
import type { KerasFile } from "../io/keras/index.ts";
import { isFolder, parseJson, readBytes } from "./files.ts";
import { type Notes, notesOf } from "./notes.ts";
import { Trouble } from "./trouble.ts";

export const FORMATS = { keras: "TensorFlow.js", onnx: "ONNX", striate: "striate" } as const;

export interface ModelFile {
  readonly path: string;
  readonly format: keyof typeof FORMATS;
  /** Of the file and the weights beside it. */
  readonly bytes: number;
  /** What `striate train` wrote down. */
  readonly notes: Notes;
  /** Where the model is one of TensorFlow.js: the parts of model.json, and the bytes of its weights. */
  readonly keras?: { readonly json: KerasFile; readonly weights: readonly Uint8Array[] };
  /** Where it is not: the file itself. */
  readonly content: Uint8Array;
}

/** Reads what belongs to a model: a file, or a folder with a model.json in it. */
export function readModelFile(given: string): ModelFile {
  const path = isFolder(given) ? join(given, "model.json") : given;
  const content = readBytes(path);
  const format = formatOf(path, content);
  if (format === "striate") return { path, format, content, bytes: content.length, notes: notesOf(path, content) };
  if (format === "onnx") return { path, format, content, bytes: content.length, notes: {} };
  const json = parseJson(path, content) as KerasFile;
  const weights = weightPaths(path, json).map((part) => readBytes(join(dirname(path), part)));
  const bytes = weights.reduce((sum, part) => sum + part.length, content.length);
  return { path, format, content, bytes, notes: {}, keras: { json, weights } };
}

/** The model in a file; `inputShape` closes what the file leaves open. Readers that a file does not need are not loaded. */
export async function modelOf(file: ModelFile, inputShape?: readonly number[]): Promise<Model> {
  const options = { name: file.path, ...(inputShape && { inputShape }) };
  if (file.keras !== undefined) {
    const { loadKeras } = await import("../io/keras/index.ts");
    return loadKeras(file.keras.json, file.keras.weights, options);
  }
  if (file.format === "onnx") {
    const { loadOnnx } = await import("../io/onnx/index.ts");
    return loadOnnx(file.content, options);
  }
  const model = loadModel(file.content, { name: file.path });
  if (inputShape === undefined || inputShape.join() === model.inputShape.join()) return model;
  throw new FormatError(`${file.path}: the model takes [${model.inputShape}], got --input-shape ${inputShape}`);
}

/** Whether a file is JSON, as far as its first letter tells. */
export function isJson(content: Uint8Array): boolean {
  return /^\s*\{/.test(new TextDecoder("latin1").decode(content.subarray(0, 64)));
}

function formatOf(path: string, content: Uint8Array): keyof typeof FORMATS {
  if (content.length === 0) throw new Trouble(`${path}: is empty`);
  if (isJson(content)) return "keras";
  // Eight bytes of length, of which the last are 0, and the JSON of the header.
  if (content.length > 9 && content[8] === 0x7b && content[7] === 0 && content[6] === 0) return "striate";
  const foreign = foreignFormat(content);
  if (foreign !== undefined) throw new Trouble(`${path}: is ${foreign}`);
  if (content[0] === 0x08 || /\.onnx$/i.test(path)) return "onnx"; // field 1, the version, comes first
  throw new Trouble(`${path}: is no model; striate reads model.json of TensorFlow.js, ONNX, and its own safetensors`);
}

/** Formats that people have and striate does not read, with the way out. */
function foreignFormat(content: Uint8Array): string | undefined {
  const begins = (text: string, at = 0) => Buffer.from(content).toString("latin1", at, at + text.length) === text;
  if (begins("\x89HDF")) return "an HDF5 file; make a model.json of it with tensorflowjs_converter";
  if (begins("PK\x03\x04")) {
    return "a zip archive, as Keras (.keras) and PyTorch (.pt) write; make a model.json or an .onnx of it with their tools";
  }
  if (begins("TFL3", 4)) return "a TensorFlow Lite file, which striate does not read";
  return begins("\x80") ? "a Python pickle; export the network as ONNX" : undefined;
}

/** Weights lie beside model.json or in folders below. */
function weightPaths(path: string, { weightsManifest }: KerasFile): string[] {
  const groups = Array.isArray(weightsManifest) ? (weightsManifest as { paths?: unknown }[]) : [];
  const paths = groups.flatMap((group) => (Array.isArray(group?.paths) ? group.paths : []));
  const outside = paths.find(
    (part) => typeof part !== "string" || isAbsolute(part) || normalize(part).startsWith(`..${sep}`),
  );
  if (outside === undefined) return paths;
  throw new Trouble(`${path}: names ${JSON.stringify(outside)}, which is no file beside ${basename(path)}`);
}
