/** What a schedule is: a learning rate that may change with the number of steps taken. */
import { ArgumentError, show } from "../errors.ts";
import { positive } from "./checks.ts";

/** A schedule: its options, and the rate of a step (counted from 0). JSON.stringify keeps what makes it again. */
export interface Schedule {
  /** As in "cosineDecay". */
  readonly name: string;
  /** The learning rate of a step, counted from 0. */
  rate(step: number): number;
}

/**
 * The same rate at every step.
 *
 * @example
 * schedules.constant(0.1).rate(1000); // 0.1
 */
export function constant(learningRate: number): Schedule {
  positive("constant", "learningRate", learningRate);
  return { name: "constant", ...{ learningRate }, rate: () => learningRate };
}

/** A number as the schedule that it means. */
export function scheduleOf(op: string, learningRate: number | Schedule): Schedule {
  if (typeof learningRate === "number") {
    positive(op, "learningRate", learningRate);
    return constant(learningRate);
  }
  if (typeof learningRate?.rate === "function") return learningRate;
  const hint = typeof learningRate === "function" ? "; call it, as in schedules.stepDecay({ ... })" : "";
  throw new ArgumentError(`${op}: learningRate must be a number or a schedule, got ${show(learningRate)}${hint}`);
}
