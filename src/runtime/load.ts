/** Gets a compiled kernel module and instantiates it over a memory: the one place that knows how binaries travel. */
import { instantiateSync } from "@assemblyscript/loader";
import { UnsupportedError } from "../errors.ts";
import type { Kernels } from "./kernels.ts";

/** Compiles one binary. Only the module of the binary in use is loaded: each is its own dynamic import. */
export async function loadModule(binary: "simd" | "relaxed"): Promise<WebAssembly.Module> {
  const { default: base64 } = await (binary === "relaxed"
    ? import("../../build/relaxed.js")
    : import("../../build/simd.js"));
  try {
    return await WebAssembly.compile(decodeBase64(base64));
  } catch (cause) {
    if (!/unsafe-eval|Content Security Policy|disallowed by embedder/i.test(String(cause))) throw cause;
    throw new UnsupportedError(
      "init: this page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src",
      { cause },
    );
  }
}

/** The kernels over `memory`; the raw exports, not the loader's wrapped ones (those cost ~4 ns a call more). */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { instance } = instantiateSync(module, { env: { memory } });
  return instance.exports as unknown as Kernels;
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
