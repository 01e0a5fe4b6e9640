import { checkOptions } from "../errors.ts";
import { backwardDropout, forwardDropout, inferDropout } from "../ops/dropout.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions } from "./layer.ts";

/** What `dropout` takes. */
export interface DropoutLayerOptions extends LayerOptions {
  /** The probability of an element to become 0 in training, in [0, 1). */
  rate: number;
}

export class Dropout extends Layer {
  readonly className = "Dropout";
  readonly #options: DropoutLayerOptions;
  /** Follows from the model's seed, which may be set anew, and the layer's name. */
  #mask = { of: Number.NaN, seed: 0 };

  constructor(options: DropoutLayerOptions) {
    super(options);
    checkOptions("dropout", options, { rate: true, ...LAYER_OPTIONS });
    inferDropout("dropout", [1], options.rate);
    this.#options = options;
  }

  protected infer(input: Shape): Shape {
    return input;
  }

  /** Another mask at every training step; nothing outside of training. */
  plan(planner: Planner, x: Slot): Slot {
    if (!planner.training || this.#options.rate === 0) return x;
    const { kernels, clock } = planner;
    const plan = inferDropout(this.name, x.shape, this.#options.rate);
    const y = planner.reuse(x);
    planner.step({
      kind: "dropout",
      reads: [x],
      writes: [y],
      run: () => forwardDropout(kernels, { x: x.pointer, y: y.pointer }, plan, this.#seed(clock.seed), clock.iteration),
    });
    planner.node({
      inputs: [x],
      output: y,
      keeps: [],
      backward: (dy) => {
        const dx = planner.reuse(dy);
        planner.step({
          kind: "dropoutBackward",
          reads: [dy],
          writes: [dx],
          run: () =>
            backwardDropout(kernels, { dy: dy.pointer, dx: dx.pointer }, plan, this.#seed(clock.seed), clock.iteration),
        });
        planner.handGradient(x, dx);
      },
    });
    return y;
  }

  config(): LayerConfig {
    return { ...this.#options };
  }

  #seed(of: number): number {
    if (this.#mask.of !== of) this.#mask = { of, seed: new SeededRandom(of).fork(`${this.name}/mask`).bits() };
    return this.#mask.seed;
  }
}

/**
 * Drops elements in training and scales up the others (Keras Dropout).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.dropout({ rate: 0.25 })(x); // [28,28,1]
 */
export function dropout(options: DropoutLayerOptions): Layer {
  return new Dropout(options);
}
