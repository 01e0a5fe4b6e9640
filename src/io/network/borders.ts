/** Borders around the values of files, as layers. */
import { show, UnsupportedError } from "../../errors.ts";
import * as layers from "../../layers/index.ts";
import type { SymbolicTensor } from "../../layers/symbolic.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Builder } from "./builder.ts";
import { like, storedAxis, type Value } from "./value.ts";

/** No image is larger along an axis: a file cannot ask for tables of any size by a few bytes. */
const LARGEST_SIDE = 2 ** 16;

/** Throws UnsupportedError where one is larger. */
export function checkSize(b: Builder, node: string, sizes: readonly number[]): void {
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
