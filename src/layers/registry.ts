/** Layers by the names that files give them. */
import { FormatError, nearest, show } from "../errors.ts";
import { activation } from "./activation.ts";
import { batchNormalization } from "./batchNormalization.ts";
import { conv1d } from "./conv1d.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dTranspose } from "./conv2dTranspose.ts";
import { conv3d } from "./conv3d.ts";
import { dense } from "./dense.ts";
import { depthwiseConv2d } from "./depthwiseConv2d.ts";
import { dropout } from "./dropout.ts";
import { globalAveragePool2d, globalMaxPool2d } from "./globalPool2d.ts";
import type { Layer, LayerConfig } from "./layer.ts";
import { locallyConnected2d } from "./locallyConnected2d.ts";
import { add, concatenate } from "./merge.ts";
import { cropping1d, cropping2d, zeroPadding1d, zeroPadding2d } from "./padding.ts";
import { averagePool1d, globalAveragePool1d, globalMaxPool1d, maxPool1d } from "./pool1d.ts";
import { averagePool2d, maxPool2d, minPool2d } from "./pool2d.ts";
import { averagePool3d, maxPool3d } from "./pool3d.ts";
import { flatten, reshape } from "./reshape.ts";
import { separableConv2d } from "./separableConv2d.ts";
import { adaptiveAveragePool2d, adaptiveMaxPool2d, lpPool2d } from "./specialPool2d.ts";
import { upSampling2d } from "./upSampling2d.ts";

type Maker = (options: never) => Layer;

const MAKERS: Readonly<Record<string, Maker>> = {
  Activation: activation,
  AdaptiveAveragePooling2D: adaptiveAveragePool2d,
  AdaptiveMaxPooling2D: adaptiveMaxPool2d,
  Add: add,
  AveragePooling1D: averagePool1d,
  AveragePooling2D: averagePool2d,
  AveragePooling3D: averagePool3d,
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv1D: conv1d,
  Conv2D: conv2d,
  Conv2DTranspose: conv2dTranspose,
  Conv3D: conv3d,
  Cropping1D: cropping1d,
  Cropping2D: cropping2d,
  Dense: dense,
  DepthwiseConv2D: depthwiseConv2d,
  Dropout: dropout,
  Flatten: flatten,
  GlobalAveragePooling1D: globalAveragePool1d,
  GlobalAveragePooling2D: globalAveragePool2d,
  GlobalMaxPooling1D: globalMaxPool1d,
  GlobalMaxPooling2D: globalMaxPool2d,
  LocallyConnected2D: locallyConnected2d,
  LpPooling2D: lpPool2d,
  MaxPooling1D: maxPool1d,
  MaxPooling2D: maxPool2d,
  MaxPooling3D: maxPool3d,
  MinPooling2D: minPool2d,
  Reshape: reshape,
  SeparableConv2D: separableConv2d,
  UpSampling2D: upSampling2d,
  ZeroPadding1D: zeroPadding1d,
  ZeroPadding2D: zeroPadding2d,
};

/** The layer that a file describes; `file` stands in messages. */
export function layerFrom(
  file: string,
  saved: { className: string; name: string; trainable: boolean; config: LayerConfig },
): Layer {
  const make = Object.hasOwn(MAKERS, saved?.className) ? MAKERS[saved.className] : undefined;
  if (make === undefined) {
    const near = nearest(String(saved?.className), Object.keys(MAKERS));
    const hint = near === undefined ? "" : `; did you mean ${show(near)}?`;
    throw new FormatError(`${file}: unknown layer ${show(saved?.className)}${hint}`);
  }
  const { name, trainable, config } = saved;
  return make({ ...config, name, trainable } as never);
}
