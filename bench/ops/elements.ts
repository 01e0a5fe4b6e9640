// Activations, norms and noise.
import { ops, type Tensor } from "striate";
import { activation } from "../../test/reference/activation.ts";
import type { Array64 } from "../../test/reference/array.ts";
import { batchNorm, statistics } from "../../test/reference/batchNorm.ts";
import { dropout } from "../../test/reference/dropout.ts";
import { groupNorm } from "../../test/reference/groupNorm.ts";
import { localResponseNorm } from "../../test/reference/localResponseNorm.ts";
import { alphaDropout, normalNoise, spatialDropout } from "../../test/reference/noise.ts";
import { prelu } from "../../test/reference/prelu.ts";
import { logSoftmaxAxis, softmax } from "../../test/reference/softmax.ts";
import { unitNorm } from "../../test/reference/unitNorm.ts";
import { type Draw, distinct, IMAGE, type OpCase, ROWS, unary, within } from "./case.ts";

const away: Draw = (random, shape) => {
  const isNear = (x: number) => [0, 6, -1, 1, -3, 3].some((kink) => Math.abs(x - kink) < 0.01);
  return within(-7, 7)(random, shape).map((x) => (isNear(x) ? x + 0.03 : x));
};
const activations = Object.fromEntries(
  (Object.keys(ops.ACTIVATIONS) as ops.ActivationName[]).map((name) => [
    name,
    unary(
      IMAGE,
      (x) => ops.activation(x, name),
      (dy, x) => ops.activationBackward(dy, x, name),
      (x) => activation(x, name, name === "leakyRelu" ? 0.2 : 1),
      away,
    ),
  ]),
);
const { linear, geluTanh, ...named } = activations;

const CHANNELS = {
  small: { x: [42, 6], gamma: [6], beta: [6] },
  large: { x: [3136, 64], gamma: [64], beta: [64] },
} as const;
const SAMPLES = {
  small: { x: [2, 7, 3, 6], gamma: [6], beta: [6] },
  large: { x: [1, 56, 56, 64], gamma: [64], beta: [64] },
} as const;
const ofChannels = ({ dx, dgamma, dbeta }: { dx: Tensor; dgamma: Tensor; dbeta: Tensor }) => {
  return { x: dx, gamma: dgamma, beta: dbeta };
};
const pixels = ({ shape, data }: Array64): Array64 => ({ shape: [shape[0], shape[1] * shape[2], shape[3]], data });
const like = ({ shape }: Array64, { data }: Array64): Array64 => ({ shape, data });
const rowsOf = ({ data }: Array64, c: number): Array64 => ({ shape: [data.length / c, 1, c], data });

const MASK = { rate: 0.25, seed: 7, stream: 3 };
const masked = (
  forward: (x: Tensor, options: typeof MASK & { stddev: number }) => Tensor,
  backward: (dy: Tensor, x: Tensor, options: typeof MASK & { stddev: number }) => Tensor,
  twin: (x: Array64) => Array64,
): OpCase =>
  unary(
    IMAGE,
    (x) => forward(x, { ...MASK, stddev: 0.5 }),
    (dy, x) => backward(dy, x, { ...MASK, stddev: 0.5 }),
    twin,
  );
const noisy = (x: Array64, with_: (value: number, noise: number) => number): Array64 => {
  const noise = normalNoise(x.data.length, MASK.seed, MASK.stream);
  return { shape: x.shape, data: x.data.map((value, i) => with_(value, noise[i])) };
};

export const ELEMENTS: Readonly<Record<string, OpCase>> = {
  ...named,
  prelu: {
    small: { x: [2, 7, 6, 5], alpha: [5] },
    large: { x: [1, 56, 56, 64], alpha: [64] },
    draw: { x: distinct },
    forward: ({ x, alpha }) => ops.prelu(x, alpha),
    backward: (dy, { x, alpha }) => {
      const { dx, dalpha } = ops.preluBackward(dy, x, alpha);
      return { x: dx, alpha: dalpha };
    },
    twin: ({ x, alpha }) => prelu(x, alpha),
  },
  softmax: unary(ROWS, ops.softmax, ops.softmaxBackward, softmax, within(-5, 5)),
  logSoftmax: unary(
    ROWS,
    ops.logSoftmax,
    ops.logSoftmaxBackward,
    (x) => like(x, logSoftmaxAxis({ shape: [...x.shape, 1], data: x.data })),
    within(-5, 5),
  ),
  batchNorm: {
    small: { ...CHANNELS.small, mean: [6], variance: [6] },
    large: { ...CHANNELS.large, mean: [64], variance: [64] },
    draw: { variance: within(0.5, 2) },
    forward: (t) => ops.batchNorm(t.x, t.gamma, t.beta, t.mean, t.variance),
    backward: (dy, t) => ofChannels(ops.batchNormBackward(dy, t.x, t.gamma, t.mean, t.variance)),
    twin: (a) => batchNorm(a.x, a.gamma, a.beta, a.mean, a.variance, 1e-3),
  },
  batchNormTraining: {
    ...CHANNELS,
    forward: ({ x, gamma, beta }) => ops.batchNormTraining(x, gamma, beta),
    backward: (dy, { x, gamma }) => ofChannels(ops.batchNormTrainingBackward(dy, x, gamma)),
    twin: ({ x, gamma, beta }) => {
      const { mean, variance } = statistics(x);
      return batchNorm(x, gamma, beta, mean, variance, 1e-3);
    },
  },
  groupNorm: {
    ...SAMPLES,
    forward: ({ x, gamma, beta }) => ops.groupNorm(x, gamma, beta, { groups: 2 }),
    backward: (dy, { x, gamma }) => ofChannels(ops.groupNormBackward(dy, x, gamma, { groups: 2 })),
    twin: ({ x, gamma, beta }) => like(x, groupNorm(pixels(x), gamma, beta, 2, 1e-3)),
  },
  instanceNorm: {
    ...SAMPLES,
    forward: ({ x, gamma, beta }) => ops.instanceNorm(x, gamma, beta),
    backward: (dy, { x, gamma }) => ofChannels(ops.instanceNormBackward(dy, x, gamma)),
    twin: ({ x, gamma, beta }) => like(x, groupNorm(pixels(x), gamma, beta, gamma.shape[0], 1e-3)),
  },
  layerNorm: {
    ...SAMPLES,
    forward: ({ x, gamma, beta }) => ops.layerNorm(x, gamma, beta),
    backward: (dy, { x, gamma }) => ofChannels(ops.layerNormBackward(dy, x, gamma)),
    twin: ({ x, gamma, beta }) => like(x, groupNorm(rowsOf(x, gamma.shape[0]), gamma, beta, 1, 1e-3)),
  },
  localResponseNorm: unary(
    { small: { x: [42, 6] }, large: { x: [3136, 64] } },
    (x) => ops.localResponseNorm(x, { size: 3, alpha: 0.5 }),
    (dy, x) => ops.localResponseNormBackward(dy, x, { size: 3, alpha: 0.5 }),
    (x) => localResponseNorm(x, 3, 0.5, 0.75, 1),
  ),
  unitNorm: unary(
    { small: { x: [42, 6] }, large: { x: [3136, 64] } },
    (x) => ops.unitNorm(x),
    (dy, x) => ops.unitNormBackward(dy, x),
    unitNorm,
  ),
  dropout: masked(ops.dropout, ops.dropoutBackward, (x) => dropout(x, MASK.rate, MASK.seed, MASK.stream)),
  spatialDropout: masked(ops.spatialDropout, ops.spatialDropoutBackward, (x) =>
    spatialDropout(x, MASK.rate, MASK.seed, MASK.stream),
  ),
  alphaDropout: masked(ops.alphaDropout, ops.alphaDropoutBackward, (x) =>
    alphaDropout(x, MASK.rate, MASK.seed, MASK.stream),
  ),
  gaussianDropout: masked(ops.gaussianDropout, ops.gaussianDropoutBackward, (x) =>
    noisy(x, (value, noise) => value * (1 + Math.sqrt(MASK.rate / (1 - MASK.rate)) * noise)),
  ),
  gaussianNoise: masked(ops.gaussianNoise, ops.gaussianNoiseBackward, (x) =>
    noisy(x, (value, noise) => value + 0.5 * noise),
  ),
};
