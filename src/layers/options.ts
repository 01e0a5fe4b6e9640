/** Checks that layers share. */
import { ArgumentError, checkOptions, oneOf, show } from "../errors.ts";
import { checkInitializer, type Initializer } from "../tensor/initializers.ts";
import type { Regularizer } from "../tensor/parameter.ts";
import type { Shape } from "../tensor/shape.ts";
import { ACTIVATION_NAMES, type ActivationName } from "./activation.ts";
import type { Conv1dLayerOptions } from "./conv1d.ts";
import type { Conv2dLayerOptions } from "./conv2d.ts";
import type { Conv2dTransposeLayerOptions } from "./conv2dTranspose.ts";
import type { Conv3dLayerOptions } from "./conv3d.ts";
import type { ConvolutionOptions } from "./convolution.ts";
import type { DenseLayerOptions } from "./dense.ts";
import type { DepthwiseConv2dLayerOptions } from "./depthwiseConv2d.ts";
import { LAYER_OPTIONS, type ParameterDescription } from "./layer.ts";
import type { LocallyConnected2dLayerOptions } from "./locallyConnected2d.ts";
import type { SeparableConv2dLayerOptions } from "./separableConv2d.ts";

const INITIALIZER_OPTIONS = [
  "kernelInitializer",
  "depthwiseInitializer",
  "pointwiseInitializer",
  "biasInitializer",
] as const;
const REGULARIZER_OPTIONS = [
  "kernelRegularizer",
  "depthwiseRegularizer",
  "pointwiseRegularizer",
  "biasRegularizer",
] as const;

/** What layers with weights take. */
export interface WeightOptions
  extends Partial<Record<(typeof INITIALIZER_OPTIONS)[number], Initializer>>,
    Partial<Record<(typeof REGULARIZER_OPTIONS)[number], Regularizer>> {
  activation?: ActivationName;
  useBias?: boolean;
}

type Known<T> = Readonly<Record<keyof T, true>>;

const BIAS = { activation: true, useBias: true, biasInitializer: true, biasRegularizer: true } as const;
const KERNEL = { kernelInitializer: true, kernelRegularizer: true } as const;
const CONVOLUTION: Known<ConvolutionOptions> = {
  ...{ kernelSize: true, strides: true, padding: true, dilationRate: true },
  ...BIAS,
  ...LAYER_OPTIONS,
};
const CONV2D: Known<Conv2dLayerOptions> = {
  ...{ filters: true, groups: true, precision: true, algorithm: true },
  ...CONVOLUTION,
  ...KERNEL,
};
const TRANSPOSE: Known<Conv2dTransposeLayerOptions> = {
  ...{ filters: true, outputPadding: true, groups: true, precision: true },
  ...CONVOLUTION,
  ...KERNEL,
};
const CONV3D: Known<Conv3dLayerOptions> = {
  ...{ filters: true, groups: true, precision: true },
  ...CONVOLUTION,
  ...KERNEL,
};
const CONV1D: Known<Conv1dLayerOptions> = { filters: true, groups: true, ...CONVOLUTION, ...KERNEL };
const DEPTHWISE: Known<DepthwiseConv2dLayerOptions> = {
  ...CONVOLUTION,
  ...{ depthMultiplier: true, depthwiseInitializer: true, depthwiseRegularizer: true },
};
const LOCAL: Known<LocallyConnected2dLayerOptions> = {
  ...{ filters: true, kernelSize: true, strides: true, padding: true },
  ...BIAS,
  ...KERNEL,
  ...LAYER_OPTIONS,
};
const SEPARABLE: Known<SeparableConv2dLayerOptions> = {
  ...DEPTHWISE,
  ...{ filters: true, pointwiseInitializer: true, pointwiseRegularizer: true },
};
const DENSE: Known<DenseLayerOptions> = { units: true, ...BIAS, ...KERNEL, ...LAYER_OPTIONS };

/** All options of the layers with weights. */
const OPTIONS: Readonly<Record<string, object>> = {
  conv1d: CONV1D,
  conv2d: CONV2D,
  conv2dTranspose: TRANSPOSE,
  conv3d: CONV3D,
  depthwiseConv2d: DEPTHWISE,
  dense: DENSE,
  locallyConnected2d: LOCAL,
  separableConv2d: SEPARABLE,
};

/** Names, initializers and regularizers, refused where the layer is made, not where it is first used. */
export function checkWeightOptions(layer: string, options: WeightOptions): void {
  checkOptions<object>(layer, options, OPTIONS[layer]);
  oneOf(layer, "activation", options.activation ?? "linear", ACTIVATION_NAMES);
  for (const argument of INITIALIZER_OPTIONS) {
    const initializer = options[argument];
    if (initializer !== undefined) checkInitializer(layer, argument, initializer);
  }
  for (const argument of REGULARIZER_OPTIONS) {
    const regularizer = options[argument];
    if (regularizer === undefined || isPenalty(regularizer)) continue;
    throw new ArgumentError(
      `${layer}: ${argument} must be regularizers.l1(), l2() or l1l2(), got ${show(regularizer)}`,
    );
  }
}

/** The bias of a layer with weights, where it has one. */
export function describeBias(
  { useBias = true, biasInitializer = "zeros", biasRegularizer }: WeightOptions,
  shape: Shape,
): readonly ParameterDescription[] {
  return useBias ? [{ name: "bias", shape, initializer: biasInitializer, regularizer: biasRegularizer }] : [];
}

function isPenalty(regularizer: Regularizer): boolean {
  return [regularizer?.l1, regularizer?.l2].every((factor) => Number.isFinite(factor) && factor >= 0);
}
