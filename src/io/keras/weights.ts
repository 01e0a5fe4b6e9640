/** The weights of tfjs' files: a manifest in model.json, and the bytes beside it. */
import { ArgumentError, FormatError, show } from "../../errors.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { fromHalf } from "../half.ts";

/** Bytes of a file. */
export type Bytes = ArrayBuffer | Uint8Array;

/** Files in the order of the manifest, or by their names in it. */
export type WeightFiles = Bytes | readonly Bytes[] | Readonly<Record<string, Bytes>>;

/** A tensor of the file, as f32, or i32 where it counts something. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

/** Files whose bytes stand one behind the other, and the weights in them. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly Entry[];
}

/** How elements lie in a file: their bytes, and what makes numbers of them. */
interface Encoding {
  readonly bytes: number;
  readonly decode: (bytes: Uint8Array, entry: Entry) => Float32Array | Int32Array;
}

const quantized =
  (read: (bytes: Uint8Array) => ArrayLike<number>): Encoding["decode"] =>
  (bytes, { quantization }) => {
    const { scale = 1, min = 0 } = quantization ?? {};
    return mapped(read(bytes), (q) => q * scale + min);
  };

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  float32: { bytes: 4, decode: (bytes) => new Float32Array(copy(bytes)) },
  int32: { bytes: 4, decode: (bytes) => new Int32Array(copy(bytes)) },
  bool: { bytes: 1, decode: (bytes) => Int32Array.from(bytes) },
  float16: { bytes: 2, decode: (bytes) => mapped(new Uint16Array(copy(bytes)), fromHalf) },
  uint8: { bytes: 1, decode: quantized((bytes) => bytes) },
  uint16: { bytes: 2, decode: quantized((bytes) => new Uint16Array(copy(bytes))) },
};

/** As Float32Array.from(of, f), which walks an iterator. */
function mapped(of: ArrayLike<number>, f: (element: number) => number): Float32Array {
  const made = new Float32Array(of.length);
  for (let i = 0; i < made.length; i++) made[i] = f(of[i]);
  return made;
}

/** Typed arrays begin at multiples of their elements' size. Little-endian, as files and all hosts of WebAssembly's views are. */
function copy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer; // not slice(): that of a Buffer is a view
}

/** Every weight by its name; `file` stands in messages. Nothing is allocated that the bytes do not hold. */
export function decodeWeights(
  file: string,
  manifest: readonly WeightGroup[],
  files: WeightFiles,
): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  const paths = manifest.flatMap((group) => group.paths);
  const parts = orderedBytes(file, paths, files);
  for (const group of manifest) {
    const bytes = joined(parts.splice(0, group.paths.length));
    let offset = 0;
    for (const entry of group.weights) {
      const { length, weight } = decodeWeight(file, entry, bytes.subarray(offset));
      weights.set(entry.name, weight);
      offset += length;
    }
    if (offset === bytes.length) continue;
    throw new FormatError(`${file}: the weights of ${show(group.paths)} take ${offset} bytes, got ${bytes.length}`);
  }
  return weights;
}

function decodeWeight(file: string, entry: Entry, bytes: Uint8Array): { length: number; weight: Weight } {
  const { name, shape, dtype, quantization } = entry;
  const stored = quantization?.dtype ?? dtype;
  const encoding = Object.hasOwn(ENCODINGS, stored) ? ENCODINGS[stored] : undefined;
  if (encoding === undefined) {
    const known = Object.keys(ENCODINGS).join(", ");
    throw new FormatError(`${file}: weight ${show(name)} must be one of ${known}, got ${show(stored)}`);
  }
  if (!Array.isArray(shape) || shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new FormatError(`${file}: weight ${show(name)} must have a shape, got ${show(shape)}`);
  }
  const length = sizeOf(shape) * encoding.bytes;
  if (!(length <= bytes.length)) {
    throw new FormatError(
      `${file}: weight ${show(name)} of shape ${show(shape)} needs ${length} bytes, but ${bytes.length} are left`,
    );
  }
  return { length, weight: { shape, data: encoding.decode(bytes.subarray(0, length), entry) } };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function orderedBytes(file: string, paths: readonly string[], files: WeightFiles): Uint8Array[] {
  const single = files instanceof ArrayBuffer || ArrayBuffer.isView(files);
  const list = single || Array.isArray(files) ? [files].flat() : byName(file, paths, files as Record<string, Bytes>);
  if (list.length !== paths.length) {
    throw new ArgumentError(
      `${file}: weightFiles must hold the ${paths.length} files ${show(paths)}, got ${list.length}`,
    );
  }
  return list.map((bytes, i) => {
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
    if (bytes instanceof Uint8Array) return bytes;
    throw new ArgumentError(`${file}: weightFiles[${i}] must be an ArrayBuffer or a Uint8Array, got ${show(bytes)}`);
  });
}

function byName(file: string, paths: readonly string[], files: Readonly<Record<string, Bytes>>): Bytes[] {
  return paths.map((path) => {
    if (files !== null && typeof files === "object" && Object.hasOwn(files, path)) return files[path];
    throw new ArgumentError(`${file}: weightFiles must hold ${show(path)}, got ${show(Object.keys(files ?? {}))}`);
  });
}
