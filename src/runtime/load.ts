/** Gets a compiled kernel module and instantiates it over a memory: the one place that knows how binaries travel. */
import { instantiateSync } from "@assemblyscript/loader";
import { UnsupportedError } from "../errors.ts";
import type { Features } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { readShipped } from "./shipped.ts";

type Binary = Features["binary"];

/** Compiles one binary, and loads no other. */
export async function loadModule(binary: Binary): Promise<WebAssembly.Module> {
  const bytes = readShipped(binary) ?? (await importBinary(binary));
  try {
    return await WebAssembly.compile(bytes);
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

/** From a module that every host and bundler can import; each binary is a dynamic import of its own. */
async function importBinary(binary: Binary): Promise<Uint8Array<ArrayBuffer>> {
  const { default: hex } = await (binary === "relaxed"
    ? import("../../build/relaxed.js")
    : import("../../build/simd.js"));
  return decodeHex(hex);
}

/** Hexadecimal, not base64: whole bytes stay visible to the compression of a server (20 instead of 29 kB by brotli). */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const { fromHex } = Uint8Array as { fromHex?: (text: string) => Uint8Array<ArrayBuffer> };
  if (fromHex !== undefined) return fromHex.call(Uint8Array, text);
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = hexDigit(text.charCodeAt(2 * i)) * 16 + hexDigit(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** Of 0-9 and a-f, by their character codes 48-57 and 97-102. */
function hexDigit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
