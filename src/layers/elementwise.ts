/** A layer between a sample and numbers of its own. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import {
  type Arithmetic,
  type ArithmeticPlan,
  backwardArithmetic,
  forwardArithmetic,
  inferArithmetic,
} from "../ops/arithmetic.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { checkInitializer, type Initializer } from "../tensor/initializers.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type ParameterDescription } from "./layer.ts";

const OPERATIONS: Readonly<Record<string, Arithmetic>> = {
  add: "add",
  subtract: "sub",
  multiply: "mul",
  divide: "div",
  minimum: "minimum",
  maximum: "maximum",
};

/** What `elementwise` takes. */
export interface ElementwiseOptions extends LayerOptions {
  /** What happens to each element of the sample and its number. */
  operation: "add" | "subtract" | "multiply" | "divide" | "minimum" | "maximum";
  /** The shape of the numbers, beside that of a sample: sizes of 1, and those that are missing in front, are repeated. Default: that of a sample. */
  operandShape?: Shape;
  /** The numbers come first: number - x instead of x - number. Default false. */
  operandFirst?: boolean;
  /** Default "zeros" for sums and differences, else "ones". */
  operandInitializer?: Initializer;
}

const OPTIONS = {
  operation: true,
  operandShape: true,
  operandFirst: true,
  operandInitializer: true,
} as const;

export class Elementwise extends Layer<ElementwiseOptions> {
  readonly className = "Elementwise";
  readonly #operation: Arithmetic;
  readonly #initializer: Initializer;

  constructor(options: ElementwiseOptions) {
    super(options);
    checkLayerOptions("elementwise", options, OPTIONS);
    const { operation, operandShape = [], operandFirst = false } = options;
    const isSum = operation === "add" || operation === "subtract";
    this.#operation = OPERATIONS[oneOf("elementwise", "operation", operation, Object.keys(OPERATIONS))];
    this.#initializer = options.operandInitializer ?? (isSum ? "zeros" : "ones");
    checkInitializer("elementwise", "operandInitializer", this.#initializer);
    if (!Array.isArray(operandShape) || !operandShape.every((size) => Number.isInteger(size) && size >= 1)) {
      throw new ArgumentError(
        `elementwise: operandShape must be an array of whole sizes >= 1, got ${show(operandShape)}`,
      );
    }
    if (typeof operandFirst !== "boolean") {
      throw new ArgumentError(`elementwise: operandFirst must be true or false, got ${show(operandFirst)}`);
    }
  }

  protected infer(input: Shape): Shape {
    return this.#plan(input, 1).output.slice(1);
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const { operandShape: shape = input } = this.options;
    return [{ name: "operand", shape, initializer: this.#initializer }];
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const [operand] = this.parameters;
    const [batch, ...sample] = x.shape;
    const plan = this.#plan(sample, batch);
    const { operandFirst = false } = this.options;
    const [ofX, ofOperand] = operandFirst ? (["b", "a"] as const) : (["a", "b"] as const);
    const sides = () => ({ [ofX]: x.pointer, [ofOperand]: operand.pointer }) as Record<"a" | "b", number>;
    const size = sizeOf(operand.shape);
    return planner.op({
      kind: this.options.operation,
      inputs: [x],
      parameters: [operand],
      output: plan.output,
      backwardReads: "inputs",
      backwardScratchBytes: plan.scratchBytes + 4 * size,
      forward: ({ y }) => forwardArithmetic(kernels, { ...sides(), y: y.pointer }, plan),
      backward: ({ dy, dxs: [dx], scratch }) => {
        const [sum, rest] = [scratch, scratch + 4 * size];
        const at = { ...sides(), dy: dy.pointer, scratch: rest };
        if (x.needsGradient) backwardArithmetic(kernels, { ...at, gradient: dx.pointer }, plan, ofX);
        if (!planner.learns(operand)) return;
        backwardArithmetic(kernels, { ...at, gradient: sum }, plan, ofOperand);
        kernels.add(sum, operand.gradient, operand.gradient, size);
      },
    });
  }

  #plan(sample: Shape, batch: number): ArithmeticPlan {
    const { operandShape = sample, operandFirst = false } = this.options;
    const rank = Math.max(sample.length, operandShape.length);
    const [x, operand] = [sample, operandShape].map((shape, i) => [
      i === 0 ? batch : 1,
      ...Array<number>(rank - shape.length).fill(1),
      ...shape,
    ]);
    const [a, b] = operandFirst ? [operand, x] : [x, operand];
    return inferArithmetic(this.name, this.#operation, a, b);
  }
}

/**
 * The sample and numbers of the layer's own, element by element; they are learned, or come from a file. A number for each place, as an
 * embedding of positions; for each channel, a scale.
 *
 * @throws ShapeError where operandShape does not fit the sample.
 * @example
 * layers.elementwise({ operation: "multiply", operandShape: [16] }) // a factor for each of 16 channels
 */
export function elementwise(options: ElementwiseOptions): Layer {
  return new Elementwise(options);
}
