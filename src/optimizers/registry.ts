/** Optimizers and schedules by name, and from files. */
import { ArgumentError, checkCalled, FormatError, oneOf, show } from "../errors.ts";
import type * as optimizers from "./index.ts";
import { adadelta, adagrad, adam, adamax, adamw, lion, nadam, rmsprop, sgd } from "./index.ts";
import type { Optimizer } from "./optimizer.ts";
import {
  constant,
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  oneCycle,
  type Schedule,
  stepDecay,
  warmUp,
} from "./schedules.ts";

/** Optimizers by name. */
export type OptimizerName = keyof typeof optimizers;

const OPTIMIZERS: Readonly<Record<OptimizerName, (options: object) => Optimizer>> = {
  sgd,
  adam,
  adamw,
  adamax,
  nadam,
  rmsprop,
  adagrad,
  adadelta,
  lion,
};

/** The optimizer of this name with these options (defaults without). */
export function optimizer(op: string, name: string, options: Readonly<Record<string, unknown>> = {}): Optimizer {
  checkCalled(op, "optimizer", name, "optimizers", OPTIMIZERS);
  const known = oneOf(op, "optimizer", name, Object.keys(OPTIMIZERS) as OptimizerName[]);
  return OPTIMIZERS[known](withSchedule(op, options));
}

const SCHEDULES: Readonly<Record<string, (config: never) => Schedule>> = {
  constant: ({ learningRate }: { learningRate: number }) => constant(learningRate),
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  oneCycle,
  stepDecay,
  warmUp,
};

/** Options of a file, whose learning rate may be the description of a schedule. */
function withSchedule<T extends object>(op: string, options: T): T {
  const { learningRate } = options as { learningRate?: unknown };
  if (typeof learningRate !== "object" || learningRate === null) return options;
  return { ...options, learningRate: scheduleFrom(op, learningRate as Schedule) };
}

/** The schedule that a file describes. */
function scheduleFrom(op: string, { name, ...options }: { name: string }): Schedule {
  if (Object.hasOwn(SCHEDULES, name)) return SCHEDULES[name](withSchedule(op, options) as never);
  throw new FormatError(`${op}: unknown schedule ${show(name)}`);
}

/** Throws ArgumentError for a schedule that a file cannot describe: one of the user's own, or made of one. */
export function checkSchedule(op: string, schedule: Schedule): void {
  const { name, learningRate } = schedule as Schedule & { learningRate?: unknown };
  if (!Object.hasOwn(SCHEDULES, name)) {
    const known = Object.keys(SCHEDULES).map(show).join(", ");
    throw new ArgumentError(
      `${op}: a file holds the schedules ${known}, not ${show(name)}; save without the optimizer`,
    );
  }
  if (typeof learningRate === "object") checkSchedule(op, learningRate as Schedule);
}
