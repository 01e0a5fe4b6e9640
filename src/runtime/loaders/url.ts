/** The loader of `striate/url`: fetches the .wasm files beside it, compiling as they arrive. Bundlers copy files named like this. */
import type { Binary } from "../features.ts";

export function load(binary: Binary): URL {
  return binary === "relaxed" ? new URL("./relaxed.wasm", import.meta.url) : new URL("./simd.wasm", import.meta.url);
}
