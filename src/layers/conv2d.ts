import { ArgumentError, oneOf, show } from "../errors.ts";
import { type Conv2dPlan, inferConv2d, PRECISIONS, type Precision } from "../ops/conv2d.ts";
import { CONV2D_ALGORITHMS, type Conv2dAlgorithm } from "../ops/conv2dAlgorithm.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { imageShape, pair, type Shape } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import {
  Convolution,
  type ConvolutionOptions,
  checkConvolutionOptions,
  type KernelDescription,
  type PlanOverrides,
} from "./convolution.ts";
import type { Layer } from "./layer.ts";
import { units } from "./options.ts";

/** What `conv2d` takes. */
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
  /** Default none. */
  kernelRegularizer?: Regularizer;
}

export class Conv2d extends Convolution<Conv2dLayerOptions> {
  readonly className = "Conv2D";

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
  }

  protected describeKernel(input: Shape): KernelDescription {
    const { filters: outputs, kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    return { name: "kernel", shape: this.#kernelShape(input), initializer, regularizer, outputs };
  }

  protected inferPlan(input: Shape, overrides: PlanOverrides = {}): Conv2dPlan {
    const { strides: stride, dilationRate: dilation, groups, activation } = this.options;
    const { algorithm, precision = overrides.precision } = this.options;
    const padding = overrides.padding ?? this.options.padding;
    const how = { activation: fusedActivation(activation), algorithm, precision };
    const options = { stride, padding, dilation, groups, ...how };
    return inferConv2d(this.name, input, this.#kernelShape(input), null, options);
  }

  #kernelShape(input: Shape): Shape {
    const channels = imageShape(this.name, "x", input)[3];
    const { filters, kernelSize, groups = 1 } = this.options;
    if (channels % groups !== 0) {
      throw new ArgumentError(`${this.name}: groups must divide the ${channels} input channels, got ${show(groups)}`);
    }
    return [...pair(this.name, "kernelSize", kernelSize), channels / groups, filters];
  }
}

/**
 * A 2-D convolution layer (Keras Conv2D).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.conv2d({ filters: 8, kernelSize: 5, padding: "same", activation: "relu" })(x); // [28,28,8]
 */
export function conv2d(options: Conv2dLayerOptions): Layer {
  return new Conv2d(options);
}
