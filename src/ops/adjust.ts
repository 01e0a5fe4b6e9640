/** Brightness and contrast of images. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, imageShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { eager, shapeOf } from "./eager.ts";
import { perImage } from "./perImage.ts";

/** What `adjustBrightness` and `adjustContrast` take. */
export interface AdjustOptions {
  /** The least and the largest value of a pixel: results are kept within. Default: none. */
  valueRange?: readonly [low: number, high: number];
}

export interface AdjustPlan {
  readonly output: Shape;
  /** Images, pixels of one, channels. */
  readonly sizes: readonly [n: number, pixels: number, channels: number];
  readonly range: readonly [low: number, high: number];
  /** How often the channels are written one behind the other, so that kernels read whole vectors of them. */
  readonly repeats: number;
  readonly scratchBytes: number;
}

export type Adjustment = "brightness" | "contrast";

/** The shape rule: images stay as they are. */
export function inferAdjust(op: string, x: Shape, options: AdjustOptions = {}): AdjustPlan {
  checkOptions(op, options, { valueRange: true });
  const range = options.valueRange === undefined ? UNLIMITED : checkRange(op, options.valueRange);
  const [n, h, w, c] = imageShape(op, "x", x);
  const repeats = c < 8 ? 16 : 4;
  return { output: x, sizes: [n, h * w, c], range, repeats, scratchBytes: 4 * c * (1 + repeats) };
}

const UNLIMITED = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** Two finite numbers, the lower first. */
export function checkRange(op: string, range: readonly [number, number]): readonly [number, number] {
  const good = Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1];
  if (good) return range;
  throw new ArgumentError(`${op}: valueRange must be [low, high] such as [0, 255], got ${show(range)}`);
}

/** Writes what is added to the channels of factor x, `repeats` times. sums [C] is where their sum over `of` goes, times `share`. */
function writeShifts(kernels: Kernels, plan: AdjustPlan, of: number, sums: number, share: number): void {
  const [, pixels, c] = plan.sizes;
  kernels.reduceAxis(0, of, sums, 1, pixels, c, share / pixels);
  extra(kernels).move(sums, sums + 4 * c, 1, plan.repeats, c, 0, 0, 1, 0, c, 1);
}

/**
 * x -> y, which may be x: x + amount (brightness), or (x - mean) amount + mean by the mean of each channel of an image
 * (contrast); an amount for each image.
 */
export function forwardAdjust(
  kernels: Kernels,
  at: { x: number; y: number; scratch: number },
  plan: AdjustPlan,
  kind: Adjustment,
  amounts: readonly number[],
): void {
  const [, pixels, c] = plan.sizes;
  const [size, length, shifts] = [pixels * c, plan.repeats * c, at.scratch + 4 * c];
  for (const [i, amount] of amounts.entries()) {
    const [x, y] = [at.x + 4 * size * i, at.y + 4 * size * i];
    if (kind === "brightness") kernels.fill(shifts, length, amount);
    else writeShifts(kernels, plan, x, at.scratch, 1 - amount);
    extra(kernels).adjust(x, y, size, shifts, length, kind === "contrast" ? amount : 1, ...plan.range);
  }
}

/** dy, x -> dx (written), which may be dy. What was cut off gets 0. */
export function backwardAdjust(
  kernels: Kernels,
  at: { dy: number; x: number; dx: number; scratch: number },
  plan: AdjustPlan,
  kind: Adjustment,
  amounts: readonly number[],
): void {
  const [, pixels, c] = plan.sizes;
  const [size, length, shifts] = [pixels * c, plan.repeats * c, at.scratch + 4 * c];
  for (const [i, amount] of amounts.entries()) {
    const [dy, x, dx] = [at.dy + 4 * size * i, at.x + 4 * size * i, at.dx + 4 * size * i];
    if (kind === "brightness") {
      kernels.fill(shifts, length, amount);
      extra(kernels).adjustBackward(dy, x, dx, size, shifts, length, 1, ...plan.range);
      continue;
    }
    writeShifts(kernels, plan, x, at.scratch, 1 - amount);
    extra(kernels).adjustBackward(dy, x, dx, size, shifts, length, amount, ...plan.range);
    // The mean passes a part on to all pixels.
    writeShifts(kernels, plan, dx, at.scratch, 1 - amount);
    extra(kernels).adjust(dx, dx, size, shifts, length, amount, ...UNLIMITED);
  }
}

/**
 * x + delta, kept within the range (TensorFlow image.adjust_brightness). NaN stays NaN.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param delta a number, or a list with one for each image
 * @returns the shape of x
 * @throws ShapeError unless x is an image; ArgumentError for a delta that is not finite, or a range that is none.
 * @example
 * const x = tensor([10, 250], [1, 2, 1]);
 * ops.adjustBrightness(x, 20, { valueRange: [0, 255] }).toArray(); // [[[30],[255]]]
 */
export function adjustBrightness(x: Tensor, delta: number | readonly number[], options: AdjustOptions = {}): Tensor {
  return adjusted("adjustBrightness", "brightness", x, delta, options);
}

/**
 * The gradient of `adjustBrightness`: dy, and 0 where the range cut off.
 *
 * @example
 * const x = tensor([10, 250], [1, 2, 1]);
 * ops.adjustBrightnessBackward(full([1, 2, 1], 1), x, 20, { valueRange: [0, 255] }).toArray(); // [[[1],[0]]]
 */
export function adjustBrightnessBackward(
  dy: Tensor,
  x: Tensor,
  delta: number | readonly number[],
  options: AdjustOptions = {},
): Tensor {
  return adjustedBack("adjustBrightnessBackward", "brightness", { dy, x }, delta, options);
}

/**
 * (x - mean) factor + mean with the mean of each channel of each image, kept within the range (TensorFlow
 * image.adjust_contrast). NaN makes NaN of its channel.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param factor a number, or a list with one for each image
 * @returns the shape of x
 * @throws ShapeError unless x is an image; ArgumentError for a factor that is not finite, or a range that is none.
 * @example
 * ops.adjustContrast(tensor([10, 20], [1, 2, 1]), 2).toArray(); // [[[5],[25]]]
 */
export function adjustContrast(x: Tensor, factor: number | readonly number[], options: AdjustOptions = {}): Tensor {
  return adjusted("adjustContrast", "contrast", x, factor, options);
}

/**
 * The gradient of `adjustContrast`: factor dy + (1 - factor) times its mean over the channel, of dy where the range did not cut off.
 *
 * @example
 * const x = tensor([10, 20], [1, 2, 1]);
 * ops.adjustContrastBackward(tensor([1, 0], [1, 2, 1]), x, 2).toArray(); // [[[1.5],[-0.5]]]
 */
export function adjustContrastBackward(
  dy: Tensor,
  x: Tensor,
  factor: number | readonly number[],
  options: AdjustOptions = {},
): Tensor {
  return adjustedBack("adjustContrastBackward", "contrast", { dy, x }, factor, options);
}

/** What messages call the amount. */
const ARGUMENTS = { brightness: "delta", contrast: "factor" } as const;

type Amount = number | readonly number[];

function amountsOf(op: string, kind: Adjustment, amount: Amount, { sizes }: AdjustPlan): readonly number[] {
  return perImage<number>(op, ARGUMENTS[kind], amount, sizes[0], Number.isFinite, "a finite number");
}

function adjusted(op: string, kind: Adjustment, x: Tensor, amount: Amount, options: AdjustOptions): Tensor {
  const plan = inferAdjust(op, shapeOf(op, "x", x), options);
  const amounts = amountsOf(op, kind, amount, plan);
  return eager(op, { x }, (run) => {
    const y = run.output(plan.output);
    const at = { x: x.pointer, y: y.pointer, scratch: run.scratch(plan.scratchBytes) };
    forwardAdjust(run.kernels, at, plan, kind, amounts);
    return y;
  });
}

function adjustedBack(
  op: string,
  kind: Adjustment,
  { dy, x }: { dy: Tensor; x: Tensor },
  amount: Amount,
  options: AdjustOptions,
): Tensor {
  const plan = inferAdjust(op, shapeOf(op, "x", x), options);
  const amounts = amountsOf(op, kind, amount, plan);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x }, (run) => {
    const dx = run.output(x.shape);
    const at = { dy: dy.pointer, x: x.pointer, dx: dx.pointer, scratch: run.scratch(plan.scratchBytes) };
    backwardAdjust(run.kernels, at, plan, kind, amounts);
    return dx;
  });
}
