/** The loader of `striate/url`: fetches the .wasm files beside it, compiling as they arrive. Bundlers copy files named like this. */
import type { KernelFile } from "../features.ts";

const URLS = {
  simd: () => new URL("./simd.wasm", import.meta.url),
  "simd-extra": () => new URL("./simd-extra.wasm", import.meta.url),
  relaxed: () => new URL("./relaxed.wasm", import.meta.url),
  "relaxed-extra": () => new URL("./relaxed-extra.wasm", import.meta.url),
};

export function load(file: KernelFile): URL {
  return URLS[file]();
}
