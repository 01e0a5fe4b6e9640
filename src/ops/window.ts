/** Sliding windows: the one place of the output-size formula, and the geometry that kernels read. */
import { ShapeError, show } from "../errors.ts";
import { imageShape, type Pair, pair, type Shape, type Sides, sides } from "../tensor/shape.ts";

/**
 * "valid" (none), "same" (output = ceil(input / stride); the odd cell goes after, as TensorFlow does), a number for all
 * sides, [vertical, horizontal], or [top, bottom, left, right].
 */
export type Padding = "valid" | "same" | Sides;

/** How a window moves over images. */
export interface WindowOptions {
  /** A number or [vertical, horizontal]. */
  stride?: Pair;
  /** Default "valid". */
  padding?: Padding;
  /** Distance between the cells a window looks at. Default 1. */
  dilation?: Pair;
  /** Let a last window begin that does not fit wholly (pools). Default false. */
  ceilMode?: boolean;
}

/** Geometry of an op over images; letters as in assembly/window.ts. */
export interface Window {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly oh: number;
  readonly ow: number;
  readonly o: number;
  readonly kh: number;
  readonly kw: number;
  readonly sh: number;
  readonly sw: number;
  readonly pt: number;
  readonly pl: number;
  /** Padding below and to the right: only averages that count padding ask for it. */
  readonly pb: number;
  readonly pr: number;
  readonly dh: number;
  readonly dw: number;
  readonly g: number;
}

/** The fields in the order of assembly/window.ts; `pixel` where y is part of wider pixels. */
export function windowFields(s: Window, pixel: number = s.o): readonly number[] {
  return [s.n, s.h, s.w, s.c, s.oh, s.ow, s.o, s.kh, s.kw, s.sh, s.sw, s.pt, s.pl, s.dh, s.dw, s.g, pixel];
}

/**
 * Where a window of [kh,kw] goes over x [N,H,W,C]; `outputs` channels (default C) in `groups`.
 *
 * @throws ShapeError where the kernel does not fit; ArgumentError for a stride, padding or dilation outside its domain.
 */
export function inferWindow(
  op: string,
  x: Shape,
  kernel: readonly [number, number],
  options: WindowOptions,
  outputs?: number,
  groups = 1,
): Window {
  const [n, h, w, c] = imageShape(op, "x", x);
  const [kh, kw] = kernel;
  const [sh, sw] = pair(op, "stride", options.stride ?? 1);
  const [dh, dw] = pair(op, "dilation", options.dilation ?? 1);
  const padded = resolvePadding(op, options.padding ?? "valid", [h, w], [kh, kw], [sh, sw], [dh, dw]);
  const [top, bottom, left, right] = padded;
  const ceil = options.ceilMode ?? false;
  const oh = outputSize(h, kh, sh, [top, bottom], dh, ceil);
  const ow = outputSize(w, kw, sw, [left, right], dw, ceil);
  if (oh < 1 || ow < 1) throw new ShapeError(doesNotFit(op, [h, w], [kh, kw], [dh, dw], padded));
  const padding = { pt: top, pl: left, pb: bottom, pr: right };
  return { n, h, w, c, oh, ow, o: outputs ?? c, kh, kw, sh, sw, ...padding, dh, dw, g: groups };
}

/**
 * How many windows fit: floor((n + before + after - dilation (kernel - 1) - 1) / stride) + 1; with `ceil` rounded up, but
 * no window begins behind the input and its leading padding (as PyTorch has it). Below 1 where none fits.
 */
export function outputSize(
  n: number,
  kernel: number,
  stride: number,
  padding: readonly [number, number],
  dilation: number,
  ceil = false,
): number {
  const room = n + padding[0] + padding[1] - dilation * (kernel - 1) - 1;
  if (room < 0) return 0;
  if (!ceil) return Math.floor(room / stride) + 1;
  const size = Math.ceil(room / stride) + 1;
  return (size - 1) * stride >= n + padding[0] ? size - 1 : size;
}

function resolvePadding(
  op: string,
  padding: Padding,
  size: readonly [number, number],
  kernel: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number],
): readonly [number, number, number, number] {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding === "same") {
    const [top, bottom] = samePadding(size[0], kernel[0], stride[0], dilation[0]);
    const [left, right] = samePadding(size[1], kernel[1], stride[1], dilation[1]);
    return [top, bottom, left, right];
  }
  return sides(op, "padding", padding, '"valid", "same", ');
}

/** Cells before and after that make the output ceil(n / stride); the odd one goes after. */
export function samePadding(n: number, kernel: number, stride: number, dilation: number): readonly [number, number] {
  const total = Math.max(0, (Math.ceil(n / stride) - 1) * stride + dilation * (kernel - 1) + 1 - n);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function doesNotFit(
  op: string,
  [h, w]: readonly [number, number],
  kernel: readonly [number, number],
  [dh, dw]: readonly [number, number],
  [top, bottom, left, right]: readonly [number, number, number, number],
): string {
  const reach = [dh * (kernel[0] - 1) + 1, dw * (kernel[1] - 1) + 1];
  const dilated = dh > 1 || dw > 1 ? ` (dilated to ${show(reach)})` : "";
  const padded = `[${h + top + bottom},${w + left + right}]`;
  const side =
    h + top + bottom < reach[0] ? `height ${h} + padding ${top + bottom}` : `width ${w} + padding ${left + right}`;
  return `${op}: kernel ${show(kernel)}${dilated} does not fit the padded input ${padded} (${side}); use padding: "same" or a smaller kernel`;
}
