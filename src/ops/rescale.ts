/** One factor and one offset for all elements. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";

/** What `rescale` takes. */
export interface RescaleOptions {
  /** Default 1. */
  scale?: number;
  /** Default 0. */
  offset?: number;
}

export interface RescalePlan {
  readonly output: Shape;
  readonly size: number;
  readonly scale: number;
  readonly offset: number;
}

/** The shape rule: any shape stays. */
export function inferRescale(op: string, x: Shape, options: RescaleOptions): RescalePlan {
  checkOptions(op, options, { scale: true, offset: true });
  const { scale = 1, offset = 0 } = options;
  for (const [name, value] of Object.entries({ scale, offset })) {
    if (!Number.isFinite(value)) throw new ArgumentError(`${op}: ${name} must be a finite number, got ${show(value)}`);
  }
  return { output: x, size: sizeOf(x), scale, offset };
}

/** x -> y, which may be x. */
export function forwardRescale(
  kernels: Kernels,
  at: { x: number; y: number },
  { size, scale, offset }: RescalePlan,
): void {
  kernels.rescale(at.x, at.y, size, scale, offset);
}

/** dy -> dx (written), which may be dy. */
export function backwardRescale(kernels: Kernels, at: { dy: number; dx: number }, { size, scale }: RescalePlan): void {
  kernels.rescale(at.dy, at.dx, size, scale, 0);
}

/**
 * scale x + offset (Keras Rescaling). NaN passes on.
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError for a scale or an offset that is not finite.
 * @example
 * ops.rescale(tensor([0, 255]), { scale: 2 / 255, offset: -1 }).toArray(); // [-1,1]
 */
export function rescale(x: Tensor, options: RescaleOptions = {}): Tensor {
  const plan = inferRescale("rescale", shapeOf("rescale", "x", x), options);
  return eager("rescale", { x }, (run) => {
    const y = run.output(plan.output);
    forwardRescale(run.kernels, { x: x.pointer, y: y.pointer }, plan);
    return y;
  });
}

/**
 * The gradient of `rescale`: scale dy.
 *
 * @example
 * ops.rescaleBackward(tensor([1]), tensor([5]), { scale: 2 }).toArray(); // [2]
 */
export function rescaleBackward(dy: Tensor, x: Tensor, options: RescaleOptions = {}): Tensor {
  const op = "rescaleBackward";
  const plan = inferRescale(op, shapeOf(op, "x", x), options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    backwardRescale(run.kernels, { dy: dy.pointer, dx: dx.pointer }, plan);
    return dx;
  });
}
