/** A part of a tensor. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { axisOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { shapeOf } from "./eager.ts";
import { type MovePlan, moved, movedBack, planMove } from "./move.ts";
import { stridesOf } from "./nest.ts";

/** What `slice` takes. */
export interface SliceOptions {
  /** Where the part begins on the first axes, counted from the end where negative. Default 0. */
  start?: readonly number[];
  /** Where it ends, exclusive; counted from the end where negative, cut to the size where larger. Default: the whole axis. */
  end?: readonly number[];
  /** Every how many elements; a negative step runs backwards from `start` (default: the last) to `end`. Default 1. */
  step?: readonly number[];
}

/**
 * The shape rule: each axis keeps the elements from start up to end that lie on the step, as in Python and ONNX.
 *
 * @throws ShapeError where nothing is left; ArgumentError for what is no list of whole numbers, or a step of 0.
 */
export function inferSlice(op: string, x: Shape, options: SliceOptions): MovePlan {
  for (const name of ["start", "end", "step"] as const) checkList(op, name, options[name] ?? [], x);
  const output: number[] = [];
  const strides: number[] = [];
  let offset = 0;
  stridesOf(x).forEach((stride, axis) => {
    const step = options.step?.[axis] ?? 1;
    if (step === 0) throw new ArgumentError(`${op}: step must not be 0, got ${show(options.step)}`);
    const n = x[axis];
    const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
    const place = (at: number | undefined, otherwise: number) =>
      at === undefined ? otherwise : Math.min(Math.max(at < 0 ? at + n : at, low), high);
    const start = place(options.start?.[axis], step > 0 ? 0 : n - 1);
    const end = place(options.end?.[axis], step > 0 ? n : -1);
    output.push(Math.max(Math.ceil((end - start) / step), 0));
    strides.push(stride * step);
    offset += start * stride;
  });
  if (output.includes(0)) throw new ShapeError(`${op}: nothing of x ${show(x)} is left, got ${show(output)}`);
  return planMove(x, output, output, strides, offset);
}

/** The shape rule of a split: `parts` equal ones, or as large as it lists, along `axis`. */
export function inferSplit(op: string, x: Shape, parts: number | readonly number[], axis: number): MovePlan[] {
  const along = axisOf(op, "axis", axis, x.length);
  const sizes = typeof parts === "number" ? Array<number>(parts > 0 ? parts : 0).fill(x[along] / parts) : parts;
  const whole = Array.isArray(sizes) && sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size > 0);
  if (!whole || sizes.reduce((sum, size) => sum + size, 0) !== x[along]) {
    throw new ArgumentError(`${op}: parts must divide the ${x[along]} elements of axis ${along}, got ${show(parts)}`);
  }
  let at = 0;
  return sizes.map((size) => {
    const before = x.slice(0, along).map(() => 0);
    const plan = inferSlice(op, x, { start: [...before, at], end: [...x.slice(0, along), at + size] });
    at += size;
    return plan;
  });
}

/**
 * A part of x, as in Python and ONNX. Copies, NaN too.
 *
 * @param x any shape
 * @returns [...], each axis from start up to end
 * @throws ShapeError where nothing is left; ArgumentError for what is no list of whole numbers, or a step of 0.
 * @example
 * const middle = ops.slice(zeros([1, 8, 8, 3]), { start: [0, 2, 2], end: [1, -2, -2] }); // [1,4,4,3]
 */
export function slice(x: Tensor, options: SliceOptions = {}): Tensor {
  return moved("slice", x, inferSlice("slice", shapeOf("slice", "x", x), options));
}

/**
 * The gradient of `slice`: dy where the part was, 0 elsewhere.
 *
 * @example
 * const dx = ops.sliceBackward(zeros([2]), zeros([5]), { end: [2] }); // [5]
 */
export function sliceBackward(dy: Tensor, x: Tensor, options: SliceOptions = {}): Tensor {
  const op = "sliceBackward";
  return movedBack(op, dy, inferSlice(op, shapeOf(op, "x", x), options));
}

/**
 * The parts of x along an axis, as NumPy's split; `concat(parts, axis)` makes x again. Its gradient is `concat` of theirs.
 *
 * @param x any shape
 * @param parts how many equal ones, or the size of each
 * @param axis counted from the end where negative. Default -1
 * @returns [...] for each part
 * @throws ArgumentError where the parts do not add up to the axis.
 * @example
 * ops.split(zeros([1, 8, 8, 8]), [3, 5]).map(({ shape }) => shape); // [[1,8,8,3],[1,8,8,5]]
 */
export function split(x: Tensor, parts: number | readonly number[], axis = -1): Tensor[] {
  const plans = inferSplit("split", shapeOf("split", "x", x), parts, axis);
  const made: Tensor[] = [];
  try {
    for (const plan of plans) made.push(moved("split", x, plan));
    return made;
  } catch (error) {
    for (const part of made) part.dispose();
    throw error;
  }
}

function checkList(op: string, name: string, list: readonly number[], x: Shape): void {
  if (Array.isArray(list) && list.length <= x.length && list.every((n) => Number.isInteger(n))) return;
  throw new ArgumentError(`${op}: ${name} must hold up to ${x.length} whole numbers, one an axis, got ${show(list)}`);
}
