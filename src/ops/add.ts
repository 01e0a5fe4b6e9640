/** Element by element sums, as where a shortcut meets the path around which it leads. */
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

export interface AddPlan {
  readonly output: Shape;
  readonly size: number;
}

/** The shape rule: two equal shapes, nothing is broadcast. */
export function inferAdd(op: string, a: Shape, b: Shape): AddPlan {
  expectShape(op, "b", b, a);
  return { output: a, size: sizeOf(a) };
}

/** a, b -> y, which may be a or b: so gradients are accumulated. */
export function forwardAdd(kernels: Kernels, at: { a: number; b: number; y: number }, plan: AddPlan): void {
  kernels.add(at.a, at.b, at.y, plan.size);
}

/** dy -> da, db (written), copies both. A planned model hands dy itself on. */
export function backwardAdd(kernels: Kernels, at: { dy: number; da: number; db: number }, plan: AddPlan): void {
  kernels.copy(at.dy, at.da, plan.size);
  kernels.copy(at.dy, at.db, plan.size);
}

/**
 * a + b, element by element. NaN passes on.
 *
 * @param a any shape
 * @param b the same shape
 * @throws ShapeError where the shapes differ.
 * @example
 * const sum = ops.add(tensor([1, 2]), tensor([10, 20]));
 * sum.toArray(); // [11, 22]
 */
export function add(a: Tensor, b: Tensor): Tensor {
  const plan = inferAdd("add", shapeOf("add", "a", a), shapeOf("add", "b", b));
  return eager("add", { a, b }, (run) => {
    const y = run.output(plan.output);
    forwardAdd(run.kernels, { a: a.pointer, b: b.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradients of `add`: a copy of dy for each.
 *
 * @example
 * const { da, db } = ops.addBackward(tensor([3, 4]), tensor([1, 2]), tensor([10, 20]));
 * da.toArray(); // [3, 4]
 * db.toArray(); // [3, 4]
 */
export function addBackward(dy: Tensor, a: Tensor, b: Tensor): { da: Tensor; db: Tensor } {
  const op = "addBackward";
  const plan = inferAdd(op, shapeOf(op, "a", a), shapeOf(op, "b", b));
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, a, b }, (run) => {
    const [da, db] = [run.output(plan.output), run.output(plan.output)];
    backwardAdd(run.kernels, { dy: dy.pointer, da: da.pointer, db: db.pointer }, plan);
    return { da, db };
  });
}
