import type { LinePadding } from "../ops/line.ts";
import { inferGlobalPool1d, inferPool1d } from "../ops/pool1d.ts";
import type { PoolKind } from "../ops/pool2d.ts";
import { whole } from "../tensor/shape.ts";
import type { Layer, LayerOptions, OwnOptions } from "./layer.ts";
import { Pooling, type PoolingKind, poolOptions } from "./pooling.ts";

export interface Pool1dLayerOptions extends LayerOptions {
  /** Default 2. */
  poolSize?: number;
  /** Default: poolSize. */
  strides?: number;
  /** Default "valid". */
  padding?: LinePadding;
  /** Let a last window begin that does not fit wholly. Default false. */
  ceilMode?: boolean;
}

export interface AveragePool1dLayerOptions extends Pool1dLayerOptions {
  /** Count the padding as zeros. Default false. */
  countIncludePad?: boolean;
}

const OPTIONS: OwnOptions<Pool1dLayerOptions> = { poolSize: true, strides: true, padding: true, ceilMode: true };
const AVERAGE_OPTIONS: OwnOptions<AveragePool1dLayerOptions> = {
  poolSize: true,
  strides: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

function kindOf<Options extends Pool1dLayerOptions>(
  kind: PoolKind,
  className: string,
  maker: string,
  options: OwnOptions<Options>,
): PoolingKind<Options> {
  return {
    className,
    maker,
    options,
    check: (op, { poolSize = 2, strides = poolSize }) => {
      whole(op, "poolSize", poolSize);
      whole(op, "strides", strides);
    },
    infer: (op, input, options) => [inferPool1d(op, input, poolOptions<number, Pool1dLayerOptions>(options), kind)],
  };
}

const MAX: PoolingKind<Pool1dLayerOptions> = /* @__PURE__ */ kindOf("max", "MaxPooling1D", "maxPool1d", OPTIONS);
const AVERAGE: PoolingKind<AveragePool1dLayerOptions> = /* @__PURE__ */ kindOf(
  "avg",
  "AveragePooling1D",
  "averagePool1d",
  AVERAGE_OPTIONS,
);
const GLOBAL_MAX: PoolingKind<LayerOptions> = {
  className: "GlobalMaxPooling1D",
  maker: "globalMaxPool1d",
  options: {},
  infer: (name, input) => [inferGlobalPool1d(name, input, "max")],
};
const GLOBAL_AVERAGE: PoolingKind<LayerOptions> = {
  className: "GlobalAveragePooling1D",
  maker: "globalAveragePool1d",
  options: {},
  infer: (name, input) => [inferGlobalPool1d(name, input, "avg")],
};

/**
 * The largest value of each window of a line (Keras MaxPooling1D).
 *
 * @example
 * layers.maxPool1d({ poolSize: 2 })(input({ shape: [100, 8] })).shape; // [50,8]
 */
export function maxPool1d(options: Pool1dLayerOptions = {}): Layer {
  return new Pooling(MAX, options);
}

/**
 * The mean of each window of a line (Keras AveragePooling1D).
 *
 * @example
 * layers.averagePool1d({ poolSize: 2 })(input({ shape: [100, 8] })).shape; // [50,8]
 */
export function averagePool1d(options: AveragePool1dLayerOptions = {}): Layer {
  return new Pooling<AveragePool1dLayerOptions>(AVERAGE, options);
}

/**
 * The largest value of each channel, [L,C] -> [C] (Keras GlobalMaxPooling1D): what is found wherever it is.
 *
 * @example
 * layers.globalMaxPool1d()(input({ shape: [100, 8] })).shape; // [8]
 */
export function globalMaxPool1d(options: LayerOptions = {}): Layer {
  return new Pooling(GLOBAL_MAX, options);
}

/**
 * The mean of each channel, [L,C] -> [C] (Keras GlobalAveragePooling1D).
 *
 * @example
 * layers.globalAveragePool1d()(input({ shape: [100, 8] })).shape; // [8]
 */
export function globalAveragePool1d(options: LayerOptions = {}): Layer {
  return new Pooling(GLOBAL_AVERAGE, options);
}
