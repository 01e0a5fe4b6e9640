/** Inverted dropout (Srivastava et al. 2014). */
import { ArgumentError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `dropout` takes. */
export interface DropoutOptions {
  /** The probability of an element to become 0, in [0, 1). */
  rate: number;
  /** Which masks: a whole number from 0 to 2^53 - 1. */
  seed: number;
  /** Which of the seed's masks, such as the number of the step: a whole number from 0 to 2^32 - 1. Default 0. */
  stream?: number;
}

export interface DropoutPlan {
  readonly output: Shape;
  readonly size: number;
  readonly rate: number;
}

/** The shape rule: any shape stays. */
export function inferDropout(op: string, x: Shape, rate: number): DropoutPlan {
  if (!(typeof rate === "number" && rate >= 0 && rate < 1)) {
    throw new ArgumentError(`${op}: rate must be a number from 0 up to, but not including, 1, got ${show(rate)}`);
  }
  return { output: x, size: sizeOf(x), rate };
}

/** x -> y, which may be the same. `seed` is below 2^53, `stream` below 2^32. */
export function forwardDropout(
  kernels: Kernels,
  at: { x: number; y: number },
  { size, rate }: DropoutPlan,
  seed: number,
  stream: number,
): void {
  kernels.dropout(at.x, at.y, 0, size, rate, seed, Math.floor(seed / 2 ** 32), stream);
}

/** dy -> dx (written), which may be the same, under the mask of this seed and stream. */
export function backwardDropout(
  kernels: Kernels,
  at: { dy: number; dx: number },
  plan: DropoutPlan,
  seed: number,
  stream: number,
): void {
  forwardDropout(kernels, { x: at.dy, y: at.dx }, plan, seed, stream);
}

/**
 * Sets elements to 0 with probability `rate` and multiplies the others by 1 / (1 - rate) (Srivastava et al. 2014). Which ones
 * follows from seed, stream and the element's index alone, in every runtime. NaN stays NaN, and a dropped infinity becomes NaN,
 * as in PyTorch.
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError for a rate outside [0, 1), or a seed or stream outside its range.
 * @example
 * const y = ops.dropout(full([4], 1), { rate: 0.5, seed: 1, stream: 0 }); // [4]
 * y.data.every((value) => value === 0 || value === 2); // true
 */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  return run("dropout", x, shapeOf("dropout", "x", x), options);
}

/**
 * The gradient of `dropout`: dy under the same mask.
 *
 * @param dy the gradient of the output
 * @returns dx, of the shape of x
 * @example
 * const x = full([4], 1);
 * const dx = ops.dropoutBackward(full([4], 1), x, { rate: 0.5, seed: 1, stream: 0 }); // [4]
 */
export function dropoutBackward(dy: Tensor, x: Tensor, options: DropoutOptions): Tensor {
  const op = "dropoutBackward";
  const shape = shapeOf(op, "x", x);
  expectShape(op, "dy", shapeOf(op, "dy", dy), shape);
  return run(op, dy, shape, options);
}

function run(op: string, x: Tensor, shape: Shape, { rate, seed, stream = 0 }: DropoutOptions): Tensor {
  const plan = inferDropout(op, shape, rate);
  checkStream(op, seed, stream);
  return eager(op, { x }, (eagerly) => {
    const y = eagerly.output(plan.output);
    forwardDropout(eagerly.kernels, { x: x.pointer, y: y.pointer }, plan, seed, stream);
    return y;
  });
}

/** Throws ArgumentError unless seed and stream lie in their ranges. */
export function checkStream(op: string, seed: number, stream: number): void {
  checkWhole(op, "seed", seed, 53);
  checkWhole(op, "stream", stream, 32);
}

function checkWhole(op: string, argument: string, value: number, bits: number): void {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return;
  throw new ArgumentError(`${op}: ${argument} must be a whole number from 0 to 2^${bits} - 1, got ${show(value)}`);
}
