import { checkOptions } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { type Interpolation, inferUpsample2d } from "../ops/resize.ts";
import { type Pair, pair, type Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerOptions, type LayerWindow } from "./layer.ts";
import { planResize } from "./resizing.ts";

/** What `upSampling2d` takes. */
export interface UpSampling2dOptions extends LayerOptions {
  /** Rows and columns that a pixel becomes. Default 2. */
  size?: Pair;
  /** Default "nearest". */
  interpolation?: Interpolation;
}

export class UpSampling2d extends Layer<UpSampling2dOptions> {
  readonly className = "UpSampling2D";

  constructor(options: UpSampling2dOptions) {
    super(options);
    checkOptions("upSampling2d", options, { size: true, interpolation: true, ...LAYER_OPTIONS });
    this.#plan("upSampling2d", [1, 1, 1]);
  }

  /** Neighbouring outputs are a part of a cell apart. */
  override windowOver(): LayerWindow {
    const [vertical, horizontal] = pair(this.name, "size", this.options.size ?? 2);
    const cells = this.options.interpolation === "bilinear" ? 2 : 1;
    return { kernel: [cells, cells], stride: [1 / vertical, 1 / horizontal], dilation: [1, 1], padding: [0, 0] };
  }

  protected infer(input: Shape): Shape {
    return this.#plan(this.name, input).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planResize(planner, x, this.#plan(this.name, x.shape));
  }

  #plan(op: string, input: Shape) {
    return inferUpsample2d(op, input, this.options.size ?? 2, this.options.interpolation);
  }
}

/**
 * Larger images, [H,W,C] -> [H*size,W*size,C] (Keras UpSampling2D).
 *
 * @example
 * layers.upSampling2d({ size: 2, interpolation: "bilinear" })
 */
export function upSampling2d(options: UpSampling2dOptions = {}): Layer {
  return new UpSampling2d(options);
}
