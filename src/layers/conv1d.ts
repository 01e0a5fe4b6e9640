import { inferConv1d } from "../ops/conv1d.ts";
import type { Conv2dPlan } from "../ops/conv2dPlan.ts";
import { type LinePadding, lineAsImage } from "../ops/line.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { type Shape, whole } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import { checkFilters, perGroup } from "./conv2d.ts";
import { Convolution, type FilterOptions, type PlanOverrides } from "./convolution.ts";
import type { Layer, ParameterDescription } from "./layer.ts";
import { checkWeightOptions } from "./options.ts";

/** What `conv1d` takes. */
export interface Conv1dLayerOptions extends FilterOptions {
  /** Output channels. */
  filters: number;
  /** Length of the filter. */
  kernelSize: number;
  /** Default 1. */
  strides?: number;
  /** Default "valid". */
  padding?: LinePadding;
  /** Default 1. */
  dilationRate?: number;
  /** Channels fall into this many groups that do not see each other. Default 1. */
  groups?: number;
  /** Default "glorotUniform". */
  kernelInitializer?: Initializer;
  /** Default none. */
  kernelRegularizer?: Regularizer;
}

export class Conv1d extends Convolution<Conv1dLayerOptions> {
  readonly className = "Conv1D";

  constructor(options: Conv1dLayerOptions) {
    super(options);
    checkWeightOptions("conv1d", options);
    checkFilters("conv1d", options);
    const { kernelSize, strides = 1, dilationRate = 1 } = options;
    whole("conv1d", "kernelSize", kernelSize);
    whole("conv1d", "strides", strides);
    whole("conv1d", "dilationRate", dilationRate);
  }

  protected describeKernels(input: Shape): readonly ParameterDescription[] {
    const { kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    return [{ name: "kernel", shape: this.#kernelShape(input), initializer, regularizer }];
  }

  protected inferPlans(input: Shape, overrides: PlanOverrides = {}): readonly Conv2dPlan[] {
    const { strides: stride, dilationRate: dilation, groups, activation } = this.options;
    const how = { padding: this.#padding(overrides), activation: fusedActivation(activation) };
    return [inferConv1d(this.name, input, this.#kernelShape(input), null, { stride, dilation, groups, ...how })];
  }

  #padding({ padding }: PlanOverrides): LinePadding | undefined {
    return padding === undefined ? this.options.padding : [padding[2], padding[3]];
  }

  #kernelShape(input: Shape): Shape {
    const channels = lineAsImage(this.name, input).at(-1) as number;
    const { filters, kernelSize } = this.options;
    return [kernelSize, perGroup(this.name, channels, this.options), filters];
  }
}

/**
 * A 1-D convolution layer (Keras Conv1D), for lines [L,C].
 *
 * @example
 * layers.conv1d({ filters: 16, kernelSize: 5, padding: "causal", activation: "relu" })
 */
export function conv1d(options: Conv1dLayerOptions): Layer {
  return new Conv1d(options);
}
