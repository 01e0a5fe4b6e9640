import { describe, expect, it } from "vitest";
import { ArgumentError, layers, loadModel, ops, sequential, tensor } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { Random } from "../support/random.ts";

const random = new Random(5);
const values = random.floats(40 * 40 * 32);
const kernel = random.floats(9 * 32 * 32);
const bias = random.floats(32);

function outputs(model: object, layer: object): Float32Array {
  const conv = layers.conv2d({ filters: 32, kernelSize: 3, padding: 1, ...layer });
  using made = sequential({ inputShape: [40, 40, 32], ...model }, [conv]);
  made.setWeights([kernel, bias]);
  using again = loadModel(made.save());
  using y = again.predict(values);
  return y.data.slice();
}

describe("precision of a layer and a model", () => {
  const by = (algorithm: "winograd4" | "winograd2") => {
    using x = tensor(values, [1, 40, 40, 32]);
    using w = tensor(kernel, [3, 3, 32, 32]);
    using b = tensor(bias);
    using y = ops.conv2d(x, w, b, { padding: 1, algorithm });
    return y.data.slice();
  };

  it("is F(4x4) by default, and never where either asks for more, also after save and load", () => {
    expect(outputs({}, {})).toEqual(by("winograd4"));
    expect(outputs({ precision: "high" }, {})).not.toEqual(by("winograd4"));
    expect(outputs({}, { precision: "high" })).not.toEqual(by("winograd4"));
    expect(outputs({ precision: "high" }, { precision: "default" })).toEqual(by("winograd4"));
  });

  it("takes an algorithm for tests and the curious", () => {
    expect(outputs({}, { algorithm: "winograd2" })).toEqual(by("winograd2"));
  });

  refuses([
    [
      "an unknown precision of a layer",
      () => layers.conv2d({ filters: 1, kernelSize: 3, precision: "higher" as "high" }),
      new ArgumentError('conv2d: precision must be one of "default", "high", got "higher"; did you mean "high"?'),
    ],
    [
      "an unknown precision of a model",
      () => sequential({ inputShape: [4], precision: "low" as "high" }, [layers.flatten()]),
      new ArgumentError('sequential: precision must be one of "default", "high", got "low"'),
    ],
  ]);
});
