import { describe, expect, inject, it } from "vitest";
import * as core from "../../src/core.ts";
import { ArgumentError, FormatError, full, ops } from "../../src/index.ts";
import { detectFeatures } from "../../src/runtime/features.ts";
import type { KernelSource } from "../../src/runtime/load.ts";
import { load } from "../../src/runtime/loaders/everywhere.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";

const binary = inject("binary");
const bytes = (await load(binary)) as Uint8Array<ArrayBuffer>;
const compiled = await WebAssembly.compile(bytes);
const response = (type: string) => new Response(bytes, { headers: { "content-type": type } });

const { relaxedSimd } = detectFeatures(false);

const sources: [string, () => KernelSource][] = [
  ["a compiled module", () => compiled],
  ["bytes", () => bytes],
  ["an ArrayBuffer", () => bytes.slice().buffer],
  ["a promise of bytes", () => Promise.resolve(bytes)],
  ["a response that names its type", () => response("application/wasm")],
  ["a response that does not", () => response("text/plain")],
  ["a data: URL", () => new URL(`data:application/wasm;base64,${base64(bytes)}`)],
  ["text of a URL", () => `data:application/wasm;base64,${base64(bytes)}`],
  ["a function", () => (wanted) => (wanted === binary ? compiled : Promise.reject(new Error(wanted)))],
];

describe("init({ module })", () => {
  it.each(sources)("takes %s", async (_, source) => {
    const runtime = await core.init({ deterministic: binary === "simd", module: source() });
    expect(runtime).toBe(currentRuntime("test"));
    expect(runtime.features.binary).toBe(binary);
    expect(ops.add(full([3], 1), full([3], 2)).toArray()).toEqual([3, 3, 3]);
  });

  it("says which binary came", async () => {
    const { features } = await core.init({ module: await load("simd") });
    expect(features.binary).toBe("simd");
    expect(features.reason).toBe(relaxedSimd ? "the module given to init" : "this engine has no relaxed SIMD");
  });

  it("refuses what is not deterministic where that is asked for", async () => {
    const error = relaxedSimd
      ? new ArgumentError("init: deterministic needs striate/simd.wasm as module, got striate/relaxed.wasm")
      : "init: module is no binary of this version of striate that this engine can run: WebAssembly.compile():";
    await expect(core.init({ deterministic: true, module: await load("relaxed") })).rejects.toThrow(error);
  });

  it("asks for a module where the entry carries none", async () => {
    await expect(core.init({ deterministic: true })).rejects.toThrow(
      new ArgumentError(
        "init: striate/core carries no kernels; pass module: striate/simd.wasm as a WebAssembly.Module, bytes, URL or Response",
      ),
    );
  });

  it("refuses other modules, other bytes and answers that are none", async () => {
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const foreign = "init: module is no binary of this version of striate that this engine can run: ";
    await expect(core.init({ module: empty })).rejects.toThrow(
      new FormatError(`${foreign}it does not tell which kernels it holds`),
    );
    await expect(core.init({ module: Uint8Array.of(1, 2, 3, 4) })).rejects.toThrow(foreign);
    await expect(core.init({ module: new Response("", { status: 404 }) })).rejects.toThrow(
      new FormatError("init: module answered 404 instead of kernels"),
    );
    const page = new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    await expect(core.init({ module: page })).rejects.toThrow(
      "init: module (text/html) is no binary of this version of striate that this engine can run: ",
    );
    const nowhere = "http://127.0.0.1:1/simd.wasm";
    await expect(core.init({ module: nowhere })).rejects.toThrow(`init: ${nowhere} cannot be read: `);
  });

  it.each([
    ["5", 5],
    ["null", null],
    ["Object", {}],
  ])("refuses what is no module: %s", async (shown, value) => {
    const kinds = "a WebAssembly.Module, bytes, a Response, a URL, or a function that returns one of these";
    await expect(core.init({ module: (() => value) as never })).rejects.toThrow(
      new ArgumentError(`init: module must be ${kinds}, got ${shown}`),
    );
  });
});

function base64(data: Uint8Array): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}
