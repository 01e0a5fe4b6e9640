/** A layer: parameters and configuration around one op. */
import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Window } from "../ops/window.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Initializer, initialize } from "../tensor/initializers.ts";
import { Parameter, type Regularizer } from "../tensor/parameter.ts";
import type { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { SymbolicTensor, symbolicTensors } from "./symbolic.ts";

/** What every layer takes. */
export interface LayerOptions {
  /** Default: the kind of layer and a number, as in "conv2d_1". */
  name?: string;
  /** False freezes the layer: its parameters stay as they are. Default true. */
  trainable?: boolean;
}

/** The names of these options, for `checkOptions`. */
export const LAYER_OPTIONS = { name: true, trainable: true } as const;

/** How a layer looks at its input, for receptive fields. */
export interface LayerWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Cells added above and to the left. */
  readonly padding: readonly [number, number];
}

/** The geometry of an op as that of a layer. */
export function layerWindow({ kh, kw, sh, sw, dh, dw, pt, pl }: Window): LayerWindow {
  return { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw], padding: [pt, pl] };
}

/** What a layer is given to make its parameters. */
export interface BuildContext {
  readonly runtime: Runtime;
  readonly random: SeededRandom;
}

/** JSON that makes the layer again. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** Makes instances of the classes below it functions: `layer(x)` is `layer.connect(x)`. */
abstract class Callable {
  constructor() {
    const call = (x: SymbolicTensor | readonly SymbolicTensor[]) => (call as unknown as Callable).connect(x);
    Object.setPrototypeOf(call, new.target.prototype);
    // Functions are born with these; a layer has a name of its own.
    delete (call as { name?: string }).name;
    delete (call as { length?: number }).length;
    // biome-ignore lint/correctness/noConstructorReturn: the only way to an object that can be called and has private fields
    return call as unknown as this;
  }

  abstract connect(x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
}

/** Parameters and configuration around one op, made by the functions of `layers`. */
export interface Layer {
  /** Applies the layer in a graph: `layer(x)`, or `layer([a, b])` where it takes several. */
  // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with the class
  (x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable sees to it that layers can be called
export abstract class Layer extends Callable {
  /** The name of the class in Keras. */
  abstract readonly className: string;
  /** False where the layer is frozen. */
  trainable: boolean;
  /** In the order of Keras' weights; empty until the layer is part of a model. */
  readonly parameters: Parameter[] = [];
  #name: string;
  #inputShape: Shape = [];
  #outputShape: Shape = [];
  #built = false;

  constructor(options: LayerOptions = {}) {
    super();
    const { name, trainable } = options ?? {}; // null is refused by the kind of layer, which knows its options
    if (typeof (name ?? "") !== "string") throw new ArgumentError(`layer: name must be a string, got ${show(name)}`);
    this.#name = name ?? "";
    this.trainable = trainable ?? true;
  }

  /** As given, or as the model chose; until then the kind of layer, as in "conv2d". */
  get name(): string {
    return this.isNamed ? this.#name : this.kind;
  }
  /** @internal Models name their layers. */
  set name(name: string) {
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

  /**
   * The window through which one output looks at this input; undefined where an output looks at its own place only.
   *
   * @internal
   */
  windowOver(_input: Shape): LayerWindow | undefined {
    return undefined;
  }

  /** Multiply-adds for one sample with this output. @internal */
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
    return new SymbolicTensor(this.infer(...inputs.map(({ shape }) => shape)), { layer: this, inputs });
  }

  /** Makes the parameters for input shapes (without batch). @internal */
  build(context: BuildContext, ...inputs: Shape[]): void {
    this.#built = true;
    this.#inputShape = inputs[0];
    this.#outputShape = this.infer(...inputs);
    this.createParameters(context, inputs[0]);
  }

  /** Gives back what `build` made, where the model did not come about: the layer may become part of another. @internal */
  unbuild(): void {
    for (const parameter of this.parameters) parameter.dispose();
    this.parameters.length = 0;
    this.#inputShape = this.#outputShape = [];
    this.#built = false;
  }

  /** The shape rule, without the batch axis. @internal */
  protected abstract infer(...inputs: Shape[]): Shape;

  /** Adds the parameters, in the order of Keras' weights. */
  protected createParameters(_context: BuildContext, _input: Shape): void {}

  /** Adds this layer's steps to a plan. @internal */
  abstract plan(planner: Planner, ...inputs: Slot[]): Slot;

  /** The options that make an equal layer. */
  abstract config(): LayerConfig;

  /** Makes one parameter and keeps it. */
  protected addParameter(
    { runtime, random }: BuildContext,
    name: string,
    shape: Shape,
    initializer: Initializer,
    options: { learned?: boolean; regularizer?: Regularizer } = {},
  ): Parameter {
    const full = `${this.name}/${name}`;
    const parameter = new Parameter(runtime, full, initialize(initializer, shape, random.fork(full)), shape, options);
    this.parameters.push(parameter);
    return parameter;
  }
}
