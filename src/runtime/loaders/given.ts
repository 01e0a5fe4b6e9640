/** The loader of `striate/core`, which carries no binary: the user brings one. */
import { ArgumentError } from "../../errors.ts";
import type { Binary } from "../features.ts";

export function load(binary: Binary): never {
  throw new ArgumentError(
    `init: striate/core carries no kernels; pass module: striate/${binary}.wasm as a WebAssembly.Module, bytes, URL or Response`,
  );
}
