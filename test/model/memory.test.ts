import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  init,
  layers,
  type Model,
  optimizers,
  scope,
  sequential,
  tensor,
  zeros,
} from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples, leavesNothing } from "../support/model.ts";

const shape = [6, 6, 2];

/** Guards make blocks larger than asked for; numbers are compared without. */
const GUARD = 2 * 64;

const make = (seed = 1): Model =>
  sequential({ inputShape: shape, seed }, [
    layers.conv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" }),
    layers.maxPool2d(),
    layers.conv2d({ filters: 3, kernelSize: 2, activation: "sigmoid", groups: 1 }),
    layers.dropout({ rate: 0.25 }),
    layers.flatten(),
    layers.dense({ units: 4, activation: "softmax" }),
  ]);
const compiled = (seed = 1) =>
  make(seed).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });

const { x, y } = drawSamples(10, shape, 4);

const standing = () => {
  const { used, blocks, reserved, peak } = currentRuntime("test").memory();
  return { used, blocks, reserved, peak };
};

describe("memory of a model", () => {
  it("predict with `into` allocates nothing after the first call, over 1,000 steps", () => {
    using model = make();
    using images = tensor(x, [10, ...shape]);
    using into = zeros([10, 4]);
    model.predict(images, { into });
    const before = standing();
    for (let i = 0; i < 1000; i++) expect(model.predict(images, { into })).toBe(into);
    expect(standing()).toEqual(before);
  });

  it("trainOnBatch allocates nothing after the first call, over 1,000 steps", () => {
    using model = compiled();
    model.trainOnBatch(x, y);
    const before = standing();
    for (let i = 0; i < 1000; i++) model.trainOnBatch(x, y);
    expect(standing()).toEqual(before);
  });

  it("fit and evaluate allocate nothing after the first epoch, the smaller last batch included", async () => {
    using model = compiled();
    await model.fit(x, y, { batchSize: 4, validationSplit: 0.2 });
    await model.evaluate(x, y, { batchSize: 4 });
    const before = standing();
    await model.fit(x, y, { batchSize: 4, validationSplit: 0.2, epochs: 3 });
    await model.evaluate(x, y, { batchSize: 4 });
    expect(standing()).toEqual(before);
  });

  it.each([
    ["sgd", () => optimizers.sgd()],
    ["momentum", () => optimizers.sgd({ momentum: 0.9 })],
    ["adam", () => optimizers.adam()],
  ])("memory() tells what is taken: %s", (_, optimizer) => {
    const used = () => standing().used - GUARD * standing().blocks;
    const start = used();
    using model = make();
    const built = used();
    expect(model.memory({ batchSize: 10 })).toEqual({
      parameters: built - start,
      predict: expect.any(Number),
      train: 0,
    });
    model.compile({ optimizer: optimizer(), loss: "sparseCategoricalCrossentropy" });
    model.layers[2].freeze();
    const { predict, train } = model.memory({ batchSize: 10 });
    expect(used(), "asking and compiling take nothing").toBe(built);
    model.trainOnBatch(x, y);
    expect(used() - built).toBe(train);
    using images = tensor(x, [10, ...shape]);
    using into = zeros([10, 4]);
    const before = used();
    model.predict(images, { into });
    // What training has packed already is shared.
    expect(used() - before).toBeLessThan(predict);
    expect(model.memory({ batchSize: 10 })).toEqual({ parameters: built - start, predict, train });
    using another = make();
    const fresh = used();
    another.predict(images, { into });
    expect(used() - fresh).toBe(predict);
  });

  it("plans of other batch sizes share packed weights", () => {
    using model = sequential({ inputShape: [100] }, [layers.dense({ units: 100 })]);
    model.predict(new Float32Array(200)).dispose();
    const before = standing();
    model.predict(new Float32Array(300)).dispose();
    expect(standing().used - before.used).toBeLessThan(100 * 100 * 4);
  });

  it("prepare takes all that a prediction takes", () => {
    using model = make().prepare({ batchSize: 10 });
    using images = tensor(x, [10, ...shape]);
    using into = zeros([10, 4]);
    const before = standing();
    model.predict(images, { into });
    expect(standing()).toEqual(before);
  });

  it("a model for inference only gives its parameters back, predicts the same, and memory() told so", async () => {
    await leavesNothing(() => {
      const used = () => standing().used - GUARD * standing().blocks;
      using images = tensor(x, [10, ...shape]);
      using whole = make();
      using expected = whole.predict(images);
      const start = used();
      using model = make();
      const told = model.memory({ batchSize: 10, inferenceOnly: true });
      expect(told).toEqual({ ...whole.memory({ batchSize: 10 }), parameters: 0 });
      model.prepare({ batchSize: 10, inferenceOnly: true });
      expect(used() - start).toBe(told.predict);
      expect(model.memory({ batchSize: 10 })).toEqual(told);
      using out = model.predict(images);
      expect(bitsOf([out.data])).toEqual(bitsOf([expected.data]));
    });
  });

  const bare = () => make().prepare({ inferenceOnly: true });
  const without = "the model was prepared with inferenceOnly, it has no parameters any more";
  refuses([
    ["training without parameters", () => bare().compile({ loss: "meanSquaredError" }), refusal("compile")],
    ["saving without parameters", () => bare().save(), refusal("save")],
    ["reading parameters that are not there", () => bare().getWeights(), refusal("getWeights")],
    ["writing parameters that are not there", () => bare().setWeights([]), refusal("setWeights")],
    ["activations without parameters", () => bare().activations(x), refusal("activations")],
    [
      "inference only for a model in training",
      () => compiled().prepare({ inferenceOnly: true }),
      new ArgumentError("prepare: inferenceOnly must be false for a model that is compiled to be trained"),
    ],
    [
      "a wrong batch size",
      () => make().prepare({ batchSize: 0 }),
      new ArgumentError("prepare: batchSize must be a whole number >= 1, got 0"),
    ],
  ]);

  function refusal(op: string): ArgumentError {
    return new ArgumentError(`${op}: ${without}`);
  }

  it("needs more for a larger batch, but not for each sample what a batch shares", () => {
    using model = compiled();
    const [one, many] = [model.memory(), model.memory({ batchSize: 64 })];
    expect(many.predict).toBeGreaterThan(one.predict);
    expect(many.predict).toBeLessThan(64 * one.predict);
    expect(many.train).toBeLessThan(64 * one.train);
    expect(many.parameters).toBe(one.parameters);
  });

  it("is given back by dispose, whatever was done before, and by a second compile", async () => {
    await leavesNothing(async () => {
      const model = compiled();
      await model.fit(x, y, { batchSize: 3, validationSplit: 0.3, earlyStopping: { restoreBestWeights: true } });
      scope(() => void [model.predict(x), model.predict(x, { batchSize: 3 }), model.activations(x)]);
      const blocks = standing().blocks;
      model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
      expect(standing().blocks).toBeLessThan(blocks);
      expect(model.parameters[0].gradientData.length).toBe(0);
      model.trainOnBatch(x, new Float32Array(40));
      model.save({ optimizer: true });
      model.dispose();
      model.dispose();
    });
  });

  it("is given back where a layer does not fit, and the layers may be used again", async () => {
    await leavesNothing(() => {
      const stack = [layers.conv2d({ filters: 2, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 2 })];
      expect(() => sequential({ inputShape: [2, 2, 1] }, stack)).toThrow("does not fit");
      expect(() => sequential({ inputShape: [4, 4, 1] }, [...stack, layers.maxPool2d()])).toThrow("x must be");
      sequential({ inputShape: [4, 4, 1] }, stack).dispose();
    });
  });

  it("is given back where the bound is reached in the middle of a prediction", async () => {
    const deterministic = currentRuntime("test").features.binary === "simd";
    const small = await init({ deterministic, memoryLimit: 4 * 2 ** 20 });
    const model = sequential({ inputShape: [64, 64, 8] }, [
      layers.conv2d({ filters: 8, kernelSize: 3 }),
      layers.conv2d({ filters: 8, kernelSize: 3 }),
    ]);
    const images = zeros([12, 64, 64, 8]);
    const { blocks } = small.memory();
    expect(() => model.predict(images)).toThrow(/^memory: the limit of 4194304 bytes is reached/);
    expect(small.memory().blocks).toBe(blocks);
    model.predict(images, { batchSize: 1 }).dispose();
    await init({ deterministic, guard: 64 });
  });
});

describe("predict", () => {
  it("reads the tensor where it lies, leaves it as it is, and writes `into`", () => {
    using model = make();
    using images = tensor(x, [10, ...shape]);
    using into = zeros([10, 4]);
    using expected = model.predict(images);
    expect(model.predict(images, { into })).toBe(into);
    expect(into.data).toEqual(expected.data);
    expect(images.data).toEqual(x);
    for (let i = 0; i < 10; i++) {
      const row = into.data.subarray(i * 4, i * 4 + 4);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
  });

  // A batch of one is summed in another order by dense (GEMV), so it may differ in the last bits.
  it("gives the same bits in chunks of any size beyond one", () => {
    using model = make();
    using images = tensor(x, [10, ...shape]);
    using whole = model.predict(images);
    for (const batchSize of [2, 4, 5, 7, 10, 1000]) {
      using chunks = model.predict(images, { batchSize });
      expect(bitsOf([chunks.data])).toEqual(bitsOf([whole.data]));
    }
    using single = model.predict(images, { batchSize: 1 });
    expectClose(single.data, whole.data, { relative: 1e-5, absolute: 1e-6 });
  });

  it("takes a tensor, one image, typed and nested arrays, and a tensor's data", () => {
    using model = make();
    using images = tensor(x, [10, ...shape]);
    using whole = model.predict(images);
    const nested = images.toArray() as never;
    for (const form of [x, Float64Array.from(x), nested, images.data, [...x]]) {
      using made = model.predict(form);
      expect(made.shape).toEqual([10, 4]);
      expect(bitsOf([made.data])).toEqual(bitsOf([whole.data]));
    }
    using one = tensor(x.slice(0, 72), shape);
    using first = model.predict(one);
    expect(first.shape).toEqual([1, 4]);
    expectClose(first.data, whole.data.slice(0, 4), { relative: 1e-5, absolute: 1e-6 });
  });

  it("sees weights that changed, by whatever way", () => {
    using model = compiled();
    const ask = () => scope(() => model.predict(x).data.slice());
    const first = ask();
    const weights = model.getWeights();
    model.trainOnBatch(x, y);
    expect(ask()).not.toEqual(first);
    model.setWeights(weights);
    expect(ask()).toEqual(first);
    model.parameters[0].set(new Float32Array(model.parameters[0].size));
    expect(ask()).not.toEqual(first);
  });

  it("copies where the model computes nothing", () => {
    using model = sequential({ inputShape: [4, 4, 1] }, [layers.flatten()]);
    using image = tensor(
      new Float32Array(32).map((_, i) => i),
      [2, 4, 4, 1],
    );
    using flat = model.predict(image);
    expect(flat.shape).toEqual([2, 16]);
    expect([...flat.data]).toEqual([...image.data]);
    expect(flat.pointer).not.toBe(image.pointer);
  });

  it("does not change the image where the first layers work in place", () => {
    using model = sequential({ inputShape: [8] }, [
      layers.activation("linear"),
      layers.activation("relu"),
      layers.reshape({ targetShape: [2, 4] }),
      layers.activation("tanh"),
    ]);
    using rows = tensor(x.slice(0, 16), [2, 8]);
    using out = model.predict(rows);
    expect(rows.data).toEqual(x.slice(0, 16));
    expect([...out.data]).toEqual([...x.slice(0, 16)].map((v) => expect.closeTo(Math.tanh(Math.max(v, 0)), 6)));
  });

  it("survives growth of the memory between and within calls", async () => {
    const { reserved } = currentRuntime("test").memory();
    const ballast: ReturnType<typeof zeros>[] = [];
    /** Takes the rest of the memory, so that the next large block makes it grow. */
    const fill = () => {
      const before = currentRuntime("test").memory();
      while (currentRuntime("test").memory().reserved === before.reserved) ballast.push(zeros([16384]));
    };
    using model = compiled();
    using twin = compiled();
    using images = tensor(x, [10, ...shape]);
    model.trainOnBatch(x, y);
    const first = scope(() => model.predict(images).data.slice());
    fill();
    expect(scope(() => model.predict(images).data.slice())).toEqual(first);
    model.trainOnBatch(images.data, y);
    fill();
    using labels = tensor([...y]);
    await model.fit(images.data, labels.data, { batchSize: 4, epochs: 2 });
    expect(currentRuntime("test").memory().reserved).toBeGreaterThan(reserved);
    twin.trainOnBatch(x, y);
    twin.trainOnBatch(x, y);
    await twin.fit(x, y, { batchSize: 4, epochs: 2 });
    expect(bitsOf(model.getWeights())).toEqual(bitsOf(twin.getWeights()));
    for (const block of ballast) block.dispose();
  });

  refuses([
    [
      "memory of half a batch",
      () => make().memory({ batchSize: 0.5 }),
      new ArgumentError("memory: batchSize must be a whole number >= 1, got 0.5"),
    ],
  ]);
});

describe("activations", () => {
  it("are the outputs of every layer, by name, the last that of predict", () => {
    using model = make();
    const { blocks } = standing();
    scope(() => {
      const all = model.activations(x);
      expect(Object.keys(all)).toEqual(model.layers.map(({ name }) => name));
      for (const layer of model.layers) expect(all[layer.name].shape).toEqual([10, ...layer.outputShape]);
      expect(bitsOf([all.dense_1.data])).toEqual(bitsOf([model.predict(x).data]));
      expect(all.flatten_1.data).toEqual(all.dropout_1.data);
      expect(Math.min(...all.conv2d_1.data)).toBe(0);
    });
    expect(standing().blocks).toBe(blocks + 4); // the arena of predict, and three layers with packed weights
  });

  it("keep what works in place apart", () => {
    using model = sequential({ inputShape: [3] }, [
      layers.activation("relu"),
      layers.activation("sigmoid"),
      layers.activation("softmax"),
    ]);
    scope(() => {
      const { activation_1, activation_2, activation_3 } = model.activations([[-1, 0, 2]]);
      expect([...activation_1.data]).toEqual([0, 0, 2]);
      expect(activation_2.data[0]).toBe(0.5);
      expect(activation_3.data.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    });
  });
});
