/** What nodes of graph models and of ONNX have in common beside convolutions, pools and borders, as layers. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import type { ActivationName } from "../../layers/index.ts";
import * as layers from "../../layers/index.ts";
import type { Layer } from "../../layers/layer.ts";
import type { SymbolicTensor } from "../../layers/symbolic.ts";
import { type Shape, sameShape, sizeOf } from "../../tensor/shape.ts";
import { checkSize } from "./borders.ts";
import type { Builder } from "./builder.ts";
import { type Constant, constant, isComputed, like, shapeOf, storedAxis, type Value, value } from "./value.ts";
import { poolAll } from "./windows.ts";

type Sizes = readonly number[];

// biome-ignore lint/suspicious/noExplicitAny: makers of different layers, given what each takes
type Maker = (options: any) => Layer;

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

/** [I,O] of [O,I]. */
export function turned({ shape: [rows, columns], data }: Constant): Constant {
  const elements = Float32Array.from(
    { length: rows * columns },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)],
  );
  return constant([columns, rows], elements);
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
