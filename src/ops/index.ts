/**
 * Every computation alone: functions of tensors, images as [N,H,W,C], with the gradient of each under its name and `Backward`.
 * The tensors that they return are freed by their `dispose()`, or by the `scope` around the call.
 *
 * @module
 */
export {
  activation,
  activationBackward,
  celu,
  elu,
  erf,
  gelu,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  swish,
  tanh,
} from "./activation.ts";
export { ACTIVATIONS, type ActivationName, type ActivationOptions } from "./activationKinds.ts";
export {
  adaptiveAveragePool2d,
  adaptiveAveragePool2dBackward,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dBackward,
} from "./adaptivePool2d.ts";
export {
  type AdjustOptions,
  adjustBrightness,
  adjustBrightnessBackward,
  adjustContrast,
  adjustContrastBackward,
} from "./adjust.ts";
export {
  type Affine,
  type AffineTransformOptions,
  affineTransform,
  affineTransformBackward,
  type FillMode,
  type FillOptions,
} from "./affineTransform.ts";
export {
  type ArithmeticGradients,
  add,
  addBackward,
  div,
  divBackward,
  maximum,
  maximumBackward,
  minimum,
  minimumBackward,
  mul,
  mulBackward,
  sub,
  subBackward,
} from "./arithmetic.ts";
export {
  type BatchNormGradients,
  type BatchNormOptions,
  type BatchNormTrainingOptions,
  batchNorm,
  batchNormBackward,
  batchNormTraining,
  batchNormTrainingBackward,
} from "./batchNorm.ts";
export { concat, concatBackward } from "./concat.ts";
export { type Conv1dOptions, conv1d, conv1dBackward } from "./conv1d.ts";
export { type Conv2dGradients, type Conv2dOptions, conv2d, conv2dBackward, type Precision } from "./conv2d.ts";
export type { Conv2dAlgorithm } from "./conv2dAlgorithm.ts";
export { type Conv2dTransposeOptions, conv2dTranspose, conv2dTransposeBackward } from "./conv2dTranspose.ts";
export { type Conv3dOptions, conv3d, conv3dBackward, type VolumePadding } from "./conv3d.ts";
export { crossEntropy, type Labels, type LossOptions, softmaxCrossEntropy } from "./crossEntropy.ts";
export { type DenseOptions, dense, denseBackward } from "./dense.ts";
export {
  type DepthToSpaceOptions,
  depthToSpace,
  depthToSpaceBackward,
  spaceToDepth,
  spaceToDepthBackward,
} from "./depthToSpace.ts";
export { type DepthwiseConv2dOptions, depthwiseConv2d, depthwiseConv2dBackward } from "./depthwiseConv2d.ts";
export { dot, dotBackward } from "./dot.ts";
export { type DropoutOptions, dropout, dropoutBackward } from "./dropout.ts";
export {
  type BinaryFocalOptions,
  type BinaryOptions,
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalFocalCrossentropy,
  type FocalOptions,
  type HuberOptions,
  hinge,
  huber,
  klDivergence,
  type LossResult,
  meanAbsoluteError,
  meanSquaredError,
  squaredHinge,
} from "./elementLoss.ts";
export { type Box, type EraseOptions, erase, eraseBackward } from "./erase.ts";
export { flip, flipBackward } from "./flip.ts";
export type { FusedActivation } from "./gemm.ts";
export {
  globalAveragePool2d,
  globalAveragePool2dBackward,
  globalMaxPool2d,
  globalMaxPool2dBackward,
} from "./globalPool2d.ts";
export {
  type GroupNormOptions,
  groupNorm,
  groupNormBackward,
  instanceNorm,
  instanceNormBackward,
  type LayerNormOptions,
  layerNorm,
  layerNormBackward,
  type NormGradients,
} from "./groupNorm.ts";
export type { LineOptions, LinePadding } from "./line.ts";
export {
  type LocallyConnected2dOptions,
  locallyConnected2d,
  locallyConnected2dBackward,
} from "./locallyConnected2d.ts";
export { type LocalResponseNormOptions, localResponseNorm, localResponseNormBackward } from "./localResponseNorm.ts";
export { type LpPool2dOptions, lpPool2d, lpPool2dBackward } from "./lpPool2d.ts";
export {
  type MaxUnpool2dOptions,
  maxPool2dWithIndices,
  maxPool2dWithIndicesBackward,
  maxUnpool2d,
  maxUnpool2dBackward,
} from "./maxUnpool2d.ts";
export { type MixUpOptions, mixUp, mixUpBackward } from "./mixUp.ts";
export {
  alphaDropout,
  alphaDropoutBackward,
  type GaussianNoiseOptions,
  gaussianDropout,
  gaussianDropoutBackward,
  gaussianNoise,
  gaussianNoiseBackward,
  spatialDropout,
  spatialDropoutBackward,
} from "./noise.ts";
export { categoricalHinge, cosineSimilarity, dice } from "./overlapLoss.ts";
export { type PadMode, type PadOptions, pad, padBackward } from "./pad.ts";
export {
  type AvgPool1dOptions,
  avgPool1d,
  avgPool1dBackward,
  globalAveragePool1d,
  globalAveragePool1dBackward,
  globalMaxPool1d,
  globalMaxPool1dBackward,
  maxPool1d,
  maxPool1dBackward,
  type Pool1dOptions,
} from "./pool1d.ts";
export {
  type AvgPool2dOptions,
  avgPool2d,
  avgPool2dBackward,
  maxPool2d,
  maxPool2dBackward,
  minPool2d,
  minPool2dBackward,
  type Pool2dOptions,
  type Ties,
} from "./pool2d.ts";
export {
  avgPool3d,
  avgPool3dBackward,
  globalAveragePool3d,
  globalAveragePool3dBackward,
  globalMaxPool3d,
  globalMaxPool3dBackward,
  maxPool3d,
  maxPool3dBackward,
  type Pool3dOptions,
} from "./pool3d.ts";
export { prelu, preluBackward } from "./prelu.ts";
export {
  max,
  maxBackward,
  mean,
  meanBackward,
  min,
  minBackward,
  type ReduceOptions,
  sum,
  sumBackward,
} from "./reduce.ts";
export { type RescaleOptions, rescale, rescaleBackward } from "./rescale.ts";
export { flatten, reshape } from "./reshape.ts";
export { type ResizeOptions, resize, resizeBackward, upsample2d, upsample2dBackward } from "./resize.ts";
export {
  type SeparableConv2dGradients,
  type SeparableConv2dOptions,
  separableConv2d,
  separableConv2dBackward,
} from "./separableConv2d.ts";
export { type SliceOptions, slice, sliceBackward, split } from "./slice.ts";
export { logSoftmax, logSoftmaxBackward, type SoftmaxOptions, softmax, softmaxBackward } from "./softmax.ts";
export { transpose, transposeBackward } from "./transpose.ts";
export { type UnitNormOptions, unitNorm, unitNormBackward } from "./unitNorm.ts";
export type { Padding, WindowOptions } from "./window.ts";
