import { expect, it } from "vitest";
import { layers, loadModel, sequential } from "../../src/index.ts";

it("a model that was loaded saves to the same bytes", () => {
  const model = sequential({ inputShape: [6, 6, 1], seed: 5 }, [
    layers.conv2d({ filters: 2, kernelSize: 3, name: "first" }),
    layers.maxPool2d(),
    layers.flatten(),
    layers.dense({ units: 3, activation: "softmax", trainable: false }),
  ]);
  model.layers[0].freeze();
  const file = model.save();
  const loaded = loadModel(file);
  expect(loaded.layers.map(({ name, trainable }) => [name, trainable])).toEqual(
    model.layers.map(({ name, trainable }) => [name, trainable]),
  );
  expect(loaded.save()).toEqual(file);
});
