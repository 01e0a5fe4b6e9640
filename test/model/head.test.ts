import { describe, expect, it } from "vitest";
import { ArgumentError, layers, loadModel, type Model, ShapeError, sequential } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { drawSamples } from "../support/model.ts";

function trunk(): Model {
  return sequential({ inputShape: [12, 12, 3], seed: 5 }, [
    layers.conv2d({ filters: 8, kernelSize: 3, padding: "same", name: "first" }),
    layers.batchNormalization({ name: "norm" }),
    layers.activation({ activation: "relu6", name: "active" }),
    layers.depthwiseConv2d({ kernelSize: 3, padding: "same", name: "second" }),
    layers.globalAveragePool2d(),
    layers.dense({ units: 5, name: "old" }),
  ]);
}

const head = () => [layers.globalAveragePool2d(), layers.dense({ units: 2, activation: "softmax", name: "new" })];
const { x, y } = drawSamples(16, [12, 12, 3], 2);

describe("withHead", () => {
  it("takes layers over with their weights, and gives the rest back", () => {
    const base = trunk();
    const { runtime } = base;
    const [kernel] = base.getWeights();
    const used = runtime.memory().used;
    const model = base.withHead("second", head(), { seed: 2 });
    expect(model.layers.map(({ name }) => name)).toEqual([
      "first",
      "norm",
      "active",
      "second",
      "globalAveragePooling2d_1",
      "new",
    ]);
    expect(model.getWeights()[0]).toEqual(kernel);
    expect(() => base.predict(x)).toThrow("predict: the model was disposed");
    base.dispose(); // takes nothing away
    expect(model.predict(x).shape).toEqual([16, 2]);
    const same = loadModel(model.save());
    expect(same.predict(x).data).toEqual(model.predict(x).data);
    same.dispose();
    model.dispose();
    expect(runtime.memory().used).toBeLessThan(used);
  });

  it("learns with a frozen trunk in a part of the memory, and leaves the trunk as it is", () => {
    const model = trunk().withHead("second", head(), { seed: 2 });
    const compile = () => model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    const free = compile().memory({ batchSize: 16 });
    for (const layer of model.layers) layer.freeze(layer.name !== "new");
    const frozen = compile().memory({ batchSize: 16 });
    // The largest activation is 16 x 12 x 12 x 8 floats; a free trunk keeps one for each of its four layers.
    const activation = 16 * 12 * 12 * 8 * 4;
    expect(free.train - frozen.train).toBeGreaterThan(2 * activation);
    expect(frozen.train).toBeLessThan(frozen.predict + 3 * activation);
    const before = model.getWeights();
    model.trainOnBatch(x, y);
    const after = model.getWeights();
    expect(after.slice(0, -2)).toEqual(before.slice(0, -2));
    expect(after.at(-1)).not.toEqual(before.at(-1));
    model.layers[3].freeze(false);
    model.trainOnBatch(x, y);
    expect(model.getWeights()[6]).not.toEqual(before[6]);
    expect(model.getWeights().slice(0, 6)).toEqual(before.slice(0, 6));
  });

  it("leaves the model as it is where the head does not fit", () => {
    const base = trunk();
    const before = base.predict(x).data.slice();
    expect(() => base.withHead("second", [layers.conv2d({ filters: 2, kernelSize: 30 })])).toThrow(ShapeError);
    expect(base.predict(x).data).toEqual(before);
  });

  refuses([
    [
      "a layer that is not there",
      () => trunk().withHead("secnd", head()),
      new ArgumentError(
        'withHead: after must be the name of a layer of the model, got "secnd"; did you mean "second"?',
      ),
    ],
    [
      "an unknown option",
      () => trunk().withHead("second", head(), { seeds: 1 } as never),
      new ArgumentError('withHead: every option must be one of "seed", "precision", got "seeds"; did you mean "seed"?'),
    ],
  ]);
});
