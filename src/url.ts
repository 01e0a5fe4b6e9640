// striate/url: fetches the .wasm files, for pages that want to stream, preload or cache them.
import { type Init, initFrom } from "./runtime/init.ts";
import { load } from "./runtime/loaders/url.ts";

export * from "./library.ts";

/** Loads the kernels; see {@link Init}. */
export const init: Init = /* @__PURE__ */ initFrom(load);
