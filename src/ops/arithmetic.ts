/** Sums, differences, products, quotients and extremes of two tensors, element by element; sizes of 1 are repeated. */
import { ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { type Nest, nest, stridesOf } from "./nest.ts";
import { forwardReduce, inferReduce, type ReducePlan } from "./reduce.ts";

/** The numbers by which kernels know them. */
const ARITHMETIC = { add: 0, sub: 1, mul: 2, div: 3, minimum: 4, maximum: 5 } as const;

export type Arithmetic = keyof typeof ARITHMETIC;

export interface ArithmeticPlan {
  readonly kind: Arithmetic;
  readonly output: Shape;
  readonly size: number;
  /** Loops over a, b and y. */
  readonly nest: Nest;
  /** How the gradient of each sums over what was repeated; undefined where nothing was. */
  readonly sums: Readonly<Record<"a" | "b", ReducePlan | undefined>>;
  /** Scratch of backward. */
  readonly scratchBytes: number;
}

/**
 * The shape rule: sizes are compared from the last axis on; they are equal, or one of them is 1 or missing and is repeated.
 *
 * @throws ShapeError where neither holds.
 */
export function inferArithmetic(op: string, kind: Arithmetic, a: Shape, b: Shape): ArithmeticPlan {
  const rank = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((shape) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  const output = left.map((n, axis) => (n === 1 ? right[axis] : n));
  if (output.some((n, axis) => right[axis] !== 1 && right[axis] !== n)) {
    throw new ShapeError(`${op}: b must fit a ${show(a)}, with equal sizes or 1 from the last axis on, got ${show(b)}`);
  }
  const strides = [left, right].map((shape) =>
    stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride)),
  );
  const sums = { a: sumOver(op, output, left), b: sumOver(op, output, right) };
  const bytes = (sum: ReducePlan | undefined) => (sum === undefined ? 0 : 4 * sizeOf(output) + sum.scratchBytes);
  return {
    kind,
    output,
    size: sizeOf(output),
    nest: nest(output, [...strides, stridesOf(output)], [0, 0, 0]),
    sums,
    scratchBytes: Math.max(bytes(sums.a), bytes(sums.b)),
  };
}

/** The sum over the axes on which `shape` is repeated to make `output`. */
function sumOver(op: string, output: Shape, shape: Shape): ReducePlan | undefined {
  if (sameShape(output, shape)) return undefined;
  return inferReduce(op, "sum", output, { axes: [...output.keys()].filter((axis) => shape[axis] !== output[axis]) });
}

/** a, b -> y, which may be one that is not repeated. */
export function forwardArithmetic(
  kernels: Kernels,
  at: { a: number; b: number; y: number },
  { kind, size, sums, nest: { sizes, strides, starts } }: ArithmeticPlan,
): void {
  if (kind === "add" && sums.a === undefined && sums.b === undefined) {
    kernels.add(at.a, at.b, at.y, size);
    return;
  }
  for (const [a, b, y] of starts) {
    kernels.arithmetic(
      ARITHMETIC[kind],
      at.a + 4 * a,
      at.b + 4 * b,
      at.y + 4 * y,
      ...sizes,
      ...strides[0],
      ...strides[1],
    );
  }
}

/** dy, a, b -> the gradient of one of them (written). */
export function backwardArithmetic(
  kernels: Kernels,
  at: { dy: number; a: number; b: number; gradient: number; scratch: number },
  plan: ArithmeticPlan,
  of: "a" | "b",
): void {
  const { sizes, strides, starts } = plan.nest;
  const sum = plan.sums[of];
  const g = sum === undefined ? at.gradient : at.scratch;
  for (const [a, b, y] of starts) {
    const pointers = [at.dy + 4 * y, at.a + 4 * a, at.b + 4 * b, g + 4 * y] as const;
    kernels.arithmeticBackward(
      ARITHMETIC[plan.kind],
      of === "b" ? 1 : 0,
      ...pointers,
      ...sizes,
      ...strides[0],
      ...strides[1],
    );
  }
  if (sum !== undefined) {
    forwardReduce(kernels, { x: g, y: at.gradient, scratch: g + 4 * plan.size }, sum);
  }
}

/** The gradients of both operands. */
export interface ArithmeticGradients {
  /** Of the shape of a. */
  readonly da: Tensor;
  /** Of the shape of b. */
  readonly db: Tensor;
}

/**
 * a + b. Sizes of 1 are repeated, as in NumPy. NaN passes on.
 *
 * @param a any shape
 * @param b any shape that fits: from the last axis on sizes are equal, or one of them is 1
 * @returns the larger size on each axis
 * @throws ShapeError where the shapes do not fit.
 * @example
 * ops.add(tensor([1, 2]), tensor(10)).toArray(); // [11,12]
 */
export function add(a: Tensor, b: Tensor): Tensor {
  return run("add", a, b);
}

/**
 * The gradients of `add`: dy, summed over what was repeated.
 *
 * @example
 * const [a, b] = [zeros([2, 3]), zeros([1, 3])];
 * const { da, db } = ops.addBackward(full([2, 3], 1), a, b);
 * db.shape; // [1,3]
 */
export function addBackward(dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  return runBackward("add", dy, a, b);
}

/**
 * a - b. Shapes as for `add`.
 *
 * @example
 * ops.sub(tensor([1, 2]), tensor(10)).toArray(); // [-9,-8]
 */
export function sub(a: Tensor, b: Tensor): Tensor {
  return run("sub", a, b);
}

/**
 * The gradients of `sub`: dy and -dy, summed over what was repeated.
 *
 * @example
 * const [a, b] = [zeros([2, 3]), zeros([1, 3])];
 * const { da, db } = ops.subBackward(full([2, 3], 1), a, b);
 * db.shape; // [1,3]
 */
export function subBackward(dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  return runBackward("sub", dy, a, b);
}

/**
 * a b, element by element. Shapes as for `add`.
 *
 * @example
 * const y = ops.mul(zeros([2, 8, 8, 16]), zeros([2, 1, 1, 16])); // [2,8,8,16]
 */
export function mul(a: Tensor, b: Tensor): Tensor {
  return run("mul", a, b);
}

/**
 * The gradients of `mul`: dy b and dy a, summed over what was repeated.
 *
 * @example
 * const [a, b] = [zeros([2, 3]), zeros([1, 3])];
 * const { da, db } = ops.mulBackward(full([2, 3], 1), a, b);
 * db.shape; // [1,3]
 */
export function mulBackward(dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  return runBackward("mul", dy, a, b);
}

/**
 * a / b. Shapes as for `add`. A division by 0 is infinite, or NaN for 0 / 0.
 *
 * @example
 * ops.div(tensor([2, 3]), tensor(4)).toArray(); // [0.5,0.75]
 */
export function div(a: Tensor, b: Tensor): Tensor {
  return run("div", a, b);
}

/**
 * The gradients of `div`: dy / b and -dy a / b^2, summed over what was repeated.
 *
 * @example
 * const [a, b] = [zeros([2, 3]), zeros([1, 3])];
 * const { da, db } = ops.divBackward(full([2, 3], 1), a, b);
 * db.shape; // [1,3]
 */
export function divBackward(dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  return runBackward("div", dy, a, b);
}

/**
 * The smaller of a and b. Shapes as for `add`. NaN where one of them is.
 *
 * @example
 * ops.minimum(tensor([1, 9]), tensor(6)).toArray(); // [1,6]
 */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return run("minimum", a, b);
}

/**
 * The gradients of `minimum`: dy to the smaller one, of equal ones to a, as in TensorFlow.
 *
 * @example
 * const [a, b] = [zeros([2, 3]), zeros([1, 3])];
 * const { da, db } = ops.minimumBackward(full([2, 3], 1), a, b);
 * db.shape; // [1,3]
 */
export function minimumBackward(dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  return runBackward("minimum", dy, a, b);
}

/**
 * The larger of a and b. Shapes as for `add`. NaN where one of them is.
 *
 * @example
 * ops.maximum(tensor([-1, 9]), tensor(0)).toArray(); // [0,9]
 */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return run("maximum", a, b);
}

/**
 * The gradients of `maximum`: dy to the larger one, of equal ones to a, as in TensorFlow.
 *
 * @example
 * const [a, b] = [zeros([2, 3]), zeros([1, 3])];
 * const { da, db } = ops.maximumBackward(full([2, 3], 1), a, b);
 * db.shape; // [1,3]
 */
export function maximumBackward(dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  return runBackward("maximum", dy, a, b);
}

function run(kind: Arithmetic, a: Tensor, b: Tensor): Tensor {
  const plan = inferArithmetic(kind, kind, shapeOf(kind, "a", a), shapeOf(kind, "b", b));
  return eager(kind, { a, b }, (lend) => {
    const y = lend.output(plan.output);
    forwardArithmetic(lend.kernels, { a: a.pointer, b: b.pointer, y: y.pointer }, plan);
    return y;
  });
}

function runBackward(kind: Arithmetic, dy: Tensor, a: Tensor, b: Tensor): ArithmeticGradients {
  const op = `${kind}Backward`;
  const plan = inferArithmetic(op, kind, shapeOf(op, "a", a), shapeOf(op, "b", b));
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, a, b }, (lend) => {
    const [da, db] = [lend.output(a.shape), lend.output(b.shape)];
    const scratch = plan.scratchBytes > 0 ? lend.scratch(plan.scratchBytes) : 0;
    const at = { dy: dy.pointer, a: a.pointer, b: b.pointer, scratch };
    backwardArithmetic(lend.kernels, { ...at, gradient: da.pointer }, plan, "a");
    backwardArithmetic(lend.kernels, { ...at, gradient: db.pointer }, plan, "b");
    return { da, db };
  });
}
