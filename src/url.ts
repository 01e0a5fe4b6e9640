/**
 * The names of `striate`, with kernels that are fetched as .wasm files: to stream, preload or cache them, and for bundled service
 * workers.
 *
 * @module
 */
import { type Init, initFrom } from "./runtime/init.ts";
import { load } from "./runtime/loaders/url.ts";

export * from "./library.ts";

/** Loads the kernels; see {@link Init}. */
export const init: Init = /* @__PURE__ */ initFrom(load);
