import type { Precision } from "../ops/conv2d.ts";
import type { Conv2dPlan } from "../ops/conv2dPlan.ts";
import { inferConv2dTranspose } from "../ops/conv2dTranspose.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import { imageShape, type Pair, pair, type Shape } from "../tensor/shape.ts";
import { fusedActivation } from "./activation.ts";
import { checkFilters, perGroup } from "./conv2d.ts";
import { Convolution, type ConvolutionOptions, checkConvolutionOptions, type PlanOverrides } from "./convolution.ts";
import type { Layer, LayerWindow, ParameterDescription } from "./layer.ts";

/** What `conv2dTranspose` takes. */
export interface Conv2dTransposeLayerOptions extends ConvolutionOptions {
  /** Output channels. */
  filters: number;
  /** Rows and columns more, at the bottom and the right; less than strides. Default 0. */
  outputPadding?: Pair;
  /** Channels fall into this many groups that do not see each other. Default 1. */
  groups?: number;
  /** "high" never computes by Winograd's F(4x4). Default: that of the model. */
  precision?: Precision;
  /** Default "glorotUniform". */
  kernelInitializer?: Initializer;
  /** Default none. */
  kernelRegularizer?: Regularizer;
}

export class Conv2dTranspose extends Convolution<Conv2dTransposeLayerOptions> {
  readonly className = "Conv2DTranspose";

  constructor(options: Conv2dTransposeLayerOptions) {
    super(options);
    checkConvolutionOptions("conv2dTranspose", options);
    checkFilters("conv2dTranspose", options);
    pair("conv2dTranspose", "outputPadding", options.outputPadding ?? 0, 0);
  }

  /** Neighbouring outputs are a part of a cell apart. */
  override windowOver(input: Shape): LayerWindow {
    const { kh, kw, sh, sw, dh, dw, pt, pl } = this.inferPlans(input)[0].window;
    const [reachH, reachW] = [dh * (kh - 1), dw * (kw - 1)];
    return {
      kernel: [Math.floor(reachH / sh) + 1, Math.floor(reachW / sw) + 1],
      stride: [1 / sh, 1 / sw],
      dilation: [1, 1],
      padding: [Math.floor((reachH - pt) / sh), Math.floor((reachW - pl) / sw)],
    };
  }

  /** Every input is multiplied by the whole of its filters. */
  override countMultiplyAdds(): number {
    const [h, w] = this.inputShape;
    return super.countMultiplyAdds([h, w, 1]);
  }

  protected describeKernels(input: Shape): readonly ParameterDescription[] {
    const { kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    return [{ name: "kernel", shape: this.#kernelShape(input), initializer, regularizer }];
  }

  protected inferPlans(input: Shape, overrides: PlanOverrides = {}): readonly Conv2dPlan[] {
    const { strides: stride, dilationRate: dilation, padding, outputPadding, groups, activation } = this.options;
    const { precision = overrides.precision } = this.options;
    const how = { activation: fusedActivation(activation), precision };
    const options = { stride, padding, outputPadding, dilation, groups, ...how };
    return [inferConv2dTranspose(this.name, input, this.#kernelShape(input), null, options)];
  }

  #kernelShape(input: Shape): Shape {
    const channels = imageShape(this.name, "x", input)[3];
    const { filters, kernelSize, groups = 1 } = this.options;
    perGroup(this.name, channels, this.options);
    return [...pair(this.name, "kernelSize", kernelSize), filters / groups, channels];
  }
}

/**
 * A transposed convolution layer (Keras Conv2DTranspose), which makes images larger.
 *
 * @example
 * layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })
 */
export function conv2dTranspose(options: Conv2dTransposeLayerOptions): Layer {
  return new Conv2dTranspose(options);
}
