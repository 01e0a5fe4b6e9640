/** Concatenation over the last axis: the channels of images, the columns of rows. */
import { ArgumentError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface ConcatPlan {
  readonly output: Shape;
  /** The number of pixels, and how many channels each input gives to one. */
  readonly rows: number;
  readonly channels: readonly number[];
}

/**
 * The shape rule: [...,C0], [...,C1], ... -> [...,C0+C1+...].
 *
 * @throws ArgumentError for fewer than two inputs; ShapeError where they differ before the last axis.
 */
export function inferConcat(op: string, xs: readonly Shape[]): ConcatPlan {
  if (xs.length < 2) throw new ArgumentError(`${op}: xs must be two or more tensors, got ${xs.length}`);
  const before = xs[0].slice(0, -1);
  for (const [i, x] of xs.entries()) expectShape(op, `xs[${i}]`, x, [...before, "C"]);
  const channels = xs.map((x) => x[x.length - 1]);
  return { output: [...before, channels.reduce((sum, c) => sum + c, 0)], rows: sizeOf(before), channels };
}

/** xs -> y; an input of 0 is left out. */
export function forwardConcat(kernels: Kernels, at: { xs: readonly number[]; y: number }, plan: ConcatPlan): void {
  let first = 0;
  for (const [i, c] of plan.channels.entries()) {
    const x = at.xs[i];
    if (x !== 0) kernels.concat(x, at.y, plan.rows, c, plan.output[plan.output.length - 1], first);
    first += c;
  }
}

/** dy -> dxs (written); a pointer of 0 is left out. */
export function backwardConcat(kernels: Kernels, at: { dy: number; dxs: readonly number[] }, plan: ConcatPlan): void {
  let first = 0;
  for (const [i, c] of plan.channels.entries()) {
    const dx = at.dxs[i];
    if (dx !== 0) kernels.concatBackward(at.dy, dx, plan.rows, c, plan.output[plan.output.length - 1], first);
    first += c;
  }
}

/**
 * Tensors side by side along the last axis. Copies, NaN too.
 *
 * @param xs two or more of equal shape but for the last axis
 * @returns [...,C0+C1+...]
 * @throws ArgumentError for fewer than two inputs; ShapeError where they differ before the last axis.
 * @example
 * const y = ops.concat([zeros([1, 8, 8, 3]), zeros([1, 8, 8, 5])]); // [1,8,8,8]
 */
export function concat(xs: readonly Tensor[]): Tensor {
  const plan = inferConcat("concat", shapesOf("concat", xs));
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
 * const [da, db] = ops.concatBackward(tensor([[1, 2, 3]]), [zeros([1, 2]), zeros([1, 1])]);
 * db.toArray(); // [[3]]
 */
export function concatBackward(dy: Tensor, xs: readonly Tensor[]): Tensor[] {
  const op = "concatBackward";
  const plan = inferConcat(op, shapesOf(op, xs));
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
