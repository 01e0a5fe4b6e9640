/** Learning rates that change with the number of steps taken. */
import { ArgumentError, show } from "../errors.ts";
import { cos, powInt } from "../tensor/exactMath.ts";
import { positive } from "./checks.ts";

/** A schedule: its options, and the rate of a step (counted from 0). JSON.stringify keeps what makes it again. */
export interface Schedule {
  /** Its name, as in "stepDecay". */
  readonly name: string;
  /** The learning rate of a step, counted from 0. */
  rate(step: number): number;
}

/** What `cosineDecay` takes. */
export interface CosineDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps until the rate has fallen to alpha * initialLearningRate, where it stays. */
  decaySteps: number;
  /** Default 0. */
  alpha?: number;
}

/**
 * initial * ((1 - alpha) * (1 + cos(pi * step / decaySteps)) / 2 + alpha): Loshchilov & Hutter 2017 (arXiv 1608.03983),
 * without restarts.
 *
 * @example
 * const { rate } = schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 100 });
 * [rate(0), rate(50), rate(100)]; // [1, 0.5, 0]
 */
export function cosineDecay({ initialLearningRate, decaySteps, alpha = 0 }: CosineDecayOptions): Schedule {
  positive("cosineDecay", "initialLearningRate", initialLearningRate);
  positive("cosineDecay", "decaySteps", decaySteps);
  if (!(alpha >= 0 && alpha <= 1)) throw new ArgumentError(`cosineDecay: alpha must lie in [0, 1], got ${show(alpha)}`);
  return {
    name: "cosineDecay",
    ...{ initialLearningRate, decaySteps, alpha },
    rate: (step) => {
      const part = Math.min(step, decaySteps) / decaySteps;
      return initialLearningRate * (((1 - alpha) * (1 + cos(Math.PI * part))) / 2 + alpha);
    },
  };
}

/** What `stepDecay` takes. */
export interface StepDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps between two falls. */
  every: number;
  /** What the rate is multiplied with. Default 0.1. */
  factor?: number;
}

/**
 * initial * factor^floor(step / every).
 *
 * @example
 * const { rate } = schedules.stepDecay({ initialLearningRate: 1, every: 10, factor: 0.5 });
 * [rate(9), rate(10), rate(20)]; // [1, 0.5, 0.25]
 */
export function stepDecay({ initialLearningRate, every, factor = 0.1 }: StepDecayOptions): Schedule {
  positive("stepDecay", "initialLearningRate", initialLearningRate);
  positive("stepDecay", "every", every);
  positive("stepDecay", "factor", factor);
  return {
    name: "stepDecay",
    ...{ initialLearningRate, every, factor },
    rate: (step) => initialLearningRate * powInt(factor, Math.floor(step / every)),
  };
}

/**
 * The same rate at every step.
 *
 * @example
 * schedules.constant(0.01).rate(1000); // 0.01
 */
export function constant(learningRate: number): Schedule {
  positive("constant", "learningRate", learningRate);
  return { name: "constant", ...{ learningRate }, rate: () => learningRate };
}
