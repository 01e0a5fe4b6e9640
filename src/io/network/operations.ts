/** What nodes of graph models and of ONNX have in common, as layers: geometry and weights in, values out. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import type { ActivationName } from "../../layers/index.ts";
import * as layers from "../../layers/index.ts";
import type { Layer } from "../../layers/layer.ts";
import type { SymbolicTensor } from "../../layers/symbolic.ts";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.ts";
import type { Builder } from "./builder.ts";
import { type Constant, constant, isComputed, shapeOf, storedAxis, type Value, value } from "./value.ts";

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

/** The result of a layer over images: in the layout of the value that it came from. */
function like(given: Value, x: SymbolicTensor): Value {
  return value(x, given.channelsFirst);
}

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

/** Means, sums or extremes over axes of the file. */
export function reduce(
  b: Builder,
  node: string,
  reduction: layers.ReduceLayerOptions["reduction"],
  given: Value,
  along: Sizes,
  keep: boolean,
): Value {
  const rank = shapeOf(given).length;
  const stored = along.map((axis) => storedAxis(given, axis)).sort((p, q) => p - q);
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  if (sameShape(stored, spatial) && reduction === "mean") return poolAll(b, node, "average", given, keep);
  if (sameShape(stored, spatial) && reduction === "max") return poolAll(b, node, "max", given, keep);
  if (stored.includes(0)) throw new UnsupportedError(`${b.file}: ${show(node)} reduces over the batch`);
  // Where axes go, those that stay must be in the file's order.
  const x = keep ? b.computed(given) : b.plain(given);
  const axes = keep ? stored : along.map((axis) => (axis < 0 ? axis + rank : axis));
  const y = b.apply(node, (options) => layers.reduce({ ...options, reduction, axes, keepDims: keep }), x);
  return keep ? like(given, y) : value(y);
}

/** Matrices [N,I,K] by [N,K,J], sample by sample. */
export function multiplyMatrices(b: Builder, node: string, left: Value, right: Value): Value {
  const [x, y] = [b.plain(left), b.plain(right)];
  if (x.shape.length !== 2 || y.shape.length !== 2) {
    throw new UnsupportedError(`${b.file}: ${show(node)} multiplies ${show(shapeOf(left))} by ${show(shapeOf(right))}`);
  }
  return value(b.apply(node, (options) => layers.dot({ ...options, axes: [2, 1] }), [x, y]));
}

/** x [N,I] times [I,O], plus a bias. */
export function dense(b: Builder, node: string, given: Value, matrix: Constant, bias?: Constant): Value {
  const [inputs, units] = matrix.shape;
  const { x, kernel } = flatInput(b, node, given, matrix);
  if (x.shape[x.shape.length - 1] !== inputs) {
    throw new FormatError(
      `${b.file}: ${show(node)} multiplies ${show(shapeOf(given))} by a matrix ${show(matrix.shape)}`,
    );
  }
  const make: Maker = (options) => layers.dense({ ...options, units, useBias: bias !== undefined });
  return value(b.apply(node, make, x, { kernel, ...(bias && { bias: bias.data }) }));
}

/** Of a flattened image with channels first, the matrix's rows change places instead of the pixels. */
function flatInput(
  b: Builder,
  node: string,
  given: Value,
  matrix: Constant,
): { x: SymbolicTensor; kernel: ArrayLike<number> } {
  const image = given.flatOf;
  if (image === undefined || !isComputed(given)) return { x: b.plain(given), kernel: matrix.data };
  const x = b.computed(image);
  const channels = x.shape[x.shape.length - 1];
  const cells = sizeOf(x.shape) / channels;
  const [inputs, units] = matrix.shape;
  const kernel = new Float32Array(inputs * units);
  for (let c = 0; c < channels; c++) {
    for (let cell = 0; cell < cells; cell++) {
      for (let unit = 0; unit < units; unit++) {
        kernel[(cell * channels + c) * units + unit] = matrix.data[(c * cells + cell) * units + unit];
      }
    }
  }
  return { x: b.apply(`${node}/flatten`, layers.flatten, x), kernel };
}

/** Another shape; its first axis is the batch. */
export function reshape(b: Builder, node: string, given: Value, shape: Shape): Value {
  const from = shapeOf(given);
  const targetShape = sampleOf(b, node, from, shape);
  if (sameShape(from.slice(1), targetShape)) return given;
  const isPixel = from.slice(2).every((size) => size === 1);
  const x = isPixel ? b.computed(given) : b.plain(given);
  const y = b.apply(node, (options) => layers.reshape({ ...options, targetShape }), x);
  return targetShape.length === 1 && given.channelsFirst ? { ...value(y), flatOf: given } : value(y);
}

/** A shape without its batch and with -1 resolved. */
function sampleOf(b: Builder, node: string, from: Shape, [batch, ...sample]: Shape): Shape {
  const known = sample.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  const closed = sample.map((size) => (size === -1 ? sizeOf(from) / known : size));
  if ((batch === 1 || batch === -1) && sample.length > 0 && sizeOf(closed) === sizeOf(from)) return closed;
  throw new UnsupportedError(
    `${b.file}: ${show(node)} makes ${show([batch, ...sample])} of ${show(from)}; the batch must stay the first axis`,
  );
}

/** The order of axes that makes [N,C,...] of [N,...,C]. */
export function channelsToFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** The axes in another order; the batch stays the first. */
export function transpose(b: Builder, node: string, given: Value, order: Sizes): Value {
  const rank = order.length;
  if (order[0] !== 0) throw new UnsupportedError(`${b.file}: ${show(node)} moves the batch, axis order ${show(order)}`);
  const toLast = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
  // Only the file's order of axes changes, or becomes what is stored.
  if (given.channelsFirst && sameShape(order, toLast)) return { ...given, channelsFirst: false };
  if (b.channelsFirst && !given.channelsFirst && sameShape(order, channelsToFirst(rank)) && rank > 2)
    return { ...given, channelsFirst: true };
  const dims = order.slice(1);
  return value(b.apply(node, (options) => layers.permute({ ...options, dims }), b.plain(given)));
}

/** Side by side along an axis. */
export function concatenate(b: Builder, node: string, given: readonly Value[], axis: number): Value {
  const first = given.find(({ channelsFirst }) => channelsFirst);
  const xs = given.map((one) => (first === undefined ? b.computed(one) : b.image(one)));
  const along = storedAxis(first ?? given[0], axis);
  if (xs.length === 1) return given[0];
  const y = b.apply(node, (options) => layers.concatenate({ ...options, axis: along }), xs);
  return value(y, first !== undefined);
}

/** No image is larger along an axis: a file cannot ask for tables of any size by a few bytes. */
const LARGEST_SIDE = 2 ** 16;

/** Throws UnsupportedError where one is larger. */
export function checkSize(b: Builder, node: string, sizes: Sizes): void {
  if (sizes.every((size) => Math.abs(size) <= LARGEST_SIDE)) return;
  throw new UnsupportedError(`${b.file}: ${show(node)} has sizes ${show(sizes)}; up to ${LARGEST_SIDE} can be`);
}

type FourSides = readonly [number, number, number, number];
type Pair = readonly [number, number];

/** What a border is made of. */
export type Border = Pick<layers.ZeroPadding2dOptions, "mode" | "value">;

/** A border around values: what stands before and after each of the file's axes; negative cuts off. */
export function pad(b: Builder, node: string, given: Value, pairs: readonly Pair[], border: Border): Value {
  const stored = pairs.map((pair, axis) => ({ pair, axis: storedAxis(given, axis) })).sort((p, q) => p.axis - q.axis);
  const isPadded = ({ pair }: { pair: Pair }) => pair[0] !== 0 || pair[1] !== 0;
  if (!stored.some(isPadded)) return given;
  checkSize(b, node, pairs.flat());
  if (isPadded(stored[0])) throw new UnsupportedError(`${b.file}: ${show(node)} pads the batch`);
  const x = b.computed(given);
  if (stored.length === 4 && !isPadded(stored[3])) {
    return like(given, padImage(b, node, x, [...stored[1].pair, ...stored[2].pair] as unknown as FourSides, border));
  }
  const padded = stored.filter(isPadded).reduce((y, { pair, axis }) => padAxis(b, node, y, axis - 1, pair, border), x);
  return like(given, padded);
}

/** First what is cut off, then what is put there. */
function padImage(b: Builder, node: string, image: SymbolicTensor, sides: FourSides, border: Border): SymbolicTensor {
  const part = (sign: number) => sides.map((side) => Math.max(sign * side, 0)) as unknown as FourSides;
  const [padding, cropping] = [part(1), part(-1)];
  let x = image;
  if (cropping.some((side) => side > 0)) {
    x = b.apply(node, (options) => layers.cropping2d({ ...options, cropping }), x);
  }
  if (padding.some((side) => side > 0)) {
    x = b.apply(node, (options) => layers.zeroPadding2d({ ...options, padding, ...border }), x);
  }
  return x;
}

/** Along one axis of a sample, which is looked at as the second of an image [before,axis,behind]. */
function padAxis(
  b: Builder,
  node: string,
  x: SymbolicTensor,
  axis: number,
  [before, after]: Pair,
  border: Border,
): SymbolicTensor {
  const seen = [sizeOf(x.shape.slice(0, axis)), x.shape[axis], sizeOf(x.shape.slice(axis + 1))];
  const padded = x.shape.map((size, i) => (i === axis ? size + before + after : size));
  const image = b.apply(`${node}/as_image`, (options) => layers.reshape({ ...options, targetShape: seen }), x);
  const y = padImage(b, node, image, [0, 0, before, after], border);
  return b.apply(`${node}/as_before`, (options) => layers.reshape({ ...options, targetShape: padded }), y);
}

/** Images of another size. */
export function resize(
  b: Builder,
  node: string,
  given: Value,
  [height, width]: Sizes,
  how: Pick<layers.ResizingOptions, "interpolation" | "coordinates">,
): Value {
  checkSize(b, node, [height, width]);
  const x = b.computed(given);
  return like(
    given,
    b.apply(node, (options) => layers.resizing({ ...options, height, width, ...how }), x),
  );
}

/** A part of a value: from start up to end along each of the file's axes, the batch left out. */
export function slice(
  b: Builder,
  node: string,
  given: Value,
  parts: readonly { start: number; end: number; step: number }[],
): Value {
  const shape = shapeOf(given);
  const kept = parts.every(({ start, end, step }, axis) => start === 0 && end >= shape[axis] && step === 1);
  if (kept) return given;
  // Backwards to the first element: in front of it is -1, which counts from the end.
  const stored = parts
    .map(({ start, end, step }, axis) => ({
      ...{ start, step, end: end < 0 ? -1 - shape[axis] : end },
      axis: storedAxis(given, axis),
    }))
    .sort((p, q) => p.axis - q.axis);
  const [batch, ...sample] = stored;
  if (batch.start !== 0 || batch.step !== 1)
    throw new UnsupportedError(`${b.file}: ${show(node)} takes a part of the batch`);
  const [start, end, step] = (["start", "end", "step"] as const).map((name) => sample.map((part) => part[name]));
  return like(
    given,
    b.apply(node, (options) => layers.slice({ ...options, start, end, step }), b.computed(given)),
  );
}

/** softmax or logSoftmax along an axis. */
export function softmax(b: Builder, node: string, name: "softmax" | "logSoftmax", given: Value, axis: number): Value {
  const options = { activation: name as ActivationName, axis: storedAxis(given, axis) };
  return like(
    given,
    b.apply(node, (own) => layers.activation({ ...own, ...options }), b.computed(given)),
  );
}

/** A layer over images that changes neither the order of axes nor needs weights. */
export function imageLayer(b: Builder, node: string, given: Value, make: Maker): Value {
  return like(given, b.apply(node, make, b.computed(given)));
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
