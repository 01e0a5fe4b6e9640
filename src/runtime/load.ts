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
  const { default: text } = await (binary === "relaxed"
    ? import("../../build/relaxed.js")
    : import("../../build/simd.js"));
  return decodeText(text);
}

/**
 * A binary as printable ASCII, written by scripts/build.mjs: a digit a byte for the 90 most usual, two for the others, so that
 * whole bytes stay visible to the compression of a server. By brotli it takes 2 % more than the binary itself, hexadecimal
 * 11 %, base64 52 %.
 */
export function decodeText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const first = digit(text.charCodeAt(i));
    // 0 and 1 begin a pair; bytes are counted from 253, the prefix of SIMD instructions, on.
    const place = first < 2 ? 90 + 92 * first + digit(text.charCodeAt(++i)) : first - 2;
    bytes[length++] = place + 253;
  }
  return bytes.subarray(0, length);
}

/** 92 of them: from the space to {, with | and } in place of the quotation mark and the backslash. */
function digit(code: number): number {
  return code > 123 ? DISPLACED[code - 124] : code - 32;
}

const DISPLACED = [2, 60];
