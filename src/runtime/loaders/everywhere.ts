/**
 * The loader of `striate`: works in every host and bundle that may compile WebAssembly, with nothing to configure. Three
 * ways, from the fastest to the last resort; each file travels alone.
 */
import { UnsupportedError } from "../../errors.ts";
import type { KernelFile } from "../features.ts";
import { readFile } from "./files.ts";

/** How long each file is; scripts/bundle.mjs sets it in dist, and nothing else does. */
declare const SHIPPED_BYTES: Readonly<Record<KernelFile, number>>;

export async function load(file: KernelFile): Promise<Uint8Array<ArrayBuffer> | Response> {
  return readShipped(file) ?? (await importText(file));
}

/**
 * From the file beside dist/index.js: reading it takes 0.2 ms, importing it as a module 6 ms, since V8 scans the text and
 * Node's loader has to be asked. undefined in a page, or when a bundler has put this code elsewhere. The length tells
 * this build's file from another that happens to lie there.
 */
function readShipped(file: KernelFile): Uint8Array<ArrayBuffer> | undefined {
  if (typeof SHIPPED_BYTES === "undefined") return undefined;
  try {
    const bytes = readFile(beside(file));
    return bytes.length === SHIPPED_BYTES[file] ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const TEXTS = {
  simd: () => import("../../../build/simd.js"),
  "simd-extra": () => import("../../../build/simd-extra.js"),
  relaxed: () => import("../../../build/relaxed.js"),
  "relaxed-extra": () => import("../../../build/relaxed-extra.js"),
};

/** From a module that every host and bundler can import. Service workers may not import(): they fetch, where nobody bundled. */
async function importText(file: KernelFile): Promise<Uint8Array<ArrayBuffer> | Response> {
  try {
    const { default: text } = await TEXTS[file]();
    return decodeText(text);
  } catch (cause) {
    const response = await fetchShipped(file);
    if (response !== undefined) return response;
    if (!("ServiceWorkerGlobalScope" in globalThis)) throw cause;
    throw new UnsupportedError(
      'init: service workers may not import() a part of a bundle; import from "striate/url" here, or bundle into one file',
      { cause },
    );
  }
}

async function fetchShipped(file: KernelFile): Promise<Response | undefined> {
  try {
    const response = await fetch(beside(file));
    const isPage = response.headers.get("content-type")?.startsWith("text/html"); // what some servers give for no file
    return response.ok && !isPage ? response : undefined;
  } catch {
    return undefined;
  }
}

function beside(file: KernelFile): URL {
  const folder = import.meta.url; // apart from `new URL`, which bundlers would take for an asset to copy
  return new URL(`${file}.wasm`, folder);
}

/**
 * A file as printable ASCII, written by scripts/build.mjs: a digit a byte for the 90 most usual, two for the others, so that
 * whole bytes stay visible to the compression of a server. By brotli it takes 2 % more than the file itself, hexadecimal
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
