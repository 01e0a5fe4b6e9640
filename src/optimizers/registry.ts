/** Optimizers by name, and from files. */
import { ArgumentError, FormatError, oneOf, show } from "../errors.ts";
import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { constant, cosineDecay, type Schedule, stepDecay } from "./schedules.ts";
import { sgd } from "./sgd.ts";

/** Optimizers by name, with their default options. */
export type OptimizerName = "sgd" | "adam";
const OPTIMIZERS: Readonly<Record<OptimizerName, (options: object) => Optimizer>> = { sgd, adam };

/** The optimizer of this name with these options (defaults without). */
export function optimizer(op: string, name: string, options: Readonly<Record<string, unknown>> = {}): Optimizer {
  const known = oneOf(op, "optimizer", name, Object.keys(OPTIMIZERS) as OptimizerName[]);
  const { learningRate } = options;
  const isSchedule = typeof learningRate === "object" && learningRate !== null;
  return OPTIMIZERS[known](
    isSchedule ? { ...options, learningRate: scheduleFrom(op, learningRate as Schedule) } : options,
  );
}

const SCHEDULES: Readonly<Record<string, (config: never) => Schedule>> = {
  constant: ({ learningRate }: { learningRate: number }) => constant(learningRate),
  cosineDecay,
  stepDecay,
};

/** The schedule that a file describes. */
function scheduleFrom(op: string, config: { name: string }): Schedule {
  if (Object.hasOwn(SCHEDULES, config.name)) return SCHEDULES[config.name](config as never);
  throw new FormatError(`${op}: unknown schedule ${show(config.name)}`);
}

/** Throws ArgumentError for a schedule that a file cannot describe: one of the user's own. */
export function checkSchedule(op: string, { name }: Schedule): void {
  if (Object.hasOwn(SCHEDULES, name)) return;
  const known = Object.keys(SCHEDULES).map(show).join(", ");
  throw new ArgumentError(`${op}: a file holds the schedules ${known}, not ${show(name)}; save without the optimizer`);
}
