/** The loader of `striate/core`, which carries no binary: the user brings one. */
import { ArgumentError } from "../../errors.ts";
import type { KernelFile } from "../features.ts";

export function load(file: KernelFile): never {
  throw new ArgumentError(
    `init: striate/core carries no kernels; pass module: striate/${file}.wasm as a WebAssembly.Module, bytes, URL or Response`,
  );
}
