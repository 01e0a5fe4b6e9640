/** The loader of hosts that forbid compiling (Cloudflare Workers, edge runtimes): they compile what is imported as .wasm. */
import relaxed from "../../../build/relaxed.wasm?module";
import simd from "../../../build/simd.wasm?module";
import type { Binary } from "../features.ts";

export function load(binary: Binary): WebAssembly.Module {
  return binary === "relaxed" ? relaxed : simd;
}
