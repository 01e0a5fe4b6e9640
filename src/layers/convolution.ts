/** What conv2d and depthwiseConv2d share: options, parameters, and the steps of a convolution in a plan. */
import {
  backwardConv2dFilter,
  backwardConv2dInput,
  type Conv2dPlan,
  forwardConv2d,
  type Precision,
  packConv2d,
} from "../ops/conv2d.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Padding } from "../ops/window.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Parameter, Regularizer } from "../tensor/parameter.ts";
import { type Pair, pair, type Shape, sizeOf } from "../tensor/shape.ts";
import { type ActivationName, planFusedBackward, planRemainingActivation } from "./activation.ts";
import {
  type BuildContext,
  Layer,
  type LayerConfig,
  type LayerOptions,
  type LayerWindow,
  layerWindow,
} from "./layer.ts";
import { checkWeightOptions, type WeightOptions } from "./options.ts";

/** Options of both kinds of convolution. */
export interface ConvolutionOptions extends LayerOptions {
  /** Height and width of the filter. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Default "valid". */
  padding?: Padding;
  /** Default 1. */
  dilationRate?: Pair;
  /** Default "linear". */
  activation?: ActivationName;
  /** Default true. */
  useBias?: boolean;
  /** Default "zeros". */
  biasInitializer?: Initializer;
  biasRegularizer?: Regularizer;
}

/** Throws ArgumentError for what no input could fit; padding waits for the input, since its message tells the sizes. */
export function checkConvolutionOptions(layer: string, options: ConvolutionOptions & WeightOptions): void {
  pair(layer, "kernelSize", options.kernelSize);
  pair(layer, "strides", options.strides ?? 1);
  pair(layer, "dilationRate", options.dilationRate ?? 1);
  checkWeightOptions(layer, options);
}

/** The filter of a convolution: what a layer calls it, and how it begins. */
export interface KernelDescription {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer | undefined;
  readonly regularizer: Regularizer | undefined;
  /** Output channels. */
  readonly outputs: number;
}

/** A layer around one convolution, depthwise or not. */
export abstract class Convolution<Options extends ConvolutionOptions> extends Layer {
  protected readonly options: Options;
  #kernel!: Parameter;
  #bias: Parameter | undefined;

  constructor(options: Options) {
    super(options);
    this.options = options;
  }

  protected abstract describeKernel(input: Shape): KernelDescription;

  /** The plan of the op; `precision` is what the model asks for. */
  protected abstract inferPlan(input: Shape, precision?: Precision): Conv2dPlan;

  override get window(): LayerWindow | undefined {
    return this.inputShape.length === 0 ? undefined : layerWindow(this.inferPlan(this.inputShape).window);
  }

  override get multiplyAdds(): number {
    const [oh, ow] = this.outputShape;
    return oh * ow * sizeOf(this.#kernel.shape);
  }

  protected infer(input: Shape): Shape {
    return this.inferPlan(input).output;
  }

  protected override createParameters(context: BuildContext, input: Shape): void {
    const { name, shape, initializer = "glorotUniform", regularizer, outputs } = this.describeKernel(input);
    this.#kernel = this.addParameter(context, name, shape, initializer, { regularizer });
    const { useBias = true, biasInitializer = "zeros", biasRegularizer } = this.options;
    if (!useBias) return;
    this.#bias = this.addParameter(context, "bias", [outputs], biasInitializer, { regularizer: biasRegularizer });
  }

  plan(planner: Planner, x: Slot): Slot {
    const y = planConvolution(planner, x, this.#kernel, this.#bias, this.inferPlan(x.shape, planner.precision));
    return planRemainingActivation(planner, y, this.options.activation);
  }

  config(): LayerConfig {
    return { ...this.options } as LayerConfig;
  }
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
  const window = planner.window(plan.window);
  const parameters = bias === undefined ? [kernel] : [kernel, bias];
  const learns = parameters.some((p) => planner.learns(p));
  const packed = planner.packed(parameters, plan.forward.packedBytes, (pointer) => {
    const at = { w: kernel.pointer, b: bias?.pointer ?? 0, packed: pointer, window: window.pointer };
    packConv2d(kernels, at, plan);
  });
  planner.step({
    kind: "conv2d",
    reads: [x],
    writes: [y],
    scratchBytes: plan.forward.scratchBytes,
    run: (scratch) => {
      const at = { x: x.pointer, packed: packed.pointer, y: y.pointer, window: window.pointer, scratch };
      forwardConv2d(kernels, at, plan);
    },
  });
  const fused = plan.activation !== 0;
  const keeps = [...(learns ? [x] : []), ...(fused ? [y] : [])];
  planner.node({
    input: x,
    output: y,
    parameters,
    keeps,
    backward: (dy) => {
      if (fused) planFusedBackward(planner, dy, y, plan.activation);
      if (learns) planFilterGradient(planner, { x, dy, window }, kernel, bias, plan);
      planner.gradient(x, (dx) => planInputGradient(planner, { dy, dx, window }, kernel, plan));
    },
  });
  return y;
}

function planFilterGradient(
  planner: Planner,
  { x, dy, window }: { x: Slot; dy: Slot; window: Slot },
  kernel: Parameter,
  bias: Parameter | undefined,
  plan: Conv2dPlan,
): void {
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
  { dy, dx, window }: { dy: Slot; dx: Slot; window: Slot },
  kernel: Parameter,
  plan: Conv2dPlan,
): void {
  const reversed = planner.window(plan.reversed);
  const packedBytes = Math.ceil(plan.input.packedBytes / 64) * 64;
  planner.step({
    kind: "conv2dBackwardInput",
    reads: [dy],
    writes: [dx],
    scratchBytes: packedBytes + plan.input.scratchBytes,
    run: (scratch) => {
      const buffers = { packed: scratch, scratch: scratch + packedBytes };
      const windows = { window: window.pointer, reversed: reversed.pointer };
      const at = { dy: dy.pointer, w: kernel.pointer, dx: dx.pointer, ...windows, ...buffers };
      backwardConv2dInput(planner.kernels, at, plan);
    },
  });
}
