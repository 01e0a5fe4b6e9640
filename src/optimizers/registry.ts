/** Optimizers and schedules by name, and from files. */
import { ArgumentError, FormatError, oneOf, show } from "../errors.ts";
import * as optimizers from "./index.ts";
import type { Optimizer } from "./optimizer.ts";
import * as schedules from "./schedules.ts";

export type OptimizerName = keyof typeof optimizers;
const { adadelta, adagrad, adam, adamax, adamw, lion, nadam, rmsprop, sgd } = optimizers;
const OPTIMIZERS: Readonly<Record<OptimizerName, (options: object) => Optimizer>> = {
  ...{ sgd, adam, adamw, adamax, nadam, rmsprop, adagrad, adadelta, lion },
};

/** The optimizer of this name with these options (defaults without). */
export function optimizer(op: string, name: string, options: Readonly<Record<string, unknown>> = {}): Optimizer {
  const known = oneOf(op, "optimizer", name, Object.keys(OPTIMIZERS) as OptimizerName[]);
  return OPTIMIZERS[known](withSchedule(op, options));
}

const { cosineDecay, cosineDecayRestarts, exponentialDecay, oneCycle, stepDecay, warmUp } = schedules;
const SCHEDULES: Readonly<Record<string, (config: never) => schedules.Schedule>> = {
  constant: ({ learningRate }: { learningRate: number }) => schedules.constant(learningRate),
  ...{ cosineDecay, cosineDecayRestarts, exponentialDecay, oneCycle, stepDecay, warmUp },
};

/** Options of a file, whose learning rate may be the description of a schedule. */
function withSchedule<T extends object>(op: string, options: T): T {
  const { learningRate } = options as { learningRate?: unknown };
  if (typeof learningRate !== "object" || learningRate === null) return options;
  return { ...options, learningRate: scheduleFrom(op, learningRate as schedules.Schedule) };
}

/** The schedule that a file describes. */
function scheduleFrom(op: string, config: { name: string }): schedules.Schedule {
  if (Object.hasOwn(SCHEDULES, config.name)) return SCHEDULES[config.name](withSchedule(op, config) as never);
  throw new FormatError(`${op}: unknown schedule ${show(config.name)}`);
}

/** Throws ArgumentError for a schedule that a file cannot describe: one of the user's own, or made of one. */
export function checkSchedule(op: string, schedule: schedules.Schedule): void {
  const { name, learningRate } = schedule as schedules.Schedule & { learningRate?: unknown };
  if (!Object.hasOwn(SCHEDULES, name)) {
    const known = Object.keys(SCHEDULES).map(show).join(", ");
    throw new ArgumentError(
      `${op}: a file holds the schedules ${known}, not ${show(name)}; save without the optimizer`,
    );
  }
  if (typeof learningRate === "object") checkSchedule(op, learningRate as schedules.Schedule);
}
