// The window: every layer.
export { type ActivationLayerOptions, activation } from "./activation.ts";
export { type BatchNormalizationOptions, batchNormalization } from "./batchNormalization.ts";
export { type Conv1dLayerOptions, conv1d } from "./conv1d.ts";
export { type Conv2dLayerOptions, conv2d } from "./conv2d.ts";
export { type Conv2dTransposeLayerOptions, conv2dTranspose } from "./conv2dTranspose.ts";
export { type Conv3dLayerOptions, conv3d } from "./conv3d.ts";
export { type DenseLayerOptions, dense } from "./dense.ts";
export { type DepthwiseConv2dLayerOptions, depthwiseConv2d } from "./depthwiseConv2d.ts";
export { type DropoutLayerOptions, dropout } from "./dropout.ts";
export { globalAveragePool2d, globalMaxPool2d } from "./globalPool2d.ts";
export { type LocallyConnected2dLayerOptions, locallyConnected2d } from "./locallyConnected2d.ts";
export { add, type ConcatenateOptions, concatenate } from "./merge.ts";
export {
  type Cropping1dOptions,
  type Cropping2dOptions,
  cropping1d,
  cropping2d,
  type ZeroPadding1dOptions,
  type ZeroPadding2dOptions,
  zeroPadding1d,
  zeroPadding2d,
} from "./padding.ts";
export {
  type AveragePool1dLayerOptions,
  averagePool1d,
  globalAveragePool1d,
  globalMaxPool1d,
  maxPool1d,
  type Pool1dLayerOptions,
} from "./pool1d.ts";
export {
  type AveragePool2dLayerOptions,
  averagePool2d,
  maxPool2d,
  minPool2d,
  type Pool2dLayerOptions,
} from "./pool2d.ts";
export { averagePool3d, maxPool3d, type Pool3dLayerOptions } from "./pool3d.ts";
export { flatten, type ReshapeOptions, reshape } from "./reshape.ts";
export { type SeparableConv2dLayerOptions, separableConv2d } from "./separableConv2d.ts";
export {
  type AdaptivePool2dLayerOptions,
  adaptiveAveragePool2d,
  adaptiveMaxPool2d,
  type LpPool2dLayerOptions,
  lpPool2d,
} from "./specialPool2d.ts";
export { type UpSampling2dOptions, upSampling2d } from "./upSampling2d.ts";
