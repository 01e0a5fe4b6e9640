/** From wherever a binary comes to kernels over a memory. */
import { instantiateSync } from "@assemblyscript/loader";
import { FormatError, UnsupportedError } from "../errors.ts";
import type { Binary } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { readFile } from "./loaders/files.ts";

/** A binary of this version: compiled, as bytes, as the answer to a request, or where to find it. */
export type KernelModule = WebAssembly.Module | BufferSource | Response | URL | string;

/** A binary, or a function that is told which one suits the host and gives it. */
export type KernelSource =
  | KernelModule
  | Promise<KernelModule>
  | ((binary: Binary) => KernelModule | Promise<KernelModule>);

/** Compiles what a source gives. */
export async function compile(source: KernelSource, binary: Binary): Promise<WebAssembly.Module> {
  const given = await (typeof source === "function" ? source(binary) : source);
  const found = typeof given === "string" || given instanceof URL ? await open(given) : given;
  if (isA(found, "Module")) return ofThisRealm(found as WebAssembly.Module);
  try {
    return await (isA(found, "Response")
      ? compileResponse(found as Response)
      : WebAssembly.compile(found as BufferSource));
  } catch (cause) {
    throw explained(cause);
  }
}

/** The kernels over `memory`; the raw exports, not the loader's wrapped ones (those cost ~4 ns a call more). */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  try {
    const { instance } = instantiateSync(module, { env: { memory } });
    if (typeof instance.exports.relaxed !== "function") throw new TypeError("it does not tell which kernels it holds");
    return instance.exports as unknown as Kernels;
  } catch (cause) {
    throw explained(cause); // WebKit asks the Content-Security-Policy here, other engines when they compile
  }
}

/** By name, not by `instanceof`: edge runtimes hand in modules of another realm. */
function isA(value: unknown, name: "Module" | "Response"): boolean {
  const tag = Object.prototype.toString.call(value);
  return tag === `[object ${name}]` || tag === `[object WebAssembly.${name}]`;
}

/** The loader asks `instanceof`; a module of another realm works as well once that holds of it. */
function ofThisRealm(module: WebAssembly.Module): WebAssembly.Module {
  return module instanceof WebAssembly.Module ? module : Object.setPrototypeOf(module, WebAssembly.Module.prototype);
}

/** Node has no fetch for files. */
async function open(where: URL | string): Promise<Response | BufferSource> {
  if (String(where).startsWith("file:")) return "Deno" in globalThis ? fetch(where) : readFile(new URL(where));
  return fetch(where);
}

/** Compiled as it arrives where the server names its type. */
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new FormatError(`init: ${response.url} answered ${response.status} instead of kernels`);
  const named = response.headers.get("content-type")?.startsWith("application/wasm") ?? false;
  if (named && typeof WebAssembly.compileStreaming === "function") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** What an engine says when it refuses, in words that tell the way out. */
function explained(cause: unknown): unknown {
  const text = String(cause);
  if (/disallowed by embedder/i.test(text)) {
    return new UnsupportedError(
      "init: this host forbids compiling WebAssembly; bundle for the condition workerd or edge-light, or pass a WebAssembly.Module as module",
      { cause },
    );
  }
  if (/\bCSP\b|unsafe-eval|Content.Security.Policy/i.test(text)) {
    return new UnsupportedError(
      "init: this page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src",
      { cause },
    );
  }
  const { CompileError, LinkError } = WebAssembly;
  if (![CompileError, LinkError, TypeError].some((kind) => cause instanceof kind)) return cause;
  const reason = (cause as Error).message;
  return new FormatError(`init: module is no binary of this version of striate that this engine can run: ${reason}`, {
    cause,
  });
}
