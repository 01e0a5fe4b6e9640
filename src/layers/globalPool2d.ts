import { inferGlobalPool2d } from "../ops/globalPool2d.ts";
import type { Layer, LayerOptions } from "./layer.ts";
import { Pooling, type PoolingKind } from "./pooling.ts";

const AVERAGE: PoolingKind<LayerOptions> = {
  className: "GlobalAveragePooling2D",
  maker: "globalAveragePool2d",
  options: {},
  infer: (name, input) => [inferGlobalPool2d(name, input, "avg")],
};
const MAX: PoolingKind<LayerOptions> = {
  className: "GlobalMaxPooling2D",
  maker: "globalMaxPool2d",
  options: {},
  infer: (name, input) => [inferGlobalPool2d(name, input, "max")],
};

/**
 * The mean of each channel, [H,W,C] -> [C] (Keras GlobalAveragePooling2D).
 *
 * @example
 * layers.globalAveragePool2d()(input({ shape: [8, 8, 3] })).shape; // [3]
 */
export function globalAveragePool2d(options: LayerOptions = {}): Layer {
  return new Pooling(AVERAGE, options);
}

/**
 * The largest value of each channel, [H,W,C] -> [C] (Keras GlobalMaxPooling2D).
 *
 * @example
 * layers.globalMaxPool2d()(input({ shape: [8, 8, 3] })).shape; // [3]
 */
export function globalMaxPool2d(options: LayerOptions = {}): Layer {
  return new Pooling(MAX, options);
}
