/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes of header length (little-endian), a JSON
 * header that names dtype, shape and place of every tensor, and the bytes. Pure: knows no model.
 */
import { FormatError, show } from "../errors.ts";
import { fromBrain, fromHalf } from "./half.ts";

/** A tensor of a file. */
export interface NamedTensor {
  /** Sizes from the outermost axis to the innermost. */
  readonly shape: readonly number[];
  /** The elements in row-major order. */
  readonly data: Float32Array;
}

/** What a file holds. */
export interface SafetensorsFile {
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** How elements of a type lie in a file. */
interface Encoding {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F16: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => fromBrain(view.getUint16(at, true)) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
};

/** The format's own limit on the header. */
const LARGEST_HEADER = 100_000_000;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes f32 tensors, in the order of the map; the header is padded so that the data begins at a multiple of 8.
 *
 * @example
 * const tensors = new Map([["w", { shape: [2], data: new Float32Array([1, 2]) }]]);
 * const file = encodeSafetensors({ tensors, metadata: { author: "me" } });
 */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded);
  file.set(text, 8);
  const view = new DataView(file.buffer);
  let at = 8 + padded;
  for (const { data } of tensors.values()) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return file;
}

/**
 * Reads a file, its F32, F64, F16, BF16, I32 and I64 tensors as f32; `name` stands in messages.
 *
 * @throws FormatError where it is truncated, its header is no JSON, or a tensor has another type or does not fill its place.
 * @example
 * const tensors = new Map([["w", { shape: [2], data: new Float32Array([1, 2]) }]]);
 * const file = decodeSafetensors(encodeSafetensors({ tensors, metadata: {} }));
 * file.tensors.get("w")?.data; // [1, 2]
 */
export function decodeSafetensors(bytes: Uint8Array, name = "safetensors"): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new FormatError(`${name}: a safetensors file has at least 8 bytes, got ${bytes.length}`);
  const length = Number(view.getBigUint64(0, true));
  const start = 8 + length;
  if (length > LARGEST_HEADER) {
    throw new FormatError(`${name}: no safetensors file, since these begin with the length of a header`);
  }
  if (start > bytes.length) {
    throw new FormatError(
      `${name}: the header has ${length} bytes, but the file only ${bytes.length}; is it truncated?`,
    );
  }
  const header = parseHeader(bytes.subarray(8, start), name);
  const tensors = new Map<string, NamedTensor>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") metadata = checkMetadata(value, name);
    else tensors.set(key, readTensor(view, start, checkEntry(key, value, bytes.length - start, name)));
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(`${name}: the header is no JSON`, { cause });
  }
  if (typeof header === "object" && header !== null && !Array.isArray(header)) return header as Record<string, unknown>;
  throw new FormatError(`${name}: the header must be a JSON object, got ${show(header)}`);
}

function checkMetadata(value: unknown, name: string): Record<string, string> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject && Object.values(value).every((text) => typeof text === "string"))
    return value as Record<string, string>;
  throw new FormatError(`${name}: __metadata__ must hold strings, got ${show(value)}`);
}

function checkEntry(key: string, value: unknown, bytes: number, name: string): Entry {
  const entry = value as Partial<Entry> | null;
  const shape = entry?.shape;
  const offsets = entry?.data_offsets;
  const whole = (list: unknown) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!whole(shape) || !whole(offsets) || offsets?.length !== 2) {
    throw new FormatError(`${name}: tensor ${show(key)} must have a shape and two data_offsets`);
  }
  const encoding = Object.hasOwn(ENCODINGS, entry?.dtype ?? "") ? ENCODINGS[entry?.dtype as string] : undefined;
  if (encoding === undefined) {
    const known = Object.keys(ENCODINGS).join(", ");
    throw new FormatError(`${name}: tensor ${show(key)} must be one of ${known}, got ${show(entry?.dtype)}`);
  }
  const size = shape?.reduce((a, b) => a * b, 1) ?? 0;
  const [from, to] = offsets;
  if (to > bytes) {
    throw new FormatError(`${name}: tensor ${show(key)} ends at byte ${to} of ${bytes}; is the file truncated?`);
  }
  if (to - from !== size * encoding.bytes) {
    throw new FormatError(
      `${name}: tensor ${show(key)} of shape ${show(shape)} needs ${size * encoding.bytes} bytes, got ${to - from}`,
    );
  }
  return entry as Entry;
}

function readTensor(view: DataView, start: number, { dtype, shape, data_offsets: [from, to] }: Entry): NamedTensor {
  const { bytes, read } = ENCODINGS[dtype];
  const data = new Float32Array((to - from) / bytes);
  for (let i = 0; i < data.length; i++) data[i] = read(view, start + from + i * bytes);
  return { shape, data };
}
