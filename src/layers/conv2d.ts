import { ArgumentError, oneOf, show } from "../errors.ts";
import { inferConv2d, PRECISIONS, type Precision } from "../ops/conv2d.ts";
import { CONV2D_ALGORITHMS, type Conv2dAlgorithm } from "../ops/conv2dAlgorithm.ts";
import type { Conv2dPlan } from "../ops/conv2dPlan.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { imageShape, pair, type Shape, whole } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import { Convolution, type ConvolutionOptions, checkConvolutionOptions, type PlanOverrides } from "./convolution.ts";
import type { Layer, ParameterDescription } from "./layer.ts";

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
    checkConvolutionOptions("conv2d", options);
    checkFilters("conv2d", options);
    oneOf("conv2d", "precision", options.precision ?? "default", PRECISIONS);
    oneOf("conv2d", "algorithm", options.algorithm ?? "indirect", CONV2D_ALGORITHMS);
  }

  protected describeKernels(input: Shape): readonly ParameterDescription[] {
    const { kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    return [{ name: "kernel", shape: this.#kernelShape(input), initializer, regularizer }];
  }

  protected inferPlans(input: Shape, overrides: PlanOverrides = {}): readonly Conv2dPlan[] {
    const { strides: stride, dilationRate: dilation, groups, activation } = this.options;
    const { algorithm, precision = overrides.precision } = this.options;
    const padding = overrides.padding ?? this.options.padding;
    const how = { activation: fusedActivation(activation), algorithm, precision };
    const options = { stride, padding, dilation, groups, ...how };
    return [inferConv2d(this.name, input, this.#kernelShape(input), null, options)];
  }

  #kernelShape(input: Shape): Shape {
    const channels = imageShape(this.name, "x", input)[3];
    const { filters, kernelSize } = this.options;
    return [...pair(this.name, "kernelSize", kernelSize), perGroup(this.name, channels, this.options), filters];
  }
}

/** Throws ArgumentError unless filters and groups are whole numbers, and groups divide the filters. */
export function checkFilters(layer: string, { filters, groups = 1 }: { filters: number; groups?: number }): void {
  whole(layer, "filters", filters);
  whole(layer, "groups", groups);
  if (filters % groups === 0) return;
  throw new ArgumentError(`${layer}: groups must divide the ${filters} filters, got ${groups}`);
}

/** Input channels that a filter sees. */
export function perGroup(layer: string, channels: number, { groups = 1 }: { groups?: number }): number {
  if (channels % groups === 0) return channels / groups;
  throw new ArgumentError(`${layer}: groups must divide the ${channels} input channels, got ${show(groups)}`);
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
