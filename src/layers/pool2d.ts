import { inferPool2d, type PoolKind } from "../ops/pool2d.ts";
import type { Padding } from "../ops/window.ts";
import { type Pair, pair } from "../tensor/shape.ts";
import type { Layer, LayerOptions, OwnOptions } from "./layer.ts";
import { Pooling, type PoolingKind, poolOptions } from "./pooling.ts";

/** What `maxPool2d` and `minPool2d` take. */
export interface Pool2dLayerOptions extends LayerOptions {
  /** Default 2. */
  poolSize?: Pair;
  /** Default: poolSize. */
  strides?: Pair;
  /** Default "valid". */
  padding?: Padding;
  /** Let a last window begin that does not fit wholly. Default false. */
  ceilMode?: boolean;
}

/** What `averagePool2d` takes. */
export interface AveragePool2dLayerOptions extends Pool2dLayerOptions {
  /** Count the padding as zeros. Default false. */
  countIncludePad?: boolean;
}

const OPTIONS: OwnOptions<Pool2dLayerOptions> = { poolSize: true, strides: true, padding: true, ceilMode: true };
const AVERAGE_OPTIONS: OwnOptions<AveragePool2dLayerOptions> = {
  poolSize: true,
  strides: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

function kindOf<Options extends Pool2dLayerOptions>(
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
      pair(op, "poolSize", poolSize);
      pair(op, "strides", strides);
    },
    infer: (op, input, options) => [inferPool2d(op, input, poolOptions<Pair, Pool2dLayerOptions>(options), kind)],
  };
}

const MAX: PoolingKind<Pool2dLayerOptions> = /* @__PURE__ */ kindOf("max", "MaxPooling2D", "maxPool2d", OPTIONS);
const MIN: PoolingKind<Pool2dLayerOptions> = /* @__PURE__ */ kindOf("min", "MinPooling2D", "minPool2d", OPTIONS);
const AVERAGE: PoolingKind<AveragePool2dLayerOptions> = /* @__PURE__ */ kindOf(
  "avg",
  "AveragePooling2D",
  "averagePool2d",
  AVERAGE_OPTIONS,
);

/**
 * The largest value of each window (Keras MaxPooling2D).
 *
 * @example
 * layers.maxPool2d({ poolSize: 2 })(input({ shape: [8, 8, 3] })).shape; // [4,4,3]
 */
export function maxPool2d(options: Pool2dLayerOptions = {}): Layer {
  return new Pooling(MAX, options);
}

/**
 * The smallest value of each window.
 *
 * @example
 * layers.minPool2d({ poolSize: 2 })(input({ shape: [8, 8, 3] })).shape; // [4,4,3]
 */
export function minPool2d(options: Pool2dLayerOptions = {}): Layer {
  return new Pooling(MIN, options);
}

/**
 * The mean of each window (Keras AveragePooling2D).
 *
 * @example
 * layers.averagePool2d({ poolSize: 2 })(input({ shape: [8, 8, 3] })).shape; // [4,4,3]
 */
export function averagePool2d(options: AveragePool2dLayerOptions = {}): Layer {
  return new Pooling<AveragePool2dLayerOptions>(AVERAGE, options);
}
