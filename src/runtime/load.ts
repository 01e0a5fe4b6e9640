/** From wherever a binary comes to kernels over a memory. */
import { instantiateSync } from "@assemblyscript/loader";
import { ArgumentError, FormatError, show, UnsupportedError } from "../errors.ts";
import type { Binary, KernelFile } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { readFile } from "./loaders/files.ts";

/** A file of kernels of this version: compiled, as bytes, as the answer to a request, or where to find it. */
export type KernelModule = WebAssembly.Module | ArrayBuffer | ArrayBufferView | Response | URL | string;

/** A binary, or a function that is asked for each file that is needed. */
export type KernelSource =
  | KernelModule
  | Promise<KernelModule>
  | ((file: KernelFile) => KernelModule | Promise<KernelModule>);

/** Compiles what a source gives. */
export async function compile(source: KernelSource, file: KernelFile): Promise<WebAssembly.Module> {
  const given = await (typeof source === "function" ? source(file) : source);
  const found = typeof given === "string" || given instanceof URL ? await open(given) : given;
  if (isA(found, "Module")) return ofThisRealm(found as WebAssembly.Module);
  if (isA(found, "Response")) return compileResponse(found as Response);
  if (ArrayBuffer.isView(found) || isA(found, "ArrayBuffer"))
    return explaining("module", () => WebAssembly.compile(found as BufferSource));
  throw new ArgumentError(
    `init: module must be a WebAssembly.Module, bytes, a Response, a URL, or a function that returns one of these, got ${show(found)}`,
  );
}

/** What a file of kernels says of itself (scripts/build.mjs): which it is, and the build that it belongs to. */
export interface Label<File> {
  readonly file: File;
  readonly build: string;
}

/** The kernels of a binary over `memory`, without the second module's. */
export function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Label<Binary> & { readonly kernels: Kernels } {
  return instantiating("module", () => {
    const { file, build } = labelOf(module);
    if (file !== "simd" && file !== "relaxed") throw new TypeError(`it is striate/${file}.wasm`);
    const extra = { value: undefined, writable: true };
    return { file, build, kernels: Object.create(exportsOf(module, memory), { extra }) };
  });
}

/** What `work` makes of the thing called `name`. */
export function instantiating<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw explained(cause, name); // WebKit asks the Content-Security-Policy here, other engines when they compile
  }
}

export function labelOf(module: WebAssembly.Module): Label<KernelFile> {
  const [section] = WebAssembly.Module.customSections(module, "striate");
  if (section === undefined) throw new TypeError("it does not tell which kernels it holds");
  const [file, build] = String.fromCharCode(...new Uint8Array(section)).split(" ");
  return { file: file as KernelFile, build };
}

/** The raw exports, not the loader's wrapped ones (those cost ~4 ns a call more). */
export function exportsOf(module: WebAssembly.Module, memory: WebAssembly.Memory): Readonly<Record<string, unknown>> {
  return instantiateSync(module, { env: { memory } }).instance.exports;
}

/** By name, not by `instanceof`: edge runtimes hand in modules of another realm. */
function isA(value: unknown, name: "Module" | "Response" | "ArrayBuffer"): boolean {
  const tag = Object.prototype.toString.call(value);
  return tag === `[object ${name}]` || tag === `[object WebAssembly.${name}]`;
}

/** The loader asks `instanceof`; a module of another realm works as well once that holds of it. */
function ofThisRealm(module: WebAssembly.Module): WebAssembly.Module {
  return module instanceof WebAssembly.Module ? module : Object.setPrototypeOf(module, WebAssembly.Module.prototype);
}

/** Node has no fetch for files. */
async function open(where: URL | string): Promise<Response | BufferSource> {
  try {
    if (String(where).startsWith("file:") && !("Deno" in globalThis)) return readFile(new URL(where));
    return await fetch(where);
  } catch (cause) {
    throw new FormatError(`init: ${nameOf(where)} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** For messages: a URL, unless it holds the kernels itself. */
function nameOf(where: URL | string): string {
  return String(where).slice(0, 200) || "module";
}

/** Compiled as it arrives where the server names its type. */
async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const name = nameOf(response.url);
  if (!response.ok) throw new FormatError(`init: ${name} answered ${response.status} instead of kernels`);
  const type = response.headers.get("content-type") ?? "a file without a type";
  return explaining(`${name} (${type})`, async () => {
    if (type.startsWith("application/wasm") && typeof WebAssembly.compileStreaming === "function")
      return WebAssembly.compileStreaming(response);
    return WebAssembly.compile(await response.arrayBuffer());
  });
}

/** What `compile` makes of the thing called `name`. */
async function explaining(name: string, compile: () => Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  try {
    return await compile();
  } catch (cause) {
    throw explained(cause, name);
  }
}

/** What an engine says when it refuses, in words that tell the way out. */
function explained(cause: unknown, name: string): unknown {
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
  return new FormatError(`init: ${name} is no binary of this version of striate that this engine can run: ${reason}`, {
    cause,
  });
}
