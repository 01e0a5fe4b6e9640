/** Elements in another order: what slice, transpose, flip, depthToSpace and their like have in common. */
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { type Nest, nest, stridesOf } from "./nest.ts";

export interface MovePlan {
  readonly input: Shape;
  readonly output: Shape;
  /** Loops over x and y. */
  readonly nest: Nest;
  /** Elements of x that none of y comes from: their gradient is 0. */
  readonly leaves: boolean;
}

/**
 * The plan by which y, walked as `walk` in row-major order, comes from x in strides. `walk` holds as many elements as `output`,
 * which may group its axes otherwise.
 */
export function planMove(input: Shape, output: Shape, walk: Shape, strides: readonly number[], offset = 0): MovePlan {
  const all = [...walk.keys()];
  // The axis along which x lies in one piece goes next to the innermost one, where the kernel turns four by four.
  const along = all.slice(0, -1).findLast((axis) => strides[axis] === 1 && walk[axis] > 1);
  const order =
    along === undefined ? all : [...all.slice(0, -1).filter((axis) => axis !== along), along, ...all.slice(-1)];
  const of = (list: readonly number[]) => order.map((axis) => list[axis]);
  const loops = nest(of(walk), [of(strides), of(stridesOf(walk))], [offset, 0]);
  return { input, output, nest: loops, leaves: sizeOf(output) < sizeOf(input) };
}

/** x -> y. */
export function forwardMove(
  kernels: Kernels,
  at: { x: number; y: number },
  { nest: { sizes, strides, starts } }: MovePlan,
): void {
  const [x, y] = strides;
  for (const [from, to] of starts) extra(kernels).move(at.x + 4 * from, at.y + 4 * to, ...sizes, ...x, ...y);
}

/** dy -> dx (written): every gradient goes back to where its element came from. */
export function backwardMove(kernels: Kernels, at: { dy: number; dx: number }, plan: MovePlan): void {
  if (plan.leaves) kernels.fill(at.dx, sizeOf(plan.input), 0);
  const { sizes, strides, starts } = plan.nest;
  // The kernel wants that axis last along which the result lies in one piece.
  const order = strides[0][1] === 1 && strides[0][2] !== 1 ? SWAPPED : STRAIGHT;
  const of = (list: readonly number[]) => [list[order[0]], list[order[1]], list[order[2]]] as const;
  const [size, x, y] = [of(sizes), of(strides[0]), of(strides[1])];
  for (const [from, to] of starts) extra(kernels).move(at.dy + 4 * to, at.dx + 4 * from, ...size, ...y, ...x);
}

const STRAIGHT = [0, 1, 2] as const;
const SWAPPED = [0, 2, 1] as const;

/** The eager op. */
export function moved(op: string, x: Tensor, plan: MovePlan): Tensor {
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    forwardMove(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

/** Its gradient. */
export function movedBack(op: string, dy: Tensor, plan: MovePlan): Tensor {
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy }, (run) => {
    const dx = run.output(plan.input);
    backwardMove(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
