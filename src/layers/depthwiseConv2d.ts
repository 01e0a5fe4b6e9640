import type { Conv2dPlan } from "../ops/conv2d.ts";
import { inferDepthwiseConv2d } from "../ops/depthwiseConv2d.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Parameter, Regularizer } from "../tensor/parameter.ts";
import { imageShape, pair, type Shape, sizeOf } from "../tensor/shape.ts";
import { fusedActivation, planRemainingActivation } from "./activation.ts";
import { type ConvolutionOptions, checkConvolutionOptions, planConvolution } from "./convolution.ts";
import { type BuildContext, Layer, type LayerConfig, type LayerWindow, layerWindow } from "./layer.ts";
import { units } from "./options.ts";

export interface DepthwiseConv2dLayerOptions extends ConvolutionOptions {
  /** Output channels per input channel. Default 1. */
  depthMultiplier?: number;
  /** Default "glorotUniform". */
  depthwiseInitializer?: Initializer;
  depthwiseRegularizer?: Regularizer;
}

export class DepthwiseConv2d extends Layer {
  readonly className = "DepthwiseConv2D";
  readonly #options: DepthwiseConv2dLayerOptions;
  #kernel!: Parameter;
  #bias: Parameter | undefined;

  constructor(options: DepthwiseConv2dLayerOptions) {
    super(options);
    checkConvolutionOptions("depthwiseConv2d", options);
    units("depthwiseConv2d", "depthMultiplier", options.depthMultiplier ?? 1);
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
    const { useBias = true, depthwiseInitializer = "glorotUniform", biasInitializer = "zeros" } = this.#options;
    const { depthwiseRegularizer, biasRegularizer } = this.#options;
    const shape = this.#kernelShape(input);
    this.#kernel = this.addParameter(context, "depthwise_kernel", shape, depthwiseInitializer, {
      regularizer: depthwiseRegularizer,
    });
    if (!useBias) return;
    const outputs = [shape[2] * shape[3]];
    this.#bias = this.addParameter(context, "bias", outputs, biasInitializer, { regularizer: biasRegularizer });
  }

  plan(planner: Planner, x: Slot): Slot {
    const y = planConvolution(planner, x, this.#kernel, this.#bias, this.#plan(x.shape));
    return planRemainingActivation(planner, y, this.#options.activation);
  }

  config(): LayerConfig {
    return { ...this.#options };
  }

  #kernelShape(input: Shape): Shape {
    const [, , , channels] = imageShape(this.name, "x", input);
    const { kernelSize, depthMultiplier = 1 } = this.#options;
    return [...pair(this.name, "kernelSize", kernelSize), channels, depthMultiplier];
  }

  #plan(input: Shape): Conv2dPlan {
    const { strides: stride, padding, dilationRate: dilation, activation } = this.#options;
    const options = { stride, padding, dilation, activation: fusedActivation(activation) };
    return inferDepthwiseConv2d(this.name, input, this.#kernelShape(input), null, options);
  }
}

/**
 * A convolution of every channel for itself (Keras DepthwiseConv2D).
 *
 * @example
 * layers.depthwiseConv2d({ kernelSize: 3, padding: "same", activation: "relu6" })
 */
export function depthwiseConv2d(options: DepthwiseConv2dLayerOptions): DepthwiseConv2d {
  return new DepthwiseConv2d(options);
}
