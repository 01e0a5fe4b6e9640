import { checkOptions } from "../errors.ts";
import { backwardPad, forwardPad, inferPad } from "../ops/pad.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { imageShape, type Shape, type Sides, sides } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions, type LayerWindow } from "./layer.ts";

/** What `zeroPadding2d` takes. */
export interface ZeroPadding2dOptions extends LayerOptions {
  /** A number, [vertical, horizontal] or [top, bottom, left, right]. Default 1. */
  padding?: Sides;
}

export class ZeroPadding2d extends Layer {
  readonly className = "ZeroPadding2D";
  readonly #options: ZeroPadding2dOptions;

  constructor(options: ZeroPadding2dOptions = {}) {
    super(options);
    checkOptions("zeroPadding2d", options, { padding: true, ...LAYER_OPTIONS });
    sides("zeroPadding2d", "padding", options.padding ?? 1);
    this.#options = options;
  }

  override windowOver(): LayerWindow {
    const [top, , left] = sides(this.name, "padding", this.#options.padding ?? 1);
    return { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [top, left] };
  }

  protected infer(input: Shape): Shape {
    imageShape(this.name, "x", input);
    return inferPad(input, this.#options.padding ?? 1).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    const plan = inferPad(x.shape, this.#options.padding ?? 1);
    const y = planner.slot(plan.output);
    planner.step({
      kind: "pad",
      reads: [x],
      writes: [y],
      sides: sides(this.name, "padding", this.#options.padding ?? 1),
      run: () => forwardPad(planner.kernels, { x: x.pointer, y: y.pointer }, plan),
    });
    const backward = (dy: Slot) => {
      planner.gradient(x, (dx) => {
        planner.step({
          kind: "padBackward",
          reads: [dy],
          writes: [dx],
          run: () => backwardPad(planner.kernels, { dy: dy.pointer, dx: dx.pointer }, plan),
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
 * Zeros around images (Keras ZeroPadding2D).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.zeroPadding2d({ padding: [1, 1, 2, 2] })(x); // [30,32,1]
 */
export function zeroPadding2d(options: ZeroPadding2dOptions = {}): Layer {
  return new ZeroPadding2d(options);
}
