import { checkOptions } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import {
  type AvgPool2dOptions,
  backwardPool2d,
  forwardPool2d,
  inferPool2d,
  type Pool2dPlan,
  type PoolKind,
} from "../ops/pool2d.ts";
import type { Padding } from "../ops/window.ts";
import { type Pair, pair, type Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions, type LayerWindow, layerWindow } from "./layer.ts";

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

const CLASS_NAMES = { max: "MaxPooling2D", min: "MinPooling2D", avg: "AveragePooling2D" } as const;
const OPTIONS = { poolSize: true, strides: true, padding: true, ceilMode: true, ...LAYER_OPTIONS } as const;
const AVERAGE_OPTIONS = { ...OPTIONS, countIncludePad: true } as const;
const MAKERS = { max: "maxPool2d", min: "minPool2d", avg: "averagePool2d" } as const;

export class Pool2d extends Layer {
  readonly className: string;
  readonly #kind: PoolKind;
  readonly #options: AveragePool2dLayerOptions;

  constructor(kind: PoolKind, options: AveragePool2dLayerOptions) {
    super(options);
    this.className = CLASS_NAMES[kind];
    if (kind === "avg") checkOptions(MAKERS[kind], options, AVERAGE_OPTIONS);
    else checkOptions<Pool2dLayerOptions>(MAKERS[kind], options, OPTIONS);
    const { poolSize = 2, strides = poolSize } = options;
    pair(MAKERS[kind], "poolSize", poolSize);
    pair(MAKERS[kind], "strides", strides);
    this.#kind = kind;
    this.#options = options;
  }

  override windowOver(input: Shape): LayerWindow {
    return layerWindow(this.#plan(input).window);
  }

  protected infer(input: Shape): Shape {
    return this.#plan(input).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planPool2d(planner, x, this.#plan(x.shape));
  }

  config(): LayerConfig {
    return { ...this.#options };
  }

  #plan(input: Shape): Pool2dPlan {
    const { poolSize = 2, strides: stride, padding, ceilMode, countIncludePad } = this.#options;
    const options: AvgPool2dOptions = { poolSize, padding, ceilMode, countIncludePad };
    return inferPool2d(this.name, input, stride === undefined ? options : { ...options, stride }, this.#kind);
  }
}

/** Adds a pool to a plan; shared with the global ones. */
export function planPool2d(planner: Planner, x: Slot, plan: Pool2dPlan): Slot {
  const y = planner.slot(plan.output);
  const window = planner.window(plan.window);
  planner.step({
    kind: "pool2d",
    reads: [x],
    writes: [y],
    run: () => forwardPool2d(planner.kernels, { x: x.pointer, y: y.pointer, window: window.pointer }, plan),
  });
  // The average does not look at x on the way back, so x need not be kept.
  const read = plan.kind === "avg" ? [] : [x];
  planner.node({
    inputs: [x],
    output: y,
    keeps: read,
    backward: (dy) => {
      planner.gradient(x, (dx) => {
        planner.step({
          kind: "pool2dBackward",
          reads: [dy, ...read],
          writes: [dx],
          run: () => {
            const at = { dy: dy.pointer, x: x.pointer, dx: dx.pointer, window: window.pointer };
            backwardPool2d(planner.kernels, at, plan);
          },
        });
      });
    },
  });
  return y;
}

/**
 * The largest value of each window (Keras MaxPooling2D).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.maxPool2d({ poolSize: 2 })(x); // [14,14,1]
 */
export function maxPool2d(options: Pool2dLayerOptions = {}): Layer {
  return new Pool2d("max", options);
}

/**
 * The smallest value of each window.
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.minPool2d({ poolSize: 2 })(x); // [14,14,1]
 */
export function minPool2d(options: Pool2dLayerOptions = {}): Layer {
  return new Pool2d("min", options);
}

/**
 * The mean of each window (Keras AveragePooling2D).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.averagePool2d({ poolSize: 3, strides: 2, padding: "same" })(x); // [14,14,1]
 */
export function averagePool2d(options: AveragePool2dLayerOptions = {}): Layer {
  return new Pool2d("avg", options);
}
