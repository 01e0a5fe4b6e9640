/** A layer: parameters and configuration around one op. */
import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Window } from "../ops/window.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Initializer, initialize } from "../tensor/initializers.ts";
import { Parameter, type Regularizer } from "../tensor/parameter.ts";
import type { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";

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

export abstract class Layer {
  /** The name of the class in Keras. */
  abstract readonly className: string;
  name: string;
  trainable: boolean;
  readonly parameters: Parameter[] = [];
  #inputShape: Shape = [];
  #outputShape: Shape = [];
  #built = false;

  constructor(options: LayerOptions = {}) {
    if (typeof (options.name ?? "") !== "string") {
      throw new ArgumentError(`layer: name must be a string, got ${show(options.name)}`);
    }
    this.name = options.name ?? "";
    this.trainable = options.trainable ?? true;
  }

  /** Shapes of one sample, without the batch axis; known once the layer is part of a model. */
  get inputShape(): Shape {
    return this.#inputShape;
  }
  get outputShape(): Shape {
    return this.#outputShape;
  }

  /**
   * The window through which one output looks at the input, once the layer is part of a model; undefined where an output
   * looks at its own place only.
   */
  get window(): LayerWindow | undefined {
    return undefined;
  }

  /** Multiply-adds for one sample. */
  get multiplyAdds(): number {
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

  /** Makes the parameters for an input shape (without batch) and tells the output shape. */
  build(context: BuildContext, input: Shape): Shape {
    this.#built = true;
    this.#inputShape = input;
    this.#outputShape = this.infer(input);
    this.createParameters(context, input);
    return this.#outputShape;
  }

  /** Gives back what `build` made, where the model did not come about: the layer may become part of another. */
  unbuild(): void {
    for (const parameter of this.parameters) parameter.dispose();
    this.parameters.length = 0;
    this.#inputShape = this.#outputShape = [];
    this.#built = false;
  }

  /** The shape rule, without the batch axis. */
  protected abstract infer(input: Shape): Shape;

  /** Adds the parameters, in the order of Keras' weights. */
  protected createParameters(_context: BuildContext, _input: Shape): void {}

  /** Adds this layer's steps to a plan. */
  abstract plan(planner: Planner, x: Slot): Slot;

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
