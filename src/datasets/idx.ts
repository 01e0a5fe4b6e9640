/** IDX, the format of MNIST: a magic number, the sizes, then the elements in row-major order, all big-endian. */
import { FormatError, show } from "../errors.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";

/** Elements in the type that the file has. */
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** What an IDX file holds. */
export interface Idx {
  /** Sizes from the outermost axis to the innermost. */
  readonly shape: Shape;
  /** In row-major order. */
  readonly data: IdxData;
}

interface ElementType {
  readonly name: string;
  readonly bytes: number;
  /** The elements of `bytes`, which hold `count` of them. */
  readonly read: (bytes: DataView<ArrayBufferLike>, count: number) => IdxData;
}

/** By the third byte of the magic number. */
const TYPES: Readonly<Record<number, ElementType>> = {
  8: { name: "u8", bytes: 1, read: (at, n) => new Uint8Array(at.buffer, at.byteOffset, n) },
  9: { name: "i8", bytes: 1, read: (at, n) => new Int8Array(at.buffer, at.byteOffset, n) },
  11: { name: "i16", bytes: 2, read: (at, n) => Int16Array.from({ length: n }, (_, i) => at.getInt16(i * 2)) },
  12: { name: "i32", bytes: 4, read: (at, n) => Int32Array.from({ length: n }, (_, i) => at.getInt32(i * 4)) },
  13: { name: "f32", bytes: 4, read: (at, n) => Float32Array.from({ length: n }, (_, i) => at.getFloat32(i * 4)) },
  14: { name: "f64", bytes: 8, read: (at, n) => Float64Array.from({ length: n }, (_, i) => at.getFloat64(i * 8)) },
};

/**
 * Reads an IDX file that is wholly in memory. Bytes are not copied: `data` of u8 and i8 is a view of `bytes`.
 *
 * @param bytes the file, unpacked where it was gzipped
 * @param name what an error calls it, such as the path
 * @returns shape and elements: [60000,28,28] and u8 for the training images of MNIST, [60000] and u8 for their labels
 * @throws FormatError for a wrong magic number, a size of 0, and a file shorter or longer than its sizes say; before any
 * memory is taken.
 * @see http://yann.lecun.com/exdb/mnist/ (the format, at the end of the page)
 * @example
 * const file = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]); // u8, one axis of size 2
 * datasets.parseIdx(file).data; // [7, 9]
 */
export function parseIdx(bytes: Uint8Array, name = "IDX file"): Idx {
  const [type, rank] = magicNumber(bytes, name);
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new FormatError(`${name}: truncated: ${rank} sizes end at byte ${header}, got ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (shape.includes(0)) throw new FormatError(`${name}: sizes must be >= 1, got ${show(shape)}`);
  const count = sizeOf(shape); // a double: sizes that no file can have are seen as such
  const expected = header + count * type.bytes;
  if (bytes.length !== expected) {
    const wrong = bytes.length < expected ? "truncated" : "too long";
    throw new FormatError(
      `${name}: ${wrong}: ${show(shape)} of ${type.name} takes ${expected} bytes, got ${bytes.length}`,
    );
  }
  return { shape, data: type.read(new DataView(bytes.buffer, bytes.byteOffset + header), count) };
}

/** Two zero bytes, the type of the elements, the number of axes. */
function magicNumber(bytes: Uint8Array, name: string): readonly [ElementType, number] {
  if (bytes.length < 4) throw new FormatError(`${name}: truncated: the header takes 4 bytes, got ${bytes.length}`);
  const [zero, alsoZero, code, rank] = bytes;
  const type = TYPES[code];
  if (zero === 0 && alsoZero === 0 && type !== undefined && rank > 0) return [type, rank];
  const known = Object.entries(TYPES).map(([number, element]) => `${hex([Number(number)])} ${element.name}`);
  const gzipped = zero === 0x1f && alsoZero === 0x8b ? "; this is gzip, unpack it first" : "";
  throw new FormatError(
    `${name}: not IDX: expected the magic number 0x0000, type (${known.join(", ")}), axes >= 1, got 0x${hex(bytes.subarray(0, 4))}${gzipped}`,
  );
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
