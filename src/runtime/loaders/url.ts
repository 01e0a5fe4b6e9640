/** The loader of `striate/url`: fetches the .wasm files beside it, compiling as they arrive. Bundlers copy files named like this. */
import type { KernelFile } from "../features.ts";

export function load(file: KernelFile): URL {
  if (file === "extra") return new URL("./extra.wasm", import.meta.url);
  return file === "relaxed" ? new URL("./relaxed.wasm", import.meta.url) : new URL("./simd.wasm", import.meta.url);
}
