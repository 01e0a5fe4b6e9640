import { fraction, notNegative, positive, trueOrFalse } from "./checks.ts";
import { type Optimizer, type OptimizerOptions, optimizerOf, type Rule } from "./optimizer.ts";

/** What `rmsprop` takes. */
export interface RmspropOptions extends OptimizerOptions {
  /** What the mean square keeps of itself. Default 0.9. */
  rho?: number;
  /** Default 0. */
  momentum?: number;
  /** Added to the root. Default 1e-7. */
  epsilon?: number;
  /** Divide by the standard deviation of the gradients (Graves 2013, arXiv 1308.0850). Default false. */
  centered?: boolean;
}

const rmspropRule: Rule<RmspropOptions> = {
  name: "rmsprop",
  learningRate: 0.001,
  settings: {
    rho: [0.9, fraction],
    momentum: [0, fraction],
    epsilon: [1e-7, positive],
    centered: [false, trueOrFalse],
  },
  states: ({ momentum, centered }) => ["square", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["velocity"] : [])],
  update(kernels, { w, g, states, size, rate }, { rho, momentum, epsilon, centered, weightDecay }) {
    const [square, ...others] = states;
    const mean = centered ? others[0] : 0;
    const velocity = momentum > 0 ? others[centered ? 1 : 0] : 0;
    kernels.rmspropStep(w, g, square, mean, velocity, size, rate, rho, 1 - rho, momentum, epsilon, weightDecay);
  },
};

/**
 * RMSprop (Tieleman & Hinton 2012, lecture 6.5 of "Neural networks for machine learning"): the gradient over a root of the
 * mean of its squares. As in PyTorch, momentum gathers what is divided before the rate, and epsilon is added to the root. Default
 * rate 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.rmsprop({ learningRate: 1e-3, momentum: 0.9 })
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  return optimizerOf(rmspropRule, options);
}

/** What `adagrad` takes. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sums of squares begin with. Default 0.1, as in Keras. */
  initialAccumulatorValue?: number;
  /** Added to the root. Default 1e-7. */
  epsilon?: number;
}

const adagradRule: Rule<AdagradOptions> = {
  name: "adagrad",
  learningRate: 0.001,
  settings: { initialAccumulatorValue: [0.1, notNegative], epsilon: [1e-7, positive] },
  states: () => ["accumulator"],
  initial: ({ initialAccumulatorValue }) => initialAccumulatorValue,
  update(kernels, { w, g, states: [sum], size, rate }, { epsilon, weightDecay }) {
    kernels.rmspropStep(w, g, sum, 0, 0, size, rate, 1, 1, 0, epsilon, weightDecay);
  },
};

/**
 * Adagrad (Duchi et al. 2011, JMLR 12): the gradient over the root of the sum of all its squares. Default rate 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.adagrad({ learningRate: 0.01 })
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  return optimizerOf(adagradRule, options);
}

/** What `adadelta` takes. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** What the mean squares keep of themselves. Default 0.95. */
  rho?: number;
  /** Added to the squares under the roots. Default 1e-7. */
  epsilon?: number;
}

const adadeltaRule: Rule<AdadeltaOptions> = {
  name: "adadelta",
  learningRate: 0.001,
  settings: { rho: [0.95, fraction], epsilon: [1e-7, positive] },
  states: () => ["square", "delta"],
  update(kernels, { w, g, states: [square, delta], size, rate }, { rho, epsilon, weightDecay }) {
    kernels.adadeltaStep(w, g, square, delta, size, rate, rho, epsilon, weightDecay);
  },
};

/**
 * Adadelta (Zeiler 2012, arXiv 1212.5701): the gradient times the root mean square of past steps over that of past gradients.
 * The paper has the rate 1; the default is Keras' 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.adadelta({ learningRate: 1 })
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  return optimizerOf(adadeltaRule, options);
}
