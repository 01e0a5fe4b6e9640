/** Concatenation over an axis: the channels of images, the columns of rows. */
import { ArgumentError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { axisOf, expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface ConcatPlan {
  readonly output: Shape;
  /** Rows of what lies before the axis; of the axis and all behind it, how many floats each input gives to one, and their sum. */
  readonly rows: number;
  readonly channels: readonly number[];
  readonly row: number;
}

/**
 * The shape rule: [...,C0], [...,C1], ... -> [...,C0+C1+...] on the last axis, and alike on others.
 *
 * @throws ArgumentError for fewer than two inputs, or an axis they do not have; ShapeError where they differ elsewhere.
 */
export function inferConcat(op: string, xs: readonly Shape[], axis = -1): ConcatPlan {
  if (xs.length < 2) throw new ArgumentError(`${op}: xs must be two or more tensors, got ${xs.length}`);
  if (xs[0].length === 0) expectShape(op, "xs[0]", xs[0], ["C"]);
  const along = axisOf(op, "axis", axis, xs[0].length);
  const [before, behind] = [xs[0].slice(0, along), xs[0].slice(along + 1)];
  for (const [i, x] of xs.entries()) expectShape(op, `xs[${i}]`, x, [...before, "C", ...behind]);
  const output = [...before, xs.reduce((sum, x) => sum + x[along], 0), ...behind];
  const rows = sizeOf(before);
  return { output, rows, channels: xs.map((x) => sizeOf(x) / rows), row: sizeOf(output) / rows };
}

/** xs -> y; an input of 0 is left out. */
export function forwardConcat(kernels: Kernels, at: { xs: readonly number[]; y: number }, plan: ConcatPlan): void {
  let first = 0;
  for (const [i, c] of plan.channels.entries()) {
    const x = at.xs[i];
    if (x !== 0) kernels.concat(x, at.y, plan.rows, c, plan.row, first);
    first += c;
  }
}

/** dy -> dxs (written); a pointer of 0 is left out. */
export function backwardConcat(kernels: Kernels, at: { dy: number; dxs: readonly number[] }, plan: ConcatPlan): void {
  let first = 0;
  for (const [i, c] of plan.channels.entries()) {
    const dx = at.dxs[i];
    if (dx !== 0) kernels.concatBackward(at.dy, dx, plan.rows, c, plan.row, first);
    first += c;
  }
}

/**
 * Tensors side by side along an axis, as NumPy's concatenate. Copies, NaN too.
 *
 * @param xs two or more of equal shape but for the axis
 * @param axis counted from the end where negative. Default -1, the channels
 * @returns [...,C0+C1+...] on the last axis
 * @throws ArgumentError for fewer than two inputs, or an axis they do not have; ShapeError where they differ elsewhere.
 * @example
 * const y = ops.concat([zeros([1, 8, 8, 3]), zeros([1, 8, 8, 5])]); // [1,8,8,8]
 */
export function concat(xs: readonly Tensor[], axis = -1): Tensor {
  const plan = inferConcat("concat", shapesOf("concat", xs), axis);
  return eager("concat", named(xs), (run) => {
    const y = run.output(plan.output);
    forwardConcat(run.kernels, { xs: xs.map((x) => x.pointer), y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradients of `concat`: the part of dy that belongs to each input.
 *
 * @example
 * const dxs = ops.concatBackward(zeros([2, 5]), [zeros([2, 2]), zeros([2, 3])]);
 * dxs.map(({ shape }) => shape); // [[2,2],[2,3]]
 */
export function concatBackward(dy: Tensor, xs: readonly Tensor[], axis = -1): Tensor[] {
  const op = "concatBackward";
  const plan = inferConcat(op, shapesOf(op, xs), axis);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, ...named(xs) }, (run) => {
    const dxs = xs.map((x) => run.output(x.shape));
    backwardConcat(run.kernels, { dy: dy.pointer, dxs: dxs.map((dx) => dx.pointer) }, plan);
    return dxs;
  });
}

function shapesOf(op: string, xs: readonly Tensor[]): Shape[] {
  if (!Array.isArray(xs)) throw new ArgumentError(`${op}: xs must be two or more tensors, got ${show(xs)}`);
  return xs.map((x, i) => shapeOf(op, `xs[${i}]`, x));
}

function named(xs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(xs.map((x, i) => [`xs[${i}]`, x]));
}
