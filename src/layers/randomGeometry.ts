/** Layers that move the pixels of each image in another way at every training step, and do nothing outside of training. */
import { oneOf } from "../errors.ts";
import {
  type Affine,
  type AffineTransformPlan,
  backwardAffineTransform,
  type FillOptions,
  forwardAffineTransform,
  inferAffineTransform,
} from "../ops/affineTransform.ts";
import type { Planner } from "../ops/planned.ts";
import type { Interpolation } from "../ops/resize.ts";
import { cos } from "../tensor/exactMath.ts";
import type { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, type Layer, type LayerOptions } from "./layer.ts";
import { between, type Draw, type Drawing, drawEach, RandomLayer, type Range, rangeOf } from "./random.ts";

const MODES = ["horizontal", "vertical", "horizontalAndVertical"] as const;

/** What `randomFlip` takes. */
export interface RandomFlipOptions extends LayerOptions {
  /** Which way images are mirrored, each with probability 1/2. Default "horizontalAndVertical". */
  mode?: (typeof MODES)[number];
}

/** What layers take that move pixels away from their grid. */
export interface RandomFillOptions extends LayerOptions, FillOptions {
  /** As told there. Default "reflect". */
  fillMode?: FillOptions["fillMode"];
}

/** What `randomTranslation` takes. */
export interface RandomTranslationOptions extends RandomFillOptions {
  /** How far down, as a part of the height; f means from -f to f. From -1 to 1. */
  heightFactor: number | readonly [lower: number, upper: number];
  /** How far to the right, as a part of the width. From -1 to 1. */
  widthFactor: number | readonly [lower: number, upper: number];
}

/** What `randomRotation` takes. */
export interface RandomRotationOptions extends RandomFillOptions {
  /** How far counter-clockwise, as a part of a full turn; f means from -f to f. From -1 to 1. */
  factor: number | readonly [lower: number, upper: number];
}

/** What `randomZoom` takes. */
export interface RandomZoomOptions extends RandomFillOptions {
  /** How much more of the height is seen: above 0 zooms out, below 0 in; f means from -f to f. From -1 to 1. */
  heightFactor: number | readonly [lower: number, upper: number];
  /** The same of the width. Default: what is drawn for the height, so that shapes stay. */
  widthFactor?: number | readonly [lower: number, upper: number];
}

/** Draws the transform of one image of h x w. */
type DrawAffine = (random: SeededRandom, h: number, w: number) => Affine;

interface Geometry<Options> {
  readonly className: string;
  readonly maker: string;
  /** The names of its own options. */
  readonly options: Readonly<Record<string, true>>;
  /** Default "bilinear". */
  readonly interpolation?: Interpolation;
  /** Checks the options. */
  readonly drawer: (maker: string, options: Options) => DrawAffine;
}

export class RandomGeometry<Options extends RandomFillOptions> extends RandomLayer<Options> {
  readonly className: string;
  readonly #interpolation: Interpolation;
  readonly #draw: DrawAffine;

  constructor(geometry: Geometry<Options>, options: Options) {
    super(options);
    const { className, maker, options: known, drawer } = geometry;
    this.className = className;
    this.#interpolation = geometry.interpolation ?? "bilinear";
    checkLayerOptions<object>(maker, options, known);
    this.#draw = drawer(maker, options);
    this.#infer(maker, [1, 1, 1]);
  }

  protected override infer(input: Shape): Shape {
    return this.#infer(this.name, input).output;
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const plan = this.#infer(this.name, x);
    const [h, w] = plan.sizes;
    const transforms = (draw: Draw) => drawEach(plan.n, draw, (random) => this.#draw(random, h, w));
    return {
      output: x,
      forward: (at, draw) => forwardAffineTransform(kernels, at, plan, transforms(draw)),
      backward: (at, draw) => backwardAffineTransform(kernels, at, plan, transforms(draw)),
    };
  }

  #infer(op: string, x: Shape): AffineTransformPlan {
    const { fillMode = "reflect", fillValue, interpolation = this.#interpolation } = this.options;
    return inferAffineTransform(op, x, { fillMode, fillValue, interpolation });
  }
}

const PART: Range = [-1, 1];

const FLIP: Geometry<RandomFlipOptions> = {
  className: "RandomFlip",
  maker: "randomFlip",
  options: { mode: true },
  interpolation: "nearest", // mirrored pixels are copied
  drawer: (maker, options) => {
    const mode = oneOf(maker, "mode", options.mode ?? "horizontalAndVertical", MODES);
    return (random, h, w) => {
      const [right, down] = [random.uniform() < 0.5, random.uniform() < 0.5];
      const [a0, a2] = right && mode !== "vertical" ? [-1, w - 1] : [1, 0];
      const [b1, b2] = down && mode !== "horizontal" ? [-1, h - 1] : [1, 0];
      return [a0, 0, a2, 0, b1, b2];
    };
  },
};

const TRANSLATION: Geometry<RandomTranslationOptions> = {
  className: "RandomTranslation",
  maker: "randomTranslation",
  options: { heightFactor: true, widthFactor: true, fillMode: true, fillValue: true, interpolation: true },
  drawer: (maker, { heightFactor, widthFactor }) => {
    const down = rangeOf(maker, "heightFactor", heightFactor, PART);
    const right = rangeOf(maker, "widthFactor", widthFactor, PART);
    return (random, h, w) => {
      const dy = between(random, down) * h;
      return [1, 0, -between(random, right) * w, 0, 1, -dy];
    };
  },
};

const ROTATION: Geometry<RandomRotationOptions> = {
  className: "RandomRotation",
  maker: "randomRotation",
  options: { factor: true, fillMode: true, fillValue: true, interpolation: true },
  drawer: (maker, { factor }) => {
    const turn = rangeOf(maker, "factor", factor, PART);
    return (random, h, w) => {
      const angle = between(random, turn) * 2 * Math.PI;
      const [c, s] = [cos(angle), cos(angle - Math.PI / 2)];
      const [x, y] = [(w - 1) / 2, (h - 1) / 2];
      return [c, -s, x - c * x + s * y, s, c, y - s * x - c * y];
    };
  },
};

const ZOOM: Geometry<RandomZoomOptions> = {
  className: "RandomZoom",
  maker: "randomZoom",
  options: { heightFactor: true, widthFactor: true, fillMode: true, fillValue: true, interpolation: true },
  drawer: (maker, { heightFactor, widthFactor }) => {
    const height = rangeOf(maker, "heightFactor", heightFactor, PART);
    const width = widthFactor === undefined ? undefined : rangeOf(maker, "widthFactor", widthFactor, PART);
    return (random, h, w) => {
      const down = 1 + between(random, height);
      const right = width === undefined ? down : 1 + between(random, width);
      return [right, 0, (1 - right) * ((w - 1) / 2), 0, down, (1 - down) * ((h - 1) / 2)];
    };
  },
};

/**
 * Mirrors images at random in training (Keras RandomFlip): each image and way with probability 1/2.
 *
 * @example
 * layers.randomFlip({ mode: "horizontal" })
 */
export function randomFlip(options: RandomFlipOptions = {}): Layer {
  return new RandomGeometry(FLIP, options);
}

/**
 * Shifts images at random in training (Keras RandomTranslation), each by its own draw.
 *
 * @example
 * layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: "constant" })
 */
export function randomTranslation(options: RandomTranslationOptions): Layer {
  return new RandomGeometry(TRANSLATION, options);
}

/**
 * Turns images about their middle at random in training (Keras RandomRotation), each by its own draw.
 *
 * @example
 * layers.randomRotation({ factor: 10 / 360 }) // up to 10 degrees either way
 */
export function randomRotation(options: RandomRotationOptions): Layer {
  return new RandomGeometry(ROTATION, options);
}

/**
 * Zooms images about their middle at random in training (Keras RandomZoom), each by its own draw.
 *
 * @example
 * layers.randomZoom({ heightFactor: [-0.2, 0.1] }) // up to 20 % in or 10 % out
 */
export function randomZoom(options: RandomZoomOptions): Layer {
  return new RandomGeometry(ZOOM, options);
}
