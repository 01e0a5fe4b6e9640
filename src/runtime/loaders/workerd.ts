/** The loader of hosts that forbid compiling (Cloudflare Workers, edge runtimes): they compile what is imported as .wasm. */
import relaxed from "../../../build/relaxed.wasm?module";
import relaxedExtra from "../../../build/relaxed-extra.wasm?module";
import simd from "../../../build/simd.wasm?module";
import simdExtra from "../../../build/simd-extra.wasm?module";
import type { KernelFile } from "../features.ts";

export function load(file: KernelFile): WebAssembly.Module {
  return { simd, relaxed, "simd-extra": simdExtra, "relaxed-extra": relaxedExtra }[file];
}
