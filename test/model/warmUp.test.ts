import { expect, it } from "vitest";
import { ArgumentError, input, layers, type Model, model, sequential, tensor, zeros } from "../../src/index.ts";
import { drawSamples } from "../support/model.ts";

const shape = [6, 6, 2];
const make = (): Model =>
  sequential({ inputShape: shape, seed: 3 }, [layers.conv2d({ filters: 4, kernelSize: 3 }), layers.flatten()]);

it("leaves nothing for the first predict to allocate, and changes no result", async () => {
  const [cold, warm] = [make(), make()];
  const x = tensor(drawSamples(3, shape, 2).x, [3, ...shape]);
  const into = zeros([3, ...warm.outputShape]);
  await warm.warmUp({ batchSize: 3 });
  const { used, blocks } = warm.runtime.memory();
  warm.predict(x, { into });
  expect(warm.runtime.memory()).toMatchObject({ used, blocks });
  expect(into.data).toEqual(cold.predict(x).data);
});

it("takes models with several inputs and outputs", async () => {
  const [a, b] = [input({ shape: [4] }), input({ shape: [4] })];
  const sum = layers.add()([a, b]);
  const two = model({ inputs: [a, b], outputs: [sum, layers.dense({ units: 2 })(sum)] });
  const { blocks } = two.runtime.memory();
  await two.warmUp();
  two.dispose();
  expect(two.runtime.memory().blocks).toBeLessThanOrEqual(blocks);
});

it("stops with an error when the model is disposed meanwhile, and gives its tensors back", async () => {
  const stopped = make();
  const { blocks } = stopped.runtime.memory();
  const warming = stopped.warmUp();
  stopped.dispose();
  await expect(warming).rejects.toThrow(new ArgumentError("warmUp: the model was disposed"));
  expect(stopped.runtime.memory().blocks).toBeLessThan(blocks);
});

it("refuses a batch size that is none", async () => {
  await expect(make().warmUp({ batchSize: 0 })).rejects.toThrow(
    new ArgumentError("warmUp: batchSize must be a whole number >= 1, got 0"),
  );
});
