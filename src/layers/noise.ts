/** Layers that are random in training and do nothing outside of it. */
import { checkOptions } from "../errors.ts";
import { backwardDropout, forwardDropout, inferDropout } from "../ops/dropout.ts";
import { backwardNoise, forwardNoise, inferNoise, type Noise } from "../ops/noise.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerOptions } from "./layer.ts";

/** What layers of dropout take. */
export interface DropoutLayerOptions extends LayerOptions {
  /** The probability of an element (or a map) to become 0 in training, in [0, 1). */
  rate: number;
}

/** What `gaussianNoise` takes. */
export interface GaussianNoiseLayerOptions extends LayerOptions {
  /** The standard deviation, a number >= 0. */
  stddev: number;
}

/** The op as a plan calls it. */
interface Drawing {
  readonly scratchBytes?: number;
  readonly forward: (x: number, y: number, scratch: number, seed: number, stream: number) => void;
  readonly backward: (dy: number, dx: number, scratch: number, seed: number, stream: number) => void;
}

abstract class RandomLayer<Options extends LayerOptions> extends Layer<Options> {
  /** Follows from the model's seed, which may be set anew, and the layer's name. */
  #mask = { of: Number.NaN, seed: 0 };

  /** The rate, or the deviation: with 0 nothing happens. */
  protected abstract get amount(): number;

  protected abstract draw(planner: Planner, x: Shape): Drawing;

  protected infer(input: Shape): Shape {
    return input;
  }

  /** Another mask at every training step; nothing outside of training. */
  plan(planner: Planner, x: Slot): Slot {
    if (!planner.training || this.amount === 0) return x;
    const { clock } = planner;
    const { scratchBytes, forward, backward } = this.draw(planner, x.shape);
    const mask = () => [this.#seed(clock.seed), clock.iteration] as const;
    return planner.op({
      kind: this.kind,
      inputs: [x],
      inPlace: true,
      backwardReads: "nothing",
      scratchBytes,
      backwardScratchBytes: scratchBytes,
      forward: ({ y, scratch }) => forward(x.pointer, y.pointer, scratch, ...mask()),
      backward: ({ dy, dxs: [dx], scratch }) => backward(dy.pointer, dx.pointer, scratch, ...mask()),
    });
  }

  #seed(of: number): number {
    if (this.#mask.of !== of) this.#mask = { of, seed: new SeededRandom(of).fork(`${this.name}/mask`).bits() };
    return this.#mask.seed;
  }
}

export class Dropout extends RandomLayer<DropoutLayerOptions> {
  readonly className = "Dropout";

  constructor(options: DropoutLayerOptions) {
    super(options);
    checkOptions("dropout", options, { rate: true, ...LAYER_OPTIONS });
    inferDropout("dropout", [1], options.rate);
  }

  protected get amount(): number {
    return this.options.rate;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const plan = inferDropout(this.name, x, this.options.rate);
    return {
      forward: (x, y, _, ...mask) => forwardDropout(kernels, { x, y }, plan, ...mask),
      backward: (dy, dx, _, ...mask) => backwardDropout(kernels, { dy, dx }, plan, ...mask),
    };
  }
}

export class NoiseLayer extends RandomLayer<DropoutLayerOptions | GaussianNoiseLayerOptions> {
  readonly className: string;
  readonly #noise: Noise;

  constructor(className: string, noise: Noise, options: DropoutLayerOptions | GaussianNoiseLayerOptions) {
    super(options);
    this.className = className;
    this.#noise = noise;
    checkOptions(this.kind, options, {
      ...(noise === "gaussianNoise" ? { stddev: true } : { rate: true }),
      ...LAYER_OPTIONS,
    } as never);
    inferNoise(this.kind, noise, [1, 1], this.amount);
  }

  protected get amount(): number {
    return "stddev" in this.options ? this.options.stddev : (this.options as DropoutLayerOptions).rate;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const plan = inferNoise(this.name, this.#noise, x, this.amount);
    return {
      scratchBytes: plan.scratchBytes,
      forward: (x, y, scratch, ...mask) => forwardNoise(kernels, { x, y, scratch }, plan, ...mask),
      backward: (dy, dx, scratch, ...mask) => backwardNoise(kernels, { dy, dx, scratch }, plan, ...mask),
    };
  }
}

/**
 * Drops elements in training and scales up the others (Keras Dropout).
 *
 * @example
 * layers.dropout({ rate: 0.25 })
 */
export function dropout(options: DropoutLayerOptions): Layer {
  return new Dropout(options);
}

/**
 * Drops whole channels of [W,C] in training (Keras SpatialDropout1D).
 *
 * @example
 * layers.spatialDropout1d({ rate: 0.2 })
 */
export function spatialDropout1d(options: DropoutLayerOptions): Layer {
  return new NoiseLayer("SpatialDropout1D", "spatialDropout", options);
}

/**
 * Drops whole channels of [H,W,C] in training (Keras SpatialDropout2D).
 *
 * @example
 * layers.spatialDropout2d({ rate: 0.2 })
 */
export function spatialDropout2d(options: DropoutLayerOptions): Layer {
  return new NoiseLayer("SpatialDropout2D", "spatialDropout", options);
}

/**
 * Dropout for networks of SELU (Keras AlphaDropout): mean and variance stay.
 *
 * @example
 * layers.alphaDropout({ rate: 0.1 })
 */
export function alphaDropout(options: DropoutLayerOptions): Layer {
  return new NoiseLayer("AlphaDropout", "alphaDropout", options);
}

/**
 * Multiplies by noise of mean 1 and variance rate / (1 - rate) in training (Keras GaussianDropout).
 *
 * @example
 * layers.gaussianDropout({ rate: 0.1 })
 */
export function gaussianDropout(options: DropoutLayerOptions): Layer {
  return new NoiseLayer("GaussianDropout", "gaussianDropout", options);
}

/**
 * Adds noise of mean 0 in training (Keras GaussianNoise).
 *
 * @example
 * layers.gaussianNoise({ stddev: 0.1 })
 */
export function gaussianNoise(options: GaussianNoiseLayerOptions): Layer {
  return new NoiseLayer("GaussianNoise", "gaussianNoise", options);
}
