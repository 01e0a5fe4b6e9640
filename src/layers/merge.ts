/** Layers that make one value of several: sums and concatenations. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { forwardAdd, inferAdd } from "../ops/add.ts";
import { backwardConcat, type ConcatPlan, forwardConcat, inferConcat } from "../ops/concat.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";
import { LAYER_OPTIONS, Layer, type LayerConfig, type LayerOptions } from "./layer.ts";

export class Add extends Layer {
  readonly className = "Add";
  readonly #options: LayerOptions;

  constructor(options: LayerOptions) {
    super(options);
    checkOptions("add", options, LAYER_OPTIONS);
    this.#options = options;
  }

  override get arity(): "several" {
    return "several";
  }

  protected infer(...inputs: Shape[]): Shape {
    return inputs.reduce((sum, input) => inferAdd(this.name, sum, input).output);
  }

  plan(planner: Planner, ...inputs: Slot[]): Slot {
    return inputs.reduce((sum, x) => planAdd(planner, sum, x));
  }

  config(): LayerConfig {
    return { ...this.#options };
  }
}

/** The step that made one side adds to the other where it can; else a step of its own, in place where it can. */
function planAdd(planner: Planner, a: Slot, b: Slot): Slot {
  const y = planner.accumulate(a, b) ?? planSum(planner, a, b);
  const backward = (dy: Slot) => {
    planner.handGradient(a, dy);
    planner.handGradient(b, dy);
  };
  planner.node({ inputs: [a, b], output: y, keeps: [], backward });
  return y;
}

function planSum(planner: Planner, a: Slot, b: Slot): Slot {
  const plan = inferAdd("add", a.shape, b.shape);
  const y = planner.reuse(a);
  planner.step({
    kind: "add",
    reads: [a, b],
    writes: [y],
    run: () => forwardAdd(planner.kernels, { a: a.pointer, b: b.pointer, y: y.pointer }, plan),
  });
  return y;
}

/** What `concatenate` takes. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis, counted from the end or, with the batch, from the start. Only the last is known. Default -1. */
  axis?: number;
}

export class Concatenate extends Layer {
  readonly className = "Concatenate";
  readonly #options: ConcatenateOptions;

  constructor(options: ConcatenateOptions) {
    super(options);
    checkOptions("concatenate", options, { axis: true, ...LAYER_OPTIONS });
    this.#options = options;
  }

  override get arity(): "several" {
    return "several";
  }

  protected infer(...inputs: Shape[]): Shape {
    const { axis = -1 } = this.#options;
    if (axis !== -1 && axis !== inputs[0].length) {
      throw new ArgumentError(`${this.name}: axis must be -1, the last of ${show(inputs[0])}, got ${show(axis)}`);
    }
    return inferConcat(this.name, inputs).output;
  }

  /** Where a convolution made an input that nobody else reads, it writes into the result itself. */
  plan(planner: Planner, ...inputs: Slot[]): Slot {
    const plan = inferConcat(
      this.name,
      inputs.map(({ shape }) => shape),
    );
    const y = planner.slot(plan.output);
    let first = 0;
    const placed = inputs.map((x, i) => {
      const done = planner.place(x, y, first);
      first += plan.channels[i];
      return done;
    });
    const copied = inputs.filter((_, i) => !placed[i]);
    if (copied.length > 0) {
      planner.step({
        kind: "concat",
        reads: copied,
        writes: [y],
        run: () => {
          const xs = inputs.map((x, i) => (placed[i] ? 0 : x.pointer));
          forwardConcat(planner.kernels, { xs, y: y.pointer }, plan);
        },
      });
    }
    planner.node({ inputs, output: y, keeps: [], backward: (dy) => planSplit(planner, inputs, dy, plan) });
    return y;
  }

  config(): LayerConfig {
    return { ...this.#options };
  }
}

/** Each input has its part of dy as its gradient. */
function planSplit(planner: Planner, inputs: readonly Slot[], dy: Slot, plan: ConcatPlan): void {
  for (const [i, x] of inputs.entries()) {
    planner.gradient(x, (dx) => {
      planner.step({
        kind: "concatBackward",
        reads: [dy],
        writes: [dx],
        run: () => {
          const dxs = inputs.map((_, j) => (j === i ? dx.pointer : 0));
          backwardConcat(planner.kernels, { dy: dy.pointer, dxs }, plan);
        },
      });
    });
  }
}

/**
 * The sum of two or more inputs of equal shape (Keras Add).
 *
 * @example
 * const x = input({ shape: [8, 8, 3] });
 * const y = layers.add()([x, layers.activation("relu")(x)]); // [8,8,3]
 */
export function add(options: LayerOptions = {}): Layer {
  return new Add(options);
}

/**
 * Two or more inputs side by side along the last axis, the channels of images (Keras Concatenate).
 *
 * @example
 * const [a, b] = [input({ shape: [8, 8, 3] }), input({ shape: [8, 8, 5] })];
 * const y = layers.concatenate()([a, b]); // [8,8,8]
 */
export function concatenate(options: ConcatenateOptions = {}): Layer {
  return new Concatenate(options);
}
