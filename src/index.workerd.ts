// striate for hosts that forbid compiling (conditions `workerd` and `edge-light`): they compile the .wasm files at build time.
import { type Init, initFrom } from "./runtime/init.ts";
import { load } from "./runtime/loaders/workerd.ts";

export * from "./library.ts";

/** Loads the kernels; see {@link Init}. */
export const init: Init = /* @__PURE__ */ initFrom(load);
