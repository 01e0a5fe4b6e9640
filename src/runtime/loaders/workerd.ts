/** The loader of hosts that forbid compiling (Cloudflare Workers, edge runtimes): they compile what is imported as .wasm. */
import extra from "../../../build/extra.wasm?module";
import relaxed from "../../../build/relaxed.wasm?module";
import simd from "../../../build/simd.wasm?module";
import type { KernelFile } from "../features.ts";

export function load(file: KernelFile): WebAssembly.Module {
  return { simd, relaxed, extra }[file];
}
