/** Optimizers by name, and from files. */
import { FormatError, oneOf, show } from "../errors.ts";
import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import {
  type CosineDecayOptions,
  constant,
  cosineDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from "./schedules.ts";
import { sgd } from "./sgd.ts";

export type OptimizerName = "sgd" | "adam";
const OPTIMIZERS: Readonly<Record<OptimizerName, (options: object) => Optimizer>> = { sgd, adam };

/** The optimizer of this name with these options (defaults without). */
export function optimizer(op: string, name: string, options: Readonly<Record<string, unknown>> = {}): Optimizer {
  const known = oneOf(op, "optimizer", name, Object.keys(OPTIMIZERS) as OptimizerName[]);
  const { learningRate } = options;
  const isSchedule = typeof learningRate === "object" && learningRate !== null;
  return OPTIMIZERS[known](isSchedule ? { ...options, learningRate: scheduleFrom(learningRate as Schedule) } : options);
}

/** The schedule that a file describes. */
function scheduleFrom(config: { name: string }): Schedule {
  switch (config.name) {
    case "cosineDecay":
      return cosineDecay(config as unknown as CosineDecayOptions);
    case "stepDecay":
      return stepDecay(config as unknown as StepDecayOptions);
    case "constant":
      return constant((config as unknown as { learningRate: number }).learningRate);
    default:
      throw new FormatError(`optimizer: unknown schedule ${show(config.name)}`);
  }
}
