import { fraction, trueOrFalse } from "./checks.ts";
import { type Optimizer, type OptimizerOptions, optimizerOf, type Rule } from "./optimizer.ts";

/** What `sgd` takes. */
export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  momentum?: number;
  /** Look ahead along the velocity (Sutskever et al. 2013). Default false. */
  nesterov?: boolean;
}

const rule: Rule<SgdOptions> = {
  name: "sgd",
  learningRate: 0.01,
  settings: { momentum: [0, fraction], nesterov: [false, trueOrFalse] },
  states: ({ momentum }) => (momentum > 0 ? ["velocity"] : []),
  update(kernels, { w, g, states, size, rate }, { momentum, nesterov, weightDecay }) {
    const velocity = momentum > 0 ? states[0] : 0;
    kernels.sgdStep(w, g, velocity, size, rate, momentum, nesterov ? 1 : 0, weightDecay);
  },
};

/**
 * Stochastic gradient descent: v = momentum * v + g; w -= learningRate * v (as PyTorch has it). Default rate 0.01.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * const optimizer = optimizers.sgd({ learningRate: 0.05, momentum: 0.9 });
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  return optimizerOf(rule, options);
}
