/** What `striate train` writes down beside a network, in the metadata of its file, so that `striate run` need not be told again. */
import { decodeSafetensors, encodeSafetensors, type images } from "../index.ts";
import { parseJson } from "./files.ts";

export interface Notes {
  /** The names of the classes, in the order of the outputs. */
  readonly labels?: readonly string[];
  /** The scale of the pixels that it learned from. */
  readonly normalize?: images.Normalization;
  /** What a stopped training was asked for. */
  readonly training?: { readonly epochs: number; readonly batchSize: number; readonly validationSplit: number };
}

const KEY = "striate-cli";

export function withNotes(file: Uint8Array, notes: Notes): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(file);
  return encodeSafetensors({ tensors, metadata: { ...metadata, [KEY]: JSON.stringify(notes) } });
}

export function notesOf(path: string, file: Uint8Array): Notes {
  const text = decodeSafetensors(file, path).metadata[KEY];
  return text === undefined ? {} : (parseJson(path, new TextEncoder().encode(text)) as Notes);
}
