/** What all convolutions share: options, parameters, and the steps of a convolution in a plan. */
import type { Precision } from "../ops/conv2d.ts";
import {
  backwardConv2dFilter,
  backwardConv2dInput,
  type Conv2dPlan,
  forwardConv2d,
  packConv2d,
} from "../ops/conv2dPlan.ts";
import { packedLayout } from "../ops/conv2dStages.ts";
import type { Ability, Planner, Slot, Tail } from "../ops/planned.ts";
import type { Padding } from "../ops/window.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Parameter, Regularizer } from "../tensor/parameter.ts";
import { type Pair, pair, type Shape, sizeOf } from "../tensor/shape.ts";
import { type ActivationName, epilogueOf, planFusedBackward, planRemainingActivation } from "./activation.ts";
import { planFoldedWeights } from "./foldedWeights.ts";
import {
  Layer,
  type LayerOptions,
  type LayerWindow,
  layerWindow,
  type ParameterDescription,
  rankOf,
  type SampleRank,
} from "./layer.ts";
import { checkWeightOptions, describeBias, type WeightOptions } from "./options.ts";

/** Options of every convolution, but for the geometry. */
export interface FilterOptions extends LayerOptions {
  /** Default "linear". */
  activation?: ActivationName;
  /** Default true. */
  useBias?: boolean;
  /** Default "zeros". */
  biasInitializer?: Initializer;
  /** Default none. */
  biasRegularizer?: Regularizer;
}

/** Options of convolutions of images. */
export interface ConvolutionOptions extends FilterOptions {
  /** Height and width of the filter. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Default "valid". */
  padding?: Padding;
  /** Default 1. */
  dilationRate?: Pair;
}

/** Throws ArgumentError for what no input could fit; padding waits for the input, since its message tells the sizes. */
export function checkConvolutionOptions(layer: string, options: ConvolutionOptions & WeightOptions): void {
  checkWeightOptions(layer, options);
  pair(layer, "kernelSize", options.kernelSize);
  pair(layer, "strides", options.strides ?? 1);
  pair(layer, "dilationRate", options.dilationRate ?? 1);
}

/** What a model sets for a convolution that leaves it open, and what replaces its own. */
export interface PlanOverrides {
  /** What the model asks for. */
  readonly precision?: Precision;
  /** Instead of the layer's own. */
  readonly padding?: readonly [number, number, number, number];
}

/** A layer around a convolution, or several in a row. */
export abstract class Convolution<Options extends FilterOptions> extends Layer<Options> {
  protected abstract describeKernels(input: Shape): readonly ParameterDescription[];

  /** The plans of the ops, one for each kernel; the last has the bias. */
  protected abstract inferPlans(input: Shape, overrides?: PlanOverrides): readonly Conv2dPlan[];

  protected override get sampleRank(): SampleRank {
    return rankOf(this.className);
  }

  override windowOver(input: Shape): LayerWindow {
    return layerWindow(this.inferPlans(input)[0].window);
  }

  override countMultiplyAdds(output: Shape): number {
    const kernels = this.parameters.filter(({ shape }) => shape.length > 1);
    return sizeOf(output.slice(0, -1)) * kernels.reduce((sum, { size }) => sum + size, 0);
  }

  protected infer(input: Shape): Shape {
    return outputOf(this.inferPlans(input));
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const outputs = outputOf(this.inferPlans(input)).slice(-1);
    return [...this.describeKernels(input), ...describeBias(this.options, outputs)];
  }

  plan(planner: Planner, x: Slot): Slot {
    const [image, plans] = this.#withoutPadding(planner, x);
    const last = plans.length - 1;
    const bias: Parameter | undefined = this.parameters[plans.length];
    const y = plans.reduce((from, plan, i) => {
      return planConvolution(planner, from, this.parameters[i], i === last ? bias : undefined, plan);
    }, image);
    return planRemainingActivation(planner, y, this.options.activation);
  }

  /** Where the layer before only pads, its zeros are padding of this convolution. */
  #withoutPadding(planner: Planner, x: Slot): [Slot, readonly Conv2dPlan[]] {
    const plans = this.inferPlans(x.shape, { precision: planner.precision });
    const [{ transposed, window }] = plans;
    if (transposed) return [x, plans];
    const { reads, sides } = planner.undo("pad", x) ?? {};
    if (reads === undefined || sides === undefined) return [x, plans];
    const { pt, pb, pl, pr } = window;
    const padding = [pt + sides[0], pb + sides[1], pl + sides[2], pr + sides[3]] as const;
    return [reads[0], this.inferPlans(reads[0].shape, { precision: planner.precision, padding })];
  }
}

function outputOf(plans: readonly Conv2dPlan[]): Shape {
  return plans[plans.length - 1].output;
}

/** What a convolution can take over. A transposed one has its output channels on another axis than the fold needs. */
function abilitiesOf({ transposed, volume, forward }: Conv2dPlan): readonly Ability[] {
  if (transposed) return ["accumulate"];
  if (volume !== undefined) return ["fold", "accumulate"];
  return forward.algorithm === "depthwise" ? ["fold"] : ["fold", "accumulate", "slice"];
}

/** Adds a convolution: packed weights, the forward step, and both gradients. */
function planConvolution(
  planner: Planner,
  x: Slot,
  kernel: Parameter,
  bias: Parameter | undefined,
  plan: Conv2dPlan,
): Slot {
  const { kernels } = planner;
  const y = planner.slot(plan.output);
  const window = planner.window(plan.forward.window, y);
  const parameters = bias === undefined ? [kernel] : [kernel, bias];
  const learns = parameters.some((p) => planner.learns(p));
  const tail: Tail = { abilities: abilitiesOf(plan), activation: plan.activation };
  const packed = planFoldedWeights(
    planner,
    { kernel, bias, channels: plan.window.o },
    tail,
    { layout: packedLayout(plan.forward), bytes: plan.forward.packedBytes },
    (from) => {
      packConv2d(kernels, { ...from, window: window.pointer }, plan);
    },
  );
  planner.step({
    kind: "conv2d",
    reads: [x],
    writes: [y],
    scratchBytes: plan.forward.scratchBytes,
    tail,
    run: (scratch) => {
      const at = { x: x.pointer, packed: packed.pointer, y: y.pointer, window: window.pointer, scratch };
      forwardConv2d(kernels, at, plan, epilogueOf(tail));
    },
  });
  planner.node({
    inputs: [x],
    output: y,
    parameters,
    keeps: [...(learns ? [x] : []), ...(tail.activation !== 0 ? [y] : [])],
    backward: (dy) => {
      const dz = planFusedBackward(planner, dy, y, tail.activation);
      if (learns) planFilterGradient(planner, { x, dy: dz }, kernel, bias, plan);
      planner.gradient(x, (dx) => planInputGradient(planner, { dy: dz, dx }, kernel, plan));
    },
  });
  return y;
}

function planFilterGradient(
  planner: Planner,
  { x, dy }: { x: Slot; dy: Slot },
  kernel: Parameter,
  bias: Parameter | undefined,
  plan: Conv2dPlan,
): void {
  const window = planner.window(plan.filter.window);
  planner.step({
    kind: "conv2dBackwardFilter",
    reads: [x, dy],
    writes: [],
    scratchBytes: plan.filter.scratchBytes,
    run: (scratch) => {
      const gradients = { dw: kernel.gradient, db: bias?.gradient ?? 0 };
      const at = { x: x.pointer, dy: dy.pointer, window: window.pointer, scratch, ...gradients };
      backwardConv2dFilter(planner.kernels, at, plan);
    },
  });
}

function planInputGradient(
  planner: Planner,
  { dy, dx }: { dy: Slot; dx: Slot },
  kernel: Parameter,
  plan: Conv2dPlan,
): void {
  const window = planner.window(plan.input.window);
  const packedBytes = Math.ceil(plan.input.packedBytes / 64) * 64;
  planner.step({
    kind: "conv2dBackwardInput",
    reads: [dy],
    writes: [dx],
    scratchBytes: packedBytes + plan.input.scratchBytes,
    run: (scratch) => {
      const buffers = { packed: scratch, scratch: scratch + packedBytes };
      const at = { dy: dy.pointer, w: kernel.pointer, dx: dx.pointer, window: window.pointer, ...buffers };
      backwardConv2dInput(planner.kernels, at, plan);
    },
  });
}
