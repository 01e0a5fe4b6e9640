/** Sums, means and extremes over axes. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { axesOf, expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Eager, eager, shapeOf } from "./eager.ts";

/** The numbers by which kernels know them; a mean is a sum with a factor. */
const REDUCTIONS = { sum: 0, mean: 0, max: 1, min: 2 } as const;

export type Reduction = keyof typeof REDUCTIONS;

/** What `sum`, `mean`, `max` and `min` take. */
export interface ReduceOptions {
  /** The axes that go, counted from the end where negative: one or several. Default: all. */
  axes?: number | readonly number[];
  /** Keep them with size 1. Default false. */
  keepDims?: boolean;
}

/** One axis (or several that lie side by side) of x [N,R,C] that goes. */
interface Stage {
  readonly n: number;
  readonly r: number;
  readonly c: number;
}

export interface ReducePlan {
  readonly kind: Reduction;
  readonly input: Shape;
  readonly output: Shape;
  /** From the innermost axes out: so of equal extremes the first in row-major order is found. */
  readonly stages: readonly Stage[];
  /** 1 over the number of elements in a mean, else 1. */
  readonly factor: number;
  /** What lies between the stages. */
  readonly scratchBytes: number;
}

/** The shape rule: the axes go, or stay with size 1. */
export function inferReduce(op: string, kind: Reduction, x: Shape, options: ReduceOptions = {}): ReducePlan {
  checkOptions(op, options, { axes: true, keepDims: true });
  const { keepDims = false } = options;
  if (typeof keepDims !== "boolean")
    throw new ArgumentError(`${op}: keepDims must be true or false, got ${show(keepDims)}`);
  const axes = axesOf(op, "axes", options.axes, x.length);
  const left = x.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const output = keepDims ? left : x.filter((_, axis) => !axes.includes(axis));
  const stages: Stage[] = [];
  for (let end = x.length; end > 0; ) {
    let begin = end;
    while (axes.includes(begin - 1)) begin--;
    const r = sizeOf(x.slice(begin, end));
    if (r > 1) stages.push({ n: sizeOf(x.slice(0, begin)), r, c: sizeOf(left.slice(end)) });
    end = Math.min(begin, end - 1);
  }
  if (stages.length === 0) stages.push({ n: 1, r: 1, c: sizeOf(x) });
  const between = stages.slice(0, -1).reduce((sum, { n, c }) => sum + n * c, 0);
  const factor = kind === "mean" ? sizeOf(output) / sizeOf(x) : 1;
  return { kind, input: x, output, stages, factor, scratchBytes: between * 4 };
}

/** Where the results of all stages but the last lie. */
function between(scratch: number, { stages }: ReducePlan): number[] {
  let at = scratch;
  return stages.slice(0, -1).map(({ n, c }) => {
    const here = at;
    at += 4 * n * c;
    return here;
  });
}

/** x -> y; scratch keeps the steps between, which the gradient of an extreme reads. */
export function forwardReduce(kernels: Kernels, at: { x: number; y: number; scratch: number }, plan: ReducePlan): void {
  const places = [at.x, ...between(at.scratch, plan), at.y];
  for (const [i, { n, r, c }] of plan.stages.entries()) {
    const last = i === plan.stages.length - 1;
    kernels.reduceAxis(REDUCTIONS[plan.kind], places[i], places[i + 1], n, r, c, last ? plan.factor : 1);
  }
}

/** dy -> dx (written). Extremes read x, and y and scratch as forward left them; dscratch is as large as scratch. */
export function backwardReduce(
  kernels: Kernels,
  at: { dy: number; x: number; y: number; dx: number; scratch: number; dscratch: number },
  plan: ReducePlan,
): void {
  const places = [at.x, ...between(at.scratch, plan), at.y];
  const gradients = [at.dx, ...between(at.dscratch, plan), at.dy];
  for (let i = plan.stages.length - 1; i >= 0; i--) {
    const { n, r, c } = plan.stages[i];
    const [dy, dx] = [gradients[i + 1], gradients[i]];
    const factor = i === 0 ? plan.factor : 1;
    if (REDUCTIONS[plan.kind] === 0) kernels.reduceSumBackward(dy, dx, n, r, c, factor);
    else kernels.reduceExtremeBackward(dy, places[i], places[i + 1], dx, n, r, c);
  }
}

/**
 * The sum over axes, as NumPy's, taken in doubles. NaN passes on.
 *
 * @param x any shape
 * @returns [...] without the axes, or with size 1 there
 * @throws ArgumentError for an axis that x does not have, or that is named twice.
 * @example
 * const perChannel = ops.sum(zeros([2, 8, 8, 16]), { axes: [0, 1, 2] }); // [16]
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduced("sum", x, options);
}

/**
 * The gradient of `sum`: dy for every element that went into it.
 *
 * @example
 * const dx = ops.sumBackward(zeros([2]), zeros([2, 10]), { axes: -1 }); // [2,10]
 */
export function sumBackward(dy: Tensor, x: Tensor, options: ReduceOptions = {}): Tensor {
  return reducedBack("sum", dy, x, options);
}

/**
 * The mean over axes, as NumPy's, taken in doubles. NaN passes on.
 *
 * @param x any shape
 * @returns [...] without the axes, or with size 1 there
 * @throws ArgumentError for an axis that x does not have, or that is named twice.
 * @example
 * const pooled = ops.mean(zeros([2, 8, 8, 16]), { axes: [1, 2] }); // [2,16]
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduced("mean", x, options);
}

/**
 * The gradient of `mean`: dy over the number of elements, for each of them.
 *
 * @example
 * const dx = ops.meanBackward(zeros([2]), zeros([2, 10]), { axes: -1 }); // [2,10]
 */
export function meanBackward(dy: Tensor, x: Tensor, options: ReduceOptions = {}): Tensor {
  return reducedBack("mean", dy, x, options);
}

/**
 * The largest over axes, as NumPy's; NaN where there is one.
 *
 * @param x any shape
 * @returns [...] without the axes, or with size 1 there
 * @throws ArgumentError for an axis that x does not have, or that is named twice.
 * @example
 * const best = ops.max(zeros([2, 10]), { axes: -1 }); // [2]
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduced("max", x, options);
}

/**
 * The gradient of `max`: of equal ones the first in row-major order takes dy.
 *
 * @example
 * const dx = ops.maxBackward(zeros([2]), zeros([2, 10]), { axes: -1 }); // [2,10]
 */
export function maxBackward(dy: Tensor, x: Tensor, options: ReduceOptions = {}): Tensor {
  return reducedBack("max", dy, x, options);
}

/**
 * The least over axes, as NumPy's; NaN where there is one.
 *
 * @param x any shape
 * @returns [...] without the axes, or with size 1 there
 * @throws ArgumentError for an axis that x does not have, or that is named twice.
 * @example
 * const least = ops.min(zeros([2, 8, 8, 16]), { axes: [1, 2], keepDims: true }); // [2,1,1,16]
 */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduced("min", x, options);
}

/**
 * The gradient of `min`: of equal ones the first in row-major order takes dy.
 *
 * @example
 * const dx = ops.minBackward(zeros([2]), zeros([2, 10]), { axes: -1 }); // [2,10]
 */
export function minBackward(dy: Tensor, x: Tensor, options: ReduceOptions = {}): Tensor {
  return reducedBack("min", dy, x, options);
}

function reduced(kind: Reduction, x: Tensor, options: ReduceOptions): Tensor {
  const plan = inferReduce(kind, kind, shapeOf(kind, "x", x), options);
  return eager(kind, { x }, (run) => {
    const y = run.output(plan.output);
    forwardReduce(run.kernels, { x: x.pointer, y: y.pointer, scratch: scratchOf(run, plan) }, plan);
    return y;
  });
}

function reducedBack(kind: Reduction, dy: Tensor, x: Tensor, options: ReduceOptions): Tensor {
  const op = `${kind}Backward`;
  const plan = inferReduce(op, kind, shapeOf(op, "x", x), options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    const at = { dy: dy.pointer, x: x.pointer, y: 0, dx: dx.pointer, scratch: 0, dscratch: scratchOf(run, plan) };
    if (kind === "max" || kind === "min") {
      at.y = run.scratch(4 * sizeOf(plan.output));
      at.scratch = scratchOf(run, plan);
      forwardReduce(run.kernels, at, plan);
    }
    backwardReduce(run.kernels, at, plan);
    return dx;
  });
}

function scratchOf(run: Eager, { scratchBytes }: ReducePlan): number {
  return scratchBytes > 0 ? run.scratch(scratchBytes) : 0;
}
