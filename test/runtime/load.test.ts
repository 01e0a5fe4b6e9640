import { expect, it } from "vitest";
import { decodeHex } from "../../src/runtime/loaders/everywhere.ts";

const every = Uint8Array.from({ length: 256 }, (_, i) => i);
const hex = [...every].map((byte) => byte.toString(16).padStart(2, "0")).join("");

it("decodes every byte, with the host's own decoder or without one", () => {
  expect(decodeHex(hex)).toEqual(every);
  const native = Object.getOwnPropertyDescriptor(Uint8Array, "fromHex");
  if (native === undefined) return;
  Object.defineProperty(Uint8Array, "fromHex", { ...native, value: undefined });
  try {
    expect(decodeHex(hex)).toEqual(every);
  } finally {
    Object.defineProperty(Uint8Array, "fromHex", native);
  }
});
