import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  layers,
  loadModel,
  type Model,
  optimizers,
  type ReduceLROnPlateau,
  sequential,
} from "../../src/index.ts";
import { bitsOf, drawSamples, rejects } from "../support/model.ts";

/** A model whose only weight w is the mean squared error of a sample 1 with the target 0: the loss is w^2. */
function one(learningRate = 0.5): Model {
  const model = sequential({ inputShape: [1] }, [layers.dense({ units: 1, useBias: false })]);
  return model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: "meanSquaredError" });
}

/** The factor of the rate after each epoch, where the validation loss goes this way. */
async function factors(losses: readonly number[], reduceLROnPlateau: ReduceLROnPlateau): Promise<number[]> {
  using model = one(1e-30);
  const seen: number[] = [];
  // The weight is set before each epoch so that its square is the loss; with this rate it stays.
  model.setWeights([[Math.sqrt(losses[0])]]);
  await model.fit([1], [0], {
    epochs: losses.length,
    reduceLROnPlateau: { minDelta: 0.01, ...reduceLROnPlateau },
    onEpochEnd: ({ epoch }) => {
      seen.push(model.trainer("test").plateau.factor);
      if (epoch + 1 < losses.length) model.setWeights([[Math.sqrt(losses[epoch + 1])]]);
    },
  });
  return seen;
}

describe("reduceLROnPlateau", () => {
  it("lowers the rate after `patience` epochs without an improvement, and counts anew", async () => {
    expect(await factors([4, 4, 4, 4, 4, 4], { patience: 2, factor: 0.5 })).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
    expect(await factors([4, 4, 3, 3, 2, 2], { patience: 2, factor: 0.5 })).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await factors([4, 3.995, 3.995], { patience: 1, factor: 0.5 })).toEqual([1, 0.5, 0.25]);
  });

  it("waits for the cooldown before it counts again", async () => {
    const plain = await factors([1, 1, 1, 1, 1, 1], { patience: 1, factor: 0.5 });
    expect(plain).toEqual([1, 0.5, 0.25, 0.125, 0.0625, 0.03125]);
    const cooled = await factors([1, 1, 1, 1, 1, 1], { patience: 1, factor: 0.5, cooldown: 2 });
    expect(cooled).toEqual([1, 0.5, 0.5, 0.25, 0.25, 0.125]);
  });

  it("does not go below minLr", async () => {
    const seen = await factors([1, 1, 1, 1], { patience: 1, factor: 0.5, minLr: 3e-31 });
    expect(seen).toEqual([1, 0.5, 0.3, 0.3].map((f) => expect.closeTo(f, 12)));
  });

  it("is what the steps are multiplied with", async () => {
    using model = one(0.25);
    model.setWeights([[1]]);
    model.trainer("test").plateau.factor = 0.5;
    model.trainOnBatch([1], [0]);
    expect(model.getWeights()[0][0]).toBe(1 - 0.25 * 0.5 * 2);
  });

  it("goes on to the same bits from a file", async () => {
    const { x, y } = drawSamples(12, [4], 3);
    const make = () => {
      const model = sequential({ inputShape: [4], seed: 5 }, [layers.dense({ units: 3, activation: "softmax" })]);
      return model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: "sparseCategoricalCrossentropy" });
    };
    const reduceLROnPlateau = { monitor: "valLoss", patience: 1, minDelta: 0.03, factor: 0.5, cooldown: 1 };
    const options = { batchSize: 4, epochs: 8, validationSplit: 0.25, reduceLROnPlateau };
    using whole = make();
    await whole.fit(x, y, options);
    expect(whole.trainer("test").plateau.factor).toBeLessThan(1);
    using part = make();
    const files: Uint8Array[] = [];
    await part.fit(x, y, { ...options, onEpochEnd: () => void files.push(part.save({ optimizer: true })) });
    for (const file of [files[1], files[4], files[6]]) {
      using again = loadModel(file);
      await again.fit(x, y, { ...options, resume: true });
      expect(bitsOf(again.getWeights())).toEqual(bitsOf(whole.getWeights()));
      expect(again.trainer("test").plateau).toEqual(whole.trainer("test").plateau);
    }
  });

  const training = (reduceLROnPlateau: object) => () => one().fit([1], [0], { reduceLROnPlateau });
  rejects([
    [
      "a factor that raises the rate",
      training({ factor: 2 }),
      new ArgumentError("fit: reduceLROnPlateau.factor must be a number between 0 and 1, got 2"),
    ],
    [
      "half an epoch of patience",
      training({ patience: 0.5 }),
      new ArgumentError("fit: reduceLROnPlateau.patience must be a whole number >= 0, got 0.5"),
    ],
    [
      "a score that nobody measures",
      training({ monitor: "valLoss" }),
      new ArgumentError('fit: reduceLROnPlateau.monitor must be one of "loss", got "valLoss"; did you mean "loss"?'),
    ],
    [
      "a negative cooldown",
      training({ cooldown: -1 }),
      new ArgumentError("fit: reduceLROnPlateau.cooldown must be a whole number >= 0, got -1"),
    ],
    [
      "a negative least rate",
      training({ minLr: -1 }),
      new ArgumentError("fit: reduceLROnPlateau.minLr must be a number >= 0, got -1"),
    ],
  ]);
});

describe("useEma", () => {
  const { x, y } = drawSamples(12, [4], 3);
  const make = (useEma: boolean) => {
    const model = sequential({ inputShape: [4], seed: 5 }, [layers.dense({ units: 3, activation: "softmax" })]);
    const optimizer = optimizers.sgd({ learningRate: 0.1, useEma, emaMomentum: 0.5 });
    return model.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
  };

  it("gives the model the average of its weights at the end of fit", async () => {
    using plain = make(false);
    const steps: number[][] = [];
    const onBatchEnd = () => void steps.push([...plain.getWeights()[0]]);
    await plain.fit(x, y, { batchSize: 4, epochs: 2, onBatchEnd });
    let average = steps[0];
    for (const w of steps.slice(1)) average = average.map((a, i) => 0.5 * a + 0.5 * w[i]);
    using averaged = make(true);
    averaged.predict(x).dispose(); // packs the weights as they are
    await averaged.fit(x, y, { batchSize: 4, epochs: 2 });
    expect([...averaged.getWeights()[0]]).toEqual(average.map((w) => expect.closeTo(w, 6)));
    using same = make(false);
    same.setWeights(averaged.getWeights());
    using predicted = averaged.predict(x);
    using expected = same.predict(x);
    expect(predicted.data).toEqual(expected.data);
  });

  it("leaves the weights as they are where the signal stopped the training", async () => {
    using plain = make(false);
    using averaged = make(true);
    for (const model of [plain, averaged]) {
      const controller = new AbortController();
      await model.fit(x, y, {
        batchSize: 4,
        signal: controller.signal,
        onBatchEnd: ({ batch }) => void (batch === 1 && controller.abort()),
      });
    }
    expect(averaged.clock.iteration).toBe(2);
    expect(bitsOf(averaged.getWeights())).toEqual(bitsOf(plain.getWeights()));
  });
});
