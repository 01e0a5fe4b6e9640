/** Layers that make one value of several: sums, products, extremes and concatenations. */
import { ArgumentError } from "../errors.ts";
import { type Arithmetic, backwardArithmetic, forwardArithmetic, inferArithmetic } from "../ops/arithmetic.ts";
import { backwardConcat, type ConcatPlan, forwardConcat, inferConcat } from "../ops/concat.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { type Shape, sameShape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";
import { planRescale } from "./rescaling.ts";

/** Several inputs, one after the other: ((a op b) op c) ... */
export class Merge extends Layer {
  readonly className: string;
  readonly #kind: Arithmetic;

  constructor(className: string, kind: Arithmetic, options: LayerOptions) {
    super(options);
    this.className = className;
    checkLayerOptions(this.kind, options, {});
    this.#kind = kind;
  }

  override get arity(): "several" {
    return "several";
  }

  /** Shapes of samples; as in ops, sizes of 1 are repeated. */
  protected infer(...inputs: Shape[]): Shape {
    return inputs.reduce((merged, input) => inferArithmetic(this.name, this.#kind, merged, input).output);
  }

  plan(planner: Planner, ...inputs: Slot[]): Slot {
    return inputs.reduce((merged, x) => planArithmetic(planner, this.#kind, merged, x));
  }
}

/** The sum over the number of inputs. */
export class Average extends Merge {
  constructor(options: LayerOptions) {
    super("Average", "add", options);
  }

  override plan(planner: Planner, ...inputs: Slot[]): Slot {
    return planRescale(planner, super.plan(planner, ...inputs), { scale: 1 / inputs.length });
  }
}

/** Of equal shapes a sum is added where one of the two lies, if that can be, and dy is handed on. */
function planArithmetic(planner: Planner, kind: Arithmetic, a: Slot, b: Slot): Slot {
  if (kind === "add" && sameShape(a.shape, b.shape)) return planAdd(planner, a, b);
  const { kernels } = planner;
  const plan = inferArithmetic(kind, kind, ...alike(a.shape, b.shape));
  return planner.op({
    kind,
    inputs: [a, b],
    output: plan.output,
    backwardReads: kind === "add" || kind === "sub" ? "nothing" : "inputs",
    backwardScratchBytes: plan.scratchBytes,
    forward: ({ y }) => forwardArithmetic(kernels, { a: a.pointer, b: b.pointer, y: y.pointer }, plan),
    backward: ({ dy, dxs: [da, db], scratch }) => {
      const at = { dy: dy.pointer, a: a.pointer, b: b.pointer, scratch };
      if (a.needsGradient) backwardArithmetic(kernels, { ...at, gradient: da.pointer }, plan, "a");
      if (b.needsGradient) backwardArithmetic(kernels, { ...at, gradient: db.pointer }, plan, "b");
    },
  });
}

/** Samples of lower rank are repeated along the axes behind the batch: [N,C] beside [N,H,W,C] is [N,1,1,C]. */
function alike(a: Shape, b: Shape): [Shape, Shape] {
  const rank = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((x) => [x[0], ...Array<number>(rank - x.length).fill(1), ...x.slice(1)]);
  return [left, right];
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
  const plan = inferArithmetic("add", "add", a.shape, b.shape);
  const y = planner.reuse(a);
  planner.step({
    kind: "add",
    reads: [a, b],
    writes: [y],
    run: () => forwardArithmetic(planner.kernels, { a: a.pointer, b: b.pointer, y: y.pointer }, plan),
  });
  return y;
}

/** What `concatenate` takes. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis, counted from the end or, with the batch, from the start: not 0. Default -1, the channels. */
  axis?: number;
}

export class Concatenate extends Layer<ConcatenateOptions> {
  readonly className = "Concatenate";

  constructor(options: ConcatenateOptions) {
    super(options);
    checkLayerOptions("concatenate", options, { axis: true });
  }

  override get arity(): "several" {
    return "several";
  }

  protected infer(...inputs: Shape[]): Shape {
    return this.#plan(inputs.map((input) => [1, ...input])).output.slice(1);
  }

  /** Where a convolution made an input that nobody else reads, it writes into the result itself. */
  plan(planner: Planner, ...inputs: Slot[]): Slot {
    const plan = this.#plan(inputs.map(({ shape }) => shape));
    const y = planner.slot(plan.output);
    const byChannels = plan.row === y.shape[y.shape.length - 1];
    let first = 0;
    const placed = inputs.map((x, i) => {
      const done = byChannels && planner.place(x, y, first);
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

  /** By shapes with the batch, along which nothing is joined. */
  #plan(inputs: readonly Shape[]): ConcatPlan {
    const { axis = -1 } = this.options;
    if (axis === 0 || axis === -inputs[0].length) {
      throw new ArgumentError(`${this.name}: axis must not be ${axis}, the batch`);
    }
    return inferConcat(this.name, inputs, axis);
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
 * The sum of two or more inputs (Keras Add). Sizes of 1 are repeated, [C] beside [H,W,C] is [1,1,C]; here and for the others.
 *
 * @example
 * const x = input({ shape: [8, 8, 3] });
 * const y = layers.add()([x, layers.activation("relu")(x)]); // [8,8,3]
 */
export function add(options: LayerOptions = {}): Layer {
  return new Merge("Add", "add", options);
}

/**
 * The first input less the second (Keras Subtract); with more, less all others.
 *
 * @example
 * const [a, b] = [input({ shape: [8, 8, 3] }), input({ shape: [8, 8, 3] })];
 * layers.subtract()([a, b]).shape; // [8,8,3]
 */
export function subtract(options: LayerOptions = {}): Layer {
  return new Merge("Subtract", "sub", options);
}

/**
 * The product of two or more inputs (Keras Multiply).
 *
 * @example
 * const [x, gate] = [input({ shape: [8, 8, 16] }), input({ shape: [16] })];
 * layers.multiply()([x, gate]).shape; // [8,8,16]
 */
export function multiply(options: LayerOptions = {}): Layer {
  return new Merge("Multiply", "mul", options);
}

/**
 * The first input by the second; with more, by all others. A division by 0 is infinite, or NaN for 0 / 0.
 *
 * @example
 * const [x, norm] = [input({ shape: [8, 8, 16] }), input({ shape: [8, 8, 1] })];
 * layers.divide()([x, norm]).shape; // [8,8,16]
 */
export function divide(options: LayerOptions = {}): Layer {
  return new Merge("Divide", "div", options);
}

/**
 * The mean of two or more inputs (Keras Average).
 *
 * @example
 * const [a, b] = [input({ shape: [8, 8, 3] }), input({ shape: [8, 8, 3] })];
 * layers.average()([a, b]).shape; // [8,8,3]
 */
export function average(options: LayerOptions = {}): Layer {
  return new Average(options);
}

/**
 * The largest of two or more inputs (Keras Maximum).
 *
 * @example
 * const [a, b] = [input({ shape: [8, 8, 3] }), input({ shape: [8, 8, 3] })];
 * layers.maximum()([a, b]).shape; // [8,8,3]
 */
export function maximum(options: LayerOptions = {}): Layer {
  return new Merge("Maximum", "maximum", options);
}

/**
 * The least of two or more inputs (Keras Minimum).
 *
 * @example
 * const [a, b] = [input({ shape: [8, 8, 3] }), input({ shape: [8, 8, 3] })];
 * layers.minimum()([a, b]).shape; // [8,8,3]
 */
export function minimum(options: LayerOptions = {}): Layer {
  return new Merge("Minimum", "minimum", options);
}

/**
 * Two or more inputs side by side along an axis, by default the channels (Keras Concatenate).
 *
 * @example
 * const [a, b] = [input({ shape: [8, 8, 3] }), input({ shape: [8, 8, 5] })];
 * const y = layers.concatenate()([a, b]); // [8,8,8]
 */
export function concatenate(options: ConcatenateOptions = {}): Layer {
  return new Concatenate(options);
}
