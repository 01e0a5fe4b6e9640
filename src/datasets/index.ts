/**
 * From files to what `fit` takes.
 *
 * @module
 */
export { type Idx, type IdxData, parseIdx } from "./idx.ts";
