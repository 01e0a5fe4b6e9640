/** A fully connected layer: y = x w + b. */
import { checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { FUSED_ACTIVATIONS, FUSED_NAMES, type FusedActivation, panelBytes, panels, STRIP_BYTES } from "./gemm.ts";
import { inferWindow, type Window } from "./window.ts";

/** What `dense` takes. */
export interface DenseOptions {
  /** Applied as the sums are written. Default "linear". */
  activation?: FusedActivation;
}

export interface DensePlan {
  readonly m: number;
  readonly k: number;
  readonly o: number;
  readonly output: Shape;
  readonly activation: number;
  readonly packedBytes: number;
  readonly scratchBytes: number;
  readonly inputPackedBytes: number;
  readonly inputScratchBytes: number;
  readonly filterScratchBytes: number;
  /** The rows of x as the pixels of one image: the gradient of w is that of a 1x1 filter. */
  readonly window: Window;
}

/** The shape rule: x [M,K], w [K,O], b [O] or null -> [M,O]. */
export function inferDense(op: string, x: Shape, w: Shape, b: Shape | null, options: DenseOptions = {}): DensePlan {
  checkOptions(op, options, { activation: true });
  expectShape(op, "x", x, ["M", "K"]);
  expectShape(op, "w", w, ["K", "O"]);
  const [m, k] = x;
  const o = w[1];
  if (w[0] !== k) throw new ShapeError(`${op}: x ${show(x)} has ${k} columns, but w ${show(w)} has ${w[0]} rows`);
  if (b !== null) expectShape(op, "b", b, [o]);
  const name = oneOf(op, "activation", options.activation ?? "linear", FUSED_NAMES);
  return {
    m,
    k,
    o,
    output: [m, o],
    activation: FUSED_ACTIVATIONS[name],
    packedBytes: panels(o) * panelBytes(k),
    scratchBytes: STRIP_BYTES,
    inputPackedBytes: panels(k) * panelBytes(o),
    inputScratchBytes: STRIP_BYTES,
    filterScratchBytes: panels(o) * m * 32 + m * 16,
    window: inferWindow(op, [1, 1, m, k], [1, 1], {}, o),
  };
}

/** w [K,O], b [O] or null (0) -> packed. */
export function packDense(kernels: Kernels, at: { w: number; b: number; packed: number }, plan: DensePlan): void {
  kernels.densePack(at.w, at.b, at.packed, plan.k, plan.o);
}

/** x, packed -> y; `epilogue` where a planned model has another activation than the op. */
export function forwardDense(
  kernels: Kernels,
  at: { x: number; packed: number; y: number; scratch: number },
  { m, k, o, activation }: DensePlan,
  epilogue: number = activation,
): void {
  kernels.dense(at.x, at.packed, at.y, m, k, o, at.scratch, epilogue);
}

/** dy, w -> dx (written): a dense layer over the transposed weights. */
export function backwardDenseInput(
  kernels: Kernels,
  at: { dy: number; w: number; dx: number; packed: number; scratch: number },
  { m, k, o }: DensePlan,
): void {
  kernels.denseBackwardInputPack(at.w, at.packed, k, o);
  kernels.dense(at.dy, at.packed, at.dx, m, o, k, at.scratch, FUSED_ACTIVATIONS.linear);
}

/** x, dy -> dw (accumulated), db (accumulated; 0 where there is no bias). */
export function backwardDenseFilter(
  kernels: Kernels,
  at: { x: number; dy: number; dw: number; db: number; window: number; scratch: number },
  { m, o }: DensePlan,
): void {
  kernels.conv2dBackwardFilter(at.x, at.dy, at.dw, at.window, at.scratch);
  if (at.db !== 0) kernels.conv2dBackwardBias(at.dy, at.db, m, o);
}

/**
 * y[m,o] = b[o] + sum x[m,k] * w[k,o], a layer of neurons (Rumelhart et al. 1986).
 *
 * @param x [M,K]
 * @param w [K,O]
 * @param b [O] or null
 * @returns [M,O]
 * @throws ShapeError where the shapes do not fit each other.
 * @example
 * const [x, w, b] = [tensor([[1, 2]]), tensor([[3], [4]]), tensor([5])];
 * ops.dense(x, w, b).toArray(); // [[16]]
 */
export function dense(x: Tensor, w: Tensor, b: Tensor | null = null, options: DenseOptions = {}): Tensor {
  const shapes = [shapeOf("dense", "x", x), shapeOf("dense", "w", w)] as const;
  const plan = inferDense("dense", ...shapes, b === null ? null : shapeOf("dense", "b", b), options);
  return eager("dense", { x, w, b }, (run) => {
    const y = run.output(plan.output);
    const packed = run.scratch(plan.packedBytes);
    packDense(run.kernels, { w: w.pointer, b: b?.pointer ?? 0, packed }, plan);
    const at = { x: x.pointer, packed, y: y.pointer, scratch: run.scratch(plan.scratchBytes) };
    forwardDense(run.kernels, at, plan);
    return y;
  });
}

/**
 * The gradients of `dense`: dx = dy w^T, dw = x^T dy, db = sum dy (without an activation).
 *
 * @returns dx, dw, db of the shapes of x, w, [O]
 * @example
 * const { dx, dw, db } = ops.denseBackward(tensor([[1]]), tensor([[1, 2]]), tensor([[3], [4]]));
 * dx.toArray(); // [[3, 4]]
 */
export function denseBackward(dy: Tensor, x: Tensor, w: Tensor): { dx: Tensor; dw: Tensor; db: Tensor } {
  const op = "denseBackward";
  const plan = inferDense(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => {
    const dx = run.output(x.shape);
    const dw = run.zeros(w.shape);
    const db = run.zeros([plan.o]);
    const scratch = run.scratch(Math.max(plan.inputScratchBytes, plan.filterScratchBytes));
    const at = { dy: dy.pointer, x: x.pointer, w: w.pointer, scratch };
    backwardDenseInput(run.kernels, { ...at, dx: dx.pointer, packed: run.scratch(plan.inputPackedBytes) }, plan);
    const window = run.window(plan.window);
    backwardDenseFilter(run.kernels, { ...at, dw: dw.pointer, db: db.pointer, window }, plan);
    return { dx, dw, db };
  });
}
