import { describe, expect, it } from "vitest";
import { ArgumentError, layers, type Optimizer, optimizers, schedules, sequential } from "../../src/index.ts";
import { optimizer as optimizerByName } from "../../src/optimizers/registry.ts";
import fixtures from "../fixtures/torch/optimizers.json";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { drawSamples } from "../support/model.ts";

/** Eight steps, each of which rounds the forward pass, the gradient and the weights. */
const TRAJECTORY = { relative: 5e-5, absolute: 1e-5 };

interface Trajectory {
  name: string;
  w0: FixtureTensor;
  A: FixtureTensor;
  b: FixtureTensor;
  w_after: number[][];
}
const rows = fixtures as unknown as Trajectory[];

const rules: Record<string, Optimizer> = {
  "sgd lr.1": optimizers.sgd({ learningRate: 0.1 }),
  "sgd lr.05 momentum.9": optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }),
  "sgd lr.05 momentum.9 nesterov": optimizers.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
  "sgd lr.1 wd.05": optimizers.sgd({ learningRate: 0.1, weightDecay: 0.05 }),
  "adam lr.1": optimizers.adam({ learningRate: 0.1, epsilon: 1e-8 }),
  "adam lr.01 b.8,.95 eps1e-6 wd.01(L2)": optimizers.adam({
    learningRate: 0.01,
    beta1: 0.8,
    beta2: 0.95,
    epsilon: 1e-6,
    weightDecay: 0.01,
  }),
  "adam lr.1 amsgrad": optimizers.adam({ learningRate: 0.1, epsilon: 1e-8, amsgrad: true }),
  "adamw lr.01 wd.1": optimizers.adamw({ learningRate: 0.01, epsilon: 1e-8, weightDecay: 0.1 }),
  "rmsprop lr.01 a.9 momentum.9": optimizers.rmsprop({ learningRate: 0.01, momentum: 0.9, epsilon: 1e-8 }),
  "adagrad lr.1": optimizers.adagrad({ learningRate: 0.1, epsilon: 1e-10, initialAccumulatorValue: 0 }),
  "adadelta lr1": optimizers.adadelta({ learningRate: 1, rho: 0.9, epsilon: 1e-6 }),
  "adamax lr.1": optimizers.adamax({ learningRate: 0.1, epsilon: 1e-8 }),
};

const { cosineDecayRestarts, exponentialDecay, oneCycle, warmUp } = schedules;
const learningRates = [
  warmUp({ warmupSteps: 2, learningRate: cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 2 }) }),
  warmUp({ warmupSteps: 2, learningRate: 0.5 }),
  exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.9 }),
  oneCycle({ maxLearningRate: 1, totalSteps: 8 }),
];

describe("a model in training", () => {
  // The fixtures minimise mean((A w - b)^2): a dense layer with one output and no bias, and mean squared error.
  it.each(Object.entries(rules))("goes the way of torch: %s", (name, optimizer) => {
    const { w0, A, b, w_after } = rows.find((row) => row.name === name)!;
    using model = sequential({ inputShape: [5] }, [layers.dense({ units: 1, useBias: false })]);
    model.compile({ optimizer, loss: "meanSquaredError" });
    model.setWeights([w0.data]);
    for (const [step, expected] of w_after.entries()) {
      model.trainOnBatch(A.data, b.data);
      expectClose(model.getWeights()[0], expected, TRAJECTORY, `step ${step + 1}`);
    }
  });

  it("clips all gradients by their common norm, where it is above", () => {
    const { x, hot } = drawSamples(4, [6], 3);
    const train = (globalClipNorm?: number) => {
      using model = sequential({ inputShape: [6], seed: 3 }, [
        layers.dense({ units: 5, activation: "tanh" }),
        layers.dense({ units: 3 }),
      ]);
      const before = model.getWeights();
      model.compile({ optimizer: optimizers.sgd({ learningRate: 1, globalClipNorm }), loss: "meanSquaredError" });
      model.trainOnBatch(x, hot);
      return model.getWeights().map((w, i) => w.map((value, j) => before[i][j] - value));
    };
    const norm = (gradients: Float32Array[]) =>
      Math.sqrt(gradients.reduce((sum, g) => sum + g.reduce((part, v) => part + v * v, 0), 0));
    const free = train();
    const most = norm(free) / 4;
    const clipped = train(most);
    expect(norm(clipped)).toBeCloseTo(most, 5);
    for (const [i, gradient] of clipped.entries()) {
      expectClose(
        gradient,
        free[i].map((g) => g / 4),
        { relative: 1e-4, absolute: 1e-6 },
      );
    }
    expect(train(norm(free) * 2)).toEqual(free);
  });

  it("makes the states that its settings need", () => {
    expect(optimizers.sgd().states).toEqual([]);
    expect(optimizers.sgd({ momentum: 0.1 }).states).toEqual(["velocity"]);
    expect(optimizers.adam().states).toEqual(["m", "v"]);
    expect(optimizers.adam({ amsgrad: true, useEma: true }).states).toEqual(["m", "v", "most", "average"]);
    expect(optimizers.rmsprop().states).toEqual(["square"]);
    expect(optimizers.rmsprop({ centered: true, momentum: 0.5 }).states).toEqual(["square", "mean", "velocity"]);
  });

  it("may share one optimizer with another: its state is the model's", () => {
    const optimizer = optimizers.adam();
    const make = () => {
      const model = sequential({ inputShape: [2] }, [layers.dense({ units: 1 })]);
      return model.compile({ optimizer, loss: "meanSquaredError" });
    };
    using one = make();
    using two = make();
    using alone = make();
    for (let step = 0; step < 3; step++) {
      one.trainOnBatch([1, 2], [1]);
      two.trainOnBatch([3, -1], [0]);
      alone.trainOnBatch([1, 2], [1]);
    }
    expect(one.getWeights()).toEqual(alone.getWeights());
  });
});

describe("optimizers", () => {
  it.each(Object.entries(rules))("come back from their configuration as JSON: %s", (_, optimizer) => {
    const config = JSON.parse(JSON.stringify(optimizer.config()));
    const again = optimizerByName("file", optimizer.name, config);
    expect(JSON.stringify(again.config())).toBe(JSON.stringify(optimizer.config()));
    expect(again.schedule.rate(3)).toBe(optimizer.schedule.rate(3));
  });

  it.each(learningRates.map((learningRate) => [learningRate.name, learningRate] as const))(
    "come back with their schedule: %s",
    (_, learningRate) => {
      const optimizer = optimizers.lion({ learningRate, useEma: true, emaOverwriteFrequency: 5 });
      const again = optimizerByName("file", "lion", JSON.parse(JSON.stringify(optimizer.config())));
      expect(JSON.stringify(again.config())).toBe(JSON.stringify(optimizer.config()));
      for (let step = 0; step < 9; step++) expect(again.schedule.rate(step)).toBe(optimizer.schedule.rate(step));
    },
  );

  const { sgd, adam, adagrad, rmsprop } = optimizers;
  refuses([
    [
      "a rate under another name",
      () => adam({ lr: 0.1 } as never),
      new ArgumentError(
        'adam: every option must be one of "learningRate", "globalClipNorm", "emaOverwriteFrequency", "weightDecay", "useEma", "emaMomentum", "beta1", "beta2", "epsilon", "amsgrad", got "lr"',
      ),
    ],
    [
      "a bare rate",
      () => sgd(0.1 as never),
      new ArgumentError("sgd: options must be an object such as { learningRate: ... }, got 0.1"),
    ],
    [
      "a negative rate",
      () => sgd({ learningRate: -1 }),
      new ArgumentError("sgd: learningRate must be a number > 0, got -1"),
    ],
    [
      "a rate that is no number",
      () => adam({ learningRate: Number.NaN }),
      new ArgumentError("adam: learningRate must be a number > 0, got NaN"),
    ],
    [
      "a rate by name",
      () => adam({ learningRate: "fast" as never }),
      new ArgumentError('adam: learningRate must be a number or a schedule, got "fast"'),
    ],
    [
      "a negative momentum",
      () => sgd({ momentum: -0.5 }),
      new ArgumentError("sgd: momentum must be a number in [0, 1), got -0.5"),
    ],
    [
      "a momentum of 1",
      () => sgd({ momentum: 1 }),
      new ArgumentError("sgd: momentum must be a number in [0, 1), got 1"),
    ],
    [
      "a decay that is no number",
      () => sgd({ weightDecay: Number.NaN }),
      new ArgumentError("sgd: weightDecay must be a number in [0, 1), got NaN"),
    ],
    [
      "an average that never changes",
      () => adam({ emaMomentum: 1 }),
      new ArgumentError("adam: emaMomentum must be a number in [0, 1), got 1"),
    ],
    [
      "an average that is never taken over",
      () => adam({ useEma: true, emaOverwriteFrequency: 0 }),
      new ArgumentError("adam: emaOverwriteFrequency must be a whole number >= 1, got 0"),
    ],
    [
      "amsgrad by name",
      () => adam({ amsgrad: "yes" as never }),
      new ArgumentError('adam: amsgrad must be true or false, got "yes"'),
    ],
    [
      "a momentum for adagrad",
      () => adagrad({ momentum: 0.9 } as never),
      new ArgumentError(
        'adagrad: every option must be one of "learningRate", "globalClipNorm", "emaOverwriteFrequency", "weightDecay", "useEma", "emaMomentum", "initialAccumulatorValue", "epsilon", got "momentum"; did you mean "emaMomentum"?',
      ),
    ],
    [
      "a sum of squares below 0",
      () => adagrad({ initialAccumulatorValue: -1 }),
      new ArgumentError("adagrad: initialAccumulatorValue must be a number >= 0, got -1"),
    ],
    ["a rho of 1", () => rmsprop({ rho: 1 }), new ArgumentError("rmsprop: rho must be a number in [0, 1), got 1")],
    ["a beta1 of 1", () => adam({ beta1: 1 }), new ArgumentError("adam: beta1 must be a number in [0, 1), got 1")],
    ["a beta2 below 0", () => adam({ beta2: -1 }), new ArgumentError("adam: beta2 must be a number in [0, 1), got -1")],
    ["an epsilon of 0", () => adam({ epsilon: 0 }), new ArgumentError("adam: epsilon must be a number > 0, got 0")],
    [
      "a norm of 0",
      () => sgd({ globalClipNorm: 0 }),
      new ArgumentError("sgd: globalClipNorm must be a number > 0, got 0"),
    ],
    [
      "nesterov that is no yes or no",
      () => sgd({ nesterov: "yes" as never }),
      new ArgumentError('sgd: nesterov must be true or false, got "yes"'),
    ],
  ]);
});
