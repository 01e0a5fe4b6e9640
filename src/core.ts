/**
 * The names of `striate` without kernels: `init({ module })` takes yours.
 *
 * @module
 */
import { type Init, initFrom } from "./runtime/init.ts";
import { load } from "./runtime/loaders/given.ts";

export * from "./library.ts";

/** Loads the kernels; see {@link Init}. */
export const init: Init = /* @__PURE__ */ initFrom(load);
