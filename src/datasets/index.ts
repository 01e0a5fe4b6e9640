/**
 * From files and arrays to what `fit` takes.
 *
 * @module
 */
export type { Batch, Source } from "../tensor/source.ts";
export { type Idx, type IdxData, parseIdx } from "./idx.ts";
export { type MixUpOptions, mixUp } from "./mixUp.ts";
export {
  type BatchOptions,
  batch,
  type EpochValues,
  map,
  type Sample,
  type ShuffleOptions,
  samples,
  shuffle,
  take,
} from "./pipeline.ts";
