import { describe, expect, inject, it } from "vitest";
import * as core from "../../src/core.ts";
import { ArgumentError, FormatError, full, ops, tensor, UnsupportedError } from "../../src/index.ts";
import { detectFeatures } from "../../src/runtime/features.ts";
import type { KernelModule, KernelSource } from "../../src/runtime/load.ts";
import { load } from "../../src/runtime/loaders/everywhere.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";

const binary = inject("binary");
const bytes = (await load(binary)) as Uint8Array<ArrayBuffer>;
const compiled = await WebAssembly.compile(bytes);
const extra = (await load(`${binary}-extra`)) as Uint8Array<ArrayBuffer>;
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
  ["a function", () => given({ [binary]: compiled, [`${binary}-extra`]: extra })],
];

/** A function that gives these files and no other. */
function given(files: Readonly<Record<string, KernelModule>>): KernelSource {
  return (file) => files[file] ?? Promise.reject(new Error(`asked for ${file}`));
}

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

  it("has the second module from a function, and says so where one binary was all there is", async () => {
    const options = { deterministic: binary === "simd" };
    await core.init({ ...options, module: given({ [binary]: bytes, [`${binary}-extra`]: extra }) });
    expect(ops.unitNorm(tensor([0, 2])).toArray()).toEqual([0, 1]);
    await core.init({ ...options, module: compiled });
    expect(ops.relu(tensor([-1, 2])).toArray()).toEqual([0, 2]);
    expect(() => ops.unitNorm(tensor([0, 2]))).toThrow(
      new UnsupportedError(
        'unitNorm: its kernel is in the second module, which is not loaded; call "await init()" again; where you pass module, let it be a function that gives each file it is asked for',
      ),
    );
  });

  it("adds the second module to the same runtime where it is called again", async () => {
    const options = {
      deterministic: binary === "simd",
      module: given({ [binary]: bytes, [`${binary}-extra`]: extra }),
    };
    const runtime = await core.init(options);
    const x = tensor([0, 2]);
    runtime.kernels.extra = undefined; // as where the op was imported since
    expect(() => ops.unitNorm(x)).toThrow('call "await init()" again');
    expect(await core.init(options)).toBe(runtime);
    expect(ops.unitNorm(x).toArray()).toEqual([0, 1]);
  });

  it("refuses a second module that is another, or of another version", async () => {
    const options = { deterministic: binary === "simd" };
    const text = "is no binary of this version of striate that this engine can run:";
    await expect(core.init({ ...options, module: () => bytes })).rejects.toThrow(
      new FormatError(`init: module for "${binary}-extra" ${text} it is striate/${binary}.wasm`),
    );
    await expect(core.init({ ...options, module: () => extra })).rejects.toThrow(
      new FormatError(`init: module ${text} it is striate/${binary}-extra.wasm`),
    );
    const other = extra.slice();
    other[other.length - 1] ^= 1; // the label at the end tells the build
    await expect(
      core.init({ ...options, module: given({ [binary]: bytes, [`${binary}-extra`]: other }) }),
    ).rejects.toThrow(
      new FormatError(
        `init: module for "${binary}-extra" ${text} it is of another version than striate/${binary}.wasm`,
      ),
    );
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

it("has the constants of the second module below those of the first, and the heap above", async () => {
  const [first, second] = [constantsOf(compiled), constantsOf(await WebAssembly.compile(extra))];
  expect(second.end).toBeLessThanOrEqual(first.begin);
  expect(currentRuntime("test").kernels.heapBase()).toBeGreaterThanOrEqual(first.end);
});

/** Where in memory instantiating a module writes. */
function constantsOf(module: WebAssembly.Module): { begin: number; end: number } {
  const memory = new WebAssembly.Memory({ initial: 16 });
  const bytes = new Uint8Array(memory.buffer).fill(0xa5);
  new WebAssembly.Instance(module, { env: { memory } });
  return { begin: bytes.findIndex((byte) => byte !== 0xa5), end: bytes.findLastIndex((byte) => byte !== 0xa5) + 1 };
}

function base64(data: Uint8Array): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}
