/** A layer: parameters and configuration around one op. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Window } from "../ops/window.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { FirstValues, Initializer } from "../tensor/initializers.ts";
import { Parameter, type Regularizer } from "../tensor/parameter.ts";
import type { Shape } from "../tensor/shape.ts";
import { Callable } from "./callable.ts";
import { SymbolicTensor, symbolicTensors } from "./symbolic.ts";

/** What every layer takes. */
export interface LayerOptions {
  /** Default: the kind of layer and a number, as in "conv2d_1". */
  name?: string;
  /** False freezes the layer: its parameters stay as they are. Default true. */
  trainable?: boolean;
}

/** The names of a layer's options, without those of every layer. */
export type OwnOptions<T extends LayerOptions> = Readonly<Record<Exclude<keyof T & string, keyof LayerOptions>, true>>;

/** `checkOptions` for a layer. */
export function checkLayerOptions<T extends LayerOptions>(maker: string, options: T, own: OwnOptions<T>): void {
  checkOptions<object>(maker, options, { ...own, name: true, trainable: true });
}

/** How a layer looks at its input, for receptive fields. */
export interface LayerWindow {
  /** Cells that it looks at, vertically and horizontally. */
  readonly kernel: readonly [number, number];
  /** Cells from one output to the next. */
  readonly stride: readonly [number, number];
  /** Cells from one that it looks at to the next. */
  readonly dilation: readonly [number, number];
  /** Cells added above and to the left. */
  readonly padding: readonly [number, number];
}

/** The geometry of an op as that of a layer. */
export function layerWindow({ kh, kw, sh, sw, dh, dw, pt, pl }: Window): LayerWindow {
  return { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw], padding: [pt, pl] };
}

/** How messages show samples, by the number of their axes. */
const SAMPLES = { 2: "[L,C]", 3: "[H,W,C]", 4: "[D,H,W,C]" } as const;

/** The number of axes of lines, images and volumes. */
export type SampleRank = keyof typeof SAMPLES;

/** Of layers whose names in Keras end in 1D, 2D or 3D. */
export function rankOf(className: string): SampleRank {
  return (Number(className.match(/\d(?=D)/)?.[0]) + 1) as SampleRank;
}

/** What a layer is given to make its parameters. */
export interface BuildContext {
  readonly runtime: Runtime;
  readonly firstValues: FirstValues;
}

/** A parameter that a layer will have. */
export interface ParameterDescription {
  /** Its role, as in "kernel". */
  readonly name: string;
  /** Sizes from the outermost axis to the innermost. */
  readonly shape: Shape;
  /** Its first values. Default "glorotUniform". */
  readonly initializer?: Initializer;
  /** False for what no optimizer changes, such as running statistics. Default true. */
  readonly learned?: boolean;
  /** Default none. */
  readonly regularizer?: Regularizer;
}

/** The class of a layer of your own; a file gives it the options that `config()` told, the name, and whether it is trainable. */
export type LayerClass = new (options: never) => Layer;

/** JSON that makes the layer again. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/**
 * Parameters and configuration around one op, made by the functions of `layers`. A layer of your own is a class that extends
 * it with `className`, `infer` and `plan`, and `describeParameters` where it has some: docs/custom-layers.md.
 */
export abstract class Layer<Options extends LayerOptions = LayerOptions> extends Callable {
  /** The name of the class in Keras. */
  abstract readonly className: string;
  /** False where the layer is frozen. */
  trainable: boolean;
  /** In the order of Keras' weights; empty until the layer is part of a model. */
  readonly parameters: Parameter[] = [];
  /** As given. */
  protected readonly options: Options;
  #name: string;
  #inputShape: Shape = [];
  #outputShape: Shape = [];
  #built = false;

  constructor(options: Options = {} as Options) {
    super();
    if ((options as object) instanceof SymbolicTensor) {
      throw new ArgumentError("layer: make it first, then apply it, as in layers.flatten()(x); got x as its options");
    }
    const { name, trainable } = options ?? {}; // null is refused by the kind of layer, which knows its options
    if (typeof (name ?? "") !== "string") throw new ArgumentError(`layer: name must be a string, got ${show(name)}`);
    this.#name = name ?? "";
    this.trainable = trainable ?? true;
    this.options = options;
  }

  /** As given, or as the model chose; until then the kind of layer, as in "conv2d". */
  override get name(): string {
    return this.isNamed ? this.#name : this.kind;
  }
  /** @internal Models name their layers. */
  override set name(name: string) {
    this.#name = name;
  }
  /** Whether the name was given, not chosen by a model. */
  get isNamed(): boolean {
    return this.#name !== "";
  }

  /** The class as names of layers have it. */
  get kind(): string {
    return this.className[0].toLowerCase() + this.className.slice(1).replace(/(\d)D/, "$1d");
  }

  /** What messages call it. @internal */
  get [Symbol.toStringTag](): string {
    return this.className;
  }

  /** Whether it takes one input or a list of two or more. */
  get arity(): "one" | "several" {
    return "one";
  }

  /** Shapes of one sample, without the batch axis, where the layer is applied first; known once it is part of a model. */
  get inputShape(): Shape {
    return this.#inputShape;
  }
  /** As inputShape, of the output. */
  get outputShape(): Shape {
    return this.#outputShape;
  }

  /** How many axes a sample has: 2 of a line [L,C], 3 of an image [H,W,C], 4 of a volume [D,H,W,C]. Default: any number. */
  protected get sampleRank(): 2 | 3 | 4 | undefined {
    return undefined;
  }

  /** The window through which one output looks at this input; undefined where it looks at its own place only. */
  windowOver(_input: Shape): LayerWindow | undefined {
    return undefined;
  }

  /** Multiply-adds for one sample with this output. */
  countMultiplyAdds(_output: Shape): number {
    return 0;
  }

  /** Keeps the parameters as they are from now on (or, with false, lets them learn again). */
  freeze(frozen = true): void {
    this.trainable = !frozen;
  }

  /** Whether the layer is part of a model. */
  get built(): boolean {
    return this.#built;
  }

  /** What comes out of the layer for these inputs; throws ShapeError where they do not fit. */
  connect(x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor {
    const inputs = symbolicTensors(this.name, "x", x);
    if (this.arity === "one" && inputs.length !== 1) {
      throw new ArgumentError(`${this.name}: takes one input, got ${inputs.length}`);
    }
    if (this.arity === "several" && inputs.length < 2) {
      throw new ArgumentError(`${this.name}: takes two or more inputs in an array, got ${inputs.length}`);
    }
    const shapes = inputs.map(({ shape }) => shape);
    const { sampleRank } = this;
    if (sampleRank !== undefined && shapes[0].length !== sampleRank) {
      throw new ShapeError(`${this.name}: x must be samples ${SAMPLES[sampleRank]}, got ${show(shapes[0])}`);
    }
    return new SymbolicTensor(this.infer(...shapes), { layer: this, inputs });
  }

  /** Makes the parameters for input shapes (without batch). @internal */
  build({ runtime, firstValues }: BuildContext, ...inputs: Shape[]): void {
    this.#built = true;
    this.#inputShape = inputs[0];
    this.#outputShape = this.infer(...inputs);
    for (const { name, shape, initializer = "glorotUniform", ...others } of this.describeParameters(...inputs)) {
      const full = `${this.name}/${name}`;
      this.parameters.push(new Parameter(runtime, full, firstValues(full, shape, initializer), shape, others));
    }
  }

  /** Gives back what `build` made, where the model did not come about: the layer may become part of another. @internal */
  unbuild(): void {
    for (const parameter of this.parameters) parameter.dispose();
    this.parameters.length = 0;
    this.#inputShape = this.#outputShape = [];
    this.#built = false;
  }

  /** The shape of the result for these inputs, of one sample; throws ShapeError where they do not fit. */
  protected abstract infer(...inputs: Shape[]): Shape;

  /** What it learns for inputs of these shapes, of one sample, in the order of Keras' weights. Default: nothing. */
  protected describeParameters(..._inputs: Shape[]): readonly ParameterDescription[] {
    return [];
  }

  /** Adds what the layer computes to a plan, for inputs with a batch, and returns the result: see `Planner.op`. */
  abstract plan(planner: Planner, ...inputs: Slot[]): Slot;

  /** The options that make an equal layer: those given. They go into files, so they must be JSON. */
  config(): LayerConfig {
    return { ...(this.options as LayerConfig) };
  }
}
