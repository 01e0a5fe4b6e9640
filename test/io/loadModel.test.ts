import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  FormatError,
  layers,
  loadModel,
  type Model,
  optimizers,
  regularizers,
  schedules,
  scope,
  sequential,
  zeros,
} from "../../src/index.ts";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "../../src/io/safetensors.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples, leavesNothing } from "../support/model.ts";

const shape = [9, 9, 2];
const { x, y } = drawSamples(5, shape, 3);

/** A model with a layer of every kind. */
const everything = (): Model =>
  sequential({ inputShape: shape, seed: 4 }, [
    layers.zeroPadding2d({ padding: [1, 0] }),
    layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: 1, padding: "same", groups: 2, activation: "relu6" }),
    layers.batchNormalization({ epsilon: 0.01 }),
    layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, useBias: false }),
    layers.maxPool2d({ padding: [0, 1, 0, 1] }),
    layers.minPool2d({ poolSize: 2, strides: 1 }),
    layers.averagePool2d({ poolSize: [2, 1], strides: 1, countIncludePad: true, padding: "same" }),
    layers.activation({ activation: "leakyRelu", negativeSlope: 0.05 }),
    layers.reshape({ targetShape: [2, 12, 4] }),
    layers.conv2d({
      filters: 3,
      kernelSize: 1,
      activation: "swish",
      kernelInitializer: { name: "randomUniform", min: -1, max: 1 },
      kernelRegularizer: regularizers.l1l2({ l1: 0.1, l2: 0.2 }),
      trainable: false,
      name: "mine",
    }),
    layers.dropout({ rate: 0.4 }),
    layers.flatten(),
    layers.dense({ units: 12, activation: "tanh", biasInitializer: "ones" }),
    layers.reshape({ targetShape: [2, 2, 3] }),
    layers.globalAveragePool2d(),
    layers.dense({ units: 3, activation: "softmax" }),
  ]);

const small = (seed = 0) =>
  sequential({ inputShape: [4], seed }, [layers.dense({ units: 3, activation: "softmax", name: "only" })]);

describe("save and loadModel", () => {
  it("take an ArrayBuffer, as a response gives it", () => {
    const model = small();
    const loaded = loadModel(model.save().slice().buffer);
    expect(loaded.getWeights()).toEqual(model.getWeights());
    for (const made of [model, loaded]) made.dispose();
  });

  it("give back a model of every kind of layer: configuration, weights, predictions", async () => {
    await leavesNothing(() =>
      scope(() => {
        const model = everything();
        model.compile({ loss: "sparseCategoricalCrossentropy" });
        model.trainOnBatch(x, y); // moves the running statistics
        model.layers[12].freeze();
        const file = model.save();
        const again = loadModel(file);
        expect(again.inputShape).toEqual(shape);
        expect(again.outputShape).toEqual([3]);
        expect(again.seed).toBe(4);
        expect(again.layers.map(({ name, className, trainable }) => ({ name, className, trainable }))).toEqual(
          model.layers.map(({ name, className, trainable }) => ({ name, className, trainable })),
        );
        expect(again.parameters.map(({ name, shape: size, regularizer }) => [name, size, regularizer])).toEqual(
          model.parameters.map(({ name, shape: size, regularizer }) => [name, size, regularizer]),
        );
        expect(bitsOf(again.getWeights())).toEqual(bitsOf(model.getWeights()));
        expect(bitsOf([again.predict(x).data])).toEqual(bitsOf([model.predict(x).data]));
        expect(again.save()).toEqual(file);
        expect(() => again.trainOnBatch(x, y)).toThrow("call model.compile");
        again.dispose();
        model.dispose();
      }),
    );
  });

  it("keep what is not a number: NaN, infinities, -0", () => {
    using model = small();
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-45, 3.4e38, 0, 1, 2, 3, 4, 5];
    model.setWeights([odd, [0, 0, 0]]);
    using again = loadModel(model.save());
    expect(bitsOf(again.getWeights())).toEqual(bitsOf(model.getWeights()));
  });

  it("keep the optimizer with its state on request: it trains on as the first does", async () => {
    await leavesNothing(() => {
      for (const optimizer of [
        () => optimizers.sgd({ learningRate: 0.1, momentum: 0.5 }),
        () => optimizers.adam({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 4 }) }),
      ]) {
        const model = everything();
        model.compile({ optimizer: optimizer(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
        for (let step = 0; step < 3; step++) model.trainOnBatch(x, y);
        const file = model.save({ optimizer: true });
        const again = loadModel(file);
        expect(again.save({ optimizer: true })).toEqual(file);
        for (let step = 0; step < 2; step++) expect(again.trainOnBatch(x, y)).toEqual(model.trainOnBatch(x, y));
        expect(bitsOf(again.getWeights())).toEqual(bitsOf(model.getWeights()));
        again.dispose();
        model.dispose();
      }
    });
  });

  it("write whole states where saving itself makes the memory grow", () => {
    using model = sequential({ inputShape: [100] }, [layers.dense({ units: 100, kernelInitializer: "ones" })]);
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    const { reserved } = currentRuntime("test").memory();
    const ballast = [zeros([8192])];
    while (currentRuntime("test").memory().reserved === reserved) ballast.push(zeros([8192]));
    // What is left now is less than a page; the states of kernel and bias need more.
    while (true) {
      const before = currentRuntime("test").memory().reserved;
      const block = zeros([1024]);
      if (currentRuntime("test").memory().reserved > before) {
        block.dispose();
        break;
      }
      ballast.push(block);
    }
    const before = currentRuntime("test").memory().reserved;
    const { tensors } = decodeSafetensors(model.save({ optimizer: true }));
    expect(currentRuntime("test").memory().reserved).toBeGreaterThan(before);
    expect([...tensors.keys()]).toEqual([
      "dense_1/kernel",
      "dense_1/bias",
      "optimizer/dense_1/kernel/m",
      "optimizer/dense_1/kernel/v",
      "optimizer/dense_1/bias/m",
      "optimizer/dense_1/bias/v",
    ]);
    expect(new Set(tensors.get("dense_1/kernel")?.data)).toEqual(new Set([1]));
    expect(new Set(tensors.get("optimizer/dense_1/kernel/v")?.data)).toEqual(new Set([0]));
    for (const block of ballast) block.dispose();
  });

  it("read a file that begins anywhere in a buffer", () => {
    using model = small();
    const file = model.save();
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    using again = loadModel(shifted.subarray(3));
    expect(bitsOf(again.getWeights())).toEqual(bitsOf(model.getWeights()));
  });

  it("blame the file for any damage, and leave nothing behind", async () => {
    const model = small();
    model.compile({ optimizer: optimizers.sgd({ momentum: 0.9 }), loss: "sparseCategoricalCrossentropy" });
    const good = model.save({ optimizer: true });
    model.dispose();
    const damage = fc.record({
      at: fc.nat(good.length - 1),
      value: fc.integer({ min: 0, max: 255 }),
      length: fc.oneof(fc.constant(good.length), fc.nat(good.length)),
    });
    await leavesNothing(() => {
      fc.assert(
        fc.property(damage, ({ at, value, length }) => {
          const bad = good.slice(0, length);
          if (at < length) bad[at] = value;
          try {
            loadModel(bad).dispose();
          } catch (error) {
            expect(error, (error as Error).message).toBeInstanceOf(FormatError);
          }
        }),
        { numRuns: 600 },
      );
    });
  });
});

/** What stands in the metadata, to be damaged. */
interface Changeable {
  version: number;
  graph: { inputs: { shape: number[] }[]; nodes: number[][]; outputs: number[] };
  layers: { className: string; config: Record<string, unknown> }[];
  training: { iteration: number; optimizer: { name: string; config: { learningRate: { name: string } } } };
}

/** A small saved model with something changed. */
function changed(
  change: (saved: Changeable, tensors: Map<string, NamedTensor>) => void,
  optimizer = false,
): Uint8Array {
  using model = small();
  model.compile({ optimizer: optimizers.sgd({ momentum: 0.9 }), loss: "sparseCategoricalCrossentropy" });
  const file = decodeSafetensors(model.save({ optimizer }));
  const [saved, tensors] = [JSON.parse(file.metadata.striate), new Map(file.tensors)];
  change(saved, tensors);
  return encodeSafetensors({ tensors, metadata: { striate: JSON.stringify(saved) } });
}

const loading = (bytes: () => Uint8Array) => () => loadModel(bytes(), { name: "digits.safetensors" });
const refusal = (message: string) => new FormatError(`digits.safetensors: ${message}`);
const file = () => changed(() => {});

describe("loadModel", () => {
  refuses([
    [
      "a file of another version",
      loading(() => changed((saved) => (saved.version = 2))),
      refusal("the file has version 2, this striate reads 1"),
    ],
    [
      "a missing tensor",
      loading(() => changed((_, tensors) => tensors.delete("only/bias"))),
      refusal('the file lacks the tensor "only/bias"'),
    ],
    [
      "a tensor of another shape",
      loading(() => changed((_, tensors) => tensors.set("only/bias", { shape: [2], data: new Float32Array(2) }))),
      refusal('tensor "only/bias" must be [3], got [2]'),
    ],
    [
      "a missing state of the optimizer",
      loading(() => changed((_, tensors) => tensors.delete("optimizer/only/bias/velocity"), true)),
      refusal('the file lacks the tensor "optimizer/only/bias/velocity"'),
    ],
    [
      "an unknown layer, with the nearest",
      loading(() => changed((saved) => (saved.layers[0].className = "Dens"))),
      refusal('unknown layer "Dens" (one of your own: loadModel(bytes, { layers: { Dens } })); did you mean "Dense"?'),
    ],
    [
      "a layer far from all",
      loading(() => changed((saved) => (saved.layers[0].className = "LSTMCellOfGraves"))),
      refusal('unknown layer "LSTMCellOfGraves" (one of your own: loadModel(bytes, { layers: { LSTMCellOfGraves } }))'),
    ],
    [
      "a layer without a class",
      loading(() => changed((saved) => (saved.layers[0] = null as never))),
      refusal("unknown layer undefined"),
    ],
    [
      "a name from the prototype of objects",
      loading(() => changed((saved) => (saved.layers[0].className = "constructor"))),
      refusal(
        'unknown layer "constructor" (one of your own: loadModel(bytes, { layers: { constructor } })); did you mean "CenterCrop"?',
      ),
    ],
    [
      "a layer's option outside its domain",
      loading(() => changed((saved) => (saved.layers[0].config.units = 0))),
      refusal("the model's configuration makes no model (dense: units must be a whole number >= 1, got 0)"),
    ],
    [
      "a shape that does not fit",
      loading(() => changed((saved) => (saved.graph.inputs[0].shape = [-1]))),
      refusal("the model's configuration makes no model (input: shape must hold whole numbers >= 1, got [-1])"),
    ],
    [
      "a value that nobody makes",
      loading(() => changed((saved) => (saved.graph.nodes[0] = [0, 7]))),
      refusal("the graph asks for value 7 of 1"),
    ],
    [
      "a layer that is not there",
      loading(() => changed((saved) => (saved.graph.nodes[0] = [-1, 0]))),
      refusal("the graph asks for layer -1 of 1"),
    ],
    [
      "no outputs",
      loading(() => changed((saved) => (saved.graph.outputs = []))),
      refusal(
        "the model's configuration makes no model (model: outputs must be what input() or a layer called with one returns, or an array of these, got [])",
      ),
    ],
    [
      "no layers",
      loading(() => changed((saved) => (saved.layers = undefined as never))),
      refusal("the model's configuration lacks layers or a graph"),
    ],
    [
      "an unknown optimizer",
      loading(() => changed((saved) => (saved.training.optimizer.name = "sdg"), true)),
      refusal(
        'the model\'s configuration makes no model (digits.safetensors: optimizer must be one of "sgd", "adam", "adamw", "adamax", "nadam", "rmsprop", "adagrad", "adadelta", "lion", got "sdg"; did you mean "sgd"?)',
      ),
    ],
    [
      "an unknown schedule",
      loading(() => changed((saved) => (saved.training.optimizer.config.learningRate.name = "warm"), true)),
      refusal('unknown schedule "warm"'),
    ],
    [
      "a negative number of steps",
      loading(() => changed((saved) => (saved.training.iteration = -1), true)),
      refusal("the training's position is damaged"),
    ],
    [
      "tensors alone",
      loading(() => encodeSafetensors({ tensors: new Map(), metadata: {} })),
      refusal("the file holds tensors, but no model saved by striate"),
    ],
    [
      "a configuration that is no JSON",
      loading(() => encodeSafetensors({ tensors: new Map(), metadata: { striate: "{" } })),
      refusal("the model's configuration is no JSON"),
    ],
    [
      "a configuration that is null",
      loading(() => encodeSafetensors({ tensors: new Map(), metadata: { striate: "null" } })),
      refusal("the file has version undefined, this striate reads 1"),
    ],
    [
      "metadata that are no strings",
      loading(() => encodeSafetensors({ tensors: new Map(), metadata: { striate: 5 as never } })),
      refusal("__metadata__ must hold strings, got Object"),
    ],
    [
      "a truncated file",
      loading(() => file().slice(0, -1)),
      refusal('tensor "only/bias" ends at byte 60 of 59; is the file truncated?'),
    ],
    [
      "a file cut in its header",
      loading(() => encodeSafetensors({ tensors: new Map(), metadata: { striate: "{}" } }).slice(0, 30)),
      refusal("the header has 40 bytes, but the file only 30; is it truncated?"),
    ],
    ["an empty file", loading(() => new Uint8Array()), refusal("a safetensors file has at least 8 bytes, got 0")],
    [
      "a class that is no layer",
      () => loadModel(file(), { layers: { Mine: class {} as never } }),
      new ArgumentError("loadModel: layers.Mine must be a class that extends Layer, got a function"),
    ],
    [
      "a name alone",
      () => loadModel(file(), "digits.safetensors" as never),
      new ArgumentError('loadModel: options must be an object such as { name: ... }, got "digits.safetensors"'),
    ],
    [
      "something that is no file",
      () => loadModel("digits.safetensors" as never),
      new ArgumentError('loadModel: bytes must be a Uint8Array or an ArrayBuffer, got "digits.safetensors"'),
    ],
  ]);
});

describe("save", () => {
  const own = () => {
    const learningRate = { name: "mine", rate: (step: number) => 0.1 * step };
    return small().compile({ optimizer: optimizers.sgd({ learningRate }), loss: "sparseCategoricalCrossentropy" });
  };

  it("without the optimizer takes a model with a schedule of the user's own", () => {
    loadModel(own().save()).dispose();
  });

  refuses([
    [
      "the optimizer of a model that has none",
      () => small().save({ optimizer: true }),
      new ArgumentError("save: call model.compile({ optimizer, loss }) first"),
    ],
    [
      "a schedule of the user's own, which no file can hold",
      () => own().save({ optimizer: true }),
      new ArgumentError(
        'save: a file holds the schedules "constant", "cosineDecay", "cosineDecayRestarts", "exponentialDecay", "oneCycle", "stepDecay", "warmUp", not "mine"; save without the optimizer',
      ),
    ],
    [
      "a model that was disposed",
      () => {
        const model = small();
        model.dispose();
        return model.save();
      },
      new ArgumentError("save: the model was disposed"),
    ],
  ]);
});
