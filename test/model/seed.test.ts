import { expect, it } from "vitest";
import { ArgumentError, layers, sequential } from "../../src/index.ts";
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
  }).toThrow(new ArgumentError("random: seed must be a whole number from 0 to 2^53 - 1, got -1"));
  expect(model.seed).toBe(0);
});
