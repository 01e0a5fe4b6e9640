/** Ops over lines (sound, text, sensors) as ops over images: [N,L,C] is [N,1,L,C], of height 1, in the same memory. */
import { ShapeError, show } from "../errors.ts";
import { type Ends, ends, type Pair, type Shape, whole } from "../tensor/shape.ts";
import type { Padding } from "./window.ts";

/**
 * "valid" (none), "same" (output = ceil(input / stride); the odd cell goes after), "causal" (before only: no output sees what
 * comes after it), a number for both ends, or [before, after].
 */
export type LinePadding = "valid" | "same" | "causal" | Ends;

/** What ops along lines take. */
export interface LineOptions {
  /** Default 1; of a pool, poolSize. */
  stride?: number;
  /** Default "valid". */
  padding?: LinePadding;
  /** Distance between the cells a window looks at. Default 1. */
  dilation?: number;
}

/** [N,L,C] -> [N,1,L,C], [L,C] -> [1,L,C]. */
export function lineAsImage(op: string, x: Shape): Shape {
  if (x.length !== 2 && x.length !== 3) throw new ShapeError(`${op}: x must be [N,L,C] or [L,C], got ${show(x)}`);
  return [...x.slice(0, -2), 1, ...x.slice(-2)];
}

/** [N,1,L,C] -> [N,L,C], [1,L,C] -> [L,C]. */
export function imageAsLine(image: Shape): Shape {
  return [...image.slice(0, -3), ...image.slice(-2)];
}

/** How a window of [1,kernel] goes over the image. */
export function lineWindow(
  op: string,
  options: LineOptions,
  kernel: number,
): { stride: Pair | undefined; padding: Padding; dilation: Pair } {
  const { stride, padding, dilation = 1 } = options;
  const step = whole(op, "dilation", dilation);
  return {
    stride: stride === undefined ? undefined : [1, whole(op, "stride", stride)],
    padding: linePadding(op, padding, step * (kernel - 1)),
    dilation: [1, step],
  };
}

function linePadding(op: string, padding: LinePadding = "valid", reach: number): Padding {
  if (padding === "valid" || padding === "same") return padding;
  if (padding === "causal") return [0, 0, reach, 0];
  return [0, 0, ...ends(op, "padding", padding, '"valid", "same", "causal", ')];
}
