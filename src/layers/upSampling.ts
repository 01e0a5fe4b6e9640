/** Layers that make lines, images and volumes larger by whole factors. */
import { volumeShape } from "../ops/conv3d.ts";
import { imageAsLine, lineAsImage } from "../ops/line.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { type Interpolation, inferUpsample2d, type ResizePlan } from "../ops/resize.ts";
import { type Pair, pair, type Shape, type Triple, triple, whole } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type LayerWindow, rankOf, type SampleRank } from "./layer.ts";
import { planResize } from "./resizing.ts";

/** What `upSampling1d` takes. */
export interface UpSampling1dOptions extends LayerOptions {
  /** Cells that a cell becomes. Default 2. */
  size?: number;
}

/** What `upSampling2d` takes. */
export interface UpSampling2dOptions extends LayerOptions {
  /** Rows and columns that a pixel becomes. Default 2. */
  size?: Pair;
  /** Default "nearest". */
  interpolation?: Interpolation;
}

/** What `upSampling3d` takes. */
export interface UpSampling3dOptions extends LayerOptions {
  /** Frames, rows and columns that a cell becomes. Default 2. */
  size?: Triple;
}

interface UpSamplingKind<Options extends LayerOptions> {
  readonly className: string;
  readonly maker: string;
  readonly options: Readonly<Record<Exclude<keyof Options & string, keyof LayerOptions>, true>>;
  /** A sample that fits. */
  readonly least: Shape;
  /** One after the other; the first is that of the image. */
  readonly infer: (op: string, input: Shape, options: Options) => readonly ResizePlan[];
}

export class UpSampling<Options extends LayerOptions> extends Layer<Options> {
  readonly className: string;
  readonly #kind: UpSamplingKind<Options>;

  constructor(kind: UpSamplingKind<Options>, options: Options) {
    super(options);
    checkLayerOptions<object>(kind.maker, options, kind.options);
    kind.infer(kind.maker, kind.least, options);
    this.className = kind.className;
    this.#kind = kind;
  }

  protected override get sampleRank(): SampleRank {
    return rankOf(this.className);
  }

  /** Neighbouring outputs are a part of a cell apart. */
  override windowOver(input: Shape): LayerWindow {
    const [{ sizes, places }] = this.#infer(input);
    const [, h, w, , oh, ow] = sizes;
    const cells = places[6] === 1 ? 2 : 1;
    return { kernel: [cells, cells], stride: [h / oh, w / ow], dilation: [1, 1], padding: [0, 0] };
  }

  protected infer(input: Shape): Shape {
    return this.#infer(input).reduce((_, { output }) => output, input);
  }

  plan(planner: Planner, x: Slot): Slot {
    return this.#infer(x.shape).reduce((from, plan) => planResize(planner, from, plan), x);
  }

  #infer(input: Shape): readonly ResizePlan[] {
    return this.#kind.infer(this.name, input, this.options);
  }
}

const LINES: UpSamplingKind<UpSampling1dOptions> = {
  className: "UpSampling1D",
  maker: "upSampling1d",
  options: { size: true },
  least: [1, 1],
  infer(op, input, { size = 2 }) {
    const plan = inferUpsample2d(op, lineAsImage(op, input), [1, whole(op, "size", size)]);
    return [{ ...plan, output: imageAsLine(plan.output) }];
  },
};

const IMAGES: UpSamplingKind<UpSampling2dOptions> = {
  className: "UpSampling2D",
  maker: "upSampling2d",
  options: { size: true, interpolation: true },
  least: [1, 1, 1],
  infer: (op, input, { size = 2, interpolation }) => [
    inferUpsample2d(op, input, pair(op, "size", size), interpolation),
  ],
};

const VOLUMES: UpSamplingKind<UpSampling3dOptions> = {
  className: "UpSampling3D",
  maker: "upSampling3d",
  options: { size: true },
  least: [1, 1, 1, 1],
  infer(op, input, { size = 2 }) {
    const [n, d, h, w, c] = volumeShape(op, input);
    const [depth, ...image] = triple(op, "size", size);
    const images = inferUpsample2d(op, [n * d, h, w, c], image);
    const [, oh, ow] = images.output;
    const frames = inferUpsample2d(op, [n, d, oh * ow, c], [depth, 1]);
    return [images, { ...frames, output: [...input.slice(0, -4), d * depth, oh, ow, c] }];
  },
};

/**
 * Longer lines, each cell several times, [L,C] -> [L*size,C] (Keras UpSampling1D).
 *
 * @example
 * layers.upSampling1d({ size: 3 })(input({ shape: [100, 8] })).shape; // [300,8]
 */
export function upSampling1d(options: UpSampling1dOptions = {}): Layer {
  return new UpSampling(LINES, options);
}

/**
 * Larger images, [H,W,C] -> [H*size,W*size,C] (Keras UpSampling2D).
 *
 * @example
 * layers.upSampling2d({ size: 2, interpolation: "bilinear" })(input({ shape: [8, 8, 3] })).shape; // [16,16,3]
 */
export function upSampling2d(options: UpSampling2dOptions = {}): Layer {
  return new UpSampling(IMAGES, options);
}

/**
 * Larger volumes, each cell a block of equal ones, [D,H,W,C] -> [D*size,H*size,W*size,C] (Keras UpSampling3D).
 *
 * @example
 * layers.upSampling3d({ size: [1, 2, 2] })(input({ shape: [8, 16, 16, 3] })).shape; // [8,32,32,3]
 */
export function upSampling3d(options: UpSampling3dOptions = {}): Layer {
  return new UpSampling(VOLUMES, options);
}
