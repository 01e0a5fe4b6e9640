/** Adam and its kin: a mean of the gradients over a root of the mean of their squares. */
import type { Kernels } from "../runtime/kernels.ts";
import { powInt } from "../tensor/exactMath.ts";
import { fraction, positive, trueOrFalse } from "./checks.ts";
import {
  type Optimizer,
  type OptimizerOptions,
  optimizerOf,
  type Rule,
  type Settings,
  type Update,
} from "./optimizer.ts";

/** What Adam, AdamW, Adamax and Nadam take. */
export interface MomentOptions extends OptimizerOptions {
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Added to the root. Default 1e-7, as in Keras. */
  epsilon?: number;
}

export interface AdamOptions extends MomentOptions {
  /** Divide by the root of the largest mean square so far (Reddi et al. 2018, arXiv 1904.09237). Default false. */
  amsgrad?: boolean;
}

type At = Update & { rate: number; step: number };

const MOMENTS = { beta1: [0.9, fraction], beta2: [0.999, fraction], epsilon: [1e-7, positive] } as const;

function statesOf({ amsgrad }: Settings<AdamOptions>): readonly string[] {
  return amsgrad ? ["m", "v", "most"] : ["m", "v"];
}

/** Adam's step with `penalty` times w in the gradient and `shrink` times w kept. */
function step(kernels: Kernels, at: At, settings: Settings<AdamOptions>, penalty: number, shrink: number): void {
  const { beta1, beta2, epsilon, amsgrad } = settings;
  const { w, g, states, size, rate } = at;
  const corrected = rate / (1 - powInt(beta1, at.step + 1));
  const root = 1 / Math.sqrt(1 - powInt(beta2, at.step + 1));
  const most = amsgrad ? states[2] : 0;
  kernels.adamStep(
    ...([w, g, states[0], states[1], most, size] as const),
    ...([corrected, beta1, beta2, epsilon, root, 0, penalty, shrink] as const),
  );
}

/** Of Adam, or, with weightDecay by default, of AdamW. */
function ruleOf(
  name: string,
  own: Partial<Rule<AdamOptions>["settings"]>,
  update: Rule<AdamOptions>["update"],
): Rule<AdamOptions> {
  const settings = { ...MOMENTS, amsgrad: [false, trueOrFalse], ...own } as const;
  return { name, learningRate: 0.001, settings, states: statesOf, update };
}

const ADAM = /* @__PURE__ */ ruleOf("adam", {}, (kernels, at, settings) =>
  step(kernels, at, settings, settings.weightDecay, 1),
);

/**
 * Adam (Kingma & Ba 2015, arXiv 1412.6980), with bias correction. Default rate 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.adam({ learningRate: 2e-3, amsgrad: true })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return optimizerOf(ADAM, options);
}

const ADAMW = /* @__PURE__ */ ruleOf("adamw", { weightDecay: [0.004, fraction] }, (kernels, at, settings) =>
  step(kernels, at, settings, 0, 1 - at.rate * settings.weightDecay),
);

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101): Adam with decoupled decay, w -= learningRate * weightDecay * w at each
 * step. Default rate 0.001, weightDecay 0.004, as in Keras.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.adamw({ learningRate: 1e-3, weightDecay: 0.05 })
 */
export function adamw(options: AdamOptions = {}): Optimizer {
  return optimizerOf(ADAMW, options);
}

const adamaxRule: Rule<MomentOptions> = {
  name: "adamax",
  learningRate: 0.001,
  settings: MOMENTS,
  states: () => ["m", "u"],
  update(kernels, { w, g, states: [m, u], size, rate, step }, { beta1, beta2, epsilon, weightDecay }) {
    const corrected = rate / (1 - powInt(beta1, step + 1));
    kernels.adamaxStep(w, g, m, u, size, corrected, beta1, beta2, epsilon, weightDecay);
  },
};

/**
 * Adamax (Kingma & Ba 2015, section 7.1): Adam with the largest gradient, fading by beta2, in the place of the root. As in
 * PyTorch, epsilon is added to each |gradient|. Default rate 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.adamax({ learningRate: 2e-3 })
 */
export function adamax(options: MomentOptions = {}): Optimizer {
  return optimizerOf(adamaxRule, options);
}

/** Dozat's 0.96^(t / 250), for t = 1. */
const WARMING = 0.9998367253526753;

/** beta1 at the step with this number, counted from 1. */
function momentum(beta1: number, t: number): number {
  return beta1 * (1 - 0.5 * powInt(WARMING, t));
}

/** The product of the first t of them; what is lost on 1 it need not know. */
function momentumProduct(beta1: number, t: number): number {
  let product = 1;
  for (let i = 1; i <= t && product > 2 ** -60; i++) product *= momentum(beta1, i);
  return product;
}

const nadamRule: Rule<MomentOptions> = {
  name: "nadam",
  learningRate: 0.001,
  settings: MOMENTS,
  states: () => ["m", "v"],
  update(kernels, { w, g, states: [m, v], size, rate, step }, { beta1, beta2, epsilon, weightDecay }) {
    const t = step + 1;
    const [now, next] = [momentum(beta1, t), momentum(beta1, t + 1)];
    const product = momentumProduct(beta1, t);
    const ofMean = (rate * next) / (1 - product * next);
    const ofGradient = (rate * (1 - now)) / (1 - product);
    const root = 1 / Math.sqrt(1 - powInt(beta2, t));
    kernels.adamStep(
      ...([w, g, m, v, 0, size] as const),
      ...([ofMean, beta1, beta2, epsilon, root, ofGradient / ofMean, weightDecay, 1] as const),
    );
  },
};

/**
 * Nadam (Dozat 2016, "Incorporating Nesterov momentum into Adam"): Adam that looks a step ahead. Its momentum warms up as
 * beta1 * (1 - 0.96^(t / 250) / 2), the paper's schedule and PyTorch's (Keras has 0.96^t). Default rate 0.001.
 *
 * @throws ArgumentError for an unknown option, or one outside its domain.
 * @example
 * optimizers.nadam({ learningRate: 2e-3 })
 */
export function nadam(options: MomentOptions = {}): Optimizer {
  return optimizerOf(nadamRule, options);
}
