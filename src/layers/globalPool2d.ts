import { checkOptions } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { inferGlobalPool2d, type PoolKind } from "../ops/pool2d.ts";
import type { Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions } from "./layer.ts";
import { planPool2d } from "./pool2d.ts";

const CLASS_NAMES = { max: "GlobalMaxPooling2D", avg: "GlobalAveragePooling2D" } as const;
const MAKERS = { max: "globalMaxPool2d", avg: "globalAveragePool2d" } as const;

export class GlobalPool2d extends Layer {
  readonly className: string;
  readonly #kind: "max" | "avg";
  readonly #options: LayerOptions;

  constructor(kind: "max" | "avg", options: LayerOptions) {
    super(options);
    checkOptions(MAKERS[kind], options, LAYER_OPTIONS);
    this.className = CLASS_NAMES[kind];
    this.#kind = kind;
    this.#options = options;
  }

  protected infer(input: Shape): Shape {
    return inferGlobalPool2d(this.name, input, this.#kind satisfies PoolKind).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planPool2d(planner, x, inferGlobalPool2d(this.name, x.shape, this.#kind));
  }

  config(): LayerConfig {
    return { ...this.#options };
  }
}

/**
 * The mean of each channel, [H,W,C] -> [C] (Keras GlobalAveragePooling2D).
 *
 * @example
 * const x = input({ shape: [7, 7, 512] });
 * const y = layers.globalAveragePool2d()(x); // [512]
 */
export function globalAveragePool2d(options: LayerOptions = {}): Layer {
  return new GlobalPool2d("avg", options);
}

/**
 * The largest value of each channel, [H,W,C] -> [C] (Keras GlobalMaxPooling2D).
 *
 * @example
 * const x = input({ shape: [7, 7, 512] });
 * const y = layers.globalMaxPool2d()(x); // [512]
 */
export function globalMaxPool2d(options: LayerOptions = {}): Layer {
  return new GlobalPool2d("max", options);
}
