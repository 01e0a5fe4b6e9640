import type { VolumePadding } from "../ops/conv3d.ts";
import { inferGlobalPool3d, inferPool3d } from "../ops/pool3d.ts";
import { type Triple, triple } from "../tensor/shape.ts";
import type { Layer, LayerOptions } from "./layer.ts";
import { Pooling, type PoolingKind, poolOptions } from "./pooling.ts";

export interface Pool3dLayerOptions extends LayerOptions {
  /** Default 2. */
  poolSize?: Triple;
  /** Default: poolSize. */
  strides?: Triple;
  /** Default "valid". */
  padding?: VolumePadding;
}

function kindOf(kind: "max" | "avg", className: string, maker: string): PoolingKind<Pool3dLayerOptions> {
  return {
    className,
    maker,
    options: { poolSize: true, strides: true, padding: true },
    check: (op, { poolSize = 2, strides = poolSize }) => {
      triple(op, "poolSize", poolSize);
      triple(op, "strides", strides);
    },
    infer: (op, input, options) => inferPool3d(op, input, poolOptions<Triple, Pool3dLayerOptions>(options), kind),
  };
}

const MAX = /* @__PURE__ */ kindOf("max", "MaxPooling3D", "maxPool3d");
const AVERAGE = /* @__PURE__ */ kindOf("avg", "AveragePooling3D", "averagePool3d");

const GLOBAL_MAX: PoolingKind<LayerOptions> = {
  className: "GlobalMaxPooling3D",
  maker: "globalMaxPool3d",
  options: {},
  infer: (name, input) => [inferGlobalPool3d(name, input, "max")],
};
const GLOBAL_AVERAGE: PoolingKind<LayerOptions> = {
  className: "GlobalAveragePooling3D",
  maker: "globalAveragePool3d",
  options: {},
  infer: (name, input) => [inferGlobalPool3d(name, input, "avg")],
};

/**
 * The largest value of each window of a volume (Keras MaxPooling3D).
 *
 * @example
 * layers.maxPool3d({ poolSize: 2 })(input({ shape: [8, 16, 16, 3] })).shape; // [4,8,8,3]
 */
export function maxPool3d(options: Pool3dLayerOptions = {}): Layer {
  return new Pooling(MAX, options);
}

/**
 * The mean of each window of a volume (Keras AveragePooling3D).
 *
 * @example
 * layers.averagePool3d({ poolSize: 2 })(input({ shape: [8, 16, 16, 3] })).shape; // [4,8,8,3]
 */
export function averagePool3d(options: Pool3dLayerOptions = {}): Layer {
  return new Pooling(AVERAGE, options);
}

/**
 * The largest value of each channel, [D,H,W,C] -> [C] (Keras GlobalMaxPooling3D).
 *
 * @example
 * layers.globalMaxPool3d()(input({ shape: [8, 16, 16, 3] })).shape; // [3]
 */
export function globalMaxPool3d(options: LayerOptions = {}): Layer {
  return new Pooling(GLOBAL_MAX, options);
}

/**
 * The mean of each channel, [D,H,W,C] -> [C] (Keras GlobalAveragePooling3D).
 *
 * @example
 * layers.globalAveragePool3d()(input({ shape: [8, 16, 16, 3] })).shape; // [3]
 */
export function globalAveragePool3d(options: LayerOptions = {}): Layer {
  return new Pooling(GLOBAL_AVERAGE, options);
}
