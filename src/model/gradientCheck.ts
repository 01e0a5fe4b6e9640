/** A check of a model's gradients, for those who write layers or doubt ours. */
import { ArgumentError, show } from "../errors.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Samples } from "../tensor/samples.ts";
import { Batches } from "./batches.ts";
import type { Model } from "./model.ts";

/** The error above which another step is tried. */
const DOUBTFUL = 0.01;

/** What `gradientCheck` takes. */
export interface GradientCheckOptions {
  /** Half the distance between the two points of a difference, relative to the size of the weight. Default 1e-2. */
  step?: number;
  /** Elements checked of each parameter, drawn by the model's seed. Default 20. */
  samples?: number;
}

/** One element of one parameter. */
export interface GradientError {
  /** Its name. */
  readonly parameter: string;
  /** Of the element. */
  readonly index: number;
  /** By backpropagation. */
  readonly gradient: number;
  /** By finite differences. */
  readonly numeric: number;
  /**
   * |gradient - numeric| / max(|gradient|, |numeric|, 1e-3 of the largest gradient of the parameter, 100 times what
   * rounding of the loss alone makes of the difference).
   */
  readonly error: number;
}

/** What `gradientCheck` found. */
export interface GradientReport {
  /** The largest error of all. */
  readonly worst: GradientError;
  /** The worst of each parameter. */
  readonly parameters: readonly GradientError[];
}

/**
 * Compares every parameter's gradient of the loss on (x, y) with central differences (of order four, since the loss is
 * computed in f32) and names the worst. Weights are unchanged afterwards. Dropout does not drop and batch norm uses its
 * running statistics meanwhile. Where both differ by more than 1 %, a quarter of the step and four times it are tried as
 * well, and the best counts: a kink (ReLU at 0, max pooling where two are equal) or rounding spoils one step, a wrong
 * gradient all.
 *
 * @example
 * const model = sequential({ inputShape: [4], seed: 1 }, [layers.dense({ units: 2, activation: "softmax" })]);
 * model.compile({ loss: "sparseCategoricalCrossentropy" });
 * const { worst } = gradientCheck(model, [[1, 2, 3, 4]], [1]);
 * worst.error < 0.01; // true
 */
export function gradientCheck(
  model: Model,
  x: Samples,
  y: Samples,
  options: GradientCheckOptions = {},
): GradientReport {
  const { step = 1e-2, samples = 20 } = options;
  if (!(step > 0 && Number.isFinite(step))) {
    throw new ArgumentError(`gradientCheck: step must be a number > 0, got ${show(step)}`);
  }
  if (!Number.isInteger(samples) || samples < 1) {
    throw new ArgumentError(`gradientCheck: samples must be a whole number >= 1, got ${show(samples)}`);
  }
  const trainer = model.trainer("gradientCheck");
  trainer.mustLearn("gradientCheck");
  const { runtime, inputShape, outputShape } = model;
  const expected = { runtime, inputShape, outputShape, loss: trainer.compiled.loss };
  const data = new Batches("gradientCheck", x, y, expected, { batchSize: 2 ** 31 });
  const feed = data.feed(data.all);
  const rounding = 2 ** -23 * Math.abs(trainer.gradients(data.count, feed));
  const gradients = trainer.learning.map((parameter) => parameter.gradientData.slice());
  const loss = () => trainer.evaluateBatch(data.count, feed).scores.loss;
  const random = new SeededRandom(model.seed).fork("gradientCheck");
  const parameters = trainer.learning.map((parameter, i) => {
    const gradient = gradients[i];
    const floor = 1e-3 * gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    const values = parameter.data.slice();
    const at = (index: number, value: number) => {
      const changed = values.slice();
      changed[index] = value;
      parameter.set(changed);
      return loss();
    };
    const compare = (index: number, h: number): GradientError => {
      const numeric = difference((value) => at(index, value), values[index], h);
      const scale = Math.max(Math.abs(gradient[index]), Math.abs(numeric), floor, (100 * rounding) / h, 1e-7);
      const error = Math.abs(gradient[index] - numeric) / scale;
      const counted = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error; // a NaN is as wrong as can be
      return { parameter: parameter.name, index, gradient: gradient[index], numeric, error: counted };
    };
    const errors = chosen(parameter.size, samples, random).map((index) => {
      const h = step * Math.max(Math.abs(values[index]), 0.1);
      const first = compare(index, h);
      return first.error < DOUBTFUL ? first : leastOf([first, compare(index, h / 4), compare(index, h * 4)]);
    });
    parameter.set(values);
    return worstOf(errors);
  });
  return { worst: worstOf(parameters), parameters };
}

/** (8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h: an error of h^4. */
function difference(f: (value: number) => number, at: number, h: number): number {
  const near = Math.fround(at + h);
  const width = near - at;
  return (8 * (f(at + width) - f(at - width)) - (f(at + 2 * width) - f(at - 2 * width))) / (12 * width);
}

function chosen(size: number, samples: number, random: SeededRandom): number[] {
  if (size <= samples) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: samples }, () => random.integer(size));
}

function leastOf(errors: readonly GradientError[]): GradientError {
  return errors.reduce((least, error) => (error.error < least.error ? error : least));
}

function worstOf(errors: readonly GradientError[]): GradientError {
  return errors.reduce((worst, error) => (error.error > worst.error ? error : worst));
}
