import { describe, expect, it } from "vitest";
import { ArgumentError, layers, optimizers, regularizers, schedules, sequential, zeros } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";

describe("a misspelt option of a model", () => {
  const model = () =>
    sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]).compile({
      loss: "sparseCategoricalCrossentropy",
    });
  refuses([
    [
      "sequential",
      () => sequential({ inputShape: [4], sede: 1 } as never, [layers.dense({ units: 1 })]),
      new ArgumentError(
        'sequential: every option must be one of "inputShape", "seed", "precision", got "sede"; did you mean "seed"?',
      ),
    ],
    [
      "compile",
      () => model().compile({ loss: "meanSquaredError", metric: ["accuracy"] } as never),
      new ArgumentError(
        'compile: every option must be one of "optimizer", "loss", "metrics", got "metric"; did you mean "metrics"?',
      ),
    ],
    [
      "compile without options",
      () => model().compile(undefined as never),
      new ArgumentError("compile: options must be an object such as { optimizer: ... }, got undefined"),
    ],
    [
      "predict",
      () => model().predict(zeros([1, 4]), { batch_size: 2 } as never),
      new ArgumentError(
        'predict: every option must be one of "into", "batchSize", got "batch_size"; did you mean "batchSize"?',
      ),
    ],
    [
      "trainOnBatch",
      () => model().trainOnBatch([[0, 0, 0, 0]], [1], { weights: {} } as never),
      new ArgumentError('trainOnBatch: every option must be one of "classWeight", "sampleWeight", got "weights"'),
    ],
  ]);
});

describe("options are looked at before what is missing among them", () => {
  const { constant, ...others } = schedules; // which takes a number
  const makers: Record<string, unknown> = { ...layers, ...optimizers, ...others, l1l2: regularizers.l1l2 };
  it.each(Object.entries(makers))("%s", (name, maker) => {
    const make = maker as (options: unknown) => unknown;
    expect(() => make({ misspelt: 1 })).toThrow(new RegExp(`^${name}: every option must be .*, got "misspelt"`));
    if (name === "activation") return; // which takes a name, too
    expect(() => make(null)).toThrow(new RegExp(`^${name}: options must be an object such as .*, got null$`));
  });

  refuses([
    [
      "a letter that is left out, before a kernelSize that is",
      () => layers.conv2d({ filter: 8, kernelSize: 3 } as never),
      new ArgumentError(
        'conv2d: every option must be one of "filters", "groups", "precision", "algorithm", "kernelSize", "strides", "padding", "dilationRate", "activation", "useBias", "biasInitializer", "biasRegularizer", "kernelInitializer", "kernelRegularizer", "name", "trainable", got "filter"; did you mean "filters"?',
      ),
    ],
  ]);
});
