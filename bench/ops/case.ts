// What is measured of an op: its error at a small size, beside its twin in doubles, and its speed at a large one.
import type { Tensor } from "striate";
import type { Array64 } from "../../test/reference/array.ts";
import type { Random } from "../../test/support/random.ts";

export type Shape = readonly number[];
export type Shapes = Readonly<Record<string, Shape>>;
type Tensors = Readonly<Record<string, Tensor>>;
/** Values of one input. */
export type Draw = (random: Random, shape: Shape) => Float32Array;

export interface OpCase {
  /** Of the inputs; x first. */
  readonly small: Shapes;
  readonly large: Shapes;
  /** How inputs are drawn that do not lie in [-1, 1). */
  readonly draw?: Readonly<Record<string, Draw>>;
  /** The first tensor is compared; all are disposed. */
  readonly forward: (t: Tensors) => Tensor | readonly Tensor[];
  /** Gradients by the names of inputs. Without, forward makes them along, as `gradient` tells. */
  readonly backward?: (dy: Tensor, t: Tensors) => Tensors;
  /** The gradient of x that comes with a loss. */
  readonly gradient?: (made: readonly Tensor[]) => Tensor;
  readonly twin: (a: Readonly<Record<string, Array64>>) => Array64;
  /** Multiply-adds of forward; where there are none, time is told for each element. */
  readonly macs?: (shapes: Shapes) => number;
}

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Uniform in [low, high). */
export const within =
  (low: number, high: number): Draw =>
  (random, shape) =>
    random.floats(sizeOf(shape), low, high);

/** 0.01 apart, in random order: no difference crosses a kink. */
export const distinct: Draw = (random, shape) => random.distinct(sizeOf(shape)).map((x) => x + 0.005);

/** Rows that are 1 at a class. */
export const hot: Draw = (random, shape) => {
  const classes = shape[shape.length - 1];
  const values = new Float32Array(sizeOf(shape));
  for (let row = 0; row < values.length; row += classes) values[row + Math.floor(random.next() * classes)] = 1;
  return values;
};

export const IMAGE = { small: { x: [2, 7, 6, 5] }, large: { x: [1, 56, 56, 64] } } as const;
export const LINE = { small: { x: [2, 13, 5] }, large: { x: [1, 3136, 64] } } as const;
export const VOLUME = { small: { x: [2, 4, 5, 4, 3] }, large: { x: [1, 8, 28, 28, 32] } } as const;
/** Of rows. */
export const ROWS = { small: { x: [4, 9] }, large: { x: [200, 1000] } } as const;

/** Of one input. */
export function unary(
  sizes: Pick<OpCase, "small" | "large">,
  forward: (x: Tensor) => Tensor,
  backward: (dy: Tensor, x: Tensor) => Tensor,
  twin: (x: Array64) => Array64,
  draw?: Draw,
): OpCase {
  return {
    ...sizes,
    ...(draw === undefined ? {} : { draw: { x: draw } }),
    forward: ({ x }) => forward(x),
    backward: (dy, { x }) => ({ x: backward(dy, x) }),
    twin: ({ x }) => twin(x),
  };
}
