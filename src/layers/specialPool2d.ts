import { inferAdaptivePool2d } from "../ops/adaptivePool2d.ts";
import { inferLpPool2d } from "../ops/lpPool2d.ts";
import { type Pair, pair } from "../tensor/shape.ts";
import type { Layer, LayerOptions } from "./layer.ts";
import type { Pool2dLayerOptions } from "./pool2d.ts";
import { Pooling, type PoolingKind, poolOptions } from "./pooling.ts";

export interface AdaptivePool2dLayerOptions extends LayerOptions {
  /** Height and width of what comes out: a number or [vertical, horizontal]. */
  outputSize: Pair;
}

/** What `lpPool2d` takes. */
export interface LpPool2dLayerOptions extends Omit<Pool2dLayerOptions, "dilation"> {
  /** 1: the sum of absolute values; 2: the root of the sum of squares. Default 2. */
  p?: 1 | 2;
}

function adaptive(kind: "max" | "avg", className: string, maker: string): PoolingKind<AdaptivePool2dLayerOptions> {
  return {
    className,
    maker,
    options: { outputSize: true },
    check: (op, { outputSize }) => pair(op, "outputSize", outputSize),
    infer: (op, input, { outputSize }) => [inferAdaptivePool2d(op, input, outputSize, kind)],
  };
}

const AVERAGE = /* @__PURE__ */ adaptive("avg", "AdaptiveAveragePooling2D", "adaptiveAveragePool2d");
const MAX = /* @__PURE__ */ adaptive("max", "AdaptiveMaxPooling2D", "adaptiveMaxPool2d");
const NORM: PoolingKind<LpPool2dLayerOptions> = {
  className: "LpPooling2D",
  maker: "lpPool2d",
  options: { p: true, poolSize: true, strides: true, padding: true, ceilMode: true },
  check: (op, options) => inferLpPool2d(op, [1, 1, 1, 1], { p: options.p, poolSize: 1 }),
  infer: (op, input, options) => [inferLpPool2d(op, input, poolOptions<Pair, LpPool2dLayerOptions>(options))],
};

/**
 * The mean of each of OH x OW windows, whatever the size of the image (Keras AdaptiveAveragePooling2D).
 *
 * @example
 * layers.adaptiveAveragePool2d({ outputSize: 3 })(input({ shape: [8, 8, 3] })).shape; // [3,3,3]
 */
export function adaptiveAveragePool2d(options: AdaptivePool2dLayerOptions): Layer {
  return new Pooling(AVERAGE, options);
}

/**
 * The largest value of each of OH x OW windows (Keras AdaptiveMaxPooling2D).
 *
 * @example
 * layers.adaptiveMaxPool2d({ outputSize: 3 })(input({ shape: [8, 8, 3] })).shape; // [3,3,3]
 */
export function adaptiveMaxPool2d(options: AdaptivePool2dLayerOptions): Layer {
  return new Pooling(MAX, options);
}

/**
 * The norm of each window.
 *
 * @example
 * layers.lpPool2d({ poolSize: 2 })(input({ shape: [8, 8, 3] })).shape; // [4,4,3]
 */
export function lpPool2d(options: LpPool2dLayerOptions = {}): Layer {
  return new Pooling(NORM, options);
}
