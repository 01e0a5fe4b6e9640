import { ArgumentError, oneOf, show } from "../errors.ts";
import { type Conv2dPlan, inferConv2d, PRECISIONS, type Precision } from "../ops/conv2d.ts";
import { CONV2D_ALGORITHMS, type Conv2dAlgorithm } from "../ops/conv2dAlgorithm.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Parameter, Regularizer } from "../tensor/parameter.ts";
import { imageShape, pair, type Shape, sizeOf } from "../tensor/shape.ts";
import { fusedActivation, planRemainingActivation } from "./activation.ts";
import { type ConvolutionOptions, checkConvolutionOptions, planConvolution } from "./convolution.ts";
import { type BuildContext, Layer, type LayerConfig, type LayerWindow, layerWindow } from "./layer.ts";
import { units } from "./options.ts";

export interface Conv2dLayerOptions extends ConvolutionOptions {
  /** Output channels. */
  filters: number;
  /** Channels fall into this many groups that do not see each other. Default 1. */
  groups?: number;
  /** "high" never computes by Winograd's F(4x4). Default: that of the model. */
  precision?: Precision;
  /** For tests and the curious: compute it this way. Default: the one that is expected to be the fastest. */
  algorithm?: Conv2dAlgorithm;
  /** Default "glorotUniform". */
  kernelInitializer?: Initializer;
  kernelRegularizer?: Regularizer;
}

export class Conv2d extends Layer {
  readonly className = "Conv2D";
  readonly #options: Conv2dLayerOptions;
  #kernel!: Parameter;
  #bias: Parameter | undefined;

  constructor(options: Conv2dLayerOptions) {
    super(options);
    units("conv2d", "filters", options.filters);
    checkConvolutionOptions("conv2d", options);
    units("conv2d", "groups", options.groups ?? 1);
    if (options.filters % (options.groups ?? 1) !== 0) {
      throw new ArgumentError(`conv2d: groups must divide the ${options.filters} filters, got ${options.groups}`);
    }
    oneOf("conv2d", "precision", options.precision ?? "default", PRECISIONS);
    oneOf("conv2d", "algorithm", options.algorithm ?? "indirect", CONV2D_ALGORITHMS);
    this.#options = options;
  }

  override get window(): LayerWindow | undefined {
    return this.inputShape.length === 0 ? undefined : layerWindow(this.#plan(this.inputShape).window);
  }

  override get multiplyAdds(): number {
    const [oh, ow] = this.outputShape;
    return oh * ow * sizeOf(this.#kernel.shape);
  }

  protected infer(input: Shape): Shape {
    return this.#plan(input).output;
  }

  protected override createParameters(context: BuildContext, input: Shape): void {
    const { filters, useBias = true } = this.#options;
    const { kernelInitializer = "glorotUniform", biasInitializer = "zeros" } = this.#options;
    const { kernelRegularizer, biasRegularizer } = this.#options;
    this.#kernel = this.addParameter(context, "kernel", this.#kernelShape(input), kernelInitializer, {
      regularizer: kernelRegularizer,
    });
    if (!useBias) return;
    this.#bias = this.addParameter(context, "bias", [filters], biasInitializer, { regularizer: biasRegularizer });
  }

  plan(planner: Planner, x: Slot): Slot {
    const y = planConvolution(planner, x, this.#kernel, this.#bias, this.#plan(x.shape, planner.precision));
    return planRemainingActivation(planner, y, this.#options.activation);
  }

  config(): LayerConfig {
    return { ...this.#options };
  }

  #kernelShape(input: Shape): Shape {
    const channels = imageShape(this.name, "x", input)[3];
    const { filters, kernelSize, groups = 1 } = this.#options;
    if (channels % groups !== 0) {
      throw new ArgumentError(`${this.name}: groups must divide the ${channels} input channels, got ${show(groups)}`);
    }
    return [...pair(this.name, "kernelSize", kernelSize), channels / groups, filters];
  }

  #plan(input: Shape, modelPrecision?: Precision): Conv2dPlan {
    const { strides: stride, padding, dilationRate: dilation, groups, activation } = this.#options;
    const { algorithm, precision = modelPrecision } = this.#options;
    const how = { activation: fusedActivation(activation), algorithm, precision };
    const options = { stride, padding, dilation, groups, ...how };
    return inferConv2d(this.name, input, this.#kernelShape(input), null, options);
  }
}

/**
 * A 2-D convolution layer (Keras Conv2D).
 *
 * @example
 * layers.conv2d({ filters: 8, kernelSize: 5, padding: "same", activation: "relu" })
 */
export function conv2d(options: Conv2dLayerOptions): Conv2d {
  return new Conv2d(options);
}
