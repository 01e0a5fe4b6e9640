/** Mirror images. */
import { axesOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { shapeOf } from "./eager.ts";
import { type MovePlan, moved, movedBack, planMove } from "./move.ts";
import { stridesOf } from "./nest.ts";

/** The shape rule: any shape stays. `axes` are those along which the order is reversed. */
export function inferFlip(op: string, x: Shape, axes: number | readonly number[]): MovePlan {
  const flipped = axesOf(op, "axes", axes, x.length);
  const strides = stridesOf(x);
  const offset = flipped.reduce((sum, axis) => sum + strides[axis] * (x[axis] - 1), 0);
  return planMove(
    x,
    x,
    x,
    strides.map((stride, axis) => (flipped.includes(axis) ? -stride : stride)),
    offset,
  );
}

/**
 * x with the order along some axes reversed, as NumPy's flip. Copies, NaN too.
 *
 * @param x any shape
 * @param axes one or several, counted from the end where negative
 * @returns the shape of x
 * @throws ArgumentError for an axis that x does not have, or that is named twice.
 * @example
 * ops.flip(tensor([1, 2, 3]), 0).toArray(); // [3,2,1]
 */
export function flip(x: Tensor, axes: number | readonly number[]): Tensor {
  return moved("flip", x, inferFlip("flip", shapeOf("flip", "x", x), axes));
}

/**
 * The gradient of `flip`: dy, flipped.
 *
 * @example
 * ops.flipBackward(tensor([1, 2, 3]), zeros([3]), 0).toArray(); // [3,2,1]
 */
export function flipBackward(dy: Tensor, x: Tensor, axes: number | readonly number[]): Tensor {
  return movedBack("flipBackward", dy, inferFlip("flipBackward", shapeOf("flipBackward", "x", x), axes));
}
