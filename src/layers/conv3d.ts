import type { Precision } from "../ops/conv2d.ts";
import type { Conv2dPlan } from "../ops/conv2dPlan.ts";
import { inferConv3d, type VolumePadding, volumeShape } from "../ops/conv3d.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { type Shape, type Triple, triple } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import { checkFilters, perGroup } from "./conv2d.ts";
import { Convolution, type FilterOptions, type PlanOverrides } from "./convolution.ts";
import type { Layer, ParameterDescription } from "./layer.ts";
import { checkWeightOptions } from "./options.ts";

/** What `conv3d` takes. */
export interface Conv3dLayerOptions extends FilterOptions {
  /** Output channels. */
  filters: number;
  /** Depth, height and width of the filter: a number or [depth, vertical, horizontal]. */
  kernelSize: Triple;
  /** Default 1. */
  strides?: Triple;
  /** Default "valid". */
  padding?: VolumePadding;
  /** Default 1. */
  dilationRate?: Triple;
  /** Channels fall into this many groups that do not see each other. Default 1. */
  groups?: number;
  /** "high" never computes by Winograd's F(4x4). Default: that of the model. */
  precision?: Precision;
  /** Default "glorotUniform". */
  kernelInitializer?: Initializer;
  /** Default none. */
  kernelRegularizer?: Regularizer;
}

export class Conv3d extends Convolution<Conv3dLayerOptions> {
  readonly className = "Conv3D";

  constructor(options: Conv3dLayerOptions) {
    super(options);
    checkWeightOptions("conv3d", options);
    checkFilters("conv3d", options);
    triple("conv3d", "kernelSize", options.kernelSize);
    triple("conv3d", "strides", options.strides ?? 1);
    triple("conv3d", "dilationRate", options.dilationRate ?? 1);
  }

  protected describeKernels(input: Shape): readonly ParameterDescription[] {
    const { kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    return [{ name: "kernel", shape: this.#kernelShape(input), initializer, regularizer }];
  }

  protected inferPlans(input: Shape, overrides: PlanOverrides = {}): readonly Conv2dPlan[] {
    const { strides: stride, padding, dilationRate: dilation, groups, activation } = this.options;
    const { precision = overrides.precision } = this.options;
    const how = { activation: fusedActivation(activation), precision };
    const options = { stride, padding, dilation, groups, ...how };
    return [inferConv3d(this.name, input, this.#kernelShape(input), null, options)];
  }

  #kernelShape(input: Shape): Shape {
    const channels = volumeShape(this.name, input)[4];
    const { filters, kernelSize } = this.options;
    return [...triple(this.name, "kernelSize", kernelSize), perGroup(this.name, channels, this.options), filters];
  }
}

/**
 * A 3-D convolution layer (Keras Conv3D), for volumes [D,H,W,C].
 *
 * @example
 * layers.conv3d({ filters: 8, kernelSize: 3, padding: "same", activation: "relu" })
 */
export function conv3d(options: Conv3dLayerOptions): Layer {
  return new Conv3d(options);
}
