// The window: every op, eager.
export {
  ACTIVATIONS,
  type ActivationName,
  type ActivationOptions,
  activation,
  activationBackward,
  elu,
  leakyRelu,
  relu,
  relu6,
  sigmoid,
  silu,
  swish,
  tanh,
} from "./activation.ts";
export {
  adaptiveAveragePool2d,
  adaptiveAveragePool2dBackward,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dBackward,
} from "./adaptivePool2d.ts";
export { add, addBackward } from "./add.ts";
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
export { type Conv2dGradients, type Conv2dOptions, conv2d, conv2dBackward } from "./conv2d.ts";
export { type Conv2dTransposeOptions, conv2dTranspose, conv2dTransposeBackward } from "./conv2dTranspose.ts";
export { type Conv3dOptions, conv3d, conv3dBackward } from "./conv3d.ts";
export { crossEntropy, type Labels, type LossOptions, softmaxCrossEntropy } from "./crossEntropy.ts";
export { type DenseOptions, dense, denseBackward } from "./dense.ts";
export { type DepthwiseConv2dOptions, depthwiseConv2d, depthwiseConv2dBackward } from "./depthwiseConv2d.ts";
export { type DropoutOptions, dropout, dropoutBackward } from "./dropout.ts";
export {
  globalAveragePool2d,
  globalAveragePool2dBackward,
  globalMaxPool2d,
  globalMaxPool2dBackward,
} from "./globalPool2d.ts";
export {
  type LocallyConnected2dOptions,
  locallyConnected2d,
  locallyConnected2dBackward,
} from "./locallyConnected2d.ts";
export { type LpPool2dOptions, lpPool2d, lpPool2dBackward } from "./lpPool2d.ts";
export {
  type MaxUnpool2dOptions,
  maxPool2dWithIndices,
  maxPool2dWithIndicesBackward,
  maxUnpool2d,
  maxUnpool2dBackward,
} from "./maxUnpool2d.ts";
export { meanSquaredError } from "./meanSquaredError.ts";
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
} from "./pool2d.ts";
export { avgPool3d, avgPool3dBackward, maxPool3d, maxPool3dBackward, type Pool3dOptions } from "./pool3d.ts";
export { flatten, reshape } from "./reshape.ts";
export {
  type SeparableConv2dGradients,
  type SeparableConv2dOptions,
  separableConv2d,
  separableConv2dBackward,
} from "./separableConv2d.ts";
export { softmax, softmaxBackward } from "./softmax.ts";
export { upsample2d, upsample2dBackward } from "./upsample2d.ts";
