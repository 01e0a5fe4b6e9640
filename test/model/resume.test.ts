import { describe, expect, it } from "vitest";
import { layers, loadModel, type Model, optimizers, regularizers, schedules, sequential } from "../../src/index.ts";
import { bitsOf, drawSamples } from "../support/model.ts";

const shape = [6, 6, 1];
const { x, y } = drawSamples(22, shape, 3);
const OPTIONS = { batchSize: 4, epochs: 3 }; // 6 batches an epoch, the last of 2 samples

type Maker = () => ReturnType<typeof optimizers.sgd>;
const rules: Record<string, Maker> = {
  sgd: () => optimizers.sgd({ learningRate: 0.05 }),
  "momentum, by steps": () =>
    optimizers.sgd({
      learningRate: schedules.stepDecay({ initialLearningRate: 0.1, every: 5, factor: 0.5 }),
      momentum: 0.9,
      nesterov: true,
      weightDecay: 1e-3,
    }),
  "adam, by a cosine, clipped": () =>
    optimizers.adam({
      learningRate: schedules.cosineDecay({ initialLearningRate: 0.02, decaySteps: 18, alpha: 0.1 }),
      beta1: 0.8,
      globalClipNorm: 0.5,
    }),
  "amsgrad, averaged, after a warm-up": () =>
    optimizers.adam({
      learningRate: schedules.warmUp({ warmupSteps: 3, learningRate: 0.01 }),
      amsgrad: true,
      useEma: true,
      emaMomentum: 0.8,
    }),
  ...{ adamw: optimizers.adamw, adamax: optimizers.adamax, nadam: optimizers.nadam, lion: optimizers.lion },
  ...{ adagrad: optimizers.adagrad, adadelta: optimizers.adadelta },
  "rmsprop, centered, with momentum": () => optimizers.rmsprop({ centered: true, momentum: 0.9 }),
};

function make(rule: Maker): Model {
  const model = sequential({ inputShape: shape, seed: 11 }, [
    layers.conv2d({ filters: 3, kernelSize: 3, kernelRegularizer: regularizers.l2(1e-3) }),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.activation("relu"),
    layers.dropout({ rate: 0.3 }),
    layers.flatten(),
    layers.dense({ units: 3, activation: "softmax" }),
  ]);
  return model.compile({ optimizer: rule(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

/** Everything that a training leaves behind. */
const stateOf = (model: Model) => {
  const bits = bitsOf(model.getWeights());
  const { iteration } = model.clock;
  const file = [...model.save({ optimizer: true })];
  model.dispose();
  return { bits, iteration, file };
};

async function unstopped(rule: Maker) {
  const model = make(rule);
  await model.fit(x, y, OPTIONS);
  return stateOf(model);
}

/** Trains up to a batch of an epoch, where the signal stops it. */
async function stopAt(model: Model, epoch: number, batch: number, resume = false) {
  const controller = new AbortController();
  return model.fit(x, y, {
    ...OPTIONS,
    resume,
    signal: controller.signal,
    onBatchEnd: (report) => {
      if (report.epoch === epoch && report.batch === batch) controller.abort();
    },
  });
}

describe.each(Object.entries(rules))("a stopped training goes on to the same bits: %s", (_, rule) => {
  it("in memory, in the middle of an epoch, twice", async () => {
    const model = make(rule);
    expect((await stopAt(model, 0, 2)).stopped).toBe("aborted");
    expect(model.position).toEqual({ epoch: 0, batch: 3 });
    await stopAt(model, 1, 4, true);
    expect(model.position).toEqual({ epoch: 1, batch: 5 });
    const history = await model.fit(x, y, { ...OPTIONS, resume: true });
    expect(history.stopped).toBeUndefined();
    expect(history.loss).toHaveLength(2);
    expect(stateOf(model)).toEqual(await unstopped(rule));
  });

  it("through a file, in the middle of an epoch", async () => {
    const model = make(rule);
    await stopAt(model, 1, 1);
    const file = model.save({ optimizer: true });
    model.dispose();
    const again = loadModel(file);
    expect(again.position).toEqual({ epoch: 1, batch: 2 });
    expect(again.seed).toBe(11);
    await again.fit(x, y, { ...OPTIONS, resume: true });
    expect(stateOf(again)).toEqual(await unstopped(rule));
  });

  it("through a file saved in any batch, the last of an epoch too", async () => {
    const files: Uint8Array[] = [];
    const model = make(rule);
    await model.fit(x, y, { ...OPTIONS, onBatchEnd: () => void files.push(model.save({ optimizer: true })) });
    const expected = stateOf(model);
    expect(files).toHaveLength(18);
    for (const file of [files[0], files[4], files[5], files[11], files[13], files[17]]) {
      const again = loadModel(file);
      await again.fit(x, y, { ...OPTIONS, resume: true });
      expect(again.position).toEqual({ epoch: 3, batch: 0 });
      expect(stateOf(again)).toEqual(expected);
    }
  });
});

describe("AbortSignal", () => {
  it("stops before the first batch where it is aborted already", async () => {
    using model = make(rules.sgd);
    const before = bitsOf(model.getWeights());
    const history = await model.fit(x, y, { ...OPTIONS, signal: AbortSignal.abort() });
    expect(history).toEqual({ loss: [], stopped: "aborted" });
    expect(bitsOf(model.getWeights())).toEqual(before);
  });

  it("stops between epochs, when the epoch was judged", async () => {
    using model = make(rules.sgd);
    const controller = new AbortController();
    const history = await model.fit(x, y, {
      ...OPTIONS,
      signal: controller.signal,
      validationSplit: 0.2,
      onEpochEnd: ({ epoch }) => {
        if (epoch === 1) controller.abort();
      },
    });
    expect(history.stopped).toBe("aborted");
    expect(history.valLoss).toHaveLength(2);
    expect(model.position).toEqual({ epoch: 2, batch: 0 });
  });

  it("after the last epoch stops nothing", async () => {
    using model = make(rules.sgd);
    const controller = new AbortController();
    const { signal } = controller;
    const history = await model.fit(x, y, { batchSize: 4, signal, onEpochEnd: () => controller.abort() });
    expect(history.stopped).toBeUndefined();
  });

  it("leaves the weights to a later resume, also where the best would be restored", async () => {
    const model = make(rules.sgd);
    const controller = new AbortController();
    await model.fit(x, y, {
      ...OPTIONS,
      signal: controller.signal,
      earlyStopping: { patience: 100, minDelta: 100, restoreBestWeights: true },
      onEpochEnd: ({ epoch }) => {
        if (epoch === 1) controller.abort();
      },
    });
    await model.fit(x, y, { ...OPTIONS, resume: true });
    expect(stateOf(model)).toEqual(await unstopped(rules.sgd));
  });
});

describe("fit without resume", () => {
  it("begins at the first epoch again, with the optimizer as it is", async () => {
    using model = make(rules.sgd);
    await stopAt(model, 0, 2);
    const epochs: number[] = [];
    await model.fit(x, y, { batchSize: 4, onEpochEnd: ({ epoch }) => void epochs.push(epoch) });
    expect(epochs).toEqual([0]);
    expect(model.clock.iteration).toBe(3 + 6);
  });

  it("and with resume, has nothing to do where all epochs are done", async () => {
    using model = make(rules.sgd);
    await model.fit(x, y, OPTIONS);
    const before = bitsOf(model.getWeights());
    expect(await model.fit(x, y, { ...OPTIONS, resume: true })).toEqual({ loss: [], stopped: undefined });
    expect(bitsOf(model.getWeights())).toEqual(before);
  });
});
