import { describe, expect, it } from "vitest";
import { layers, optimizers, sequential } from "../../src/index.ts";
import { accuracy } from "../../src/metrics/accuracy.ts";
import { argMax } from "../../src/metrics/metric.ts";
import { scoreOf } from "../support/metric.ts";
import { drawSamples, leavesNothing } from "../support/model.ts";

describe("accuracy", () => {
  const predictions = Float32Array.of(0.1, 0.7, 0.2, 0.5, 0.5, 0, -3, -2, -1);

  it("counts rows whose largest output is the labelled class, the first of equal ones", () => {
    expect(scoreOf(accuracy(), { predictions, targets: [1, 0, 2], columns: 3 })).toBe(1);
    expect(scoreOf(accuracy(), { predictions, targets: [1, 1, 0], columns: 3 })).toBe(1 / 3);
  });

  it("compares with the largest value of a target row", () => {
    const targets = Float32Array.of(0, 1, 0, 0.2, 0.3, 0.5, 0.1, 0.1, 0.8);
    expect(scoreOf(accuracy(), { predictions, targets, columns: 3 })).toBe(2 / 3);
  });

  it("asks for the same side of 0.5 where there is one output", () => {
    const [guesses, targets] = [Float32Array.of(0.6, 0.4, 0.9, 0.5), Float32Array.of(1, 1, 0, 0)];
    expect(scoreOf(accuracy(), { predictions: guesses, targets, columns: 1 })).toBe(0.5);
  });

  it("argMax finds the first largest of a stretch", () => {
    expect(argMax([9, 1, 3, 3, 2], 1, 4)).toBe(1);
  });

  // The way back reuses the room of buffers that nobody reads any more: the targets must not be among them.
  it.each(["sparseCategoricalCrossentropy", "categoricalCrossentropy", "meanSquaredError"] as const)(
    "is the same in training as in evaluation: %s",
    async (loss) => {
      await leavesNothing(async () => {
        const model = sequential({ inputShape: [9, 9, 2] }, [
          layers.conv2d({ filters: 8, kernelSize: 3, padding: "same", activation: "relu" }),
          layers.maxPool2d(),
          layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "sigmoid" }),
          layers.flatten(),
          layers.dense({ units: 24, activation: "tanh" }),
          layers.dense({ units: 5, activation: "softmax" }),
        ]);
        model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05 }), loss, metrics: ["accuracy"] });
        const { x, y, hot } = drawSamples(24, [9, 9, 2], 5);
        const targets = loss === "sparseCategoricalCrossentropy" ? y : hot;
        for (let step = 0; step < 3; step++) {
          const evaluated = await model.evaluate(x, targets, { batchSize: 24 });
          const predictions = model.predict(x);
          const hits = y.reduce((n, label, i) => n + (argMax(predictions.data, i * 5, 5) === label ? 1 : 0), 0);
          predictions.dispose();
          const trained = model.trainOnBatch(x, targets);
          expect(trained.accuracy).toBe(hits / 24);
          expect(evaluated.accuracy).toBeCloseTo(hits / 24, 12);
          expect(trained.loss).toBeCloseTo(evaluated.loss, 6);
        }
        model.dispose();
      });
    },
  );
});
