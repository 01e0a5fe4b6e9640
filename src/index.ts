// The window: the public names of striate.
export * as datasets from "./datasets/index.ts";
export { ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError } from "./errors.ts";
export * as ops from "./ops/index.ts";
export type { Features } from "./runtime/features.ts";
export { type InitOptions, init, type MemoryReport, type Runtime } from "./runtime/runtime.ts";
export type { Shape } from "./tensor/shape.ts";
export { full, type NestedArray, scope, type Tensor, tensor, zeros } from "./tensor/tensor.ts";
export * as textbook from "./textbook.ts";
