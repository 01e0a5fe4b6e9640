/** Borders around images, and cropping. */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, sides as fourSides, imageShape, likeImage, type Shape, type Sides } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What a border holds. */
export type PadMode = "constant" | "edge" | "reflect" | "symmetric" | "wrap";

/** What `pad` takes. */
export interface PadOptions {
  /**
   * What the border of a row 1 2 3 is, two cells wide, as numpy names it: "constant" (value), "edge" 1 1 | 1 2 3 | 3 3,
   * "reflect" 3 2 | 1 2 3 | 2 1, "symmetric" 2 1 | 1 2 3 | 3 2, "wrap" 2 3 | 1 2 3 | 1 2. Default "constant".
   */
  mode?: PadMode;
  /** What stands in a constant border. Default 0. */
  value?: number;
}

interface Border {
  /** Cells that a side of n cells can be given. */
  readonly most: (n: number) => number;
  /** The cell of n that stands at i, which may be outside; -1 for none. */
  readonly at: (i: number, n: number) => number;
}

const unbounded = () => Number.POSITIVE_INFINITY;
const BORDERS: Readonly<Record<PadMode, Border>> = {
  constant: { most: unbounded, at: (i, n) => (i >= 0 && i < n ? i : -1) },
  edge: { most: unbounded, at: (i, n) => Math.min(Math.max(i, 0), n - 1) },
  reflect: { most: (n) => n - 1, at: (i, n) => n - 1 - Math.abs(n - 1 - Math.abs(i)) },
  symmetric: { most: (n) => n, at: (i, n) => (i < 0 ? -1 - i : i < n ? i : 2 * n - 1 - i) },
  wrap: { most: (n) => n, at: (i, n) => (i + n) % n },
};

/** The names of all modes. */
export const PAD_MODES: readonly PadMode[] = ["constant", "edge", "reflect", "symmetric", "wrap"];

export interface PadPlan {
  readonly output: Shape;
  readonly image: readonly [number, number, number, number];
  readonly value: number;
  /** As assembly/pad.ts reads it. */
  readonly map: readonly number[];
  /** Top, bottom, left, right of a border of zeros, which convolutions can take over; otherwise undefined. */
  readonly zeros: readonly [number, number, number, number] | undefined;
}

/**
 * The shape rule: [N,H,W,C] -> [N,top+H+bottom,left+W+right,C].
 *
 * @throws ShapeError unless x is an image, or where nothing would be left of it, or its border cannot be made of it;
 * ArgumentError for an option outside its domain.
 */
export function inferPad(op: string, x: Shape, sides: Sides, options: PadOptions = {}): PadPlan {
  const image = imageShape(op, "x", x);
  const four = fourSides(op, "sides", sides, "", Number.NEGATIVE_INFINITY);
  const [top, bottom, left, right] = four;
  checkOptions(op, options, { mode: true, value: true });
  const { value = 0 } = options;
  const mode = oneOf(op, "mode", options.mode ?? "constant", PAD_MODES);
  if (typeof value !== "number") throw new ArgumentError(`${op}: value must be a number, got ${show(value)}`);
  const [n, h, w, c] = image;
  const [oh, ow] = [top + h + bottom, left + w + right];
  if (oh < 1 || ow < 1) throw new ShapeError(`${op}: sides ${show(sides)} leave nothing of x ${show(x)}`);
  const rows = cellsOf(op, mode, h, top, bottom);
  const runs = runsOf(cellsOf(op, mode, w, left, right));
  const isZeros = mode === "constant" && value === 0 && four.every((side) => side >= 0);
  return {
    output: likeImage(x, n, oh, ow, c),
    image,
    value,
    map: [rows.length, runs.length, ...rows, ...runs.flat()],
    zeros: isZeros ? four : undefined,
  };
}

/** The input cell of each output cell along an axis of n. */
function cellsOf(op: string, mode: PadMode, n: number, before: number, after: number): number[] {
  const { most, at } = BORDERS[mode];
  const more = Math.max(before, after);
  if (more > most(n)) {
    throw new ShapeError(`${op}: mode "${mode}" can add up to ${most(n)} cells to a side of ${n}, got ${more}`);
  }
  return Array.from({ length: before + n + after }, (_, i) => at(i - before, n));
}

/** Cells that follow each other, or are all outside, as [first, length]. */
function runsOf(cells: readonly number[]): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const [i, cell] of cells.entries()) {
    const last = runs.at(-1);
    const before = cells[i - 1];
    const follows = cell < 0 ? before < 0 : before >= 0 && cell === before + 1;
    if (last !== undefined && follows) last[1]++;
    else runs.push([cell, 1]);
  }
  return runs;
}

/** x -> y; `map` points to that of the plan. */
export function forwardPad(kernels: Kernels, at: { x: number; y: number; map: number }, plan: PadPlan): void {
  kernels.pad(at.x, at.y, ...plan.image, at.map, plan.value);
}

/** dy -> dx (written). */
export function backwardPad(kernels: Kernels, at: { dy: number; dx: number; map: number }, plan: PadPlan): void {
  kernels.padBackward(at.dy, at.dx, ...plan.image, at.map);
}

/**
 * Surrounds images with a border, as NumPy's pad, or cuts it off where a side is negative. NaN passes through.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param sides cells to add: a number, [vertical, horizontal] or [top, bottom, left, right]; below 0 so many are cut off
 * @returns [N,top+H+bottom,left+W+right,C]
 * @throws ShapeError unless x is an image, where nothing would be left of it, or where its sides are too short to make a border
 * of them; ArgumentError for a fractional side or an option outside its domain.
 * @example
 * const y = ops.pad(zeros([1, 3, 3, 1]), 2); // [1,7,7,1]
 * const z = ops.pad(zeros([1, 3, 3, 1]), [1, 0], { mode: "reflect" }); // [1,5,3,1]
 */
export function pad(x: Tensor, sides: Sides, options: PadOptions = {}): Tensor {
  const plan = inferPad("pad", shapeOf("pad", "x", x), sides, options);
  return eager("pad", { x }, (run) => {
    const y = run.output(plan.output);
    forwardPad(run.kernels, { x: x.pointer, y: y.pointer, map: run.constants(plan.map) }, plan);
    return y;
  });
}

/**
 * The gradient of `pad`: what was copied out comes back, also from the border (tfjs drops that); a constant gives nothing, and
 * what was cut off gets 0.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const dx = ops.padBackward(full([1, 7, 7, 1], 1), zeros([1, 3, 3, 1]), 2); // [1,3,3,1]
 */
export function padBackward(dy: Tensor, x: Tensor, sides: Sides, options: PadOptions = {}): Tensor {
  const op = "padBackward";
  const plan = inferPad(op, shapeOf(op, "x", x), sides, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardPad(run.kernels, { dy: dy.pointer, dx: dx.pointer, map: run.constants(plan.map) }, plan);
    return dx;
  });
}
