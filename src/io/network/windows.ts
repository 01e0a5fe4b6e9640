/** Convolutions and pools of files, as layers: geometry and weights in, values out. */
import { show, UnsupportedError } from "../../errors.ts";
import * as layers from "../../layers/index.ts";
import type { Layer } from "../../layers/layer.ts";
import type { Builder } from "./builder.ts";
import { type Constant, constant, like, type Value, value } from "./value.ts";

/** One number for each axis of the window. */
type Sizes = readonly number[];

/** "valid", "same", or what stands before and after each axis of the window. */
export type WindowPadding = "valid" | "same" | readonly (readonly [number, number])[];

export interface WindowGeometry {
  readonly strides: Sizes;
  readonly padding: WindowPadding;
  readonly dilations?: Sizes;
}

export interface ConvolutionWeights {
  /** [...window, C/groups, O]; transposed [...window, O/groups, C]. */
  readonly kernel: Constant;
  readonly bias?: Constant;
  readonly groups?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: makers of different layers, given what each takes
type Maker = (options: any) => Layer;

const CONVOLUTIONS: Readonly<Record<number, Maker>> = { 1: layers.conv1d, 2: layers.conv2d, 3: layers.conv3d };
const POOLS: Readonly<Record<"max" | "average", Readonly<Record<number, Maker>>>> = {
  max: { 1: layers.maxPool1d, 2: layers.maxPool2d, 3: layers.maxPool3d },
  average: { 1: layers.averagePool1d, 2: layers.averagePool2d, 3: layers.averagePool3d },
};
const GLOBAL_POOLS: Readonly<Record<"max" | "average", Readonly<Record<number, Maker>>>> = {
  max: { 1: layers.globalMaxPool1d, 2: layers.globalMaxPool2d, 3: layers.globalMaxPool3d },
  average: { 1: layers.globalAveragePool1d, 2: layers.globalAveragePool2d, 3: layers.globalAveragePool3d },
};

export function convolve(
  b: Builder,
  node: string,
  given: Value,
  weights: ConvolutionWeights,
  at: WindowGeometry,
): Value {
  const { kernel, bias, groups = 1 } = weights;
  const x = b.computed(given);
  const channels = x.shape[x.shape.length - 1];
  const rank = kernel.shape.length - 2;
  const filters = kernel.shape[rank + 1];
  const shared = {
    ...windowOptions(b, node, rank, at),
    kernelSize: axes(kernel.shape.slice(0, -2)),
    useBias: bias !== undefined,
  };
  const biases: Record<string, ArrayLike<number>> = bias === undefined ? {} : { bias: bias.data };
  if (rank === 2 && groups === channels && groups > 1) {
    const depthMultiplier = filters / channels;
    const make: Maker = (options) => layers.depthwiseConv2d({ ...options, ...shared, depthMultiplier });
    return like(given, b.apply(node, make, x, { depthwise_kernel: kernel.data, ...biases }));
  }
  const make: Maker = (options) => makerOf(b, node, CONVOLUTIONS, rank)({ ...options, ...shared, filters, groups });
  return like(given, b.apply(node, make, x, { kernel: kernel.data, ...biases }));
}

/** A depthwise convolution of a file that has its kernel as [KH,KW,C,M]. */
export function convolveDepthwise(
  b: Builder,
  node: string,
  given: Value,
  kernel: Constant,
  bias: Constant | undefined,
  at: WindowGeometry,
): Value {
  const [kh, kw, c, m] = kernel.shape;
  return convolve(b, node, given, { kernel: constant([kh, kw, 1, c * m], kernel.data), bias, groups: c }, at);
}

export function convolveTransposed(
  b: Builder,
  node: string,
  given: Value,
  { kernel, bias, groups = 1 }: ConvolutionWeights,
  { outputPadding = [], ...at }: WindowGeometry & { outputPadding?: Sizes },
): Value {
  const rank = kernel.shape.length - 2;
  const make: Maker = (options) =>
    makerOf(
      b,
      node,
      { 2: layers.conv2dTranspose },
      rank,
    )({
      ...options,
      ...windowOptions(b, node, rank, at),
      ...{ filters: kernel.shape[rank] * groups, groups, useBias: bias !== undefined },
      kernelSize: axes(kernel.shape.slice(0, -2)),
      ...(outputPadding.some((size) => size > 0) && { outputPadding: axes(outputPadding) }),
    });
  const biases: Record<string, ArrayLike<number>> = bias === undefined ? {} : { bias: bias.data };
  return like(given, b.apply(node, make, b.computed(given), { kernel: kernel.data, ...biases }));
}

export function pool(
  b: Builder,
  node: string,
  kind: "max" | "average",
  given: Value,
  {
    poolSize,
    ceilMode,
    countIncludePad,
    ...at
  }: WindowGeometry & { poolSize: Sizes; ceilMode?: boolean; countIncludePad?: boolean },
): Value {
  const rank = poolSize.length;
  if ((at.dilations ?? []).some((d) => d !== 1)) {
    throw new UnsupportedError(`${b.file}: ${show(node)} pools with dilations ${show(at.dilations)}`);
  }
  const { dilationRate, ...window } = windowOptions(b, node, rank, at);
  const make: Maker = (options) =>
    makerOf(
      b,
      node,
      POOLS[kind],
      rank,
    )({
      ...options,
      ...window,
      poolSize: axes(poolSize),
      ...(ceilMode && { ceilMode }),
      ...(countIncludePad && { countIncludePad }),
    });
  return like(given, b.apply(node, make, b.computed(given)));
}

/** Over all of the image; with `keep`, the axes stay with a size of 1. */
export function poolAll(b: Builder, node: string, kind: "max" | "average", given: Value, keep: boolean): Value {
  const x = b.computed(given);
  const rank = x.shape.length - 1;
  const pooled = b.apply(node, makerOf(b, node, GLOBAL_POOLS[kind], rank), x);
  if (!keep) return value(pooled);
  const targetShape = [...Array<number>(rank).fill(1), pooled.shape[0]];
  return like(
    given,
    b.apply(`${node}/keep`, (options) => layers.reshape({ ...options, targetShape }), pooled),
  );
}

/** What conv and pool layers call their geometry. */
function windowOptions(
  b: Builder,
  node: string,
  rank: number,
  { strides, padding, dilations }: WindowGeometry,
): { strides: unknown; padding: unknown; dilationRate: unknown } {
  return {
    strides: axes(strides),
    padding: layerPadding(b, node, rank, padding),
    dilationRate: axes(dilations ?? Array<number>(rank).fill(1)),
  };
}

function layerPadding(b: Builder, node: string, rank: number, padding: WindowPadding): unknown {
  if (typeof padding === "string") return padding;
  if (rank === 1) return padding[0];
  if (rank === 2) return padding.flat();
  if (padding.every(([before, after]) => before === after)) return padding.map(([before]) => before);
  throw new UnsupportedError(`${b.file}: ${show(node)} pads a volume by ${show(padding)}`);
}

/** Layers along lines take a number. */
function axes(sizes: Sizes): Sizes | number {
  return sizes.length === 1 ? sizes[0] : sizes;
}

function makerOf(b: Builder, node: string, makers: Readonly<Record<number, Maker>>, rank: number): Maker {
  const make = makers[rank];
  if (make !== undefined) return make;
  throw new UnsupportedError(`${b.file}: ${show(node)} works over ${rank} axes; there is no layer for that`);
}
