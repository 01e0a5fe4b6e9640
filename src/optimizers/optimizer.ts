/** What an optimizer is: a rule that changes parameters in place, given their gradients and its own state. */
import { ArgumentError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { positive } from "./checks.ts";
import { constant, type Schedule } from "./schedules.ts";

/** What all optimizers take. */
export interface OptimizerOptions {
  /** A number or a schedule over steps. */
  learningRate?: number | Schedule;
  /** Gradients are scaled down where their common norm is above this. Default: never. */
  globalClipNorm?: number;
}

/** The names of these options, for `checkOptions`. */
export const OPTIMIZER_OPTIONS = { learningRate: true, globalClipNorm: true } as const;

/** One parameter's memory: values, gradient, and as many states of the same size as the optimizer keeps. */
export interface Update {
  readonly w: number;
  readonly g: number;
  readonly states: readonly number[];
  readonly size: number;
}

/** A rule that changes parameters, given their gradients; made by `optimizers.sgd` and `optimizers.adam`. */
export abstract class Optimizer {
  /** Its name, as in "adam". */
  abstract readonly name: string;
  /** Names of the states kept per parameter, as saved files name them. */
  abstract readonly states: readonly string[];
  /** The learning rate by step. */
  readonly schedule: Schedule;
  /** Gradients are scaled down where their common norm is above this. */
  readonly globalClipNorm: number | undefined;

  constructor(name: string, defaultRate: number, { learningRate = defaultRate, globalClipNorm }: OptimizerOptions) {
    if (typeof learningRate === "number") {
      positive(name, "learningRate", learningRate);
      this.schedule = constant(learningRate);
    } else if (typeof learningRate?.rate === "function") this.schedule = learningRate;
    else throw new ArgumentError(`${name}: learningRate must be a number or a schedule, got ${show(learningRate)}`);
    if (globalClipNorm !== undefined) positive(name, "globalClipNorm", globalClipNorm);
    this.globalClipNorm = globalClipNorm;
  }

  /** Changes one parameter; `step` counts from 0. @internal */
  abstract update(kernels: Kernels, parameter: Update, step: number): void;

  /** JSON that makes the optimizer again. @internal */
  abstract config(): Readonly<Record<string, unknown>>;
}
