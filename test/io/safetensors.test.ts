import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";

const file = () =>
  encodeSafetensors({
    tensors: new Map([
      ["a", { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) }],
      ["b", { shape: [], data: Float32Array.of(7) }],
    ]),
    metadata: { format: "test" },
  });

/** A file with this header and some data. */
function withHeader(header: unknown, data = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

describe("safetensors", () => {
  it("gives back what was written", () => {
    const { tensors, metadata } = decodeSafetensors(file());
    expect(metadata).toEqual({ format: "test" });
    expect([...tensors.keys()]).toEqual(["a", "b"]);
    expect(tensors.get("a")).toEqual({ shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) });
  });

  it("begins its data at a multiple of 8, as the format asks", () => {
    const bytes = file();
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
  });

  it("answers any damage with a FormatError, or reads it", () => {
    const good = file();
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(good.length),
        (at, value, length) => {
          const bad = good.slice(0, length);
          if (at < length) bad[at] = value;
          try {
            decodeSafetensors(bad);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  const refused: [string, Uint8Array, string][] = [
    ["too short", new Uint8Array(3), "f: a safetensors file has at least 8 bytes, got 3"],
    ["a truncated header", file().slice(0, 20), "f: the header has 144 bytes, but the file only 20; is it truncated?"],
    [
      "a page",
      new TextEncoder().encode("<!doctype html>"),
      "f: no safetensors file, since these begin with the length of a header",
    ],
    ["no JSON", withHeader("{nonsense"), "f: the header is no JSON"],
    ["an array", withHeader([1]), "f: the header must be a JSON object, got [1]"],
    [
      "no offsets",
      withHeader({ a: { dtype: "F32", shape: [1] } }),
      'f: tensor "a" must have a shape and two data_offsets',
    ],
    [
      "another dtype",
      withHeader({ a: { dtype: "F8", shape: [2], data_offsets: [0, 4] } }, 4),
      'f: tensor "a" must be one of F32, F64, F16, BF16, I64, I32, got "F8"',
    ],
    [
      "a shape that does not fill its place",
      withHeader({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4),
      'f: tensor "a" of shape [2] needs 8 bytes, got 4',
    ],
    [
      "truncated data",
      withHeader({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, 4),
      'f: tensor "a" ends at byte 8 of 4; is the file truncated?',
    ],
  ];
  it.each(refused)("refuses %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, "f")).toThrow(new FormatError(message));
  });
});
