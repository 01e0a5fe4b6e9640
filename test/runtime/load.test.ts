import { expect, it } from "vitest";
import { decodeText } from "../../src/runtime/loaders/everywhere.ts";

// Bytes from 253 on, over the end: 90 by a digit, 92 by a space and one, the rest by an exclamation mark and one.
const ascii = Array.from({ length: 92 }, (_, i) => String.fromCharCode(i + 32));
const digits = ascii.map((digit) => digit.replace('"', "|").replace("\\", "}"));
const spelled = [...digits.slice(2), ...digits.map((digit) => ` ${digit}`), ...digits.map((digit) => `!${digit}`)];

it("decodes every byte", () => {
  const every = Uint8Array.from({ length: 256 }, (_, i) => i + 253);
  expect(decodeText(spelled.slice(0, 256).join(""))).toEqual(every);
});

it("decodes the binaries that are shipped", async () => {
  const modules = [
    await import("../../build/simd.js"),
    await import("../../build/simd-extra.js"),
    await import("../../build/relaxed.js"),
    await import("../../build/relaxed-extra.js"),
  ];
  for (const { default: text } of modules) {
    expect(text).toMatch(/^[^"\\]+$/);
    expect(WebAssembly.validate(decodeText(text).subarray(0, 8))).toBe(true); // the header
  }
  expect(WebAssembly.validate(decodeText(modules[0]?.default ?? ""))).toBe(true);
});
