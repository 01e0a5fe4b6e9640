import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { backwardUpsample2d, forwardUpsample2d, inferUpsample2d } from "../ops/upsample2d.ts";
import { type Pair, pair, type Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions, type LayerWindow } from "./layer.ts";

/** What `upSampling2d` takes. */
export interface UpSampling2dOptions extends LayerOptions {
  /** Rows and columns that a pixel becomes. Default 2. */
  size?: Pair;
  /** Default "nearest", the only one known. */
  interpolation?: "nearest";
}

export class UpSampling2d extends Layer {
  readonly className = "UpSampling2D";
  readonly #options: UpSampling2dOptions;

  constructor(options: UpSampling2dOptions) {
    super(options);
    checkOptions("upSampling2d", options, { size: true, interpolation: true, ...LAYER_OPTIONS });
    pair("upSampling2d", "size", options.size ?? 2);
    const { interpolation = "nearest" } = options;
    if (interpolation !== "nearest") {
      throw new ArgumentError(`upSampling2d: interpolation must be "nearest", got ${show(interpolation)}`);
    }
    this.#options = options;
  }

  /** Neighbouring outputs are a part of a cell apart. */
  override windowOver(): LayerWindow {
    const [vertical, horizontal] = pair(this.name, "size", this.#options.size ?? 2);
    return { kernel: [1, 1], stride: [1 / vertical, 1 / horizontal], dilation: [1, 1], padding: [0, 0] };
  }

  protected infer(input: Shape): Shape {
    return inferUpsample2d(this.name, input, this.#options.size ?? 2).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const plan = inferUpsample2d(this.name, x.shape, this.#options.size ?? 2);
    const y = planner.slot(plan.output);
    planner.step({
      kind: "upsample2d",
      reads: [x],
      writes: [y],
      run: () => forwardUpsample2d(kernels, { x: x.pointer, y: y.pointer }, plan),
    });
    const backward = (dy: Slot) => {
      planner.gradient(x, (dx) => {
        planner.step({
          kind: "upsample2dBackward",
          reads: [dy],
          writes: [dx],
          run: () => backwardUpsample2d(kernels, { dy: dy.pointer, dx: dx.pointer }, plan),
        });
      });
    };
    planner.node({ inputs: [x], output: y, keeps: [], backward });
    return y;
  }

  config(): LayerConfig {
    return { ...this.#options };
  }
}

/**
 * Larger images by repeating pixels, [H,W,C] -> [H*size,W*size,C] (Keras UpSampling2D).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.upSampling2d({ size: 2 })(x); // [56,56,1]
 */
export function upSampling2d(options: UpSampling2dOptions = {}): Layer {
  return new UpSampling2d(options);
}
