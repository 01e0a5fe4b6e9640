/** Chapter 2, pooling: keep the largest, the mean or the smallest of every window, and send gradients back. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import { shapeOf } from "../ops/eager.ts";
import {
  avgPool2d,
  avgPool2dBackward,
  inferPool2d,
  maxPool2d,
  maxPool2dBackward,
  minPool2d,
  minPool2dBackward,
} from "../ops/pool2d.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import { full, type Tensor, tensor } from "../tensor/tensor.ts";
import { expectCache, hyperparameter } from "./checks.ts";

/** How a window moves. */
export interface PoolHyperparameters {
  /** How many cells the window moves on at each step. */
  readonly stride: number;
  /** Height and width of the window. */
  readonly f: number;
}

/** What a window becomes. */
export type PoolMode = "max" | "average" | "min";

/** What `poolForward` keeps for `poolBackward`: its arguments. */
export type PoolCache = readonly [APrev: Tensor, hparameters: PoolHyperparameters];

const MODES: readonly PoolMode[] = ["max", "average", "min"];

/**
 * The forward pass of a pooling layer: one number for every window, channel by channel, nothing to learn.
 *
 *     A[i,h,w,c] = max (or mean, or min) of the f x f cells of APrev[i,...,c] from row h * stride, column w * stride
 *
 *     n_H = floor((n_H_prev - f) / stride) + 1,   n_W likewise
 *
 * @param APrev activations of the layer before, [m, n_H_prev, n_W_prev, n_C]
 * @param hparameters stride and f
 * @param mode "max", "average" or "min". Default "max".
 * @returns A [m, n_H, n_W, n_C], and the cache for `poolBackward`; the cache holds the tensor given, not a copy.
 * @throws ShapeError where the window is larger than the image; ArgumentError for an unknown mode.
 * @example
 * const { A, cache } = textbook.poolForward(zeros([2, 4, 4, 3]), { stride: 2, f: 3 });
 * A.shape; // [2,1,1,3]
 */
export function poolForward(
  APrev: Tensor,
  hparameters: PoolHyperparameters,
  mode: PoolMode = "max",
): { A: Tensor; cache: PoolCache } {
  const op = "poolForward";
  oneOf(op, "mode", mode, MODES);
  expectShape(op, "APrev", shapeOf(op, "APrev", APrev), ["m", "n_H_prev", "n_W_prev", "n_C"]);
  const options = optionsOf(op, hparameters);
  inferPool2d(op, APrev.shape, options); // throws under the name that the caller knows
  const pool = { max: maxPool2d, average: avgPool2d, min: minPool2d }[mode];
  return { A: pool(APrev, options), cache: [APrev, hparameters] };
}

/**
 * Where the largest value of a window lies: 1 there, 0 elsewhere.
 *
 * **Ties.** Every cell that equals the largest is marked, as `x == max(x)` does. `poolBackward` follows it, so a gradient
 * arrives at each of them in full. `ops.maxPool2dBackward`, and with it every model of striate, gives it to the first in
 * row-major order alone, as PyTorch does: what goes back is then never more than what came. The two agree where no two
 * cells of a window are equal; after a ReLU windows full of zeros are common.
 *
 * @param x a window, of any shape
 * @returns a mask of the shape of x
 * @example
 * textbook.createMaskFromWindow(tensor([[1, 3], [3, 0]])).toArray(); // [[0,1],[1,0]]
 */
export function createMaskFromWindow(x: Tensor): Tensor {
  shapeOf("createMaskFromWindow", "x", x);
  const values = x.data;
  const largest = values.reduce((a, b) => Math.max(a, b));
  return tensor(
    values.map((value) => (value === largest ? 1 : 0)),
    x.shape,
  );
}

/**
 * Spreads a gradient evenly: every cell of a window had the same share in its mean.
 *
 * @param dz the gradient of one mean
 * @param shape of the window, [n_H, n_W]
 * @returns a matrix of this shape, each cell dz / (n_H * n_W)
 * @example
 * textbook.distributeValue(2, [2, 2]).toArray(); // [[0.5,0.5],[0.5,0.5]]
 */
export function distributeValue(dz: number, shape: Shape): Tensor {
  if (typeof dz !== "number") throw new ArgumentError(`distributeValue: dz must be a number, got ${show(dz)}`);
  expectShape("distributeValue", "shape", shape, ["n_H", "n_W"]);
  return full(shape, dz / (shape[0] * shape[1]));
}

/**
 * The backward pass of a pooling layer. Windows that overlap add up:
 *
 *     max      dAPrev slice += createMaskFromWindow(slice) * dA[i,h,w,c]     min: the same with the smallest
 *     average  dAPrev slice += distributeValue(dA[i,h,w,c], [f, f])
 *
 * Where a window has several largest cells, each takes the gradient in full: see `createMaskFromWindow`.
 *
 * @param dA gradient of the cost with respect to A, [m, n_H, n_W, n_C]
 * @param cache what `poolForward` returned
 * @param mode the mode that `poolForward` had. Default "max".
 * @returns dAPrev [m, n_H_prev, n_W_prev, n_C]
 * @example
 * const { A, cache } = textbook.poolForward(zeros([2, 4, 4, 3]), { stride: 2, f: 3 }, "average");
 * const dAPrev = textbook.poolBackward(A, cache, "average"); // [2,4,4,3]
 */
export function poolBackward(dA: Tensor, cache: PoolCache, mode: PoolMode = "max"): Tensor {
  const op = "poolBackward";
  oneOf(op, "mode", mode, MODES);
  expectCache(op, cache, "poolForward", 2);
  const [APrev, hparameters] = cache;
  const options = optionsOf(op, hparameters);
  expectShape(op, "dA", shapeOf(op, "dA", dA), inferPool2d(op, APrev.shape, options).output);
  if (mode === "average") return avgPool2dBackward(dA, APrev, options);
  const backward = mode === "max" ? maxPool2dBackward : minPool2dBackward;
  return backward(dA, APrev, options, "all");
}

/** The names of the exercise in those of the op. */
function optionsOf(op: string, hparameters: PoolHyperparameters): { stride: number; poolSize: number } {
  return { stride: hyperparameter(op, hparameters, "stride", 1), poolSize: hyperparameter(op, hparameters, "f", 1) };
}
