/** What is random in training besides dropout: maps dropped whole, and noise that is added or multiplied. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ArithmeticPlan, forwardArithmetic, inferArithmetic } from "./arithmetic.ts";
import { checkStream, type DropoutOptions, forwardDropout, inferDropout } from "./dropout.ts";
import { eager, shapeOf } from "./eager.ts";

export type Noise = "spatialDropout" | "alphaDropout" | "gaussianDropout" | "gaussianNoise";

/** What `gaussianNoise` takes. */
export interface GaussianNoiseOptions extends Omit<DropoutOptions, "rate"> {
  /** The standard deviation, a number >= 0. */
  stddev: number;
}

export interface NoisePlan {
  readonly kind: Noise;
  readonly output: Shape;
  readonly size: number;
  /** The rate, or the deviation. */
  readonly amount: number;
  /** How a mask of [N,1,...,C] or of the shape of x meets x; undefined where there is none. */
  readonly mask: ArithmeticPlan | undefined;
  /** Elements of the mask, which scratch holds. */
  readonly drawn: number;
  readonly scratchBytes: number;
}

/** The shape rule: any shape stays; maps are those of x [N,...,C]. */
export function inferNoise(op: string, kind: Noise, x: Shape, amount: number): NoisePlan {
  if (kind === "gaussianNoise") {
    if (!(Number.isFinite(amount) && amount >= 0)) {
      throw new ArgumentError(`${op}: stddev must be a finite number >= 0, got ${show(amount)}`);
    }
  } else inferDropout(op, x, amount);
  if (kind === "spatialDropout" && x.length < 2) throw new ShapeError(`${op}: x must be [N,...,C], got ${show(x)}`);
  const maps = x.map((n, axis) => (axis === 0 || axis === x.length - 1 ? n : 1));
  const of = kind === "spatialDropout" ? maps : x;
  const hasMask = kind !== "alphaDropout";
  const drawn = hasMask ? sizeOf(of) : 0;
  return {
    kind,
    output: x,
    size: sizeOf(x),
    amount,
    mask: hasMask ? inferArithmetic(op, kind === "gaussianNoise" ? "add" : "mul", x, of) : undefined,
    drawn,
    scratchBytes: 4 * drawn,
  };
}

/** x -> y, which may be x. `seed` is below 2^53, `stream` below 2^32. */
export function forwardNoise(
  kernels: Kernels,
  at: { x: number; y: number; scratch: number },
  plan: NoisePlan,
  seed: number,
  stream: number,
): void {
  if (plan.mask === undefined) {
    const { size, amount } = plan;
    const { scale, before, after } = alpha(amount);
    kernels.rescale(at.x, at.y, size, scale, before);
    forwardDropout(kernels, { x: at.y, y: at.y }, { output: plan.output, size, rate: amount }, seed, stream);
    kernels.rescale(at.y, at.y, size, 1, after);
    return;
  }
  drawMask(kernels, at.scratch, plan, seed, stream);
  forwardArithmetic(kernels, { a: at.x, b: at.scratch, y: at.y }, plan.mask);
}

/** dy -> dx (written; may be dy), under the same mask. */
export function backwardNoise(
  kernels: Kernels,
  at: { dy: number; dx: number; scratch: number },
  plan: NoisePlan,
  seed: number,
  stream: number,
): void {
  const { kind, size, amount } = plan;
  if (kind === "gaussianNoise") {
    kernels.copy(at.dy, at.dx, size);
  } else if (plan.mask === undefined) {
    kernels.rescale(at.dy, at.dx, size, alpha(amount).scale, 0);
    forwardDropout(kernels, { x: at.dx, y: at.dx }, { output: plan.output, size, rate: amount }, seed, stream);
  } else {
    forwardNoise(kernels, { x: at.dy, y: at.dx, scratch: at.scratch }, plan, seed, stream);
  }
}

function drawMask(kernels: Kernels, mask: number, plan: NoisePlan, seed: number, stream: number): void {
  const { kind, amount, drawn, output } = plan;
  if (kind === "spatialDropout") {
    kernels.fill(mask, drawn, 1);
    forwardDropout(kernels, { x: mask, y: mask }, { output, size: drawn, rate: amount }, seed, stream);
    return;
  }
  const [mean, deviation] = kind === "gaussianNoise" ? [0, amount] : [1, Math.sqrt(amount / (1 - amount))];
  kernels.normalNoise(mask, 0, drawn, mean, deviation, seed, Math.floor(seed / 2 ** 32), stream);
}

/** What SELU saturates at: -scale alpha (Klambauer et al. 2017, arXiv 1706.02515). */
const SATURATED = -1.7580993408473766;

/**
 * Alpha dropout is a (x kept, SATURATED dropped) + b, with a and b such that mean 0 and variance 1 stay. With the mask m of dropout,
 * which is 0 or 1 / (1 - rate), that is m (scale x + before) + after.
 */
function alpha(rate: number): { scale: number; before: number; after: number } {
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SATURATED ** 2));
  const b = -a * SATURATED * rate;
  return { scale: a * (1 - rate), before: -a * SATURATED * (1 - rate), after: a * SATURATED + b };
}

/**
 * Drops whole maps (Tompson et al. 2015, arXiv 1411.4280): of every sample a channel is 0 at all places with probability `rate`,
 * else multiplied by 1 / (1 - rate).
 *
 * @param x [N,...,C]
 * @returns the shape of x
 * @throws ShapeError for fewer than two axes; ArgumentError for a rate outside [0, 1), or a seed or stream outside its range.
 * @example
 * const y = ops.spatialDropout(zeros([2, 8, 8, 16]), { rate: 0.2, seed: 1 }); // [2,8,8,16]
 */
export function spatialDropout(x: Tensor, options: DropoutOptions): Tensor {
  return run("spatialDropout", x, options.rate, options);
}

/**
 * The gradient of `spatialDropout`: dy under the same mask.
 *
 * @example
 * const dx = ops.spatialDropoutBackward(zeros([2, 16]), zeros([2, 16]), { rate: 0.2, seed: 1 }); // [2,16]
 */
export function spatialDropoutBackward(dy: Tensor, x: Tensor, options: DropoutOptions): Tensor {
  return runBackward("spatialDropout", dy, x, options.rate, options);
}

/**
 * Dropout for networks of SELU (Klambauer et al. 2017, arXiv 1706.02515): what is dropped gets the value at which SELU
 * saturates, and mean 0 and variance 1 stay.
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError for a rate outside [0, 1), or a seed or stream outside its range.
 * @example
 * const y = ops.alphaDropout(zeros([2, 8, 8, 16]), { rate: 0.2, seed: 1 }); // [2,8,8,16]
 */
export function alphaDropout(x: Tensor, options: DropoutOptions): Tensor {
  return run("alphaDropout", x, options.rate, options);
}

/**
 * The gradient of `alphaDropout`: dy under the same mask.
 *
 * @example
 * const dx = ops.alphaDropoutBackward(zeros([2, 16]), zeros([2, 16]), { rate: 0.2, seed: 1 }); // [2,16]
 */
export function alphaDropoutBackward(dy: Tensor, x: Tensor, options: DropoutOptions): Tensor {
  return runBackward("alphaDropout", dy, x, options.rate, options);
}

/**
 * Multiplies by normally distributed numbers of mean 1 and variance rate / (1 - rate), those of dropout (Srivastava et al. 2014,
 * section 10).
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError for a rate outside [0, 1), or a seed or stream outside its range.
 * @example
 * const y = ops.gaussianDropout(zeros([2, 8, 8, 16]), { rate: 0.2, seed: 1 }); // [2,8,8,16]
 */
export function gaussianDropout(x: Tensor, options: DropoutOptions): Tensor {
  return run("gaussianDropout", x, options.rate, options);
}

/**
 * The gradient of `gaussianDropout`: dy times the same numbers.
 *
 * @example
 * const dx = ops.gaussianDropoutBackward(zeros([2, 16]), zeros([2, 16]), { rate: 0.2, seed: 1 }); // [2,16]
 */
export function gaussianDropoutBackward(dy: Tensor, x: Tensor, options: DropoutOptions): Tensor {
  return runBackward("gaussianDropout", dy, x, options.rate, options);
}

/**
 * Adds normally distributed numbers of mean 0 (Bishop 1995).
 *
 * @param x any shape
 * @returns the shape of x
 * @throws ArgumentError for a negative stddev, or a seed or stream outside its range.
 * @example
 * const y = ops.gaussianNoise(zeros([2, 8, 8, 16]), { stddev: 0.1, seed: 1 }); // [2,8,8,16]
 */
export function gaussianNoise(x: Tensor, options: GaussianNoiseOptions): Tensor {
  return run("gaussianNoise", x, options.stddev, options);
}

/**
 * The gradient of `gaussianNoise`: a copy of dy.
 *
 * @example
 * const dx = ops.gaussianNoiseBackward(zeros([2, 16]), zeros([2, 16]), { stddev: 0.1, seed: 1 }); // [2,16]
 */
export function gaussianNoiseBackward(dy: Tensor, x: Tensor, options: GaussianNoiseOptions): Tensor {
  return runBackward("gaussianNoise", dy, x, options.stddev, options);
}

type Drawn = Pick<DropoutOptions, "seed" | "stream">;

function run(kind: Noise, x: Tensor, amount: number, { seed, stream = 0 }: Drawn): Tensor {
  const plan = inferNoise(kind, kind, shapeOf(kind, "x", x), amount);
  checkStream(kind, seed, stream);
  return eager(kind, { x }, (lend) => {
    const y = lend.output(plan.output);
    const scratch = lend.scratch(plan.scratchBytes);
    forwardNoise(lend.kernels, { x: x.pointer, y: y.pointer, scratch }, plan, seed, stream);
    return y;
  });
}

function runBackward(kind: Noise, dy: Tensor, x: Tensor, amount: number, { seed, stream = 0 }: Drawn): Tensor {
  const op = `${kind}Backward`;
  const plan = inferNoise(op, kind, shapeOf(op, "x", x), amount);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  checkStream(op, seed, stream);
  return eager(op, { dy, x }, (lend) => {
    const dx = lend.output(x.shape);
    const scratch = lend.scratch(plan.scratchBytes);
    backwardNoise(lend.kernels, { dy: dy.pointer, dx: dx.pointer, scratch }, plan, seed, stream);
    return dx;
  });
}
