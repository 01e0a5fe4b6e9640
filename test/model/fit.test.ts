import { describe, expect, it } from "vitest";
import {
  type BatchReport,
  type EpochReport,
  type FitOptions,
  type History,
  layers,
  type Model,
  optimizers,
  sequential,
} from "../../src/index.ts";
import { bitsOf, drawSamples } from "../support/model.ts";

const shape = [6, 6, 1];
const classes = 3;
const { x, y, hot } = drawSamples(22, shape, classes);
const other = drawSamples(9, shape, classes, 2);

function make(seed = 0): Model {
  const model = sequential({ inputShape: shape, seed }, [
    layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }),
    layers.flatten(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: classes, activation: "softmax" }),
  ]);
  const optimizer = optimizers.sgd({ learningRate: 0.05, momentum: 0.9 });
  return model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

/** A model whose weights do not follow from its seed. */
function seeded(seed: number): Model {
  const model = make(seed);
  using same = make(0);
  model.setWeights(same.getWeights());
  return model;
}

const weightsAfter = async (model: Model, options: FitOptions) => {
  await model.fit(x, y, { batchSize: 5, ...options });
  const bits = bitsOf(model.getWeights());
  model.dispose();
  return bits;
};

describe("fit", () => {
  it("takes every sample once an epoch, in an order that follows from seed and epoch", async () => {
    const seen: number[][] = [];
    const orderOf = async (seed: number, options: object) => {
      using model = sequential({ inputShape: [1], seed }, [layers.dense({ units: 1, kernelInitializer: "zeros" })]);
      // With weights that stay 0 the loss of a batch of one is the square of its target: its number.
      model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-30 }), loss: "meanSquaredError" });
      let sum = 0;
      const order: number[] = [];
      const numbers = Array.from({ length: 12 }, (_, i) => i);
      await model.fit(new Float32Array(12), numbers.map(Math.sqrt), {
        batchSize: 1,
        epochs: 2,
        ...options,
        onBatchEnd: ({ batch, loss }) => {
          const total = loss * (batch + 1);
          order.push(Math.round(batch === 0 ? total : total - sum));
          sum = total;
        },
      });
      seen.push(order);
      return order;
    };
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    const first = await orderOf(3, {});
    expect([...first.slice(0, 12)].sort((a, b) => a - b)).toEqual(numbers);
    expect([...first.slice(12)].sort((a, b) => a - b)).toEqual(numbers);
    expect(first.slice(0, 12)).not.toEqual(first.slice(12));
    expect(first.slice(0, 12)).not.toEqual(numbers);
    expect(await orderOf(3, {})).toEqual(first);
    expect(await orderOf(4, {})).not.toEqual(first);
    expect(await orderOf(3, { shuffle: false })).toEqual([...numbers, ...numbers]);
  });

  it("ends in the same bits for the same seed, in others for another", async () => {
    const first = await weightsAfter(seeded(1), { epochs: 2 });
    expect(await weightsAfter(seeded(1), { epochs: 2 })).toEqual(first);
    expect(await weightsAfter(seeded(2), { epochs: 2 })).not.toEqual(first);
    expect(await weightsAfter(seeded(1), { epochs: 2, shuffle: false })).not.toEqual(first);
  });

  it("is the same as steps by hand, the last batch smaller", async () => {
    using model = make();
    using twin = make();
    const history = await model.fit(x, y, { batchSize: 5, shuffle: false });
    const losses: number[] = [];
    const hits: number[] = [];
    for (let from = 0; from < 22; from += 5) {
      const count = Math.min(5, 22 - from);
      const { loss, accuracy } = twin.trainOnBatch(
        x.slice(from * 36, (from + count) * 36),
        y.slice(from, from + count),
      );
      losses.push(loss * count);
      hits.push(accuracy * count);
    }
    expect(bitsOf(model.getWeights())).toEqual(bitsOf(twin.getWeights()));
    const mean = (list: number[]) => list.reduce((a, b) => a + b) / 22;
    expect(history).toEqual({
      loss: [expect.closeTo(mean(losses), 12)],
      accuracy: [expect.closeTo(mean(hits), 12)],
      stopped: undefined,
    });
  });

  it("learns from one-hot rows as from indices", async () => {
    using byRow = make().compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
    using byIndex = make().compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    await byRow.fit(x, hot, { batchSize: 5 });
    await byIndex.fit(x, y, { batchSize: 5 });
    byRow.getWeights().forEach((w, i) => {
      byIndex.getWeights()[i].forEach((value, j) => expect(w[j]).toBeCloseTo(value, 5));
    });
  });

  it("reports running means per batch and means per epoch, and waits for callbacks", async () => {
    using model = make();
    const batches: BatchReport[] = [];
    const epochs: EpochReport[] = [];
    const events: string[] = [];
    const history = await model.fit(x, y, {
      batchSize: 8,
      epochs: 2,
      validationData: [other.x, other.y],
      onBatchEnd: async (report) => {
        events.push(`batch ${report.epoch} ${report.batch} begins`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        batches.push(report);
        events.push(`batch ${report.epoch} ${report.batch} ends`);
      },
      onEpochEnd: async (report) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        epochs.push(report);
        events.push(`epoch ${report.epoch}`);
      },
    });
    const batchEvents = (epoch: number) =>
      [0, 1, 2].flatMap((batch) => [`batch ${epoch} ${batch} begins`, `batch ${epoch} ${batch} ends`]);
    expect(events).toEqual([...batchEvents(0), "epoch 0", ...batchEvents(1), "epoch 1"]);
    expect(batches.map(({ epoch, batch, batches: of }) => [epoch, batch, of])).toEqual([
      [0, 0, 3],
      [0, 1, 3],
      [0, 2, 3],
      [1, 0, 3],
      [1, 1, 3],
      [1, 2, 3],
    ]);
    expect(Object.keys(batches[0])).toEqual(["epoch", "batch", "batches", "loss", "accuracy"]);
    // What stands after the last batch is the mean of the epoch.
    expect(epochs.map(({ loss }) => loss)).toEqual([batches[2].loss, batches[5].loss]);
    expect(history.loss).toEqual(epochs.map(({ loss }) => loss));
    expect(history.valLoss).toEqual(epochs.map(({ valLoss }) => valLoss));
    expect(Object.keys(history)).toEqual(["loss", "accuracy", "valLoss", "valAccuracy", "stopped"]);
    const { loss, accuracy } = await model.evaluate(other.x, other.y, { batchSize: 8 });
    expect([epochs[1].valLoss, epochs[1].valAccuracy]).toEqual([loss, accuracy]);
  });

  it("keeps the last part of the samples out of training: validationSplit", async () => {
    using model = make();
    using twin = make();
    const history = await model.fit(x, y, { batchSize: 5, validationSplit: 0.25 });
    const cut = 22 - 5; // 0.75 * 22 = 16.5, rounded
    await twin.fit(x.slice(0, cut * 36), y.slice(0, cut), { batchSize: 5 });
    expect(bitsOf(model.getWeights())).toEqual(bitsOf(twin.getWeights()));
    const scores = await twin.evaluate(x.slice(cut * 36), y.slice(cut), { batchSize: 5 });
    expect([history.valLoss, history.valAccuracy]).toEqual([[scores.loss], [scores.accuracy]]);
  });

  it.each([
    [0.9, 10, 1],
    [0.8, 10, 2],
    [0.1, 10, 9],
    [0.29, 100, 71],
    [1 / 3, 3, 2],
  ])("validationSplit %d of %d leaves %d to train on", async (validationSplit, count, trained) => {
    using model = make();
    let batches = 0;
    const samples = drawSamples(count, shape, classes);
    const onBatchEnd = () => void batches++;
    await model.fit(samples.x, samples.y, { batchSize: 1, validationSplit, onBatchEnd });
    expect(batches).toBe(trained);
  });

  it("weighs classes in the loss as a loss weighted by hand, but not in validation", async () => {
    using model = make();
    const classWeight = { 0: 3, 2: 0.25 };
    const each = await Promise.all(
      [...y].map(async (label, i) => {
        const { loss } = await model.evaluate(x.slice(i * 36, i * 36 + 36), [label]);
        return loss * ({ 0: 3, 1: 1, 2: 0.25 }[label] ?? 1);
      }),
    );
    const weights = model.getWeights();
    using plain = make();
    // Without dropout the loss of the first step is that of an evaluation.
    const still = sequential({ inputShape: shape }, [
      layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }),
      layers.flatten(),
      layers.dense({ units: classes, activation: "softmax" }),
    ]).compile({ optimizer: optimizers.sgd({ learningRate: 1e-9 }), loss: "sparseCategoricalCrossentropy" });
    still.setWeights(weights);
    const mean = each.reduce((a, b) => a + b) / 22;
    expect(still.trainOnBatch(x, y, { classWeight }).loss).toBeCloseTo(mean, 6);
    const history = await still.fit(x, y, { batchSize: 22, classWeight, validationData: [x, y] });
    expect(history.loss[0]).toBeCloseTo(mean, 6);
    expect((history.valLoss as number[])[0]).toBeCloseTo((await plain.evaluate(x, y)).loss, 6);
    still.compile({ optimizer: optimizers.sgd({ learningRate: 1e-9 }), loss: "categoricalCrossentropy" });
    expect(still.trainOnBatch(x, hot, { classWeight }).loss).toBeCloseTo(mean, 6);
    still.dispose();
  });

  it("weighs gradients as it weighs losses", () => {
    const gradient = (classWeight?: Record<number, number>) => {
      using model = make();
      model.layers[2].freeze();
      model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
      model.trainOnBatch(x.slice(0, 36), [1], { classWeight });
      return model.parameters[3].gradientData.slice();
    };
    expect([...gradient({ 1: 4 })]).toEqual([...gradient().map((g) => 4 * g)]);
    expect([...gradient({ 0: 4 })]).toEqual([...gradient()]);
  });

  it("lets timers run during a long training and a long evaluation", async () => {
    using model = make();
    const many = drawSamples(4000, shape, classes);
    let ticks = 0;
    const timer = setInterval(() => void ticks++, 1);
    const began = performance.now();
    let turns = 0;
    while (performance.now() - began < 200) {
      await model.fit(many.x, many.y, { batchSize: 16 });
      turns++;
    }
    expect(ticks, `${turns} epochs`).toBeGreaterThan(0);
    ticks = 0;
    const again = performance.now();
    const evaluations: Promise<unknown>[] = [];
    while (performance.now() - again < 200) {
      const evaluation = model.evaluate(many.x, many.y, { batchSize: 4 });
      evaluations.push(evaluation);
      await evaluation;
    }
    clearInterval(timer);
    expect(ticks, `${evaluations.length} evaluations`).toBeGreaterThan(0);
  });

  it("rejects with what a callback throws, and can go on", async () => {
    using model = make();
    using twin = make();
    const fail = ({ batch }: BatchReport) => {
      if (batch === 1) throw new Error("from the callback");
    };
    await expect(model.fit(x, y, { batchSize: 5, onBatchEnd: fail })).rejects.toThrow("from the callback");
    await model.fit(x, y, { batchSize: 5, resume: true });
    await twin.fit(x, y, { batchSize: 5 });
    expect(bitsOf(model.getWeights())).toEqual(bitsOf(twin.getWeights()));
  });
});

describe("evaluate", () => {
  it("gives means over all samples, whatever the batch size, and changes nothing", async () => {
    using model = make();
    const before = bitsOf(model.getWeights());
    const { loss, accuracy } = await model.evaluate(x, y);
    for (const batchSize of [1, 4, 22, 100]) {
      const scores = await model.evaluate(x, y, { batchSize });
      expect(scores).toEqual({ loss: expect.closeTo(loss, 6), accuracy: expect.closeTo(accuracy, 12) });
    }
    expect(bitsOf(model.getWeights())).toEqual(before);
    expect(model.clock.iteration).toBe(0);
  });

  it("sums with dropout off: the mean of -ln p", async () => {
    using model = make();
    using p = model.predict(x);
    const { loss } = await model.evaluate(x, y);
    const expected = y.reduce((sum, label, i) => sum - Math.log(p.data[i * classes + label]), 0) / 22;
    expect(loss).toBeCloseTo(expected, 6);
  });
});

describe("early stopping", () => {
  /** Trains against a fixed course of validation losses, by setting the one weight to its root before each judgement. */
  async function course(losses: readonly number[], earlyStopping: object): Promise<{ history: History; last: number }> {
    using model = sequential({ inputShape: [1] }, [
      layers.dense({ units: 1, useBias: false, kernelInitializer: { name: "constant", value: 1 } }),
    ]);
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-30 }), loss: "meanSquaredError" });
    const set = (epoch: number) => model.setWeights([[Math.sqrt(losses[epoch])]]);
    const history = await model.fit([1], [0], {
      epochs: losses.length,
      validationData: [[1], [0]],
      earlyStopping,
      onBatchEnd: ({ epoch }) => set(epoch),
    });
    return { history, last: model.getWeights()[0][0] ** 2 };
  }

  it.each<[string, number[], object, number]>([
    ["stops at the first epoch without an improvement", [4, 3, 3.5, 1, 1], {}, 3],
    ["patience 1 is the same", [4, 3, 3.5, 1, 1], { patience: 1 }, 3],
    ["patience 2 waits for a second in a row", [4, 3, 3.5, 2, 2.5, 2.5, 1], { patience: 2 }, 6],
    ["an equal value is no improvement", [4, 4, 1], {}, 2],
    ["minDelta is what counts as one", [4, 3.5, 3.2, 1], { minDelta: 0.4 }, 3],
    ["NaN is no improvement", [4, Number.NaN, 1], {}, 2],
    ["NaN from the start on", [Number.NaN, Number.NaN, Number.NaN, 1], { patience: 2 }, 2],
    ["NaN at the start is left behind", [Number.NaN, 5, 4, 4.5, 1], { patience: 2 }, 5],
  ])("%s", async (_, losses, options, epochs) => {
    const { history } = await course(losses, options);
    expect(history.valLoss).toHaveLength(epochs);
    expect(history.stopped).toBe(epochs < losses.length ? "earlyStopping" : undefined);
  });

  it("gives the weights of the best epoch back where asked", async () => {
    expect((await course([4, 2, 3, 3], { patience: 2, restoreBestWeights: true })).last).toBeCloseTo(2, 5);
    expect((await course([4, 2, 3], { patience: 9, restoreBestWeights: true })).last).toBeCloseTo(2, 5);
    expect((await course([4, 2, 3, 3], { patience: 2 })).last).toBeCloseTo(3, 5);
  });

  it("watches the training loss without validation data, and metrics for a rise", async () => {
    using model = make();
    const options = { batchSize: 22, epochs: 3, earlyStopping: { monitor: "accuracy", minDelta: 1 } };
    expect((await model.fit(x, y, options)).accuracy).toHaveLength(2);
    expect((await model.fit(x, y, { ...options, earlyStopping: { minDelta: 100 } })).loss).toHaveLength(2);
  });
});
