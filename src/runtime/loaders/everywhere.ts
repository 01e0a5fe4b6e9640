/**
 * The loader of `striate`: works in every host and bundle that may compile WebAssembly, with nothing to configure. Three
 * ways, from the fastest to the last resort; each binary travels alone.
 */
import type { Binary } from "../features.ts";
import { readFile } from "./files.ts";

/** How long each file is; scripts/build.mjs sets it in dist, and nothing else does. */
declare const SHIPPED_BYTES: Readonly<Record<Binary, number>>;

export async function load(binary: Binary): Promise<Uint8Array<ArrayBuffer> | Response> {
  return readShipped(binary) ?? (await importBinary(binary));
}

/**
 * From the file beside dist/index.js: reading it takes 0.2 ms, importing it as a module 6 ms, since V8 scans the text and
 * Node's loader has to be asked. undefined in a page, or when a bundler has put this code elsewhere. The length tells
 * this build's file from another that happens to lie there.
 */
function readShipped(binary: Binary): Uint8Array<ArrayBuffer> | undefined {
  if (typeof SHIPPED_BYTES === "undefined") return undefined;
  try {
    const bytes = readFile(beside(binary));
    return bytes.length === SHIPPED_BYTES[binary] ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** From a module that every host and bundler can import. Service workers may not import(): they fetch. */
async function importBinary(binary: Binary): Promise<Uint8Array<ArrayBuffer> | Response> {
  try {
    const { default: hex } = await (binary === "relaxed"
      ? import("../../../build/relaxed.js")
      : import("../../../build/simd.js"));
    return decodeHex(hex);
  } catch (cause) {
    const response = await fetchShipped(binary);
    if (response === undefined) throw cause;
    return response;
  }
}

async function fetchShipped(binary: Binary): Promise<Response | undefined> {
  try {
    const response = await fetch(beside(binary));
    return response.ok ? response : undefined;
  } catch {
    return undefined;
  }
}

function beside(binary: Binary): URL {
  const folder = import.meta.url; // apart from `new URL`, which bundlers would take for an asset to copy
  return new URL(`${binary}.wasm`, folder);
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
