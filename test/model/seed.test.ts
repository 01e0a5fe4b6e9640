import { expect, it } from "vitest";
import { ArgumentError, layers, optimizers, sequential } from "../../src/index.ts";
import { Random } from "../support/random.ts";

it("sample order follows from the seed of the model, also where it is set anew", async () => {
  const x = new Random(1).floats(40 * 3);
  const y = Array.from({ length: 40 }, (_, i) => i % 2);
  const train = async (seed: number, setAnew?: number) => {
    using model = sequential({ inputShape: [3], seed }, [
      layers.dense({ units: 2, activation: "softmax", kernelInitializer: "ones" }),
    ]);
    if (setAnew !== undefined) model.seed = setAnew;
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    const losses: number[] = [];
    await model.fit(x, y, { batchSize: 8, onBatchEnd: ({ loss }) => void losses.push(loss) });
    return losses;
  };
  expect(await train(2, 1)).toEqual(await train(1));
  expect(await train(2)).not.toEqual(await train(1));
});

it("refuses a seed that is none", () => {
  const model = sequential({ inputShape: [3] }, [layers.dense({ units: 2 })]);
  expect(() => {
    model.seed = -1;
  }).toThrow(new ArgumentError("model: seed must be a whole number from 0 to 2^53 - 1, got -1"));
  expect(model.seed).toBe(0);
});

it("the masks of dropout follow from the seed too, and change from step to step", () => {
  const losses = (seed: number, setAnew = seed) => {
    using model = sequential({ inputShape: [64], seed }, [
      layers.dropout({ rate: 0.5, name: "first" }),
      layers.dense({ units: 2, kernelInitializer: "ones", trainable: true }),
    ]);
    model.seed = setAnew;
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-30 }), loss: "meanSquaredError" });
    return [1, 2, 3].map(() => model.trainOnBatch(new Float32Array(128).fill(1), [0, 0, 0, 0]).loss);
  };
  expect(losses(2, 1)).toEqual(losses(1));
  expect(losses(2)).not.toEqual(losses(1));
  expect(new Set(losses(1)).size).toBe(3);
});
