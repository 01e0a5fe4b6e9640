/** Axes in another order. */
import { ArgumentError, show } from "../errors.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { shapeOf } from "./eager.ts";
import { type MovePlan, moved, movedBack, planMove } from "./move.ts";
import { stridesOf } from "./nest.ts";

/**
 * The shape rule: axis i of the result is axis order[i] of x.
 *
 * @throws ArgumentError unless order names every axis of x once.
 */
export function inferTranspose(op: string, x: Shape, order: readonly number[]): MovePlan {
  const axes = [...x.keys()];
  if (!Array.isArray(order) || order.length !== x.length || !axes.every((axis) => order.includes(axis))) {
    throw new ArgumentError(
      `${op}: order must name each axis of x ${show(x)} once, such as ${show(axes)}, got ${show(order)}`,
    );
  }
  const strides = stridesOf(x);
  const output = order.map((axis) => x[axis]);
  return planMove(
    x,
    output,
    output,
    order.map((axis) => strides[axis]),
  );
}

/** The last axis first. */
function reversed(x: Shape): number[] {
  return [...x.keys()].reverse();
}

/**
 * x with its axes in another order, as NumPy's transpose. Copies, NaN too.
 *
 * @param x any shape
 * @param order for each axis of the result the axis of x. Default: reversed, as a matrix is transposed
 * @returns [...], its axes in that order
 * @throws ArgumentError unless order names every axis of x once.
 * @example
 * const nchw = ops.transpose(zeros([1, 8, 6, 3]), [0, 3, 1, 2]); // [1,3,8,6]
 */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const shape = shapeOf("transpose", "x", x);
  return moved("transpose", x, inferTranspose("transpose", shape, order ?? reversed(shape)));
}

/**
 * The gradient of `transpose`: dy with its axes in their old order.
 *
 * @example
 * const dx = ops.transposeBackward(zeros([3, 2]), zeros([2, 3])); // [2,3]
 */
export function transposeBackward(dy: Tensor, x: Tensor, order?: readonly number[]): Tensor {
  const op = "transposeBackward";
  const shape = shapeOf(op, "x", x);
  return movedBack(op, dy, inferTranspose(op, shape, order ?? reversed(shape)));
}
