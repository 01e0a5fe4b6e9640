/** Layers that surround images and lines with a border, or cut it off. */
import { checkOptions, oneOf } from "../errors.ts";
import { imageAsLine, lineAsImage } from "../ops/line.ts";
import { backwardPad, forwardPad, inferPad, PAD_MODES, type PadMode, type PadPlan } from "../ops/pad.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { type Ends, ends, imageShape, type Shape, type Sides, sides } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions, type LayerWindow } from "./layer.ts";

interface ModeOption extends LayerOptions {
  /** What the border is made of, as for ops.pad. Default "constant": zeros. */
  mode?: PadMode;
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

export interface Cropping1dOptions extends LayerOptions {
  /** A number for both ends, or [before, after]. Default 1. */
  cropping?: Ends;
}

export interface Cropping2dOptions extends LayerOptions {
  /** A number, [vertical, horizontal] or [top, bottom, left, right]. Default 0. */
  cropping?: Sides;
}

type FourSides = readonly [number, number, number, number];
type Options = ModeOption & { padding?: Sides; cropping?: Sides };

interface PaddingKind {
  readonly className: string;
  readonly maker: string;
  /** The option that tells the sides, and its default. */
  readonly argument: "padding" | "cropping";
  readonly usual: number;
  readonly alongLine: boolean;
}

export class Padding extends Layer {
  readonly className: string;
  readonly #kind: PaddingKind;
  readonly #options: Options;
  readonly #sides: FourSides;

  constructor(kind: PaddingKind, options: Options) {
    super(options);
    const { className, maker, argument, usual, alongLine } = kind;
    const known = { [argument]: true, ...(argument === "padding" && { mode: true }), ...LAYER_OPTIONS };
    checkOptions<object>(maker, options, known);
    oneOf(maker, "mode", options.mode ?? "constant", PAD_MODES);
    const given = options[argument] ?? usual;
    const four = alongLine
      ? ([0, 0, ...ends(maker, argument, given as Ends)] as const)
      : sides(maker, argument, given as Sides);
    const sign = argument === "cropping" ? -1 : 1;
    this.#sides = four.map((side) => sign * side) as unknown as FourSides;
    this.className = className;
    this.#kind = kind;
    this.#options = options;
  }

  override windowOver(): LayerWindow {
    const [top, , left] = this.#sides;
    return { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [top, left] };
  }

  protected infer(input: Shape): Shape {
    return this.#infer(input).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planPad(planner, x, this.#infer(x.shape));
  }

  config(): LayerConfig {
    return { ...this.#options };
  }

  #infer(input: Shape): PadPlan {
    const options = { mode: this.#options.mode };
    if (!this.#kind.alongLine) {
      imageShape(this.name, "x", input);
      return inferPad(this.name, input, this.#sides, options);
    }
    const plan = inferPad(this.name, lineAsImage(this.name, input), this.#sides, options);
    return { ...plan, output: imageAsLine(plan.output) };
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

function kindOf(className: string, maker: string, argument: PaddingKind["argument"], usual: number): PaddingKind {
  return { className, maker, argument, usual, alongLine: maker.endsWith("1d") };
}

const ZEROS_1D = kindOf("ZeroPadding1D", "zeroPadding1d", "padding", 1);
const ZEROS_2D = kindOf("ZeroPadding2D", "zeroPadding2d", "padding", 1);
const CROP_1D = kindOf("Cropping1D", "cropping1d", "cropping", 1);
const CROP_2D = kindOf("Cropping2D", "cropping2d", "cropping", 0);

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
