import { fraction } from "./checks.ts";
import { type Optimizer, type OptimizerOptions, optimizerOf, type Rule } from "./optimizer.ts";

/** What `lion` takes. */
export interface LionOptions extends OptimizerOptions {
  /** The share of the mean in the step. Default 0.9. */
  beta1?: number;
  /** What the mean keeps of itself. Default 0.99. */
  beta2?: number;
}

const rule: Rule<LionOptions> = {
  name: "lion",
  learningRate: 0.001,
  settings: { beta1: [0.9, fraction], beta2: [0.99, fraction] },
  states: () => ["m"],
  update(kernels, { w, g, states: [m], size, rate }, { beta1, beta2, weightDecay }) {
    kernels.lionStep(w, g, m, size, rate, beta1, beta2, 1 - rate * weightDecay);
  },
};

/**
 * Lion (Chen et al. 2023, arXiv 2302.06675): steps of one size, in the direction of the sign of a mean of gradients, with
 * decoupled decay. It wants a rate 3 to 10 times smaller than Adam's. Default rate 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.lion({ learningRate: 1e-4, weightDecay: 0.1 })
 */
export function lion(options: LionOptions = {}): Optimizer {
  return optimizerOf(rule, options);
}
