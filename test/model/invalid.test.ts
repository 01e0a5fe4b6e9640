import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  init,
  layers,
  losses,
  MemoryError,
  type Model,
  metrics,
  optimizers,
  type PredictOptions,
  type Samples,
  ShapeError,
  sequential,
  tensor,
  zeros,
} from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { refuses } from "../support/invalid.ts";
import { rejects } from "../support/model.ts";

const bare = () =>
  sequential({ inputShape: [4, 4, 1] }, [layers.flatten(), layers.dense({ units: 3, activation: "softmax" })]);
const ready = (loss: "sparseCategoricalCrossentropy" | "categoricalCrossentropy" = "sparseCategoricalCrossentropy") =>
  bare().compile({ loss });
const gone = () => {
  const model = ready();
  model.dispose();
  return model;
};
const [x, y] = [new Float32Array(32), [0, 2]];
const wantsIndices =
  'but the loss "sparseCategoricalCrossentropy" takes a class index per sample; for one-hot targets use "categoricalCrossentropy"';
const lost = (shape: readonly number[]) => {
  const made = zeros(shape);
  made.dispose();
  return made;
};

describe("sequential", () => {
  const dense = layers.dense({ units: 2 });
  const twice = layers.flatten();
  refuses([
    [
      "no layers",
      () => sequential({ inputShape: [2] }, []),
      new ArgumentError("sequential: layers must hold at least one layer, got []"),
    ],
    [
      "a layer alone",
      () => sequential({ inputShape: [2] }, layers.flatten() as never),
      new ArgumentError("sequential: layers must be an array, as in [layers.flatten()], got Flatten"),
    ],
    [
      "something that is no layer",
      () => sequential({ inputShape: [2] }, [layers.flatten(), "flatten" as never]),
      new ArgumentError('sequential: layers[1] must be a layer, as in layers.flatten(), got "flatten"'),
    ],
    [
      "what makes a layer, not called",
      () => sequential({ inputShape: [2] }, [layers.flatten(), layers.flatten as never]),
      new ArgumentError("layer: make it first, then apply it, as in layers.flatten()(x); got x as its options"),
    ],
    [
      "a function that returns nothing",
      () => sequential({ inputShape: [2] }, [layers.flatten(), (() => {}) as never]),
      new ArgumentError("sequential: layers[1] must return what a layer made, got undefined"),
    ],
    [
      "the same layer twice",
      () => sequential({ inputShape: [2] }, [twice, layers.reshape({ targetShape: [1, 2] }), twice]),
      new ArgumentError("sequential: layers[0] and layers[2] are the same layer"),
    ],
    [
      "a layer of another model",
      () => {
        sequential({ inputShape: [1] }, [dense]);
        return sequential({ inputShape: [1] }, [dense]);
      },
      new ArgumentError('sequential: layer "dense_1" belongs to another model already'),
    ],
    [
      "a layer without parameters of another model",
      () => {
        const layer = layers.flatten();
        sequential({ inputShape: [1] }, [layer]);
        return sequential({ inputShape: [1] }, [layer]);
      },
      new ArgumentError('sequential: layer "flatten_1" belongs to another model already'),
    ],
    [
      "two layers of one name",
      () => sequential({ inputShape: [2] }, [layers.flatten({ name: "a" }), layers.dense({ units: 1, name: "a" })]),
      new ArgumentError('sequential: two layers are named "a"'),
    ],
    [
      "a size of 0",
      () => sequential({ inputShape: [4, 0, 1] }, [layers.flatten()]),
      new ShapeError("sequential: inputShape must hold whole numbers >= 1, got [4,0,1]"),
    ],
    [
      "a number as shape",
      () => sequential({ inputShape: 4 as never }, [layers.flatten()]),
      new ShapeError("sequential: inputShape must hold whole numbers >= 1, got 4"),
    ],
    [
      "no axis",
      () => sequential({ inputShape: [] }, [layers.flatten()]),
      new ShapeError("sequential: inputShape must have at least one axis, got []"),
    ],
    [
      "half a seed",
      () => sequential({ inputShape: [2], seed: 0.5 }, [layers.flatten()]),
      new ArgumentError("sequential: seed must be a whole number from 0 to 2^53 - 1, got 0.5"),
    ],
    [
      "layers that do not fit each other",
      () => sequential({ inputShape: [4, 4, 1] }, [layers.flatten(), layers.conv2d({ filters: 1, kernelSize: 1 })]),
      new ShapeError("conv2d_1: x must be samples [H,W,C], got [16]"),
    ],
  ]);
});

describe("compile", () => {
  refuses([
    [
      "an unknown optimizer, with the nearest",
      () => bare().compile({ loss: "meanSquaredError", optimizer: "addam" as never }),
      new ArgumentError(
        'compile: optimizer must be one of "sgd", "adam", "adamw", "adamax", "nadam", "rmsprop", "adagrad", "adadelta", "lion", got "addam"; did you mean "adam"?',
      ),
    ],
    [
      "a loss that was not called",
      () => bare().compile({ loss: losses.huber as never }),
      new ArgumentError("compile: loss must be called: losses.huber()"),
    ],
    [
      "a metric that was not called",
      () => bare().compile({ loss: "meanSquaredError", metrics: [metrics.auc as never] }),
      new ArgumentError("compile: metrics must be called: metrics.auc()"),
    ],
    [
      "an object that is no optimizer",
      () => bare().compile({ loss: "meanSquaredError", optimizer: {} as never }),
      new ArgumentError(
        'compile: optimizer must be one of "sgd", "adam", "adamw", "adamax", "nadam", "rmsprop", "adagrad", "adadelta", "lion", got Object',
      ),
    ],
    [
      "an optimizer that was not called",
      () => bare().compile({ loss: "meanSquaredError", optimizer: optimizers.sgd as never }),
      new ArgumentError("compile: optimizer must be called: optimizers.sgd()"),
    ],
    [
      "an unknown metric, with the nearest",
      () => bare().compile({ loss: "meanSquaredError", metrics: ["acuracy" as never] }),
      new ArgumentError(
        'compile: metrics must be one of "accuracy", "binaryAccuracy", "categoricalAccuracy", "sparseCategoricalAccuracy", "topKAccuracy", "precision", "recall", "f1Score", "auc", "meanIoU", got "acuracy"; did you mean "accuracy"?',
      ),
    ],
    [
      "a metric that is no list",
      () => bare().compile({ loss: "meanSquaredError", metrics: "accuracy" as never }),
      new ArgumentError('compile: metrics must be an array of names, got "accuracy"'),
    ],
    [
      "a model that was disposed",
      () => gone().compile({ loss: "meanSquaredError" }),
      new ArgumentError("compile: the model was disposed"),
    ],
  ]);

  it("that fails leaves the model as it was compiled before", () => {
    using model = ready();
    expect(() => model.compile({ loss: "none" as never })).toThrow(ArgumentError);
    expect(model.trainOnBatch(x, y).loss).toBeGreaterThan(0);
  });
});

const uncompiled = (op: string) => new ArgumentError(`${op}: call model.compile({ optimizer, loss }) first`);

describe("trainOnBatch", () => {
  const train = (data: () => Parameters<Model["trainOnBatch"]>) => () => ready().trainOnBatch(...data());
  refuses([
    ["a model that is not compiled", () => bare().trainOnBatch(x, y), uncompiled("trainOnBatch")],
    [
      "a model that was disposed",
      () => gone().trainOnBatch(x, y),
      new ArgumentError("trainOnBatch: the model was disposed"),
    ],
    [
      "images of another size",
      train(() => [zeros([2, 5, 5, 1]), y]),
      new ShapeError("trainOnBatch: x must hold samples of shape [4,4,1], got [2,5,5,1]"),
    ],
    [
      "numbers that make no whole samples",
      train(() => [new Float32Array(30), y]),
      new ShapeError("trainOnBatch: x must hold samples of shape [4,4,1], got 30 values"),
    ],
    [
      "nested arrays of another shape and the same size",
      train(() => [[[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]], [0]]),
      new ShapeError("trainOnBatch: x must hold samples of shape [4,4,1], got [1,1,16]"),
    ],
    [
      "ragged arrays",
      () => {
        const model = sequential({ inputShape: [2] }, [layers.dense({ units: 1 })]);
        return model.compile({ loss: "meanSquaredError" }).trainOnBatch([[1, 2], [3]], [1, 2]);
      },
      new ShapeError("trainOnBatch: x must be regular, got 3 numbers where [2,2] begins"),
    ],
    [
      "a list with an image of another size",
      train(() => [[new Float32Array(16), new Uint8Array(15)], y]),
      new ShapeError("trainOnBatch: x[1] must hold 16 numbers, got 15"),
    ],
    [
      "a list with a number among images",
      train(() => [[new Float32Array(16), 1] as never, y]),
      new ArgumentError("trainOnBatch: x[1] must be a typed array or a Tensor, got 1"),
    ],
    [
      "a list with a tensor of another shape",
      train(() => [[zeros([4, 4, 1]), zeros([2, 8, 1])], y]),
      new ShapeError("trainOnBatch: x[1] must hold samples of shape [4,4,1], got [2,8,1]"),
    ],
    [
      "a list of batches",
      train(() => [[zeros([2, 4, 4, 1])], y]),
      new ShapeError("trainOnBatch: x[0] must hold 16 numbers, got 32"),
    ],
    [
      "no samples",
      train(() => [[], []]),
      new ShapeError("trainOnBatch: x must hold samples of shape [4,4,1], got 0 values"),
    ],
    [
      "no data",
      train(() => [null as never, y]),
      new ArgumentError("trainOnBatch: x must be a Tensor, a typed array or nested arrays, got null"),
    ],
    [
      "a tensor that was disposed",
      train(() => [lost([2, 4, 4, 1]), y]),
      new ArgumentError("trainOnBatch: x was disposed"),
    ],
    [
      "another count of labels",
      train(() => [x, [0, 1, 2]]),
      new ShapeError("trainOnBatch: x holds 2 samples, but y 3"),
    ],
    [
      "a label out of range",
      train(() => [x, [0, 3]]),
      new ArgumentError("trainOnBatch: y[1] must be a class from 0 to 2, got 3"),
    ],
    [
      "a negative label",
      train(() => [x, [-1, 0]]),
      new ArgumentError("trainOnBatch: y[0] must be a class from 0 to 2, got -1"),
    ],
    [
      "a label that is no number",
      train(() => [x, Float32Array.of(0, Number.NaN)]),
      new ArgumentError("trainOnBatch: y[1] must be a class from 0 to 2, got NaN"),
    ],
    [
      "half a class, in a tensor",
      train(() => [x, tensor([0, 1.5])]),
      new ArgumentError("trainOnBatch: y[1] must be a class from 0 to 2, got 1.5"),
    ],
    [
      "rows for labels",
      train(() => [
        x,
        [
          [0, 1, 0],
          [1, 0, 0],
        ],
      ]),
      new ShapeError(`trainOnBatch: y holds rows of 3, ${wantsIndices}`),
    ],
    [
      "rows for labels, one after the other",
      train(() => [x, new Uint8Array(6)]),
      new ShapeError(`trainOnBatch: y holds rows of 3, ${wantsIndices}`),
    ],
    [
      "rows of another length for labels",
      train(() => [x, [[0], [1]]]),
      new ShapeError("trainOnBatch: y must hold one number per sample, got [2,1]"),
    ],
    [
      "names for labels",
      train(() => [x, ["cat", "dog"] as never]),
      new ArgumentError('trainOnBatch: y must hold numbers, got "cat"'),
    ],
    [
      "64-bit integers for labels",
      train(() => [x, new BigInt64Array(2) as never]),
      new ArgumentError("trainOnBatch: y must be a Tensor, a typed array or nested arrays, got BigInt64Array(2)"),
    ],
    [
      "labels for rows",
      () => ready("categoricalCrossentropy").trainOnBatch(x, y),
      new ShapeError(
        'trainOnBatch: y holds one value per sample, but the loss "categoricalCrossentropy" takes rows of 3; for class indices use "sparseCategoricalCrossentropy"',
      ),
    ],
    [
      "a weight of a class that is none",
      train(() => [x, y, { classWeight: { 3: 1 } }]),
      new ArgumentError('trainOnBatch: classWeight must name classes from 0 to 2, got "3"'),
    ],
    [
      "a weight of NaN",
      train(() => [x, y, { classWeight: { 1: Number.NaN } }]),
      new ArgumentError("trainOnBatch: classWeight[1] must be a number >= 0, got NaN"),
    ],
    [
      "a weight for all",
      train(() => [x, y, { classWeight: 2 as never }]),
      new ArgumentError("trainOnBatch: classWeight must be an object such as { 0: 1, 1: 5 }, got 2"),
    ],
  ]);
});

describe("fit and evaluate", () => {
  const training = (options: object) => () => ready().fit(x, y, options);
  rejects([
    ["fit before compile", () => bare().fit(x, y), uncompiled("fit")],
    ["evaluate before compile", () => bare().evaluate(x, y), uncompiled("evaluate")],
    ["evaluate after dispose", () => gone().evaluate(x, y), new ArgumentError("evaluate: the model was disposed")],
    [
      "half a batch",
      training({ batchSize: 0.5 }),
      new ArgumentError("fit: batchSize must be a whole number >= 1, got 0.5"),
    ],
    [
      "no batch",
      () => ready().evaluate(x, y, { batchSize: 0 }),
      new ArgumentError("evaluate: batchSize must be a whole number >= 1, got 0"),
    ],
    ["half an epoch", training({ epochs: 1.5 }), new ArgumentError("fit: epochs must be a whole number >= 1, got 1.5")],
    ["no epochs", training({ epochs: 0 }), new ArgumentError("fit: epochs must be a whole number >= 1, got 0")],
    [
      "all samples for validation",
      training({ validationSplit: 1 }),
      new ArgumentError("fit: validationSplit must lie in [0, 1), got 1"),
    ],
    [
      "a split of NaN",
      training({ validationSplit: Number.NaN }),
      new ArgumentError("fit: validationSplit must lie in [0, 1), got NaN"),
    ],
    [
      "nothing to train on",
      training({ validationSplit: 0.9 }),
      new ArgumentError("fit: validationSplit leaves none of 2 samples to train on"),
    ],
    [
      "nothing to judge by",
      training({ validationSplit: 0.1 }),
      new ArgumentError("fit: validationSplit leaves none of 2 samples to judge by"),
    ],
    [
      "both ways of validation",
      training({ validationSplit: 0.5, validationData: [x, y] }),
      new ArgumentError("fit: give validationData or validationSplit, not both"),
    ],
    [
      "validation data without targets",
      training({ validationData: x }),
      new ArgumentError("fit: validationData must be [x, y], or an iterable of batches { x, y }, got Float32Array(32)"),
    ],
    [
      "validation data of another size",
      training({ validationData: [new Float32Array(5), y] }),
      new ShapeError("fit: validationData: x must hold samples of shape [4,4,1], got 5 values"),
    ],
    [
      "a monitor that nobody reports",
      training({ earlyStopping: { monitor: "vallLoss" }, validationData: [x, y] }),
      new ArgumentError(
        'fit: earlyStopping.monitor must be one of "loss", "valLoss", got "vallLoss"; did you mean "valLoss"?',
      ),
    ],
    [
      "a monitor of validation data where there is none",
      training({ earlyStopping: { monitor: "valLoss" } }),
      new ArgumentError('fit: earlyStopping.monitor must be one of "loss", got "valLoss"; did you mean "loss"?'),
    ],
    [
      "half a patience",
      training({ earlyStopping: { patience: 0.5 } }),
      new ArgumentError("fit: earlyStopping.patience must be a whole number >= 0, got 0.5"),
    ],
    [
      "a minDelta of NaN",
      training({ earlyStopping: { minDelta: Number.NaN } }),
      new ArgumentError("fit: earlyStopping.minDelta must be a number >= 0, got NaN"),
    ],
    [
      "a listener that is none",
      training({ onEpochEnd: "log" as never }),
      new ArgumentError('fit: onEpochEnd must be a function, got "log"'),
    ],
    [
      "a controller in place of its signal",
      training({ signal: new AbortController() as never }),
      new ArgumentError("fit: signal must be an AbortSignal, got AbortController"),
    ],
    [
      "a second fit before the first has ended",
      async () => {
        const model = ready();
        const first = model.fit(x, y, { batchSize: 1 });
        const second = model.fit(x, y);
        await Promise.allSettled([first, second]);
        return second;
      },
      new ArgumentError("fit: this model is in training already; await the first fit"),
    ],
  ]);

  it("that fail leave the model where it was, ready for another fit", async () => {
    using model = ready();
    await model.fit(x, y, { batchSize: 1, epochs: 2 });
    const weights = model.getWeights();
    for (const options of [{ epochs: 0 }, { batchSize: 0 }, { earlyStopping: { monitor: "x" } }]) {
      await expect(model.fit(x, y, options)).rejects.toThrow(ArgumentError);
    }
    expect(model.position).toEqual({ epoch: 2, batch: 0 });
    expect(model.getWeights()).toEqual(weights);
    await model.fit(x, y);
  });
});

describe("predict", () => {
  const ask = (data: () => [x: Samples, options?: PredictOptions]) => () => bare().predict(...data());
  const images = () => zeros([2, 4, 4, 1]);
  refuses([
    [
      "images of another size",
      ask(() => [zeros([2, 3, 4, 1])]),
      new ShapeError("predict: x must be [N,4,4,1], got [2,3,4,1]"),
    ],
    ["a flat tensor", ask(() => [zeros([32])]), new ShapeError("predict: x must be [N,4,4,1], got [32]")],
    [
      "a flat array that is no whole sample",
      ask(() => [new Float32Array(17)]),
      new ShapeError("predict: x must hold samples of shape [4,4,1], got 17 values"),
    ],
    ["a tensor that was disposed", ask(() => [lost([2, 4, 4, 1])]), new ArgumentError("predict: x was disposed")],
    [
      "half a batch",
      ask(() => [images(), { batchSize: 0.5 }]),
      new ArgumentError("predict: batchSize must be a whole number >= 1, got 0.5"),
    ],
    [
      "into of another shape",
      ask(() => [images(), { into: zeros([2, 4]) }]),
      new ShapeError("predict: into must be [2,3], got [2,4]"),
    ],
    [
      "into that was disposed",
      ask(() => [images(), { into: lost([2, 3]) }]),
      new ArgumentError("predict: into was disposed"),
    ],
    [
      "into that is no tensor",
      ask(() => [images(), { into: new Float32Array(6) as never }]),
      new ArgumentError("predict: into must be a Tensor, got Float32Array(6)"),
    ],
    [
      "into that is x",
      () => {
        const same = zeros([1, 4]);
        return sequential({ inputShape: [4] }, [layers.activation("relu")]).predict(same, { into: same });
      },
      new ArgumentError("predict: into must be another tensor than x"),
    ],
    ["a model that was disposed", () => gone().predict(x), new ArgumentError("predict: the model was disposed")],
  ]);

  it("refuses tensors of another runtime", async () => {
    const [model, own] = [bare(), zeros([2, 4, 4, 1])];
    const deterministic = currentRuntime("test").features.binary === "simd";
    await init({ deterministic, memoryLimit: 2 ** 24 });
    const [foreign, foreignInto] = [zeros([2, 4, 4, 1]), zeros([2, 3])];
    await init({ deterministic, guard: 64 });
    expect(() => model.predict(foreign)).toThrow(
      new ArgumentError("predict: x belongs to another runtime than the model"),
    );
    expect(() => model.predict(own, { into: foreignInto })).toThrow(
      new ArgumentError("predict: into belongs to another runtime than the model"),
    );
  });

  it("that fails leaves no block behind, nor a half-written plan", () => {
    using model = bare();
    const { blocks } = currentRuntime("test").memory();
    expect(ask(() => [new Float32Array(17)])).toThrow();
    expect(() => model.predict(x, { into: new Float32Array(1) as never })).toThrow(ArgumentError);
    expect(() => model.predict(x, { batchSize: -1 })).toThrow(ArgumentError);
    expect(currentRuntime("test").memory().blocks).toBe(blocks + 2); // the bare model of the first line
  });
});

describe("weights and the rest", () => {
  refuses([
    [
      "another count of weights",
      () => bare().setWeights([[1]]),
      new ShapeError("setWeights: the model has 2 parameters, got 1 arrays"),
    ],
    [
      "weights of another size",
      () => bare().setWeights([new Float32Array(48), [1, 2]]),
      new ShapeError("setWeights: values[1], dense_1/bias [3], must hold 3 numbers, got 2"),
    ],
    [
      "weights that are none",
      () => bare().setWeights([null as never, [1, 2, 3]]),
      new ShapeError("setWeights: values[0], dense_1/kernel [16,3], must hold 48 numbers, got null"),
    ],
    [
      "one parameter of another size",
      () => bare().parameters[1].set([1]),
      new ShapeError("dense_1/bias: [3] holds 3 values, got 1"),
    ],
    [
      "weights of a model that was disposed",
      () => gone().getWeights(),
      new ArgumentError("getWeights: the model was disposed"),
    ],
    [
      "a parameter of a model that was disposed",
      () => gone().parameters[0].data,
      new MemoryError("dense_1/kernel: its values were given back"),
    ],
    [
      "activations of other images",
      () => bare().activations(zeros([1, 2, 2, 1])),
      new ShapeError("activations: x must hold samples of shape [4,4,1], got [1,2,2,1]"),
    ],
    [
      "activations of a model that was disposed",
      () => gone().activations(x),
      new ArgumentError("activations: the model was disposed"),
    ],
    ["memory of a model that was disposed", () => gone().memory(), new ArgumentError("memory: the model was disposed")],
  ]);

  it("setWeights changes all or nothing", () => {
    using model = bare();
    const before = model.getWeights();
    expect(() => model.setWeights([new Float32Array(48), [1, 2]])).toThrow(ShapeError);
    expect(model.getWeights()).toEqual(before);
  });
});
