/** Layers that change the values of images at random in training, and do nothing outside of it. */
import { ArgumentError, show } from "../errors.ts";
import {
  type Adjustment,
  type AdjustPlan,
  backwardAdjust,
  checkRange,
  forwardAdjust,
  inferAdjust,
} from "../ops/adjust.ts";
import { type Box, backwardErase, forwardErase, inferErase, writeBox } from "../ops/erase.ts";
import type { Planner } from "../ops/planned.ts";
import { extra } from "../runtime/extra.ts";
import type { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, type Layer, type LayerOptions } from "./layer.ts";
import { between, type Draw, type Drawing, drawEach, RandomLayer, type Range, rangeOf } from "./random.ts";

const COLORS: Range = [0, 255];
const PROBABILITY: Range = [0, 1];

/** What layers that change values have in common. */
interface ValueRangeOptions extends LayerOptions {
  /** The least and the largest value of a pixel; results are kept within. Default [0, 255]. */
  valueRange?: readonly [low: number, high: number];
}

/** What `randomBrightness` takes. */
export interface RandomBrightnessOptions extends ValueRangeOptions {
  /** How much is added, as a part of the range; f means from -f to f. From -1 to 1. */
  factor: number | readonly [lower: number, upper: number];
}

/** What `randomContrast` takes. */
export interface RandomContrastOptions extends ValueRangeOptions {
  /** Contrast is multiplied by 1 - lower to 1 + upper; a number is both. From 0 to 1. */
  factor: number | readonly [lower: number, upper: number];
}

/** What `randomErasing` takes. */
export interface RandomErasingOptions extends ValueRangeOptions {
  /** How probable it is that an image loses a rectangle; [lower, upper] draws the probability, f means [0, f]. Default 1. */
  factor?: number | readonly [lower: number, upper: number];
  /** Of the image so large a part is overwritten: height and width are the roots of two draws. Default [0.02, 0.33]. */
  scale?: readonly [lower: number, upper: number];
  /** What is written there; null for normal noise whose deviation is the largest value of the range. Default null. */
  fillValue?: number | null;
}

export class RandomAdjustment extends RandomLayer<RandomBrightnessOptions | RandomContrastOptions> {
  readonly className: string;
  readonly #kind: Adjustment;
  readonly #amounts: Range;

  constructor(kind: Adjustment, options: RandomBrightnessOptions | RandomContrastOptions) {
    super(options);
    this.#kind = kind;
    this.className = kind === "brightness" ? "RandomBrightness" : "RandomContrast";
    checkLayerOptions(this.kind, options, { factor: true, valueRange: true });
    const { range } = this.#infer(this.kind, [1, 1, 1]);
    this.#amounts = amountsOf(this.kind, kind, options.factor, range);
  }

  protected override infer(input: Shape): Shape {
    return this.#infer(this.name, input).output;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const plan = this.#infer(this.name, x);
    const amounts = (draw: Draw) => drawEach(plan.sizes[0], draw, (random) => between(random, this.#amounts));
    return {
      scratchBytes: plan.scratchBytes,
      readsX: true,
      forward: (at, draw) => forwardAdjust(kernels, at, plan, this.#kind, amounts(draw)),
      backward: (at, draw) => backwardAdjust(kernels, at, plan, this.#kind, amounts(draw)),
    };
  }

  #infer(op: string, x: Shape): AdjustPlan {
    return inferAdjust(op, x, { valueRange: this.options.valueRange ?? COLORS });
  }
}

/** What is drawn: what is added, or what is multiplied with. */
function amountsOf(maker: string, kind: Adjustment, factor: number | Range, [low, high]: Range): Range {
  if (kind === "contrast") return contrastOf(maker, factor);
  const [lower, upper] = rangeOf(maker, "factor", factor, [-1, 1]);
  return [lower * (high - low), upper * (high - low)];
}

function contrastOf(maker: string, factor: number | Range): Range {
  const ends = Array.isArray(factor) ? (factor as Range) : ([factor, factor] as Range);
  const [lower, upper] = ends;
  if (ends.length === 2 && lower >= 0 && lower <= 1 && upper >= 0 && upper <= 1) return [1 - lower, 1 + upper];
  throw new ArgumentError(`${maker}: factor must be a number from 0 to 1 or [lower, upper], got ${show(factor)}`);
}

export class RandomErasing extends RandomLayer<RandomErasingOptions> {
  readonly className = "RandomErasing";
  readonly #probability: Range;
  readonly #scale: Range;
  readonly #range: Range;

  constructor(options: RandomErasingOptions) {
    super(options);
    const known = { factor: true, scale: true, fillValue: true, valueRange: true } as const;
    checkLayerOptions("randomErasing", options, known);
    const { factor = 1, scale = [0.02, 0.33], fillValue = null, valueRange = COLORS } = options;
    this.#probability = rangeOf("randomErasing", "factor", factor, PROBABILITY);
    this.#scale = rangeOf("randomErasing", "scale", scale, PROBABILITY);
    this.#range = checkRange("randomErasing", valueRange);
    if (fillValue !== null && !Number.isFinite(fillValue)) {
      throw new ArgumentError(`randomErasing: fillValue must be a finite number or null, got ${show(fillValue)}`);
    }
  }

  protected override infer(input: Shape): Shape {
    return inferErase(this.name, input).output;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const { fillValue } = this.options;
    const [low, high] = this.#range;
    const value = Math.min(Math.max(fillValue ?? 0, low), high);
    const plan = inferErase(this.name, x, { value });
    const [n, h, w, c] = plan.image;
    const boxes = (draw: Draw) => drawEach(n, draw, (random) => this.#box(random, h, w));
    const isNoise = fillValue === undefined || fillValue === null;
    return {
      scratchBytes: isNoise ? 4 * (4 + h * w * c) : plan.scratchBytes,
      forward: (at, draw) => {
        if (!isNoise) {
          forwardErase(kernels, at, plan, boxes(draw));
          return;
        }
        if (at.x !== at.y) kernels.copy(at.x, at.y, n * h * w * c);
        const [zeros, noise] = [at.scratch, at.scratch + 16];
        kernels.fill(zeros, 4, 0);
        for (const [i, box] of boxes(draw).entries()) {
          const [, , height, width] = box;
          const size = height * width * c;
          const first = i * 16 * Math.ceil((h * w * c) / 16); // of whole blocks, which are faster to draw
          const { seed, stream } = draw;
          kernels.normalNoise(
            noise - 4 * first,
            first,
            first + size,
            0,
            high,
            seed,
            Math.floor(seed / 2 ** 32),
            stream,
          );
          extra(kernels).adjust(noise, noise, size, zeros, 4, 1, low, high);
          writeBox(kernels, at.y, plan, i, box, noise, width * c);
        }
      },
      backward: (at, draw) => backwardErase(kernels, at, plan, boxes(draw)),
    };
  }

  /** A rectangle for one image, or an empty one. */
  #box(random: SeededRandom, h: number, w: number): Box {
    const side = (length: number): [first: number, count: number] => {
      const part = Math.sqrt(between(random, this.#scale)) * length;
      const start = random.uniform() * (length - part);
      const [first, end] = [start, Math.min(start + part, length)].map(Math.ceil);
      return [first, end - first];
    };
    const [[top, height], [left, width]] = [side(h), side(w)];
    const isErased = random.uniform() < between(random, this.#probability);
    return [top, left, isErased ? height : 0, width];
  }
}

/**
 * Adds a random number to all pixels of an image in training (Keras RandomBrightness), another one to each image.
 *
 * @example
 * layers.randomBrightness({ factor: 0.2, valueRange: [0, 1] })
 */
export function randomBrightness(options: RandomBrightnessOptions): Layer {
  return new RandomAdjustment("brightness", options);
}

/**
 * Moves the pixels of each channel of an image away from their mean, or towards it, in training (Keras RandomContrast).
 *
 * @example
 * layers.randomContrast({ factor: 0.3, valueRange: [0, 1] })
 */
export function randomContrast(options: RandomContrastOptions): Layer {
  return new RandomAdjustment("contrast", options);
}

/**
 * Overwrites a rectangle of each image in training (Keras RandomErasing; with `fillValue: 0` cutout), at another place in each.
 *
 * @example
 * layers.randomErasing({ factor: 0.5, fillValue: 0, valueRange: [0, 1] })
 */
export function randomErasing(options: RandomErasingOptions = {}): Layer {
  return new RandomErasing(options);
}
