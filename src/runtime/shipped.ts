/**
 * The binaries as files beside dist/index.js, for hosts with a file system (Node, Bun, Deno): reading one takes 0.2 ms,
 * importing it as a module 6 ms, since V8 scans the text and Node's loader has to be asked.
 */
import type { Features } from "./features.ts";

/** How long each file is; scripts/build.mjs sets it in dist, and nothing else does. */
declare const SHIPPED_BYTES: Readonly<Record<Features["binary"], number>>;

/**
 * undefined where there is no such file: in a page, or when a bundler has put this code elsewhere. The length tells this
 * build's file from another that happens to lie there.
 */
export function readShipped(binary: Features["binary"]): Uint8Array<ArrayBuffer> | undefined {
  if (typeof SHIPPED_BYTES === "undefined") return undefined;
  const folder = import.meta.url; // apart from `new URL`, which bundlers would take for an asset to copy
  try {
    const fs = globalThis.process.getBuiltinModule("node:fs");
    const bytes = fs.readFileSync(new URL(`${binary}.wasm`, folder));
    return bytes.length === SHIPPED_BYTES[binary] ? bytes : undefined;
  } catch {
    return undefined;
  }
}
