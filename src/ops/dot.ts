/** Products of matrices, many at once. */
import { ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  backwardDenseFilter,
  backwardDenseInput,
  type DensePlan,
  forwardDense,
  inferDense,
  packDense,
} from "./dense.ts";
import { eager, shapeOf } from "./eager.ts";
import { stridesOf } from "./nest.ts";

export interface DotPlan {
  readonly output: Shape;
  /** One product. */
  readonly dense: DensePlan;
  /** Where in a, b and y each product's matrices begin, in floats; a matrix may serve several. */
  readonly starts: readonly (readonly [number, number, number])[];
  /** Scratch of forward, and of backward without the window. */
  readonly scratchBytes: number;
  readonly backwardScratchBytes: number;
}

/**
 * The shape rule: a [...,M,K], b [...,K,N] -> [...,M,N]; sizes in front are equal, or one of them is 1 or missing and is repeated.
 *
 * @throws ShapeError where the shapes do not fit.
 */
export function inferDot(op: string, a: Shape, b: Shape): DotPlan {
  if (a.length < 2) throw new ShapeError(`${op}: a must be [...,M,K], got ${show(a)}`);
  const [m, k] = a.slice(-2);
  if (b.length < 2 || b[b.length - 2] !== k) {
    throw new ShapeError(`${op}: b must be [...,${k},N] beside a ${show(a)}, got ${show(b)}`);
  }
  const n = b[b.length - 1];
  const rank = Math.max(a.length, b.length) - 2;
  const [left, right] = [a, b].map((x) => [...Array<number>(rank + 2 - x.length).fill(1), ...x.slice(0, -2)]);
  const front = left.map((size, axis) => (size === 1 ? right[axis] : size));
  if (front.some((size, axis) => right[axis] !== 1 && right[axis] !== size)) {
    throw new ShapeError(
      `${op}: b must fit a ${show(a)}, with equal sizes or 1 in front of the matrix, got ${show(b)}`,
    );
  }
  const dense = inferDense(op, [m, k], [k, n], null);
  const [aStrides, bStrides, own] = [left, right, front].map(stridesOf);
  const starts = Array.from({ length: sizeOf(front) }, (_, i) => {
    const index = front.map((size, axis) => Math.floor(i / own[axis]) % size);
    const at = (sizes: Shape, strides: Shape) =>
      index.reduce((sum, j, axis) => sum + (sizes[axis] === 1 ? 0 : j * strides[axis]), 0);
    return [at(left, aStrides) * m * k, at(right, bStrides) * k * n, i * m * n] as const;
  });
  return {
    output: [...front, m, n],
    dense,
    starts,
    scratchBytes: aligned(dense.packedBytes) + dense.scratchBytes,
    backwardScratchBytes:
      aligned(dense.inputPackedBytes) +
      aligned(4 * m * k) +
      Math.max(dense.inputScratchBytes, dense.filterScratchBytes),
  };
}

/** a, b -> y. */
export function forwardDot(
  kernels: Kernels,
  at: { a: number; b: number; y: number; scratch: number },
  { dense, starts }: DotPlan,
): void {
  const [packed, scratch] = [at.scratch, at.scratch + aligned(dense.packedBytes)];
  let last = -1;
  for (const [a, b, y] of starts) {
    if (b !== last) packDense(kernels, { w: at.b + 4 * b, b: 0, packed }, dense);
    last = b;
    forwardDense(kernels, { x: at.a + 4 * a, packed, y: at.y + 4 * y, scratch }, dense);
  }
}

/** dy, a, b -> da, db (written); each is left out where it is 0. `window` is that of plan.dense. */
export function backwardDot(
  kernels: Kernels,
  at: { dy: number; a: number; b: number; da: number; db: number; window: number; scratch: number },
  { dense, starts }: DotPlan,
  sizes: { readonly a: number; readonly b: number },
): void {
  const packed = at.scratch;
  const part = packed + aligned(dense.inputPackedBytes);
  const scratch = part + aligned(4 * dense.m * dense.k);
  if (at.da !== 0) kernels.fill(at.da, sizes.a, 0);
  if (at.db !== 0) kernels.fill(at.db, sizes.b, 0);
  for (const [a, b, y] of starts) {
    const dy = at.dy + 4 * y;
    if (at.da !== 0) {
      const da = at.da + 4 * a;
      backwardDenseInput(kernels, { dy, w: at.b + 4 * b, dx: part, packed, scratch }, dense);
      kernels.add(da, part, da, dense.m * dense.k);
    }
    if (at.db !== 0) {
      const filter = { x: at.a + 4 * a, dy, dw: at.db + 4 * b, db: 0, window: at.window, scratch };
      backwardDenseFilter(kernels, filter, dense);
    }
  }
}

/**
 * The product of matrices, y[...,m,n] = sum a[...,m,k] b[...,k,n]. Axes in front count the products; those of size 1 are
 * repeated, as in NumPy's matmul.
 *
 * @param a [...,M,K]
 * @param b [...,K,N]
 * @returns [...,M,N]
 * @throws ShapeError where the shapes do not fit.
 * @example
 * const scores = ops.dot(zeros([8, 49, 16]), zeros([8, 16, 49])); // [8,49,49]
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  const plan = inferDot("dot", shapeOf("dot", "a", a), shapeOf("dot", "b", b));
  return eager("dot", { a, b }, (run) => {
    const y = run.output(plan.output);
    const scratch = run.scratch(plan.scratchBytes);
    forwardDot(run.kernels, { a: a.pointer, b: b.pointer, y: y.pointer, scratch }, plan);
    return y;
  });
}

/**
 * The gradients of `dot`: dy b^T and a^T dy, summed over what was repeated.
 *
 * @example
 * const { da, db } = ops.dotBackward(zeros([2, 4]), zeros([2, 3]), zeros([3, 4]));
 * db.shape; // [3,4]
 */
export function dotBackward(dy: Tensor, a: Tensor, b: Tensor): { da: Tensor; db: Tensor } {
  const op = "dotBackward";
  const plan = inferDot(op, shapeOf(op, "a", a), shapeOf(op, "b", b));
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, a, b }, (run) => {
    const [da, db] = [run.output(a.shape), run.output(b.shape)];
    const scratch = run.scratch(plan.backwardScratchBytes);
    const at = { dy: dy.pointer, a: a.pointer, b: b.pointer, da: da.pointer, db: db.pointer };
    const sizes = { a: sizeOf(a.shape), b: sizeOf(b.shape) };
    backwardDot(run.kernels, { ...at, window: run.window(plan.dense.window), scratch }, plan, sizes);
    return { da, db };
  });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
