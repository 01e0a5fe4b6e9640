// The window: from files and arrays to what `fit` takes.
export { type Idx, type IdxData, parseIdx } from "./idx.ts";
