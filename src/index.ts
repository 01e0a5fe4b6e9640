// striate: works as it is in every host that may compile WebAssembly.
import { type Init, initFrom } from "./runtime/init.ts";
import { load } from "./runtime/loaders/everywhere.ts";

export * from "./library.ts";

/** Loads the kernels; see {@link Init}. */
export const init: Init = /* @__PURE__ */ initFrom(load);
