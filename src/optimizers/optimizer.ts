/**
 * What an optimizer is: a rule that changes parameters in place, given their gradients and its own state. A rule says what it
 * is set by and calls one kernel; everything else is the same for all.
 */
import { checkOptions } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { type Check, fraction, positive, steps, trueOrFalse } from "./checks.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

/** What all optimizers take. */
export interface OptimizerOptions {
  /** A number or a schedule over steps. */
  learningRate?: number | Schedule;
  /** Gradients are scaled down where their common norm is above this. Default: never. */
  globalClipNorm?: number;
  /** L2 penalty added to the gradient: g + weightDecay * w. Default 0. (In adamw and lion: decoupled from the gradient.) */
  weightDecay?: number;
  /**
   * Keep the exponential moving average of the weights over the steps, and make it the weights at the end of `fit` (Polyak &
   * Juditsky 1992). Default false.
   */
  useEma?: boolean;
  /** What the average keeps of itself at each step; its first value is that of the weights behind the first step. Default 0.99. */
  emaMomentum?: number;
  /** Make the average the weights every so many steps too, as Keras does. Default: at the end of `fit` alone. */
  emaOverwriteFrequency?: number;
}

/** One parameter's memory: values, gradient, and as many states of the same size as the optimizer keeps. */
export interface Update {
  readonly w: number;
  readonly g: number;
  readonly states: readonly number[];
  readonly size: number;
}

/** What is the same for all rules. */
type Shared = "learningRate" | "globalClipNorm" | "emaOverwriteFrequency";

/** Everything else that an optimizer is set by, with no default left open. */
export type Settings<O extends OptimizerOptions> = Required<Omit<O, Shared>>;

export interface Rule<O extends OptimizerOptions> {
  readonly name: string;
  /** The default rate. */
  readonly learningRate: number;
  /** What it takes besides what all take: the default, and what it may be. */
  readonly settings: {
    readonly [K in Exclude<keyof O, keyof OptimizerOptions>]-?: readonly [Exclude<O[K], undefined>, Check];
  } & { readonly weightDecay?: readonly [number, Check] };
  /** Names of the states kept per parameter, as saved files name them. */
  readonly states: (settings: Settings<O>) => readonly string[];
  /** What states begin with. Default 0. */
  readonly initial?: (settings: Settings<O>) => number;
  /** Changes one parameter; `step` counts from 0. */
  readonly update: (kernels: Kernels, at: Update & { rate: number; step: number }, settings: Settings<O>) => void;
}

const SHARED = { weightDecay: [0, fraction], useEma: [false, trueOrFalse], emaMomentum: [0.99, fraction] } as const;
const AVERAGE = "average";

/** A rule that changes parameters, given their gradients; made by `optimizers`. */
export class Optimizer {
  /** Its name, as in "adam". */
  readonly name: string;
  /** Names of the states kept per parameter, as saved files name them. */
  readonly states: readonly string[];
  /** The learning rate by step. */
  readonly schedule: Schedule;
  /** Gradients are scaled down where their common norm is above this. */
  readonly globalClipNorm: number | undefined;
  readonly #overwriteFrequency: number | undefined;
  readonly #rule: Rule<OptimizerOptions>;
  readonly #settings: Settings<OptimizerOptions>;

  /** @internal */
  constructor(rule: Rule<OptimizerOptions>, options: OptimizerOptions) {
    const { name } = rule;
    const known: Record<string, readonly [unknown, Check]> = { ...SHARED, ...rule.settings };
    checkOptions<object>(name, options, {
      learningRate: true,
      globalClipNorm: true,
      emaOverwriteFrequency: true,
      ...known,
    });
    const { learningRate = rule.learningRate, globalClipNorm, emaOverwriteFrequency, ...given } = options;
    this.schedule = scheduleOf(name, learningRate);
    if (globalClipNorm !== undefined) positive(name, "globalClipNorm", globalClipNorm);
    if (emaOverwriteFrequency !== undefined) steps(name, "emaOverwriteFrequency", emaOverwriteFrequency);
    const settings: Record<string, unknown> = {};
    for (const [key, [value, check]] of Object.entries(known)) {
      settings[key] = (given as Record<string, unknown>)[key] ?? value;
      check(name, key, settings[key]);
    }
    this.name = name;
    this.globalClipNorm = globalClipNorm;
    this.#overwriteFrequency = emaOverwriteFrequency;
    this.#rule = rule;
    this.#settings = settings as Settings<OptimizerOptions>;
    this.states = [...rule.states(this.#settings), ...(this.#settings.useEma ? [AVERAGE] : [])];
  }

  /** What a state begins with; undefined for a copy of the weights. @internal */
  initial(state: string): number | undefined {
    return state === AVERAGE ? undefined : (this.#rule.initial?.(this.#settings) ?? 0);
  }

  /** Changes one parameter; `step` counts from 0. @internal */
  update(kernels: Kernels, parameter: Update, step: number, rate: number): void {
    const { useEma, emaMomentum } = this.#settings;
    this.#rule.update(kernels, { ...parameter, rate, step }, this.#settings);
    if (!useEma) return;
    const { states, w, size } = parameter;
    kernels.movingAverage(states[states.length - 1], w, size, step === 0 ? 0 : emaMomentum);
    if ((step + 1) % (this.#overwriteFrequency ?? Number.POSITIVE_INFINITY) === 0) this.finish(kernels, parameter);
  }

  /** Makes the moving average the weights, where one is kept; tells whether it did. @internal */
  finish(kernels: Kernels, { w, states, size }: Omit<Update, "g">): boolean {
    if (this.#settings.useEma) kernels.copy(states[states.length - 1], w, size);
    return this.#settings.useEma;
  }

  /** JSON that makes the optimizer again. @internal */
  config(): Readonly<Record<string, unknown>> {
    const { schedule: learningRate, globalClipNorm } = this;
    return { learningRate, globalClipNorm, emaOverwriteFrequency: this.#overwriteFrequency, ...this.#settings };
  }
}

/** What makes optimizers of this rule. */
export function optimizerOf<O extends OptimizerOptions>(rule: Rule<O>, options: O): Optimizer {
  return new Optimizer(rule as unknown as Rule<OptimizerOptions>, options);
}
