import { checkOptions } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { powInt } from "../tensor/exactMath.ts";
import { fraction, positive } from "./checks.ts";
import { OPTIMIZER_OPTIONS, Optimizer, type OptimizerOptions, type Update } from "./optimizer.ts";

/** What `adam` takes. */
export interface AdamOptions extends OptimizerOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Added to the root. Default 1e-7, as in Keras. */
  epsilon?: number;
  /** L2 penalty added to the gradient: g + weightDecay * w. Default 0. */
  weightDecay?: number;
}

const OPTIONS = { ...OPTIMIZER_OPTIONS, beta1: true, beta2: true, epsilon: true, weightDecay: true } as const;

class Adam extends Optimizer {
  readonly name = "adam";
  readonly states: readonly string[] = ["m", "v"];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #weightDecay: number;

  constructor(options: AdamOptions) {
    super("adam", 0.001, options);
    checkOptions("adam", options, OPTIONS);
    this.#beta1 = options.beta1 ?? 0.9;
    this.#beta2 = options.beta2 ?? 0.999;
    this.#epsilon = options.epsilon ?? 1e-7;
    this.#weightDecay = options.weightDecay ?? 0;
    fraction("adam", "beta1", this.#beta1);
    fraction("adam", "beta2", this.#beta2);
    fraction("adam", "weightDecay", this.#weightDecay);
    positive("adam", "epsilon", this.#epsilon);
  }

  update(kernels: Kernels, { w, g, states: [m, v], size }: Update, step: number): void {
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    const [correction1, correction2] = [1 - powInt(beta1, step + 1), 1 - powInt(beta2, step + 1)];
    const rate = this.schedule.rate(step);
    const [epsilon, decay] = [this.#epsilon, this.#weightDecay];
    kernels.adamStep(w, g, m, v, size, rate, beta1, beta2, epsilon, correction1, correction2, decay);
  }

  config(): Readonly<Record<string, unknown>> {
    const { schedule: learningRate, globalClipNorm } = this;
    const [beta1, beta2, epsilon, weightDecay] = [this.#beta1, this.#beta2, this.#epsilon, this.#weightDecay];
    return { learningRate, globalClipNorm, beta1, beta2, epsilon, weightDecay };
  }
}

/**
 * Adam (Kingma & Ba 2015, arXiv 1412.6980), with bias correction. Default rate 0.001.
 *
 * @example
 * const optimizer = optimizers.adam({ learningRate: schedules.cosineDecay({ initialLearningRate: 1e-3, decaySteps: 5000 }) });
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return new Adam(options);
}
