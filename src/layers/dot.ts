import { ArgumentError, ShapeError, show } from "../errors.ts";
import { backwardDot, forwardDot, inferDot } from "../ops/dot.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { inferTranspose } from "../ops/transpose.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";
import { planMoved } from "./rearrange.ts";
import { planView } from "./reshape.ts";

/** What `dot` takes. */
export interface DotOptions extends LayerOptions {
  /** The axis of each input over which products are summed, or one for both; the batch is 0, and -1 the last. */
  axes: number | readonly [number, number];
}

/** One input as matrices: its other axes as one, before or behind that of the sum. */
interface Side {
  readonly order: readonly number[];
  readonly matrix: Shape;
  readonly rest: Shape;
}

export class Dot extends Layer<DotOptions> {
  readonly className = "Dot";

  constructor(options: DotOptions) {
    super(options);
    checkLayerOptions("dot", options, { axes: true });
    const { axes } = options;
    const pair = typeof axes === "number" ? [axes, axes] : axes;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((axis) => Number.isInteger(axis) && axis !== 0)) {
      throw new ArgumentError(`dot: axes must be a whole number or two, none of them 0, got ${show(axes)}`);
    }
  }

  override get arity(): "several" {
    return "several";
  }

  protected infer(...inputs: Shape[]): Shape {
    const [a, b] = this.#sides(inputs.map((input) => [1, ...input]));
    return outputOf(a, b);
  }

  plan(planner: Planner, ...inputs: Slot[]): Slot {
    const [a, b] = this.#sides(inputs.map(({ shape }) => shape));
    const plan = inferDot(this.name, a.matrix, b.matrix);
    const [x, w] = [planMatrices(planner, inputs[0], a), planMatrices(planner, inputs[1], b)];
    const window = planner.window(plan.dense.window);
    const { kernels } = planner;
    const y = planner.op({
      kind: "dot",
      inputs: [x, w],
      output: plan.output,
      backwardReads: "inputs",
      scratchBytes: plan.scratchBytes,
      backwardScratchBytes: plan.backwardScratchBytes,
      forward: ({ y, scratch }) => {
        forwardDot(kernels, { a: x.pointer, b: w.pointer, y: y.pointer, scratch }, plan);
      },
      backward: ({ dy, dxs: [da, db], scratch }) => {
        const gradients = { da: da.pointer, db: db.pointer };
        const at = { dy: dy.pointer, a: x.pointer, b: w.pointer, ...gradients, window: window.pointer, scratch };
        backwardDot(kernels, at, plan, { a: sizeOf(x.shape), b: sizeOf(w.shape) });
      },
    });
    return planView(planner, y, [y.shape[0], ...outputOf(a, b)]);
  }

  #sides(inputs: readonly Shape[]): [Side, Side] {
    if (inputs.length !== 2)
      throw new ArgumentError(`${this.name}: takes two inputs in an array, got ${inputs.length}`);
    const { axes } = this.options;
    const [a, b] = typeof axes === "number" ? [axes, axes] : axes;
    const sides = [side(this.name, inputs[0], a, true), side(this.name, inputs[1], b, false)] as [Side, Side];
    inferDot(this.name, sides[0].matrix, sides[1].matrix);
    return sides;
  }
}

/** a's axis goes behind its others, [N,rest,K]; b's in front of them, [N,K,rest]. */
function side(op: string, shape: Shape, axis: number, behind: boolean): Side {
  const along = axis < 0 ? axis + shape.length : axis;
  if (!(along >= 1 && along < shape.length)) {
    throw new ShapeError(
      `${op}: axes must lie behind the batch of [${["N", ...shape.slice(1)].join(",")}], got ${axis}`,
    );
  }
  const others = [...shape.keys()].slice(1).filter((i) => i !== along);
  const rest = others.map((i) => shape[i]);
  const [n, k] = [shape[0], shape[along]];
  return {
    order: behind ? [0, ...others, along] : [0, along, ...others],
    matrix: behind ? [n, sizeOf(rest), k] : [n, k, sizeOf(rest)],
    rest,
  };
}

function outputOf(a: Side, b: Side): Shape {
  const output = [...a.rest, ...b.rest];
  return output.length === 0 ? [1] : output;
}

function planMatrices(planner: Planner, x: Slot, { order, matrix }: Side): Slot {
  if (order.every((axis, i) => axis === i)) return planView(planner, x, matrix);
  const moved = planMoved(planner, "transpose", x, inferTranspose("dot", x.shape, order));
  return planView(planner, moved, matrix);
}

/**
 * Products of two inputs summed over an axis of each (Keras Dot): of [K] and [K] over axis 1 their scalar product [1], of [M,K]
 * and [N,K] over axis 2 all scalar products of rows, [M,N].
 *
 * @throws ArgumentError for axes that are no whole numbers, or the batch; ShapeError where an input has no such axis, or sizes differ.
 * @example
 * const [queries, keys] = [input({ shape: [49, 16] }), input({ shape: [49, 16] })];
 * layers.dot({ axes: 2 })([queries, keys]).shape; // [49,49]
 */
export function dot(options: DotOptions): Layer {
  return new Dot(options);
}
