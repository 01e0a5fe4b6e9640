/**
 * What networks are made of, under the names and with the options of Keras. Each function makes a layer: one for the array of
 * `sequential`, or one to call with what `input()` or another layer made.
 *
 * @module
 */
export { type ActivationLayerOptions, type ActivationName, activation } from "./activation.ts";
export { type BatchNormalizationOptions, batchNormalization } from "./batchNormalization.ts";
export { type Conv1dLayerOptions, conv1d } from "./conv1d.ts";
export { type Conv2dLayerOptions, conv2d } from "./conv2d.ts";
export { type Conv2dTransposeLayerOptions, conv2dTranspose } from "./conv2dTranspose.ts";
export { type Conv3dLayerOptions, conv3d } from "./conv3d.ts";
export { type CropOptions, centerCrop, randomCrop } from "./crop.ts";
export {
  type AdaptOptions,
  type DataNormalizationOptions,
  type Normalization,
  normalization,
} from "./dataNormalization.ts";
export { type DenseLayerOptions, dense } from "./dense.ts";
export { type DepthwiseConv2dLayerOptions, depthwiseConv2d } from "./depthwiseConv2d.ts";
export { type DotOptions, dot } from "./dot.ts";
export { type ElementwiseOptions, elementwise } from "./elementwise.ts";
export { globalAveragePool2d, globalMaxPool2d } from "./globalPool2d.ts";
export type { LayerOptions } from "./layer.ts";
export { type LocallyConnected2dLayerOptions, locallyConnected2d } from "./locallyConnected2d.ts";
export {
  add,
  average,
  type ConcatenateOptions,
  concatenate,
  divide,
  maximum,
  minimum,
  multiply,
  subtract,
} from "./merge.ts";
export {
  alphaDropout,
  type DropoutLayerOptions,
  dropout,
  type GaussianNoiseLayerOptions,
  gaussianDropout,
  gaussianNoise,
  spatialDropout1d,
  spatialDropout2d,
} from "./noise.ts";
export {
  type GroupNormalizationOptions,
  groupNormalization,
  instanceNormalization,
  type LayerNormalizationOptions,
  type LocalResponseNormalizationOptions,
  layerNormalization,
  localResponseNormalization,
  type NormalizationOptions,
} from "./normalization.ts";
export {
  type Cropping1dOptions,
  type Cropping2dOptions,
  type Cropping3dOptions,
  cropping1d,
  cropping2d,
  cropping3d,
  type ZeroPadding1dOptions,
  type ZeroPadding2dOptions,
  type ZeroPadding3dOptions,
  zeroPadding1d,
  zeroPadding2d,
  zeroPadding3d,
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
export {
  averagePool3d,
  globalAveragePool3d,
  globalMaxPool3d,
  maxPool3d,
  type Pool3dLayerOptions,
} from "./pool3d.ts";
export { type PreluOptions, prelu } from "./prelu.ts";
export {
  type RandomBrightnessOptions,
  type RandomContrastOptions,
  type RandomErasingOptions,
  randomBrightness,
  randomContrast,
  randomErasing,
} from "./randomColor.ts";
export {
  type RandomFillOptions,
  type RandomFlipOptions,
  type RandomRotationOptions,
  type RandomTranslationOptions,
  type RandomZoomOptions,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
} from "./randomGeometry.ts";
export {
  type DepthToSpaceLayerOptions,
  depthToSpace,
  type PermuteOptions,
  permute,
  type SliceLayerOptions,
  slice,
  spaceToDepth,
} from "./rearrange.ts";
export { type ReduceLayerOptions, reduce } from "./reduce.ts";
export { type RescalingOptions, rescaling } from "./rescaling.ts";
export { flatten, type ReshapeOptions, reshape } from "./reshape.ts";
export { type ResizingOptions, resizing } from "./resizing.ts";
export { type SeparableConv2dLayerOptions, separableConv2d } from "./separableConv2d.ts";
export {
  type AdaptivePool2dLayerOptions,
  adaptiveAveragePool2d,
  adaptiveMaxPool2d,
  type LpPool2dLayerOptions,
  lpPool2d,
} from "./specialPool2d.ts";
export { type UnitNormalizationOptions, unitNormalization } from "./unitNormalization.ts";
export {
  type UpSampling1dOptions,
  type UpSampling2dOptions,
  type UpSampling3dOptions,
  upSampling1d,
  upSampling2d,
  upSampling3d,
} from "./upSampling.ts";
