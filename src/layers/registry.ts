/** Layers by the names that files give them. */
import { FormatError, nearest, show } from "../errors.ts";
import { activation } from "./activation.ts";
import { batchNormalization } from "./batchNormalization.ts";
import { conv1d } from "./conv1d.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dTranspose } from "./conv2dTranspose.ts";
import { conv3d } from "./conv3d.ts";
import { centerCrop, randomCrop } from "./crop.ts";
import { normalization } from "./dataNormalization.ts";
import { dense } from "./dense.ts";
import { depthwiseConv2d } from "./depthwiseConv2d.ts";
import { dot } from "./dot.ts";
import { elementwise } from "./elementwise.ts";
import { globalAveragePool2d, globalMaxPool2d } from "./globalPool2d.ts";
import type { Layer, LayerClass, LayerConfig } from "./layer.ts";
import { locallyConnected2d } from "./locallyConnected2d.ts";
import { add, average, concatenate, divide, maximum, minimum, multiply, subtract } from "./merge.ts";
import { alphaDropout, dropout, gaussianDropout, gaussianNoise, spatialDropout1d, spatialDropout2d } from "./noise.ts";
import {
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  localResponseNormalization,
} from "./normalization.ts";
import { cropping1d, cropping2d, cropping3d, zeroPadding1d, zeroPadding2d, zeroPadding3d } from "./padding.ts";
import { averagePool1d, globalAveragePool1d, globalMaxPool1d, maxPool1d } from "./pool1d.ts";
import { averagePool2d, maxPool2d, minPool2d } from "./pool2d.ts";
import { averagePool3d, globalAveragePool3d, globalMaxPool3d, maxPool3d } from "./pool3d.ts";
import { prelu } from "./prelu.ts";
import { randomBrightness, randomContrast, randomErasing } from "./randomColor.ts";
import { randomFlip, randomRotation, randomTranslation, randomZoom } from "./randomGeometry.ts";
import { depthToSpace, permute, slice, spaceToDepth } from "./rearrange.ts";
import { reduce } from "./reduce.ts";
import { rescaling } from "./rescaling.ts";
import { flatten, reshape } from "./reshape.ts";
import { resizing } from "./resizing.ts";
import { separableConv2d } from "./separableConv2d.ts";
import { adaptiveAveragePool2d, adaptiveMaxPool2d, lpPool2d } from "./specialPool2d.ts";
import { unitNormalization } from "./unitNormalization.ts";
import { upSampling1d, upSampling2d, upSampling3d } from "./upSampling.ts";

type Maker = (options: never) => Layer;

const MAKERS: Readonly<Record<string, Maker>> = {
  Activation: activation,
  AdaptiveAveragePooling2D: adaptiveAveragePool2d,
  AdaptiveMaxPooling2D: adaptiveMaxPool2d,
  Add: add,
  AlphaDropout: alphaDropout,
  Average: average,
  AveragePooling1D: averagePool1d,
  AveragePooling2D: averagePool2d,
  AveragePooling3D: averagePool3d,
  BatchNormalization: batchNormalization,
  CenterCrop: centerCrop,
  Concatenate: concatenate,
  Conv1D: conv1d,
  Conv2D: conv2d,
  Conv2DTranspose: conv2dTranspose,
  Conv3D: conv3d,
  Cropping1D: cropping1d,
  Cropping2D: cropping2d,
  Cropping3D: cropping3d,
  Dense: dense,
  DepthToSpace: depthToSpace,
  DepthwiseConv2D: depthwiseConv2d,
  Divide: divide,
  Dot: dot,
  Dropout: dropout,
  Elementwise: elementwise,
  Flatten: flatten,
  GaussianDropout: gaussianDropout,
  GaussianNoise: gaussianNoise,
  GlobalAveragePooling1D: globalAveragePool1d,
  GlobalAveragePooling2D: globalAveragePool2d,
  GlobalAveragePooling3D: globalAveragePool3d,
  GlobalMaxPooling1D: globalMaxPool1d,
  GlobalMaxPooling2D: globalMaxPool2d,
  GlobalMaxPooling3D: globalMaxPool3d,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  LocalResponseNormalization: localResponseNormalization,
  LocallyConnected2D: locallyConnected2d,
  MaxPooling3D: maxPool3d,
  LpPooling2D: lpPool2d,
  MaxPooling1D: maxPool1d,
  MaxPooling2D: maxPool2d,
  Maximum: maximum,
  MinPooling2D: minPool2d,
  PReLU: prelu,
  Minimum: minimum,
  Multiply: multiply,
  Normalization: normalization,
  Permute: permute,
  RandomBrightness: randomBrightness,
  RandomContrast: randomContrast,
  RandomCrop: randomCrop,
  RandomErasing: randomErasing,
  RandomFlip: randomFlip,
  RandomRotation: randomRotation,
  RandomTranslation: randomTranslation,
  RandomZoom: randomZoom,
  Reshape: reshape,
  Reduce: reduce,
  Rescaling: rescaling,
  Resizing: resizing,
  SeparableConv2D: separableConv2d,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  SpatialDropout1D: spatialDropout1d,
  SpatialDropout2D: spatialDropout2d,
  Subtract: subtract,
  UnitNormalization: unitNormalization,
  UpSampling1D: upSampling1d,
  UpSampling2D: upSampling2d,
  UpSampling3D: upSampling3d,
  ZeroPadding1D: zeroPadding1d,
  ZeroPadding2D: zeroPadding2d,
  ZeroPadding3D: zeroPadding3d,
};

/** The layer that a file describes; `file` stands in messages. `classes` are the user's own. */
export function layerFrom(
  file: string,
  saved: { className: string; name: string; trainable: boolean; config: LayerConfig },
  classes: Readonly<Record<string, LayerClass>> = {},
): Layer {
  const { className, name, trainable, config } = saved ?? {};
  const options = { ...config, name, trainable } as never;
  if (Object.hasOwn(classes, className)) return new classes[className](options);
  if (Object.hasOwn(MAKERS, className)) return MAKERS[className](options);
  const own = typeof className === "string" ? ` (one of your own: loadModel(bytes, { layers: { ${className} } }))` : "";
  const near = nearest(String(className), [...Object.keys(classes), ...Object.keys(MAKERS)]);
  const hint = near === undefined ? "" : `; did you mean ${show(near)}?`;
  throw new FormatError(`${file}: unknown layer ${show(className)}${own}${hint}`);
}
