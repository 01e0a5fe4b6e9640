import type { Conv2dPlan } from "../ops/conv2dPlan.ts";
import { inferSeparableConv2d } from "../ops/separableConv2d.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { imageShape, pair, type Shape, whole } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import { Convolution, type ConvolutionOptions, checkConvolutionOptions, type PlanOverrides } from "./convolution.ts";
import type { Layer, ParameterDescription } from "./layer.ts";

/** What `separableConv2d` takes. */
export interface SeparableConv2dLayerOptions extends ConvolutionOptions {
  /** Output channels. */
  filters: number;
  /** Channels of the depthwise part per input channel. Default 1. */
  depthMultiplier?: number;
  /** Default "glorotUniform". */
  depthwiseInitializer?: Initializer;
  /** Default "glorotUniform". */
  pointwiseInitializer?: Initializer;
  /** Default none. */
  depthwiseRegularizer?: Regularizer;
  /** Default none. */
  pointwiseRegularizer?: Regularizer;
}

export class SeparableConv2d extends Convolution<SeparableConv2dLayerOptions> {
  readonly className = "SeparableConv2D";

  constructor(options: SeparableConv2dLayerOptions) {
    super(options);
    checkConvolutionOptions("separableConv2d", options);
    whole("separableConv2d", "filters", options.filters);
    whole("separableConv2d", "depthMultiplier", options.depthMultiplier ?? 1);
  }

  protected describeKernels(input: Shape): readonly ParameterDescription[] {
    const [depthwise, pointwise] = this.#kernelShapes(input);
    const { depthwiseInitializer, pointwiseInitializer, depthwiseRegularizer, pointwiseRegularizer } = this.options;
    return [
      {
        name: "depthwise_kernel",
        shape: depthwise,
        initializer: depthwiseInitializer,
        regularizer: depthwiseRegularizer,
      },
      {
        name: "pointwise_kernel",
        shape: pointwise,
        initializer: pointwiseInitializer,
        regularizer: pointwiseRegularizer,
      },
    ];
  }

  protected inferPlans(input: Shape, overrides: PlanOverrides = {}): readonly Conv2dPlan[] {
    const { strides: stride, dilationRate: dilation, activation } = this.options;
    const padding = overrides.padding ?? this.options.padding;
    const options = { stride, padding, dilation, activation: fusedActivation(activation) };
    const plans = inferSeparableConv2d(this.name, input, ...this.#kernelShapes(input), null, options);
    return [plans.depthwise, plans.pointwise];
  }

  #kernelShapes(input: Shape): readonly [Shape, Shape] {
    const channels = imageShape(this.name, "x", input)[3];
    const { kernelSize, depthMultiplier = 1, filters } = this.options;
    const kernel = pair(this.name, "kernelSize", kernelSize);
    return [
      [...kernel, channels, depthMultiplier],
      [1, 1, channels * depthMultiplier, filters],
    ];
  }
}

/**
 * A depthwise convolution, then one of 1x1 (Keras SeparableConv2D).
 *
 * @example
 * layers.separableConv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" })
 */
export function separableConv2d(options: SeparableConv2dLayerOptions): Layer {
  return new SeparableConv2d(options);
}
