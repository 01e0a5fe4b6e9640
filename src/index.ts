// The window: the public names of striate.
export * as datasets from "./datasets/index.ts";
export { ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError } from "./errors.ts";
export { loadModel } from "./io/loadModel.ts";
export { decodeSafetensors, encodeSafetensors, type NamedTensor, type SafetensorsFile } from "./io/safetensors.ts";
export * as layers from "./layers/index.ts";
export type { Layer, LayerConfig } from "./layers/layer.ts";
export * as regularizers from "./layers/regularizers.ts";
export { type GraphInputOptions, input, type SymbolicTensor } from "./layers/symbolic.ts";
export type { LossName } from "./losses/index.ts";
export type { MetricName } from "./metrics/index.ts";
export type { ClassWeights } from "./model/batches.ts";
export type { BatchReport, EarlyStopping, EpochReport, History } from "./model/fit.ts";
export { model } from "./model/functional.ts";
export {
  type GradientCheckOptions,
  type GradientError,
  type GradientReport,
  gradientCheck,
} from "./model/gradientCheck.ts";
export type { GraphInput } from "./model/graph.ts";
export type { Model } from "./model/model.ts";
export type {
  CompileOptions,
  FitOptions,
  GraphOptions,
  ModelOptions,
  PredictAllOptions,
  PredictOptions,
  SequentialOptions,
} from "./model/options.ts";
export type { ReceptiveField } from "./model/receptiveField.ts";
export type { NumberArray, Samples } from "./model/samples.ts";
export { sequential } from "./model/sequential.ts";
export type { ModelMemory } from "./model/summary.ts";
export type { Scores } from "./model/trainer.ts";
export * as ops from "./ops/index.ts";
export * as optimizers from "./optimizers/index.ts";
export type { Optimizer, OptimizerOptions } from "./optimizers/optimizer.ts";
export type { OptimizerName } from "./optimizers/registry.ts";
export * as schedules from "./optimizers/schedules.ts";
export type { Features } from "./runtime/features.ts";
export { type InitOptions, init, type MemoryReport, type Runtime } from "./runtime/runtime.ts";
export type { Initializer, InitializerName, ScaledName } from "./tensor/initializers.ts";
export type { Parameter, Regularizer } from "./tensor/parameter.ts";
export type { Pair, Shape, Sides } from "./tensor/shape.ts";
export { full, type NestedArray, scope, type Tensor, tensor, zeros } from "./tensor/tensor.ts";
export * as textbook from "./textbook.ts";
