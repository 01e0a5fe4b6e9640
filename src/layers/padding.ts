/** Layers that surround lines, images and volumes with a border, or cut it off. */
import { oneOf } from "../errors.ts";
import { volumeShape } from "../ops/conv3d.ts";
import { imageAsLine, lineAsImage } from "../ops/line.ts";
import {
  backwardPad,
  forwardPad,
  inferPad,
  PAD_MODES,
  type PadMode,
  type PadOptions,
  type PadPlan,
} from "../ops/pad.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { type Ends, ends, type Faces, faces, type Shape, type Sides, sides } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type LayerWindow, rankOf, type SampleRank } from "./layer.ts";

interface ModeOption extends LayerOptions {
  /** What the border is made of, as for ops.pad. Default "constant". */
  mode?: PadMode;
  /** What the border holds where mode is "constant". Default 0. */
  value?: number;
}

/** What `zeroPadding1d` takes. */
export interface ZeroPadding1dOptions extends ModeOption {
  /** A number for both ends, or [before, after]. Default 1. */
  padding?: Ends;
}

/** What `zeroPadding2d` takes. */
export interface ZeroPadding2dOptions extends ModeOption {
  /** A number, [vertical, horizontal] or [top, bottom, left, right]. Default 1. */
  padding?: Sides;
}

/** What `zeroPadding3d` takes. */
export interface ZeroPadding3dOptions extends ModeOption {
  /** A number, or [depth, vertical, horizontal], each a number or [before, after]. Default 1. */
  padding?: Faces;
}

export interface Cropping1dOptions extends LayerOptions {
  /** A number for both ends, or [before, after]. Default 1. */
  cropping?: Ends;
}

export interface Cropping2dOptions extends LayerOptions {
  /** A number, [vertical, horizontal] or [top, bottom, left, right]. Default 0. */
  cropping?: Sides;
}

/** What `cropping3d` takes. */
export interface Cropping3dOptions extends LayerOptions {
  /** A number, or [depth, vertical, horizontal], each a number or [before, after]. Default 1. */
  cropping?: Faces;
}

type FourSides = readonly [number, number, number, number];
type Options = ModeOption & { padding?: Sides | Faces; cropping?: Sides | Faces };

interface PaddingKind {
  readonly className: string;
  readonly maker: string;
  /** The option that tells the sides, and its default. */
  readonly argument: "padding" | "cropping";
  readonly usual: number;
  /** The sides of the image, and, of a volume, of its depth. */
  readonly sides: (maker: string, argument: string, given: never) => readonly FourSides[];
  /** One pad for each of them, one after the other. */
  readonly infer: (op: string, input: Shape, sides: readonly FourSides[], options: PadOptions) => readonly PadPlan[];
}

export class Padding extends Layer<Options> {
  readonly className: string;
  readonly #kind: PaddingKind;
  readonly #sides: readonly FourSides[];

  constructor(kind: PaddingKind, options: Options) {
    super(options);
    const { className, maker, argument, usual } = kind;
    const known = { [argument]: true, ...(argument === "padding" && { mode: true, value: true }) };
    checkLayerOptions<object>(maker, options, known);
    oneOf(maker, "mode", options.mode ?? "constant", PAD_MODES);
    const sides = kind.sides(maker, argument, (options[argument] ?? usual) as never);
    const sign = argument === "cropping" ? -1 : 1;
    this.#sides = sides.map((four) => four.map((side) => sign * side) as unknown as FourSides);
    this.className = className;
    this.#kind = kind;
  }

  protected override get sampleRank(): SampleRank {
    return rankOf(this.className);
  }

  override windowOver(): LayerWindow {
    const [[top, , left]] = this.#sides;
    return { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [top, left] };
  }

  protected infer(input: Shape): Shape {
    return this.#infer(input).reduce((_, { output }) => output, input);
  }

  plan(planner: Planner, x: Slot): Slot {
    return this.#infer(x.shape).reduce((from, plan) => planPad(planner, from, plan), x);
  }

  #infer(input: Shape): readonly PadPlan[] {
    const { mode, value } = this.options;
    return this.#kind.infer(this.name, input, this.#sides, { mode, value });
  }
}

/** Adds a border to a plan; one of zeros can be taken over by what is behind it. */
export function planPad(planner: Planner, x: Slot, plan: PadPlan): Slot {
  const { kernels } = planner;
  const y = planner.slot(plan.output);
  const map = planner.constants(plan.map);
  planner.step({
    kind: plan.zeros === undefined ? "border" : "pad",
    reads: [x],
    writes: [y],
    sides: plan.zeros,
    run: () => forwardPad(kernels, { x: x.pointer, y: y.pointer, map: map.pointer }, plan),
  });
  const backward = (dy: Slot) => {
    planner.gradient(x, (dx) => {
      planner.step({
        kind: "padBackward",
        reads: [dy],
        writes: [dx],
        run: () => backwardPad(kernels, { dy: dy.pointer, dx: dx.pointer, map: map.pointer }, plan),
      });
    });
  };
  planner.node({ inputs: [x], output: y, keeps: [], backward });
  return y;
}

type Kind = Pick<PaddingKind, "sides" | "infer">;

const LINE: Kind = {
  sides: (op, argument, given: Ends) => [[0, 0, ...ends(op, argument, given)]],
  infer(op, input, [sides], options) {
    const plan = inferPad(op, lineAsImage(op, input), sides, options);
    return [{ ...plan, output: imageAsLine(plan.output) }];
  },
};

const IMAGE: Kind = {
  sides: (op, argument, given: Sides) => [sides(op, argument, given)],
  infer: (op, input, [sides], options) => [inferPad(op, input, sides, options)],
};

/** First each image, then the frames. No convolution of images may take these zeros over. */
const VOLUME: Kind = {
  sides(op, argument, given: Faces) {
    const [depth, vertical, horizontal] = faces(op, argument, given);
    return [
      [...vertical, ...horizontal],
      [...depth, 0, 0],
    ];
  },
  infer(op, input, [around, along], options) {
    const [n, d, h, w, c] = volumeShape(op, input);
    const images = inferPad(op, [n * d, h, w, c], around, options);
    const [, oh, ow] = images.output;
    const frames = inferPad(op, [n, d, oh * ow, c], along, options);
    const output = [...input.slice(0, -4), frames.output[1], oh, ow, c];
    return [
      { ...images, zeros: undefined },
      { ...frames, output, zeros: undefined },
    ];
  },
};

const zeros = (dimensions: 1 | 2 | 3, kind: Kind): PaddingKind => ({
  className: `ZeroPadding${dimensions}D`,
  maker: `zeroPadding${dimensions}d`,
  argument: "padding",
  usual: 1,
  ...kind,
});
const crop = (dimensions: 1 | 2 | 3, usual: number, kind: Kind): PaddingKind => ({
  className: `Cropping${dimensions}D`,
  maker: `cropping${dimensions}d`,
  argument: "cropping",
  usual,
  ...kind,
});

const ZEROS_1D = /* @__PURE__ */ zeros(1, LINE);
const ZEROS_2D = /* @__PURE__ */ zeros(2, IMAGE);
const ZEROS_3D = /* @__PURE__ */ zeros(3, VOLUME);
const CROP_1D = /* @__PURE__ */ crop(1, 1, LINE);
const CROP_2D = /* @__PURE__ */ crop(2, 0, IMAGE);
const CROP_3D = /* @__PURE__ */ crop(3, 1, VOLUME);

/**
 * Zeros, or another border, around lines [L,C] (Keras ZeroPadding1D).
 *
 * @example
 * layers.zeroPadding1d({ padding: [2, 0] })(input({ shape: [100, 8] })).shape; // [102,8]
 */
export function zeroPadding1d(options: ZeroPadding1dOptions = {}): Layer {
  return new Padding(ZEROS_1D, options);
}

/**
 * Zeros, or another border, around images (Keras ZeroPadding2D).
 *
 * @example
 * layers.zeroPadding2d({ padding: 1 })(input({ shape: [8, 8, 3] })).shape; // [10,10,3]
 */
export function zeroPadding2d(options: ZeroPadding2dOptions = {}): Layer {
  return new Padding(ZEROS_2D, options);
}

/**
 * Zeros, or another border, around volumes [D,H,W,C] (Keras ZeroPadding3D).
 *
 * @example
 * layers.zeroPadding3d({ padding: [[1, 0], 2, 2] })(input({ shape: [8, 16, 16, 3] })).shape; // [9,20,20,3]
 */
export function zeroPadding3d(options: ZeroPadding3dOptions = {}): Layer {
  return new Padding(ZEROS_3D, options);
}

/**
 * Lines [L,C] without their ends (Keras Cropping1D).
 *
 * @example
 * layers.cropping1d({ cropping: 2 })(input({ shape: [100, 8] })).shape; // [96,8]
 */
export function cropping1d(options: Cropping1dOptions = {}): Layer {
  return new Padding(CROP_1D, options);
}

/**
 * Images without their border (Keras Cropping2D).
 *
 * @example
 * layers.cropping2d({ cropping: [1, 2] })(input({ shape: [8, 8, 3] })).shape; // [6,4,3]
 */
export function cropping2d(options: Cropping2dOptions = {}): Layer {
  return new Padding(CROP_2D, options);
}

/**
 * Volumes without what lies at their faces (Keras Cropping3D).
 *
 * @example
 * layers.cropping3d({ cropping: [1, 2, 2] })(input({ shape: [8, 16, 16, 3] })).shape; // [6,12,12,3]
 */
export function cropping3d(options: Cropping3dOptions = {}): Layer {
  return new Padding(CROP_3D, options);
}
