/** Learning rates that change with the number of steps taken. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import { cos, pow, powInt } from "../tensor/exactMath.ts";
import { notNegative, positive, share, steps } from "./checks.ts";
import { constant, type Schedule, scheduleOf } from "./schedule.ts";

export { constant, type Schedule };

/** From 1 at part 0 to `end` at part 1, along half a cosine. */
function halfCosine(part: number, end: number): number {
  return ((1 - end) * (1 + cos(Math.PI * part))) / 2 + end;
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
export function cosineDecay(options: CosineDecayOptions): Schedule {
  checkOptions("cosineDecay", options, { initialLearningRate: true, decaySteps: true, alpha: true });
  const { initialLearningRate, decaySteps, alpha = 0 } = options;
  positive("cosineDecay", "initialLearningRate", initialLearningRate);
  positive("cosineDecay", "decaySteps", decaySteps);
  share("cosineDecay", "alpha", alpha);
  return {
    name: "cosineDecay",
    ...{ initialLearningRate, decaySteps, alpha },
    rate: (step) => initialLearningRate * halfCosine(Math.min(step, decaySteps) / decaySteps, alpha),
  };
}

/** What `cosineDecayRestarts` takes. */
export interface CosineDecayRestartsOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps of the first period. */
  firstDecaySteps: number;
  /** How much longer each period is than the one before. Default 2. */
  tMul?: number;
  /** What each period's first rate is multiplied with. Default 1. */
  mMul?: number;
  /** What a period ends with, times its first rate. Default 0. */
  alpha?: number;
}

/**
 * A cosine that begins anew, each time longer: SGDR (Loshchilov & Hutter 2017, arXiv 1608.03983).
 *
 * @example
 * schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 1000 })
 */
export function cosineDecayRestarts(options: CosineDecayRestartsOptions): Schedule {
  const op = "cosineDecayRestarts";
  const known = { initialLearningRate: true, firstDecaySteps: true, tMul: true, mMul: true, alpha: true } as const;
  checkOptions(op, options, known);
  const { initialLearningRate, firstDecaySteps, tMul = 2, mMul = 1, alpha = 0 } = options;
  positive(op, "initialLearningRate", initialLearningRate);
  positive(op, "firstDecaySteps", firstDecaySteps);
  if (!(tMul >= 1)) throw new ArgumentError(`${op}: tMul must be a number >= 1, got ${show(tMul)}`);
  positive(op, "mMul", mMul);
  share(op, "alpha", alpha);
  return {
    name: op,
    ...{ initialLearningRate, firstDecaySteps, tMul, mMul, alpha },
    rate(step) {
      let [first, period, peak] = [0, firstDecaySteps, initialLearningRate];
      if (tMul === 1) {
        const past = Math.floor(step / period);
        [first, peak] = [past * period, peak * powInt(mMul, past)];
      }
      for (; step >= first + period; period *= tMul, peak *= mMul) first += period;
      return peak * halfCosine((step - first) / period, alpha);
    },
  };
}

/** What `exponentialDecay` takes. */
export interface ExponentialDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps in which the rate is multiplied with decayRate once. */
  decaySteps: number;
  /** The factor of decaySteps steps. */
  decayRate: number;
  /** Fall once every decaySteps instead of a little at each. Default false. */
  staircase?: boolean;
}

/**
 * initial * decayRate^(step / decaySteps), the exponent rounded down where `staircase`.
 *
 * @example
 * const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1000, decayRate: 0.9 });
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const known = { initialLearningRate: true, decaySteps: true, decayRate: true, staircase: true } as const;
  checkOptions("exponentialDecay", options, known);
  const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
  positive("exponentialDecay", "initialLearningRate", initialLearningRate);
  positive("exponentialDecay", "decaySteps", decaySteps);
  positive("exponentialDecay", "decayRate", decayRate);
  return {
    name: "exponentialDecay",
    ...{ initialLearningRate, decaySteps, decayRate, staircase },
    rate: (step) => {
      const power = step / decaySteps;
      return initialLearningRate * pow(decayRate, staircase ? Math.floor(power) : power);
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
export function stepDecay(options: StepDecayOptions): Schedule {
  checkOptions("stepDecay", options, { initialLearningRate: true, every: true, factor: true });
  const { initialLearningRate, every, factor = 0.1 } = options;
  positive("stepDecay", "initialLearningRate", initialLearningRate);
  positive("stepDecay", "every", every);
  positive("stepDecay", "factor", factor);
  return {
    name: "stepDecay",
    ...{ initialLearningRate, every, factor },
    rate: (step) => initialLearningRate * powInt(factor, Math.floor(step / every)),
  };
}

/** What `oneCycle` takes. */
export interface OneCycleOptions {
  /** The rate at the peak. */
  maxLearningRate: number;
  /** Steps of the cycle; behind it the rate stays. */
  totalSteps: number;
  /** The share of the cycle in which the rate rises. Default 0.3. */
  pctStart?: number;
  /** The first rate is maxLearningRate / divFactor. Default 25. */
  divFactor?: number;
  /** The last one is the first / finalDivFactor. Default 1e4. */
  finalDivFactor?: number;
}

/**
 * Up along half a cosine and down along another (Smith & Topin 2018, arXiv 1708.07120; the numbers are PyTorch's).
 *
 * @example
 * const learningRate = schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 1000 }); // for an optimizer
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const rest = { pctStart: true, divFactor: true, finalDivFactor: true } as const;
  checkOptions("oneCycle", options, { maxLearningRate: true, totalSteps: true, ...rest });
  const { maxLearningRate, totalSteps, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
  positive("oneCycle", "maxLearningRate", maxLearningRate);
  steps("oneCycle", "totalSteps", totalSteps);
  share("oneCycle", "pctStart", pctStart);
  positive("oneCycle", "divFactor", divFactor);
  positive("oneCycle", "finalDivFactor", finalDivFactor);
  const [first, last, peak] = [1 / divFactor, 1 / divFactor / finalDivFactor, pctStart * totalSteps - 1];
  return {
    name: "oneCycle",
    ...{ maxLearningRate, totalSteps, pctStart, divFactor, finalDivFactor },
    rate: (step) => {
      const at = Math.min(step, totalSteps - 1);
      if (at <= peak) return maxLearningRate * halfCosine(1 - at / Math.max(peak, 1e-9), first);
      return maxLearningRate * halfCosine((at - peak) / (totalSteps - 1 - peak), last);
    },
  };
}

/** What `warmUp` takes. */
export interface WarmUpOptions {
  /** Steps in which the rate rises. */
  warmupSteps: number;
  /** What comes behind them, beginning at its own step 0: a rate, or a schedule. */
  learningRate: number | Schedule;
  /** The rate of step 0. Default 0. */
  initialLearningRate?: number;
}

/**
 * Up in a straight line to the first rate of what follows (Goyal et al. 2017, arXiv 1706.02677).
 *
 * @example
 * schedules.warmUp({ warmupSteps: 500, learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 5000 }) })
 */
export function warmUp(options: WarmUpOptions): Schedule {
  checkOptions("warmUp", options, { warmupSteps: true, learningRate: true, initialLearningRate: true });
  const { warmupSteps, learningRate, initialLearningRate = 0 } = options;
  steps("warmUp", "warmupSteps", warmupSteps);
  notNegative("warmUp", "initialLearningRate", initialLearningRate);
  const then = scheduleOf("warmUp", learningRate);
  return {
    name: "warmUp",
    ...{ warmupSteps, learningRate: then, initialLearningRate },
    rate: (step) => {
      if (step >= warmupSteps) return then.rate(step - warmupSteps);
      return initialLearningRate + ((then.rate(0) - initialLearningRate) * step) / warmupSteps;
    },
  };
}
