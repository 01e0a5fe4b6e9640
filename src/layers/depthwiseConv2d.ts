import type { Conv2dPlan } from "../ops/conv2dPlan.ts";
import { inferDepthwiseConv2d } from "../ops/depthwiseConv2d.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { imageShape, pair, type Shape, whole } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import { Convolution, type ConvolutionOptions, checkConvolutionOptions, type PlanOverrides } from "./convolution.ts";
import type { Layer, ParameterDescription } from "./layer.ts";

/** What `depthwiseConv2d` takes. */
export interface DepthwiseConv2dLayerOptions extends ConvolutionOptions {
  /** Output channels per input channel. Default 1. */
  depthMultiplier?: number;
  /** Default "glorotUniform". */
  depthwiseInitializer?: Initializer;
  /** Default none. */
  depthwiseRegularizer?: Regularizer;
}

export class DepthwiseConv2d extends Convolution<DepthwiseConv2dLayerOptions> {
  readonly className = "DepthwiseConv2D";

  constructor(options: DepthwiseConv2dLayerOptions) {
    super(options);
    checkConvolutionOptions("depthwiseConv2d", options);
    whole("depthwiseConv2d", "depthMultiplier", options.depthMultiplier ?? 1);
  }

  protected describeKernels(input: Shape): readonly ParameterDescription[] {
    const { depthwiseInitializer: initializer, depthwiseRegularizer: regularizer } = this.options;
    return [{ name: "depthwise_kernel", shape: this.#kernelShape(input), initializer, regularizer }];
  }

  protected inferPlans(input: Shape, overrides: PlanOverrides = {}): readonly Conv2dPlan[] {
    const padding = overrides.padding ?? this.options.padding;
    const { strides: stride, dilationRate: dilation, activation } = this.options;
    const options = { stride, padding, dilation, activation: fusedActivation(activation) };
    return [inferDepthwiseConv2d(this.name, input, this.#kernelShape(input), null, options)];
  }

  #kernelShape(input: Shape): Shape {
    const [, , , channels] = imageShape(this.name, "x", input);
    const { kernelSize, depthMultiplier = 1 } = this.options;
    return [...pair(this.name, "kernelSize", kernelSize), channels, depthMultiplier];
  }
}

/**
 * A convolution of every channel for itself (Keras DepthwiseConv2D).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.depthwiseConv2d({ kernelSize: 3, activation: "relu6" })(x); // [26,26,1]
 */
export function depthwiseConv2d(options: DepthwiseConv2dLayerOptions): Layer {
  return new DepthwiseConv2d(options);
}
