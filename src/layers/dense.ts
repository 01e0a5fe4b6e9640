import {
  backwardDenseFilter,
  backwardDenseInput,
  type DensePlan,
  forwardDense,
  inferDense,
  packDense,
} from "../ops/dense.ts";
import type { Planner, Slot, Tail } from "../ops/planned.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Parameter, Regularizer } from "../tensor/parameter.ts";
import { type Shape, sizeOf, whole } from "../tensor/shape.ts";
import {
  type ActivationName,
  epilogueOf,
  fusedActivation,
  planFusedBackward,
  planRemainingActivation,
} from "./activation.ts";
import { planFoldedWeights } from "./foldedWeights.ts";
import { Layer, type LayerOptions, type ParameterDescription } from "./layer.ts";
import { checkWeightOptions, describeBias } from "./options.ts";

/** What `dense` takes. */
export interface DenseLayerOptions extends LayerOptions {
  /** Outputs. */
  units: number;
  /** Default "linear". */
  activation?: ActivationName;
  /** Default true. */
  useBias?: boolean;
  /** Default "glorotUniform". */
  kernelInitializer?: Initializer;
  /** Default "zeros". */
  biasInitializer?: Initializer;
  /** Default none. */
  kernelRegularizer?: Regularizer;
  /** Default none. */
  biasRegularizer?: Regularizer;
}

export class Dense extends Layer<DenseLayerOptions> {
  readonly className = "Dense";
  constructor(options: DenseLayerOptions) {
    super(options);
    checkWeightOptions("dense", options);
    whole("dense", "units", options.units);
  }

  override countMultiplyAdds(output: Shape): number {
    return (sizeOf(output) * this.parameters[0].size) / this.options.units;
  }

  protected infer(input: Shape): Shape {
    return [...input.slice(0, -1), this.options.units];
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const { units, kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    const shape = [input[input.length - 1], units];
    return [{ name: "kernel", shape, initializer, regularizer }, ...describeBias(this.options, [units])];
  }

  plan(planner: Planner, x: Slot): Slot {
    const k = x.shape[x.shape.length - 1];
    const rows = [sizeOf(x.shape) / k, k];
    const activation = fusedActivation(this.options.activation);
    const { kernel, bias } = this.#weights;
    const plan = inferDense(this.name, rows, kernel.shape, bias?.shape ?? null, { activation });
    const y = this.#planDense(planner, x, [...x.shape.slice(0, -1), plan.o], plan);
    return planRemainingActivation(planner, y, this.options.activation);
  }

  get #weights(): { kernel: Parameter; bias: Parameter | undefined } {
    const [kernel, bias] = this.parameters;
    return { kernel, bias };
  }

  #planDense(planner: Planner, x: Slot, output: Shape, plan: DensePlan): Slot {
    const { kernels } = planner;
    const { kernel, bias } = this.#weights;
    const y = planner.slot(output);
    const learns = this.parameters.some((p) => planner.learns(p));
    const tail: Tail = { abilities: ["fold"], activation: plan.activation };
    const packed = planFoldedWeights(
      planner,
      { kernel, bias, channels: plan.o },
      tail,
      { layout: "dense", bytes: plan.packedBytes },
      (from) => {
        packDense(kernels, from, plan);
      },
    );
    planner.step({
      kind: "dense",
      reads: [x],
      writes: [y],
      scratchBytes: plan.scratchBytes,
      tail,
      run: (scratch) => {
        const at = { x: x.pointer, packed: packed.pointer, y: y.pointer, scratch };
        forwardDense(kernels, at, plan, epilogueOf(tail));
      },
    });
    planner.node({
      inputs: [x],
      output: y,
      parameters: this.parameters,
      keeps: [...(learns ? [x] : []), ...(tail.activation !== 0 ? [y] : [])],
      backward: (dy) => {
        const dz = planFusedBackward(planner, dy, y, tail.activation);
        if (learns) this.#planFilterGradient(planner, x, dz, plan);
        planner.gradient(x, (dx) => this.#planInputGradient(planner, dz, dx, plan));
      },
    });
    return y;
  }

  #planFilterGradient(planner: Planner, x: Slot, dy: Slot, plan: DensePlan): void {
    const { kernel, bias } = this.#weights;
    const window = planner.window(plan.window);
    planner.step({
      kind: "denseBackwardFilter",
      reads: [x, dy],
      writes: [],
      scratchBytes: plan.filterScratchBytes,
      run: (scratch) => {
        const gradients = { dw: kernel.gradient, db: bias?.gradient ?? 0 };
        const at = { x: x.pointer, dy: dy.pointer, window: window.pointer, scratch, ...gradients };
        backwardDenseFilter(planner.kernels, at, plan);
      },
    });
  }

  #planInputGradient(planner: Planner, dy: Slot, dx: Slot, plan: DensePlan): void {
    const { kernel } = this.#weights;
    const packedBytes = Math.ceil(plan.inputPackedBytes / 64) * 64;
    planner.step({
      kind: "denseBackwardInput",
      reads: [dy],
      writes: [dx],
      scratchBytes: packedBytes + plan.inputScratchBytes,
      run: (scratch) => {
        const buffers = { packed: scratch, scratch: scratch + packedBytes };
        const at = { dy: dy.pointer, w: kernel.pointer, dx: dx.pointer, ...buffers };
        backwardDenseInput(planner.kernels, at, plan);
      },
    });
  }
}

/**
 * A fully connected layer over the last axis (Keras Dense); put `flatten()` before it to look at a whole image.
 *
 * @example
 * const x = input({ shape: [784] });
 * const y = layers.dense({ units: 10, activation: "softmax" })(x); // [10]
 */
export function dense(options: DenseLayerOptions): Layer {
  return new Dense(options);
}
