/** Optimizers, one weight at a time, as their papers and PyTorch have them. `s` holds the states and is changed in place. */
export interface Settings {
  learningRate: number;
  weightDecay: number;
  momentum: number;
  nesterov: boolean;
  rho: number;
  centered: boolean;
  beta1: number;
  beta2: number;
  epsilon: number;
  amsgrad: boolean;
  initialAccumulatorValue: number;
  /** As torch's NAdam was before 2.0: mu twice in the next product (pytorch/pytorch#92699). */
  countsMuTwice?: boolean;
}

type Scalar = (w: number, g: number, s: Record<string, number>, t: number, o: Settings) => number;

const root = Math.sqrt;

/** Adam's means; returns them without their bias, and the root. */
function moments(g: number, s: Record<string, number>, t: number, { beta1, beta2, epsilon, amsgrad }: Settings) {
  s.m = beta1 * s.m + (1 - beta1) * g;
  s.v = beta2 * s.v + (1 - beta2) * g * g;
  if (amsgrad) s.most = Math.max(s.most, s.v);
  return { mean: s.m / (1 - beta1 ** t), size: root((amsgrad ? s.most : s.v) / (1 - beta2 ** t)) + epsilon };
}

export const scalars: Readonly<Record<string, Scalar>> = {
  sgd(w, g, s, _, o) {
    const d = g + o.weightDecay * w;
    s.velocity = o.momentum * s.velocity + d;
    return w - o.learningRate * (o.nesterov ? d + o.momentum * s.velocity : s.velocity);
  },
  adam(w, g, s, t, o) {
    const { mean, size } = moments(g + o.weightDecay * w, s, t, o);
    return w - (o.learningRate * mean) / size;
  },
  adamw(w, g, s, t, o) {
    const { mean, size } = moments(g, s, t, o);
    return w * (1 - o.learningRate * o.weightDecay) - (o.learningRate * mean) / size;
  },
  nadam(w, g, s, t, o) {
    const d = g + o.weightDecay * w;
    const { size } = moments(d, s, t, o);
    const mu = (i: number) => o.beta1 * (1 - 0.5 * 0.96 ** (0.004 * i));
    let product = 1;
    for (let i = 1; i <= t; i++) product *= mu(i);
    const nextProduct = product * mu(t + 1) * (o.countsMuTwice ? mu(t) : 1);
    const ahead = (mu(t + 1) * s.m) / (1 - nextProduct) + ((1 - mu(t)) * d) / (1 - product);
    return w - (o.learningRate * ahead) / size;
  },
  adamax(w, g, s, t, o) {
    const d = g + o.weightDecay * w;
    s.m = o.beta1 * s.m + (1 - o.beta1) * d;
    s.u = Math.max(o.beta2 * s.u, Math.abs(d) + o.epsilon);
    return w - (o.learningRate / (1 - o.beta1 ** t)) * (s.m / s.u);
  },
  rmsprop(w, g, s, _, o) {
    const d = g + o.weightDecay * w;
    s.square = o.rho * s.square + (1 - o.rho) * d * d;
    s.mean = o.rho * s.mean + (1 - o.rho) * d;
    const x = d / (root(s.square - (o.centered ? s.mean * s.mean : 0)) + o.epsilon);
    s.velocity = o.momentum * s.velocity + x;
    return w - o.learningRate * s.velocity;
  },
  adagrad(w, g, s, _, o) {
    const d = g + o.weightDecay * w;
    s.accumulator += d * d;
    return w - (o.learningRate * d) / (root(s.accumulator) + o.epsilon);
  },
  adadelta(w, g, s, _, o) {
    const d = g + o.weightDecay * w;
    s.square = o.rho * s.square + (1 - o.rho) * d * d;
    const x = (d * root(s.delta + o.epsilon)) / root(s.square + o.epsilon);
    s.delta = o.rho * s.delta + (1 - o.rho) * x * x;
    return w - o.learningRate * x;
  },
  lion(w, g, s, _, o) {
    const direction = Math.sign(o.beta1 * s.m + (1 - o.beta1) * g);
    s.m = o.beta2 * s.m + (1 - o.beta2) * g;
    return w * (1 - o.learningRate * o.weightDecay) - o.learningRate * direction;
  },
};
