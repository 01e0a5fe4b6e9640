/** Dropout and its relatives, and noise. */
import { backwardDropout, forwardDropout, inferDropout } from "../ops/dropout.ts";
import { backwardNoise, forwardNoise, inferNoise, type Noise } from "../ops/noise.ts";
import type { Planner } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, type Layer, type LayerOptions } from "./layer.ts";
import { type Drawing, RandomLayer } from "./random.ts";

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

export class Dropout extends RandomLayer<DropoutLayerOptions> {
  readonly className = "Dropout";

  constructor(options: DropoutLayerOptions) {
    super(options);
    checkLayerOptions("dropout", options, { rate: true });
    inferDropout("dropout", [1], options.rate);
  }

  protected override get acts(): boolean {
    return this.options.rate > 0;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const plan = inferDropout(this.name, x, this.options.rate);
    return {
      forward: (at, { seed, stream }) => forwardDropout(kernels, at, plan, seed, stream),
      backward: (at, { seed, stream }) => backwardDropout(kernels, at, plan, seed, stream),
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
    checkLayerOptions<object>(this.kind, options, noise === "gaussianNoise" ? { stddev: true } : { rate: true });
    inferNoise(this.kind, noise, [1, 1], this.#amount);
  }

  /** The rate, or the deviation. */
  get #amount(): number {
    return "stddev" in this.options ? this.options.stddev : (this.options as DropoutLayerOptions).rate;
  }

  protected override get acts(): boolean {
    return this.#amount > 0;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const plan = inferNoise(this.name, this.#noise, x, this.#amount);
    return {
      scratchBytes: plan.scratchBytes,
      forward: (at, { seed, stream }) => forwardNoise(kernels, at, plan, seed, stream),
      backward: (at, { seed, stream }) => backwardNoise(kernels, at, plan, seed, stream),
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
