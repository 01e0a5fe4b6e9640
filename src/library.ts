// The window: the public names of striate, which every entry has; init.ts in src/runtime tells how entries differ.
export * as datasets from "./datasets/index.ts";
export { ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError } from "./errors.ts";
export * as images from "./images/index.ts";
export { type LoadOptions, loadModel } from "./io/loadModel.ts";
export { decodeSafetensors, encodeSafetensors, type NamedTensor, type SafetensorsFile } from "./io/safetensors.ts";
export * as layers from "./layers/index.ts";
export {
  Layer,
  type LayerClass,
  type LayerConfig,
  type LayerOptions,
  type LayerWindow,
  type ParameterDescription,
} from "./layers/layer.ts";
export * as regularizers from "./layers/regularizers.ts";
export { type GraphInputOptions, input, type SymbolicTensor } from "./layers/symbolic.ts";
export type { LossFunction } from "./losses/custom.ts";
export * as losses from "./losses/index.ts";
export type { Loss } from "./losses/loss.ts";
export type { LossName } from "./losses/registry.ts";
export type { MetricFunction } from "./metrics/custom.ts";
export * as metrics from "./metrics/index.ts";
export type { Metric, MetricInput, MetricOptions } from "./metrics/metric.ts";
export type { MetricName } from "./metrics/registry.ts";
export type { ClassWeights, WeightOptions } from "./model/batches.ts";
export type { Block } from "./model/chain.ts";
export type { BatchReport, EpochReport, History } from "./model/fit.ts";
export { model } from "./model/functional.ts";
export {
  type GradientCheckOptions,
  type GradientError,
  type GradientReport,
  gradientCheck,
} from "./model/gradientCheck.ts";
export type { GraphInput } from "./model/graph.ts";
export type { Model } from "./model/model.ts";
export type { EarlyStopping, ReduceLROnPlateau } from "./model/monitor.ts";
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
export { sequential } from "./model/sequential.ts";
export type { ModelMemory } from "./model/summary.ts";
export type { Scores } from "./model/tally.ts";
export type { LoadedWeights, LoadWeightsOptions, SaveWeightsOptions } from "./model/weightFile.ts";
export * as ops from "./ops/index.ts";
export type { PlannedOp, Planner, Slot } from "./ops/planned.ts";
export * as optimizers from "./optimizers/index.ts";
export type { Optimizer, OptimizerOptions } from "./optimizers/optimizer.ts";
export type { OptimizerName } from "./optimizers/registry.ts";
export * as schedules from "./optimizers/schedules.ts";
export type { Binary, Features, KernelFile } from "./runtime/features.ts";
export type { Init, InitOptions } from "./runtime/init.ts";
export type { KernelModule, KernelSource } from "./runtime/load.ts";
export type { MemoryReport, Runtime } from "./runtime/runtime.ts";
export type { Initializer, InitializerName, ScaledName } from "./tensor/initializers.ts";
export type { Parameter, Regularizer } from "./tensor/parameter.ts";
export type { NumberArray, Samples } from "./tensor/samples.ts";
export type { Ends, Faces, Pair, Shape, Sides, Triple } from "./tensor/shape.ts";
export { full, type NestedArray, scope, type Tensor, tensor, zeros } from "./tensor/tensor.ts";
export * as textbook from "./textbook.ts";
