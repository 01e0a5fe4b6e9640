import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasets, FormatError } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";

const { parseIdx } = datasets;

/** An IDX file: the magic number of `type`, the sizes, the bytes of the elements. */
function idx(type: number, shape: readonly number[], elements: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...elements]);
}

const types = [
  { name: "u8", type: 0x08, array: Uint8Array, write: "setUint8", values: [0, 1, 255] },
  { name: "i8", type: 0x09, array: Int8Array, write: "setInt8", values: [-128, 0, 127] },
  { name: "i16", type: 0x0b, array: Int16Array, write: "setInt16", values: [-32768, 258, 32767] },
  { name: "i32", type: 0x0c, array: Int32Array, write: "setInt32", values: [-(2 ** 31), 66051, 2 ** 31 - 1] },
  { name: "f32", type: 0x0d, array: Float32Array, write: "setFloat32", values: [-0.5, 1e-40, Number.NaN] },
  {
    name: "f64",
    type: 0x0e,
    array: Float64Array,
    write: "setFloat64",
    values: [Math.PI, -0, Number.POSITIVE_INFINITY],
  },
] as const;

describe("parseIdx", () => {
  it.each(types)("reads $name, big-endian", ({ type, array, write, values }) => {
    const view = new DataView(new ArrayBuffer(values.length * array.BYTES_PER_ELEMENT));
    values.forEach((value, i) => view[write](i * array.BYTES_PER_ELEMENT, value));
    const { shape, data } = parseIdx(idx(type, [3, 1], [...new Uint8Array(view.buffer)]));
    expect(shape).toEqual([3, 1]);
    expect(data).toEqual(array.from(values));
  });

  it("takes bytes as they lie, also from the middle of a buffer", () => {
    const file = new Uint8Array([9, 9, 9, ...idx(8, [2, 2], [1, 2, 3, 4])]).subarray(3);
    const { data } = parseIdx(file);
    expect([...data]).toEqual([1, 2, 3, 4]);
    expect(data.buffer).toBe(file.buffer);
  });

  it("answers any bytes with an array or a FormatError", () => {
    const header = fc.tuple(fc.constantFrom(0, 0, 1), fc.constant(0), fc.nat(16), fc.nat(4));
    const tail = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 255), { maxLength: 24 });
    fc.assert(
      fc.property(header, tail, (start, rest) => {
        try {
          const { shape, data } = parseIdx(Uint8Array.from([...start, ...rest]), "x");
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect((error as Error).message).toMatch(/^x: .*got /);
        }
      }),
      { numRuns: 500 },
    );
  });

  const magic =
    "expected the magic number 0x0000, type (08 u8, 09 i8, 0b i16, 0c i32, 0d f32, 0e f64), axes >= 1, got 0x";
  const read = (bytes: Uint8Array) => () => parseIdx(bytes, "digits");
  refuses([
    ["an empty file", read(new Uint8Array()), new FormatError("digits: truncated: the header takes 4 bytes, got 0")],
    ["another format", read(Uint8Array.of(0x89, 80, 78, 71)), new FormatError(`digits: not IDX: ${magic}89504e47`)],
    [
      "gzip",
      read(Uint8Array.of(0x1f, 0x8b, 8, 8, 0)),
      new FormatError(`digits: not IDX: ${magic}1f8b0808; this is gzip, unpack it first`),
    ],
    ["an unknown type", read(idx(10, [1], [0])), new FormatError(`digits: not IDX: ${magic}00000a01`)],
    ["no axes", read(idx(8, [], [0])), new FormatError(`digits: not IDX: ${magic}00000800`)],
    [
      "a file that ends in its sizes",
      read(idx(8, [7, 1, 1], []).subarray(0, 15)),
      new FormatError("digits: truncated: 3 sizes end at byte 16, got 15 bytes"),
    ],
    [
      "a file that ends in its elements",
      read(idx(8, [2, 3], [1, 2, 3, 4, 5])),
      new FormatError("digits: truncated: [2,3] of u8 takes 18 bytes, got 17"),
    ],
    [
      "a file that goes on",
      read(idx(11, [2], [0, 1, 0, 2, 0])),
      new FormatError("digits: too long: [2] of i16 takes 12 bytes, got 13"),
    ],
    ["a size of 0", read(idx(8, [0, 28], [])), new FormatError("digits: sizes must be >= 1, got [0,28]")],
    [
      "sizes that no file can have",
      read(idx(14, [2 ** 31, 2 ** 31], [0])),
      new FormatError("digits: truncated: [2147483648,2147483648] of f64 takes 36893488147419103000 bytes, got 13"),
    ],
  ]);
});
