import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { fraction } from "./checks.ts";
import { OPTIMIZER_OPTIONS, Optimizer, type OptimizerOptions, type Update } from "./optimizer.ts";

/** What `sgd` takes. */
export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number;
  /** Look ahead along the velocity (Sutskever et al. 2013). Default false. */
  nesterov?: boolean;
  /** L2 penalty added to the gradient: g + weightDecay * w. Default 0. */
  weightDecay?: number;
}

const OPTIONS = { ...OPTIMIZER_OPTIONS, momentum: true, nesterov: true, weightDecay: true } as const;

class Sgd extends Optimizer {
  readonly name = "sgd";
  readonly states: readonly string[];
  readonly #momentum: number;
  readonly #nesterov: boolean;
  readonly #weightDecay: number;

  constructor(options: SgdOptions) {
    super("sgd", 0.01, options);
    checkOptions("sgd", options, OPTIONS);
    this.#momentum = options.momentum ?? 0;
    this.#nesterov = options.nesterov ?? false;
    this.#weightDecay = options.weightDecay ?? 0;
    fraction("sgd", "momentum", this.#momentum);
    fraction("sgd", "weightDecay", this.#weightDecay);
    if (typeof this.#nesterov !== "boolean") {
      throw new ArgumentError(`sgd: nesterov must be true or false, got ${show(this.#nesterov)}`);
    }
    this.states = this.#momentum > 0 ? ["velocity"] : [];
  }

  update(kernels: Kernels, { w, g, states, size }: Update, step: number): void {
    const [momentum, nesterov] = [this.#momentum, this.#nesterov ? 1 : 0];
    kernels.sgdStep(w, g, states[0] ?? 0, size, this.schedule.rate(step), momentum, nesterov, this.#weightDecay);
  }

  config(): Readonly<Record<string, unknown>> {
    const { schedule: learningRate, globalClipNorm } = this;
    const [momentum, nesterov, weightDecay] = [this.#momentum, this.#nesterov, this.#weightDecay];
    return { learningRate, globalClipNorm, momentum, nesterov, weightDecay };
  }
}

/**
 * Stochastic gradient descent: v = momentum * v + g; w -= learningRate * v (as PyTorch has it). Default rate 0.01.
 *
 * @example
 * const optimizer = optimizers.sgd({ learningRate: 0.05, momentum: 0.9 });
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  return new Sgd(options);
}
