// The window: every optimizer.
export { type AdamOptions, adam } from "./adam.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
