import { describe, expect, it } from "vitest";
import { ArgumentError, layers, type Model, optimizers, sequential } from "../../src/index.ts";
import { meanSquaredError } from "../../src/losses/index.ts";
import { ModelPlanner } from "../../src/model/planner.ts";
import type { Parameter } from "../../src/tensor/parameter.ts";
import { bitsOf, drawSamples, rejects } from "../support/model.ts";

const make = (frozen: readonly string[] = []): Model => {
  const model = sequential({ inputShape: [8, 8, 2], seed: 5 }, [
    layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu", name: "first" }),
    layers.maxPool2d(),
    layers.conv2d({ filters: 4, kernelSize: 2, activation: "tanh", name: "middle" }),
    layers.flatten(),
    layers.dense({ units: 3, activation: "softmax", name: "last" }),
  ]);
  for (const layer of model.layers) if (frozen.includes(layer.name)) layer.freeze();
  return model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: "sparseCategoricalCrossentropy" });
};

const { x, y } = drawSamples(6, [8, 8, 2], 3);

/** The kinds of steps of a training step, in their order. */
function kindsOf(model: Model): string[] {
  const learning = new Set(model.trainer("test").learning);
  const planner = new ModelPlanner(model, true, learning);
  let slot = planner.filled([6, 8, 8, 2]);
  for (const layer of model.layers) slot = layer.plan(planner, slot) as typeof slot;
  const [targets, weights, losses] = [planner.slot(slot.shape), planner.slot([6]), planner.slot([6])];
  meanSquaredError().plan(planner, { y: slot, targets, weights, losses, wants: "nothing" });
  planner.backward();
  return planner.steps.map(({ kind }) => kind);
}

const forward = ["conv2d", "pool2d", "conv2d", "tanh", "dense", "softmax", "meanSquaredError"];

describe("a frozen layer", () => {
  it.each([
    { frozen: ["first"] },
    { frozen: ["middle"] },
    { frozen: ["last"] },
    { frozen: ["first", "middle"] },
    { frozen: ["middle", "last"] },
  ])("stays, while the others learn as with it: $frozen", ({ frozen }) => {
    using free = make();
    using held = make(frozen);
    const before = bitsOf(held.getWeights());
    const [lossFree, lossHeld] = [free.trainOnBatch(x, y).loss, held.trainOnBatch(x, y).loss];
    expect(lossHeld).toBe(lossFree);
    const [afterFree, afterHeld] = [bitsOf(free.getWeights()), bitsOf(held.getWeights())];
    held.parameters.forEach((parameter: Parameter, i) => {
      const isFrozen = frozen.some((name) => parameter.name.startsWith(name));
      expect(afterHeld[i], parameter.name).toEqual(isFrozen ? before[i] : afterFree[i]);
      if (!isFrozen) expect(afterHeld[i]).not.toEqual(before[i]);
    });
  });

  it("learns again after freeze(false), and can be frozen between steps", () => {
    using model = make(["first"]);
    const [first] = model.layers;
    model.trainOnBatch(x, y);
    const frozen = model.getWeights()[0];
    first.freeze(false);
    model.trainOnBatch(x, y);
    const thawed = model.getWeights()[0];
    expect(thawed).not.toEqual(frozen);
    first.freeze();
    model.trainOnBatch(x, y);
    expect(model.getWeights()[0]).toEqual(thawed);
  });

  it("is made so by trainable: false, and shown in the summary", () => {
    using model = sequential({ inputShape: [3] }, [layers.dense({ units: 2, trainable: false, name: "still" })]);
    expect(model.summary()).toContain("still (frozen)");
    expect(model.summary()).toContain("8 parameters (0 learned)");
  });

  it.each<[string, string[], string[]]>([
    [
      "none",
      [],
      ["softmaxBackward", "denseBackwardFilter", "denseBackwardInput", "tanhBackward", "conv2dBackwardFilter"].concat([
        "conv2dBackwardInput",
        "pool2dBackward",
        "activationBackward",
        "conv2dBackwardFilter",
      ]),
    ],
    [
      "first",
      ["first"],
      ["softmaxBackward", "denseBackwardFilter", "denseBackwardInput", "tanhBackward", "conv2dBackwardFilter"],
    ],
    [
      "middle",
      ["middle"],
      ["softmaxBackward", "denseBackwardFilter", "denseBackwardInput", "tanhBackward", "conv2dBackwardInput"].concat([
        "pool2dBackward",
        "activationBackward",
        "conv2dBackwardFilter",
      ]),
    ],
    ["all but the last", ["first", "middle"], ["softmaxBackward", "denseBackwardFilter"]],
  ])("costs no more of the way back than is wanted: %s", (_, frozen, backward) => {
    using model = make(frozen);
    expect(kindsOf(model)).toEqual([...forward, ...backward]);
  });

  it("is no reason to keep what only the way back would read", () => {
    const bytes = (frozen: string[]) => {
      using model = make(frozen);
      return model.memory({ batchSize: 32 }).train;
    };
    expect(bytes(["first", "middle"])).toBeLessThan(bytes([]));
  });

  const all = ["first", "middle", "last"];
  rejects([
    [
      "fit where all are frozen",
      () => make(all).fit(x, y),
      new ArgumentError("fit: no layer has parameters to learn; all are frozen"),
    ],
    [
      "trainOnBatch where all are frozen",
      async () => make(all).trainOnBatch(x, y),
      new ArgumentError("trainOnBatch: no layer has parameters to learn; all are frozen"),
    ],
  ]);

  it("hinders no evaluation", async () => {
    using model = make(all);
    using free = make();
    expect(await model.evaluate(x, y)).toEqual(await free.evaluate(x, y));
  });
});

it("a layer that learns nothing keeps its running statistics while it is frozen, from one step to the next", () => {
  using model = sequential({ inputShape: [3] }, [
    layers.batchNormalization({ scale: false, center: false }),
    layers.dense({ units: 2 }),
  ]);
  model.compile({ loss: "meanSquaredError" });
  const step = () => {
    model.trainOnBatch([1, 2, 3, 4, 6, 5], [0, 0, 0, 0]);
    return bitsOf(model.getWeights().slice(2, 4));
  };
  const first = step();
  expect(step()).not.toEqual(first);
  model.layers[0].freeze();
  const frozen = step();
  expect(step()).toEqual(frozen);
  model.layers[0].freeze(false);
  expect(step()).not.toEqual(frozen);
});
