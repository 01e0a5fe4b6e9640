import { afterEach, describe, expect, it, vi } from "vitest";
import { ArgumentError, FormatError, input, type Layer, layers, model, UnsupportedError } from "../../src/index.ts";
import { type KerasFile, type LoadKerasOptions, loadKeras, type WeightFiles } from "../../src/io/keras/index.ts";
import { functional, kerasFile, layer, type WrittenModel, weightsOf } from "../support/keras.ts";
import { Random } from "../support/random.ts";

const random = new Random(1);
const IMAGE = [6, 7, 4] as const;
const start = (shape: readonly (number | null)[] = IMAGE, name = "x") =>
  layer("InputLayer", name, { batch_input_shape: [null, ...shape] }, []);
const top = (model_config: object, keras_version = "2.10.0") => ({ keras_version, model_config });
const load = ({ json, files }: WrittenModel, options?: LoadKerasOptions) => loadKeras(json, files, options);

/** Holds a file against the layers of striate that should come of it, with the same weights. */
async function expectSame(make: () => Layer[], topology: object, shape: readonly number[] = IMAGE): Promise<void> {
  const x = input({ shape: [...shape] });
  const own = model({ inputs: x, outputs: make().reduce((value, next) => next(value), x), seed: 3 });
  const loaded = await load(kerasFile(topology, weightsOf(own)));
  const sample = random.floats(2 * shape.reduce((a, b) => a * b, 1));
  expect(loaded.predict(sample).data).toEqual(own.predict(sample).data);
}

const one = (className: string, config: object, shape: readonly number[] = IMAGE) =>
  top(functional([start(shape), layer(className, "y", config, ["x"])], "x", "y"));

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("loadKeras", () => {
  it.each([
    ["Cropping1D", { cropping: [1, 2] }, layers.cropping1d({ cropping: [1, 2] }), [9, 4]],
    ["ZeroPadding1D", { padding: [2, 1] }, layers.zeroPadding1d({ padding: [2, 1] }), [9, 4]],
    [
      "GroupNormalization",
      { groups: 2, epsilon: 0.01 },
      layers.groupNormalization({ groups: 2, epsilon: 0.01, name: "y" }),
    ],
    ["Resizing", { height: 9, width: 5, interpolation: "bilinear" }, layers.resizing({ height: 9, width: 5 })],
    ["SpatialDropout2D", { rate: 0.2 }, layers.spatialDropout2d({ rate: 0.2 })],
    ["Softmax", { axis: 1 }, layers.activation({ activation: "softmax", axis: 1 })],
    ["ELU", { alpha: 0.5 }, layers.activation({ activation: "elu", alpha: 0.5 })],
    ["LeakyReLU", { negative_slope: 0.1 }, layers.activation({ activation: "leakyRelu", negativeSlope: 0.1 })],
    ["UpSampling2D", { size: [2, 2], interpolation: "bilinear" }, layers.upSampling2d({ interpolation: "bilinear" })],
    ["Activation", { activation: "leaky_relu" }, layers.activation({ activation: "leakyRelu", negativeSlope: 0.2 })],
  ] as const)("%s", async (className, config, own, shape: readonly number[] = IMAGE) => {
    await expectSame(() => [own], one(className, config, shape), shape);
  });

  it("reads Keras 3: batch_shape, tensors in arguments, functions as objects, its hard sigmoid", async () => {
    const tensor = (name: string) => ({ class_name: "__keras_tensor__", config: { keras_history: [name, 0, 0] } });
    const dtype = { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } };
    const topology = {
      class_name: "Functional",
      config: {
        layers: [
          {
            class_name: "InputLayer",
            name: "x",
            config: { batch_shape: [null, ...IMAGE], name: "x" },
            inbound_nodes: [],
          },
          {
            class_name: "Conv2D",
            name: "c",
            config: {
              ...{ name: "c", filters: 3, kernel_size: [3, 3], dtype, padding: "same" },
              activation: { module: "builtins", class_name: "function", config: "hard_sigmoid" },
            },
            inbound_nodes: [{ args: [tensor("x")], kwargs: { training: false } }],
          },
          {
            class_name: "Concatenate",
            name: "y",
            config: { name: "y", axis: -1 },
            inbound_nodes: [{ args: [[tensor("c"), tensor("x")]], kwargs: {} }],
          },
        ],
        input_layers: ["x", 0, 0],
        output_layers: ["y", 0, 0],
      },
    };
    const x = input({ shape: [...IMAGE] });
    const c = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", activation: "hardSigmoid", name: "c" })(x);
    const own = model({ inputs: x, outputs: layers.concatenate()([c, x]) });
    const weights = Object.fromEntries(Object.entries(weightsOf(own)).map(([name, w]) => [`functional/${name}:0`, w]));
    const loaded = await load(kerasFile(top(topology, "3.5.0"), weights));
    const sample = random.floats(168);
    expect(loaded.predict(sample).data).toEqual(own.predict(sample).data);
  });

  it("reads sequential models, with the shape at the first layer", async () => {
    const chain = [
      {
        class_name: "Conv2D",
        config: { name: "c", batch_input_shape: [null, ...IMAGE], filters: 2, kernel_size: [3, 3] },
      },
      { class_name: "Flatten", config: { name: "f" } },
      { class_name: "Dense", config: { name: "d", units: 3, activation: "softmax" } },
    ];
    await expectSame(
      () => [
        layers.conv2d({ filters: 2, kernelSize: 3, name: "c" }),
        layers.flatten(),
        layers.dense({ units: 3, activation: "softmax", name: "d" }),
      ],
      top({ class_name: "Sequential", config: { name: "s", layers: chain } }),
    );
  });

  it("opens models in models, and uses what is shared again", async () => {
    const block = functional(
      [start(IMAGE, "in"), layer("Dense", "d", { units: 4 }, ["in"]), layer("ReLU", "r", {}, ["d"])],
      "in",
      "r",
      "block",
    );
    const twice = { ...block, name: "block", inbound_nodes: [[["x", 0, 0, {}]], [["block", 0, 0, {}]]] };
    const outer = {
      class_name: "Functional",
      config: { layers: [start(), twice], input_layers: [["x", 0, 0]], output_layers: [["block", 1, 0]] },
    };
    const kernel = { shape: [4, 4], data: random.floats(16) };
    const bias = { shape: [4], data: random.floats(4) };
    const loaded = await load(kerasFile(top(outer), { "d/kernel": kernel, "d/bias": bias }));
    expect(loaded.parameters.map(({ name }) => name)).toEqual(["block/d/kernel", "block/d/bias"]);
    const x = input({ shape: [...IMAGE] });
    const shared = layers.dense({ units: 4, activation: "relu" });
    const own = model({ inputs: x, outputs: shared(shared(x)) });
    own.setWeights([kernel.data, bias.data]);
    const sample = random.floats(168);
    const [expected, actual] = [own.predict(sample).data, loaded.predict(sample).data];
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
  });

  it.each([
    ["Functional", 1],
    ["Sequential", 1],
    ["Functional", 0],
  ])("counts the uses of a model in a model as Keras does: %s, from %i", async (className, from) => {
    const inner = [start(IMAGE, "in"), layer("Dense", "d", { units: 4 }, ["in"])];
    const block = {
      ...functional(inner, "in", "d", "block"),
      ...{ class_name: className, name: "block", inbound_nodes: [[["x", 0, 0, {}]]] },
    };
    const after = { ...layer("ReLU", "r", {}, []), inbound_nodes: [[["block", from, 0, {}]]] };
    const outer = {
      class_name: "Functional",
      config: {
        layers: [start(), block, after],
        input_layers: [["x", 0, 0]],
        output_layers: [
          ["r", 0, 0],
          ["block", from, 0],
        ],
      },
    };
    const kernel = { shape: [4, 4], data: random.floats(16) };
    const bias = { shape: [4], data: random.floats(4) };
    const loaded = await load(kerasFile(top(outer), { "d/kernel": kernel, "d/bias": bias }));
    expect(loaded.layers.map(({ name }) => name)).toEqual(["block/d", "r"]);
  });

  it("keeps the axes of global pools where they are asked for, as in squeeze-and-excite blocks", async () => {
    const block = functional(
      [
        start(),
        layer("GlobalAveragePooling2D", "p", { keepdims: true }, ["x"]),
        layer("Multiply", "y", {}, ["x", "p"]),
      ],
      "x",
      "y",
    );
    const loaded = await load(kerasFile(top(block)));
    expect(loaded.layers.map(({ name }) => name)).toEqual(["p", "p/keep", "y"]);
    const x = input({ shape: [...IMAGE] });
    const own = model({ inputs: x, outputs: layers.multiply()([x, layers.globalAveragePool2d()(x)]) });
    const sample = random.floats(168);
    expect(loaded.predict(sample).data).toEqual(own.predict(sample).data);
  });

  it.each([
    ["-1", [-1, 8]],
    ["null, as tfjs writes it", [null, 8]],
  ])("resolves the open size of a Reshape: %s", async (_, target_shape) => {
    const loaded = await load(kerasFile(one("Reshape", { target_shape })));
    expect(loaded.outputShape).toEqual([21, 8]);
  });

  it("gives ones and zeros to normalizations that were saved without scale or center, however many there are", async () => {
    const parts = ["moving_mean", "moving_variance"];
    const of = (name: string) => parts.map((part, i) => [`${name}/${part}`, { shape: [4], data: [i, i, i, i] }]);
    const plain = { scale: false, center: false };
    const chain = [
      start(IMAGE),
      layer("BatchNormalization", "a", plain, ["x"]),
      layer("BatchNormalization", "b", plain, ["a"]),
    ];
    const loaded = await load(
      kerasFile(top(functional(chain, "x", "b")), Object.fromEntries([...of("a"), ...of("b")])),
    );
    const values = (role: string) =>
      loaded.parameters.filter(({ name }) => name.endsWith(role)).flatMap(({ data }) => [...data]);
    expect(values("gamma")).toEqual(Array(8).fill(1));
    expect(values("beta")).toEqual(Array(8).fill(0));
  });

  it("keeps what is frozen frozen, and regularizers", async () => {
    const config = { units: 2, trainable: false, kernel_regularizer: { class_name: "L2", config: { l2: 0.5 } } };
    const weights = { "y/kernel": { shape: [4, 2], data: random.floats(8) }, "y/bias": { shape: [2], data: [0, 0] } };
    const loaded = await load(kerasFile(one("Dense", config), weights));
    expect(loaded.layers[0].trainable).toBe(false);
    expect(loaded.parameters[0].regularizer).toEqual({ l1: 0, l2: 0.5 });
  });

  it("closes open sizes", async () => {
    const topology = top(functional([start([null, null, 4]), layer("ReLU", "y", {}, ["x"])], "x", "y"));
    expect((await load(kerasFile(topology), { inputShape: [5, 6, 4] })).outputShape).toEqual([5, 6, 4]);
    expect((await load(kerasFile(topology), { inputShape: { x: [5, 6, 4] } })).outputShape).toEqual([5, 6, 4]);
  });

  /** Kernel [2,3] and bias [3] of a dense layer, in two files, the border inside of the kernel. */
  const quantized = (dtype: string, bytes: number[]): [KerasFile, Uint8Array[]] => {
    const quantization = { dtype, scale: 0.5, min: -1 };
    const weights = [
      { name: "y/kernel", shape: [2, 3], dtype: "float32", quantization },
      { name: "y/bias", shape: [3], dtype: "float32", quantization },
    ];
    const json = { modelTopology: one("Dense", { units: 3 }, [2]), weightsManifest: [{ paths: ["a", "b"], weights }] };
    return [json, [Uint8Array.from(bytes.slice(0, 5)), Uint8Array.from(bytes.slice(5))]];
  };
  const numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8];

  it.each([
    ["uint8", numbers, numbers.map((q) => q * 0.5 - 1)],
    ["uint16", [...new Uint8Array(Uint16Array.from(numbers).buffer)], numbers.map((q) => q * 0.5 - 1)],
    ["float16", numbers.flatMap((n) => [0, 0x3c + n]), numbers.map((n) => 2 ** Math.floor(n / 4) * (1 + (n % 4) / 4))],
  ])("reads weights in %s", async (dtype, bytes, values) => {
    const [json, [a, b]] = quantized(dtype, bytes);
    const forms: WeightFiles[] = [[a, b], { b, a }, [a.slice().buffer, b.slice().buffer]];
    for (const files of forms) {
      const [kernel, bias] = (await loadKeras(json, files)).getWeights();
      expect([...kernel, ...bias]).toEqual(values);
    }
  });

  it("reads weights that are a view into a larger buffer, as Node reads files", async () => {
    const { json, files } = kerasFile(dense(), weights);
    const larger = new Uint8Array(files[0].length + 8);
    larger.set(files[0], 4);
    class View extends Uint8Array {
      /** As Node's Buffer has it. */
      override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
        return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
      }
    }
    const view = new View(larger.buffer, 4, files[0].length);
    expect((await loadKeras(json, view)).getWeights()[0]).toEqual(weights["y/kernel"].data);
  });

  it("fetches model.json and the weights beside it", async () => {
    const [json, [a, b]] = quantized("uint8", numbers);
    const served: Record<string, Response> = {
      "https://example.com/m/model.json": Response.json(json),
      "https://example.com/m/a": new Response(a.slice()),
      "https://example.com/m/b": new Response(b.slice()),
      "https://example.com/null/model.json": Response.json(null),
      "https://example.com/lost/model.json": Response.json(json),
      "https://example.com/lost/a": new Response(a.slice()),
      "https://example.com/lost/b": new Response(
        new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) }),
      ),
    };
    vi.stubGlobal(
      "fetch",
      async (url: string | URL) => served[String(url)] ?? new Response("", { status: 404, statusText: "Not Found" }),
    );
    expect((await loadKeras("https://example.com/m/model.json")).getWeights()[1]).toEqual(Float32Array.of(2, 2.5, 3));
    await expect(loadKeras("https://example.com/other.json")).rejects.toThrow(
      new FormatError("loadKeras: https://example.com/other.json cannot be fetched (404 Not Found)"),
    );
    const lost = loadKeras("https://example.com/lost/model.json");
    await expect(lost).rejects.toBeInstanceOf(FormatError);
    await expect(lost).rejects.toThrow(/^loadKeras: https:..example.com.lost.b cannot be fetched \(.+\)$/); // as the engine says it
    await expect(loadKeras("https://example.com/null/model.json")).rejects.toThrow(
      new FormatError(
        "https://example.com/null/model.json: model.json must hold a weightsManifest with paths and weights",
      ),
    );
  });

  const dense = (change: object = {}) => one("Dense", { units: 2, ...change });
  const weights = { "y/kernel": { shape: [4, 2], data: random.floats(8) }, "y/bias": { shape: [2], data: [0, 0] } };
  const chain = (...between: object[]) => top(functional([start(), ...between], "x", "y"));

  it.each<readonly [string, () => Promise<unknown>, Error]>([
    [
      "all classes that there are no layers for, in one error",
      () =>
        load(
          kerasFile(
            chain(
              layer("Lambda", "a", {}, ["x"]),
              layer("LSTM", "b", {}, ["a"]),
              layer("Lambda", "c", {}, ["b"]),
              functional([start(), layer("GRU", "y", {}, ["x"])], "x", "y"),
            ),
          ),
        ),
      new UnsupportedError("loadKeras: there are no layers for Lambda (a, c); LSTM (b); GRU (y)", {
        missing: ["Lambda", "LSTM", "GRU"],
      }),
    ],
    [
      "a weight that is missing",
      () => load(kerasFile(dense(), { "y/kernel": weights["y/kernel"] })),
      new FormatError('loadKeras: there is no weight "y/bias" of shape [2]'),
    ],
    [
      "one weight for layers of two models",
      () => {
        const inner = (name: string, from: string) => ({
          ...functional([start(), layer("Dense", "d", { units: 4 }, ["x"])], "x", "d", name),
          inbound_nodes: [[[from, 0, 0, {}]]],
        });
        const outer = functional([start(), inner("a", "x"), inner("b", "a")], "x", "b");
        const [kernel, bias] = [[4, 4], [4]].map((shape) => ({ shape, data: random.floats(4 ** shape.length) }));
        return load(kerasFile(top(outer), { "d/kernel": kernel, "d/bias": bias }));
      },
      new FormatError(
        'loadKeras: weight "d/kernel" is all there is for "a/d" and "b/d"; layers in nested models need names that differ',
      ),
    ],
    [
      "a weight of another shape",
      () => load(kerasFile(dense({ units: 3 }), weights)),
      new FormatError('loadKeras: weight "y/kernel" must be [4,3], got [4,2]'),
    ],
    [
      "a truncated file",
      () => loadKeras(kerasFile(dense(), weights).json, [new Uint8Array(39)]),
      new FormatError('loadKeras: weight "y/bias" of shape [2] needs 8 bytes, but 7 are left'),
    ],
    [
      "a file that is too long",
      () => loadKeras(kerasFile(dense(), weights).json, [new Uint8Array(44)]),
      new FormatError('loadKeras: the weights of ["group1-shard1of1.bin"] take 40 bytes, got 44'),
    ],
    [
      "files that are missing",
      () => loadKeras(kerasFile(dense(), weights).json, {}),
      new ArgumentError('loadKeras: weightFiles must hold "group1-shard1of1.bin", got []'),
    ],
    [
      "another number of files",
      () => loadKeras(kerasFile(dense(), weights).json, []),
      new ArgumentError('loadKeras: weightFiles must hold the 1 files ["group1-shard1of1.bin"], got 0'),
    ],
    [
      "channels first",
      () =>
        load(kerasFile(one("Conv2D", { filters: 2, kernel_size: 3, data_format: "channels_first" })), {
          name: "m.json",
        }),
      new UnsupportedError('m.json: layer "y" must have data_format "channels_last", got "channels_first"'),
    ],
    [
      "a normalization along another axis",
      () => load(kerasFile(one("BatchNormalization", { axis: [1] }))),
      new UnsupportedError('loadKeras: layer "y" must work along the last axis, got axis [1]'),
    ],
    [
      "a circle",
      () => load(kerasFile(chain(layer("ReLU", "a", {}, ["y"]), layer("ReLU", "y", {}, ["a"])))),
      new FormatError('loadKeras: layer "a" takes ["y"], which nothing makes'),
    ],
    [
      "open sizes",
      () => load(kerasFile(top(functional([start([null, null, 4]), layer("ReLU", "y", {}, ["x"])], "x", "y")))),
      new FormatError(
        'loadKeras: input "x" has shape [null,null,4]; give it one that fits, as inputShape: [...], got undefined',
      ),
    ],
    [
      "an activation that is none",
      () => load(kerasFile(dense({ activation: "exponential" }), weights)),
      new FormatError(
        `loadKeras: the model's configuration makes no model (dense: activation must be one of "linear", "relu", "relu6", "leakyRelu", "elu", "sigmoid", "tanh", "swish", "silu", "selu", "celu", "erf", "gelu", "geluTanh", "softplus", "logSigmoid", "softsign", "mish", "hardSigmoid", "hardTanh", "hardSwish", "softmax", "logSoftmax", got "exponential")`,
      ),
    ],
    [
      "what is no model.json",
      () => loadKeras({ modelTopology: {} }, []),
      new FormatError("loadKeras: model.json must hold a modelTopology with a model_config or nodes"),
    ],
    [
      "no manifest",
      () => loadKeras({ modelTopology: dense() }, []),
      new FormatError("loadKeras: model.json must hold a weightsManifest with paths and weights"),
    ],
    [
      "no object",
      () => loadKeras(7 as never, []),
      new ArgumentError("loadKeras: modelJson must be a URL or what JSON.parse makes of model.json, got 7"),
    ],
  ])("refuses: %s", async (_, run, error) => {
    await expect(run()).rejects.toThrow(error);
  });
});
