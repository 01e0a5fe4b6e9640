/** Shapes and the arithmetic on them. */
import { ArgumentError, ShapeError, show } from "../errors.ts";

/** Sizes from the outermost axis to the innermost; activations are [N,H,W,C], a single image [H,W,C]. */
export type Shape = readonly number[];

/** A number for both directions, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Throws ShapeError unless every size is a whole number >= 1. */
export function checkShape(op: string, argument: string, shape: Shape): void {
  const good = Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 1);
  if (!good) throw new ShapeError(`${op}: ${argument} must hold whole numbers >= 1, got ${show(shape)}`);
}

/** Throws ShapeError unless `shape` is `expected`; letters stand for any size, as in `["N", 4]`. */
export function expectShape(op: string, argument: string, shape: Shape, expected: readonly (number | string)[]): void {
  const fits = shape.length === expected.length && expected.every((n, i) => typeof n === "string" || n === shape[i]);
  if (!fits) throw new ShapeError(`${op}: ${argument} must be [${expected.join(",")}], got ${show(shape)}`);
}

/** [N,H,W,C] of an image batch; [H,W,C] is a batch of one. */
export function imageShape(op: string, argument: string, shape: Shape): readonly [number, number, number, number] {
  if (shape.length === 4) return [shape[0], shape[1], shape[2], shape[3]];
  if (shape.length === 3) return [1, shape[0], shape[1], shape[2]];
  throw new ShapeError(`${op}: ${argument} must be [N,H,W,C] or [H,W,C], got ${show(shape)}`);
}

/** The output keeps the rank of the input: [H,W,C] in, [H,W,C] out. */
export function likeImage(input: Shape, n: number, h: number, w: number, c: number): Shape {
  return input.length === 3 ? [h, w, c] : [n, h, w, c];
}

/** `value` when it is a whole number >= `least`. */
export function whole(op: string, argument: string, value: unknown, least = 1): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw new ArgumentError(`${op}: ${argument} must be a whole number >= ${least}, got ${show(value)}`);
}

/** Both directions of a pair of whole numbers >= `least`. */
export function pair(op: string, argument: string, value: Pair, least = 1): readonly [number, number] {
  const both: readonly number[] = typeof value === "number" ? [value, value] : value;
  const good = Array.isArray(both) && both.length === 2 && both.every((n) => Number.isInteger(n) && n >= least);
  if (!good) {
    throw new ArgumentError(
      `${op}: ${argument} must be a whole number >= ${least} or [vertical, horizontal], got ${show(value)}`,
    );
  }
  return [both[0], both[1]];
}

/** A number for all directions, or [depth, vertical, horizontal]. */
export type Triple = number | readonly [number, number, number];

/** All three, whole numbers >= `least`; `others` as for `sides`. */
export function triple(
  op: string,
  argument: string,
  value: Triple,
  least = 1,
  others = "",
): readonly [number, number, number] {
  const all: readonly number[] = typeof value === "number" ? [value, value, value] : value;
  if (Array.isArray(all) && all.length === 3 && all.every((n) => Number.isInteger(n) && n >= least)) {
    return [all[0], all[1], all[2]];
  }
  const known = `${others}a whole number >= ${least} or [depth, vertical, horizontal]`;
  throw new ArgumentError(`${op}: ${argument} must be ${known}, got ${show(value)}`);
}

/** A number for all sides, [vertical, horizontal], or [top, bottom, left, right]. */
export type Sides = number | readonly [number, number] | readonly [number, number, number, number];

/** A number for both ends of a line, or [before, after]. */
export type Ends = number | readonly [number, number];

/** Both ends, whole numbers >= 0; `others` as for `sides`. */
export function ends(op: string, argument: string, value: Ends, others = ""): readonly [number, number] {
  const both: readonly number[] = typeof value === "number" ? [value, value] : value;
  if (Array.isArray(both) && both.length === 2 && both.every((n) => Number.isInteger(n) && n >= 0)) {
    return [both[0], both[1]];
  }
  throw new ArgumentError(
    `${op}: ${argument} must be ${others}a whole number >= 0 or [before, after], got ${show(value)}`,
  );
}

/** A number for all faces of a volume, or [depth, vertical, horizontal], each for both ends or as [before, after]. */
export type Faces = number | readonly [Ends, Ends, Ends];

/** Both ends of each axis, whole numbers >= 0. */
export function faces(
  op: string,
  argument: string,
  value: Faces,
): readonly [readonly [number, number], readonly [number, number], readonly [number, number]] {
  const list: readonly Ends[] = typeof value === "number" ? [value, value, value] : value;
  const isEnd = (end: readonly number[]) =>
    Array.isArray(end) && end.length === 2 && end.every((n) => Number.isInteger(n) && n >= 0);
  const all = Array.isArray(list)
    ? list.map((end: Ends) => (typeof end === "number" ? ([end, end] as const) : end))
    : [];
  if (all.length === 3 && all.every(isEnd)) return [all[0], all[1], all[2]];
  throw new ArgumentError(
    `${op}: ${argument} must be a whole number >= 0 or [depth, vertical, horizontal], each also [before, after], got ${show(value)}`,
  );
}

/** All four sides, whole numbers >= `least`; `others` are the names that the argument may have besides, for the message. */
export function sides(
  op: string,
  argument: string,
  value: Sides,
  others = "",
  least = 0,
): readonly [number, number, number, number] {
  const list: readonly number[] = typeof value === "number" ? [value] : value;
  const whole = Array.isArray(list) && list.every((n) => Number.isInteger(n) && n >= least);
  if (whole && list.length === 1) return [list[0], list[0], list[0], list[0]];
  if (whole && list.length === 2) return [list[0], list[0], list[1], list[1]];
  if (whole && list.length === 4) return [list[0], list[1], list[2], list[3]];
  const from = Number.isFinite(least) ? ` >= ${least}` : "";
  const known = `${others}a whole number${from}, [vertical, horizontal] or [top, bottom, left, right]`;
  throw new ArgumentError(`${op}: ${argument} must be ${known}, got ${show(value)}`);
}

/** The index of an axis that may be counted from the end: -1 is the last. */
export function axisOf(op: string, argument: string, axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new ArgumentError(`${op}: ${argument} must be a whole number from ${-rank} to ${rank - 1}, got ${show(axis)}`);
}

/** Distinct axes in ascending order; a number is one axis, undefined is all. */
export function axesOf(
  op: string,
  argument: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  const list = typeof axes === "number" ? [axes] : (axes ?? Array.from({ length: rank }, (_, i) => i));
  if (!Array.isArray(list)) throw new ArgumentError(`${op}: ${argument} must be axes such as [1,2], got ${show(axes)}`);
  const found = list.map((axis) => axisOf(op, argument, axis, rank)).sort((a, b) => a - b);
  if (new Set(found).size < found.length)
    throw new ArgumentError(`${op}: ${argument} must name an axis once, got ${show(axes)}`);
  return found;
}
