/** Rectangles of images overwritten: cutout (DeVries & Taylor, arXiv 1708.04552), random erasing (Zhong et al., arXiv 1708.04896). */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { perImage } from "./perImage.ts";

/** Rows and columns of an image; may be empty. */
export type Box = readonly [top: number, left: number, height: number, width: number];

/** What `erase` takes. */
export interface EraseOptions {
  /** What is written. Default 0. */
  value?: number;
}

export interface ErasePlan {
  readonly output: Shape;
  readonly image: readonly [n: number, h: number, w: number, c: number];
  readonly value: number;
  /** A row of an image. */
  readonly scratchBytes: number;
}

/** The shape rule: images stay as they are. */
export function inferErase(op: string, x: Shape, options: EraseOptions = {}): ErasePlan {
  checkOptions(op, options, { value: true });
  const { value = 0 } = options;
  if (typeof value !== "number") throw new ArgumentError(`${op}: value must be a number, got ${show(value)}`);
  const image = imageShape(op, "x", x);
  const [, , w, c] = image;
  return { output: x, image, value, scratchBytes: 4 * w * c };
}

/** Overwrites the box of image i of y by rows that lie `step` floats apart. */
export function writeBox(
  kernels: Kernels,
  y: number,
  { image: [, h, w, c] }: ErasePlan,
  i: number,
  [top, left, height, width]: Box,
  rows: number,
  step: number,
): void {
  const to = y + 4 * c * ((i * h + top) * w + left);
  extra(kernels).move(rows, to, 1, height, width * c, 0, step, 1, 0, w * c, 1);
}

/** x -> y, which may be x. */
export function forwardErase(
  kernels: Kernels,
  at: { x: number; y: number; scratch: number },
  plan: ErasePlan,
  boxes: readonly Box[],
): void {
  const [n, h, w, c] = plan.image;
  if (at.x !== at.y) kernels.copy(at.x, at.y, n * h * w * c);
  kernels.fill(at.scratch, w * c, plan.value);
  for (const [i, box] of boxes.entries()) writeBox(kernels, at.y, plan, i, box, at.scratch, 0);
}

/** dy -> dx (written), which may be dy. */
export function backwardErase(
  kernels: Kernels,
  at: { dy: number; dx: number; scratch: number },
  plan: ErasePlan,
  boxes: readonly Box[],
): void {
  forwardErase(kernels, { x: at.dy, y: at.dx, scratch: at.scratch }, { ...plan, value: 0 }, boxes);
}

/**
 * Images with a rectangle overwritten (cutout: DeVries & Taylor 2017, arXiv 1708.04552). NaN outside of it stays.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param boxes [top, left, height, width], or a list with one for each image
 * @returns the shape of x
 * @throws ShapeError unless x is an image; ArgumentError for a box that does not lie in it.
 * @example
 * ops.erase(full([1, 4, 1], 1), [0, 1, 1, 2]).toArray(); // [[[1],[0],[0],[1]]]
 */
export function erase(x: Tensor, boxes: Box | readonly Box[], options: EraseOptions = {}): Tensor {
  const plan = inferErase("erase", shapeOf("erase", "x", x), options);
  const each = checkBoxes("erase", boxes, plan);
  return eager("erase", { x }, (run) => {
    const y = run.output(plan.output);
    const at = { x: x.pointer, y: y.pointer, scratch: run.scratch(plan.scratchBytes) };
    forwardErase(run.kernels, at, plan, each);
    return y;
  });
}

/**
 * The gradient of `erase`: dy, and 0 where it was overwritten.
 *
 * @example
 * ops.eraseBackward(full([1, 4, 1], 1), zeros([1, 4, 1]), [0, 1, 1, 2]).toArray(); // [[[1],[0],[0],[1]]]
 */
export function eraseBackward(dy: Tensor, x: Tensor, boxes: Box | readonly Box[], options: EraseOptions = {}): Tensor {
  const op = "eraseBackward";
  const plan = inferErase(op, shapeOf(op, "x", x), options);
  const each = checkBoxes(op, boxes, plan);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    const at = { dy: dy.pointer, dx: dx.pointer, scratch: run.scratch(plan.scratchBytes) };
    backwardErase(run.kernels, at, plan, each);
    return dx;
  });
}

function checkBoxes(op: string, boxes: Box | readonly Box[], { image: [n, h, w] }: ErasePlan): readonly Box[] {
  const isOne = (box: unknown) =>
    Array.isArray(box) &&
    box.length === 4 &&
    box.every((side) => Number.isInteger(side) && side >= 0) &&
    box[0] + box[2] <= h &&
    box[1] + box[3] <= w;
  return perImage<Box>(op, "boxes", boxes, n, isOne, `[top, left, height, width] within [${h},${w}]`);
}
