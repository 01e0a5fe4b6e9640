/** Checks that layers share. */
import { ArgumentError, oneOf, show } from "../errors.ts";
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
import { checkLayerOptions, type OwnOptions, type ParameterDescription } from "./layer.ts";
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

/** The options of each layer with weights, beside those of every layer. */
function optionsOfLayers(): Readonly<Record<string, object>> {
  const bias = { activation: true, useBias: true, biasInitializer: true, biasRegularizer: true } as const;
  const kernel = { kernelInitializer: true, kernelRegularizer: true } as const;
  const convolution: OwnOptions<ConvolutionOptions> = {
    ...{ kernelSize: true, strides: true, padding: true, dilationRate: true },
    ...bias,
  };
  const conv2d: OwnOptions<Conv2dLayerOptions> = {
    ...{ filters: true, groups: true, precision: true, algorithm: true },
    ...convolution,
    ...kernel,
  };
  const conv2dTranspose: OwnOptions<Conv2dTransposeLayerOptions> = {
    ...{ filters: true, outputPadding: true, groups: true, precision: true },
    ...convolution,
    ...kernel,
  };
  const conv3d: OwnOptions<Conv3dLayerOptions> = {
    ...{ filters: true, groups: true, precision: true },
    ...convolution,
    ...kernel,
  };
  const conv1d: OwnOptions<Conv1dLayerOptions> = { filters: true, groups: true, ...convolution, ...kernel };
  const depthwiseConv2d: OwnOptions<DepthwiseConv2dLayerOptions> = {
    ...convolution,
    ...{ depthMultiplier: true, depthwiseInitializer: true, depthwiseRegularizer: true },
  };
  const locallyConnected2d: OwnOptions<LocallyConnected2dLayerOptions> = {
    ...{ filters: true, kernelSize: true, strides: true, padding: true },
    ...bias,
    ...kernel,
  };
  const separableConv2d: OwnOptions<SeparableConv2dLayerOptions> = {
    ...depthwiseConv2d,
    ...{ filters: true, pointwiseInitializer: true, pointwiseRegularizer: true },
  };
  const dense: OwnOptions<DenseLayerOptions> = { units: true, ...bias, ...kernel };

  return { conv1d, conv2d, conv2dTranspose, conv3d, depthwiseConv2d, dense, locallyConnected2d, separableConv2d };
}

const OPTIONS = /* @__PURE__ */ optionsOfLayers(); // by a call, which bundlers may leave out, as they may not a spread

/** Names, initializers and regularizers, refused where the layer is made, not where it is first used. */
export function checkWeightOptions(layer: string, options: WeightOptions): void {
  checkLayerOptions<object>(layer, options, OPTIONS[layer]);
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
