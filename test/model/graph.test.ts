import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  gradientCheck,
  input,
  layers,
  loadModel,
  type Model,
  model,
  ShapeError,
  type SymbolicTensor,
  sequential,
  tensor,
} from "../../src/index.ts";
import { ModelPlanner } from "../../src/model/planner.ts";
import { planGraph } from "../../src/model/program.ts";
import type { Conv2dAlgorithm } from "../../src/ops/conv2dAlgorithm.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples, leavesNothing } from "../support/model.ts";
import { Random } from "../support/random.ts";

const SHAPE = [5, 4, 3];

/** Joins one value, or two, to a new one of the same shape. */
type Join = (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor;

const conv = (kernelSize: number, activation: "linear" | "swish" = "linear") =>
  layers.conv2d({ filters: 3, kernelSize, padding: "same", activation, kernelInitializer: "heNormal" });

/** Which ReLU the next graph has: one that convolutions take over, or the same function as a step of its own. */
let isFused = true;
const relu = () =>
  isFused ? layers.activation("relu") : layers.activation({ activation: "leakyRelu", negativeSlope: 0 });

const JOINS: Readonly<Record<string, Join>> = {
  conv: (a) => conv(3)(a),
  pointwise: (a) => relu()(conv(1)(a)),
  swish: (a) => conv(1, "swish")(a),
  depthwise: (a) => layers.depthwiseConv2d({ kernelSize: 3, padding: "same" })(a),
  padded: (a) => layers.conv2d({ filters: 3, kernelSize: 3 })(layers.zeroPadding2d()(a)),
  relu: (a) => relu()(a),
  tanh: (a) => layers.activation("tanh")(a),
  normSample: (a) => layers.layerNormalization({ axis: [1, 2, 3] })(layers.layerNormalization()(a)),
  normGroups: (a) => layers.instanceNormalization()(layers.groupNormalization({ groups: 3 })(conv(1)(a))),
  normLocal: (a) => layers.localResponseNormalization({ size: 2, alpha: 1 })(a),
  rescale: (a) => layers.rescaling({ scale: -0.5, offset: 0.25 })(a),
  norm: (a) => layers.batchNormalization()(a),
  convNormRelu: (a) => relu()(layers.batchNormalization()(conv(3)(a))),
  pool: (a) => layers.maxPool2d({ poolSize: 3, strides: 1, padding: "same" })(a),
  reshape: (a) => layers.reshape({ targetShape: SHAPE })(layers.flatten()(a)),
  add: (a, b) => layers.add()([a, b]),
  residual: (a, b) => relu()(layers.add()([conv(3)(a), b])),
  concat: (a, b) => conv(1)(layers.concatenate()([a, b])),
  branches: (a, b) => conv(1)(layers.concatenate()([relu()(conv(3)(a)), b, conv(1)(b)])),
  resize: (a) => layers.maxPool2d({ poolSize: 2 })(layers.upSampling2d()(a)),
  multiply: (a, b) => layers.multiply()([layers.activation("tanh")(a), conv(1)(b)]),
  gate: (a, b) => layers.multiply()([a, layers.activation("sigmoid")(layers.globalAveragePool2d()(b))]),
  // Not b itself: where b is a, rounding errors are all that would be left, and a norm would make them large.
  shift: (a, b) =>
    layers.subtract()([
      layers.add()([a, layers.globalAveragePool2d()(b)]),
      layers.rescaling({ scale: 0.7, offset: 0 })(b),
    ]),
  average: (a, b) => layers.average()([conv(1)(a), b, a]),
  extremes: (a, b) => layers.maximum()([a, layers.minimum()([conv(1)(b), b])]),
  rows: (a, b) => layers.maxPool2d({ poolSize: [2, 1] })(layers.concatenate({ axis: 1 })([a, b])),
  turn: (a) => layers.permute({ dims: [2, 3, 1] })(layers.permute({ dims: [3, 1, 2] })(a)),
  blocks: (a) => layers.maxPool2d()(layers.depthToSpace({ blockSize: 2 })(layers.concatenate()([a, conv(1)(a), a, a]))),
  bilinear: (a) => layers.resizing({ height: SHAPE[0], width: SHAPE[1] })(a),
  dot: (a, b) => layers.reshape({ targetShape: SHAPE })(layers.dot({ axes: [2, 1] })([weigh(a), flat(b)])),
};

/** One row of weights for each pixel, [P,P], and pixels as rows, [P,C]. */
const flat = (a: SymbolicTensor) => layers.reshape({ targetShape: [SHAPE[0] * SHAPE[1], SHAPE[2]] })(a);
const weigh = (a: SymbolicTensor) => layers.activation("softmax")(layers.dot({ axes: 2 })([flat(a), flat(a)]));

/** How to make a graph: each step joins two values made before it. */
const graphOf = (joins: readonly string[]) =>
  fc.record({
    steps: fc.array(fc.record({ join: fc.constantFrom(...joins), a: fc.nat(), b: fc.nat() }), {
      minLength: 1,
      maxLength: 8,
    }),
    seed: fc.integer({ min: 0, max: 99 }),
  });
const anyGraph = graphOf(Object.keys(JOINS));
// Norms of samples are steep where a sample hardly varies; gradientCheck.test.ts has them.
const merging = ["multiply", "gate", "shift", "average", "turn", "bilinear", "rescale"];
/** Differences of a function with kinks tell little about its gradient. */
const smoothGraph = graphOf([
  "conv",
  "swish",
  "depthwise",
  "padded",
  "tanh",
  "norm",
  "reshape",
  "add",
  "concat",
  ...merging,
]);
type Recipe = typeof anyGraph extends fc.Arbitrary<infer T> ? T : never;

/** The values of a recipe, the input first. */
function describeGraph({ steps }: Pick<Recipe, "steps">): SymbolicTensor[] {
  const values = [input({ shape: SHAPE })];
  for (const { join, a, b } of steps) {
    values.push(JOINS[join](values[values.length - 1 - (a % Math.min(values.length, 3))], values[b % values.length]));
  }
  return values;
}

function makeModel(recipe: Recipe): Model {
  const values = describeGraph(recipe);
  const y = layers.dense({ units: 3 })(layers.flatten()(values[values.length - 1]));
  const made = model({ inputs: values[0], outputs: y, seed: recipe.seed });
  setStatistics(made, recipe.seed);
  return made;
}

/** Running statistics and shifts that are not those a model begins with, so that folding them shows. */
function setStatistics(made: Model, seed: number): void {
  const random = new Random(seed);
  for (const parameter of made.parameters) {
    if (!/gamma|beta|moving|bias/.test(parameter.name)) continue;
    parameter.set(
      random.floats(parameter.size).map((value) => (/variance/.test(parameter.name) ? 1 + value ** 2 : value)),
    );
  }
}

/** Up to 16 layers of sums of at most 100 products, rounded differently. */
const CLOSE = { relative: 1e-4, absolute: 1e-4 };

describe("graphs", () => {
  it("predict what their layers give one by one, whatever is fused, shared or placed, over random graphs", async () => {
    const { x } = drawSamples(2, SHAPE, 3);
    await leavesNothing(() => {
      fc.assert(
        fc.property(anyGraph, (recipe) => {
          using made = makeModel(recipe);
          const all = made.activations(x);
          using out = made.predict(x);
          expectClose(out.data, all[made.layers[made.layers.length - 1].name].data, CLOSE);
          for (const value of Object.values(all)) value.dispose();
        }),
        { numRuns: 200 },
      );
    });
  });

  it("add to a shortcut, and write into a part of wider pixels, by every algorithm", async () => {
    const anyCase = fc.record({
      size: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
      channels: fc.constantFrom(1, 3, 4, 5, 8, 13, 300), // 2700 rows of a panel are summed in two pieces
      kernelSize: fc.constantFrom<1 | 3>(1, 3),
      algorithm: fc.constantFrom<Conv2dAlgorithm>(
        "winograd4",
        "winograd2",
        "winogradRows",
        "direct",
        "gemm",
        "indirect",
      ),
      activation: fc.constantFrom("linear" as const, "relu" as const),
      batch: fc.integer({ min: 1, max: 2 }),
    });
    await leavesNothing(() => {
      fc.assert(
        fc.property(anyCase, ({ size, channels, kernelSize, algorithm: wanted, activation, batch }) => {
          const usual = kernelSize === 1 ? wanted.replace(/^winograd.*/, "gemm") : wanted.replace("gemm", "direct");
          const algorithm = usual as Conv2dAlgorithm;
          const shape = [...size, channels];
          const x = input({ shape });
          const plain = layers.conv2d({ filters: channels, kernelSize, padding: "same", algorithm, useBias: true })(x);
          const sum = layers.activation(activation)(layers.add()([layers.activation("tanh")(x), plain]));
          const part = layers.conv2d({ filters: 3, kernelSize, padding: "same", algorithm, activation })(sum);
          const other = layers.conv2d({ filters: 5, kernelSize: 1 })(sum);
          using made = model({ inputs: x, outputs: layers.concatenate()([sum, part, other]), seed: channels });
          setStatistics(made, channels);
          const images = new Random(channels).floats(batch * size[0] * size[1] * channels);
          const all = made.activations(images);
          using out = made.predict(images);
          expectClose(out.data, all.concatenate_1.data, CLOSE);
          for (const value of Object.values(all)) value.dispose();
        }),
        { numRuns: 150 },
      );
    });
  });

  it("give every value that is asked for, beside what is computed from it", async () => {
    const { x } = drawSamples(1, SHAPE, 3);
    await leavesNothing(() => {
      fc.assert(
        fc.property(anyGraph, (recipe) => {
          const [first, ...made] = describeGraph(recipe);
          using all = model({ inputs: first, outputs: made, seed: recipe.seed });
          setStatistics(all, recipe.seed);
          const alone = all.activations(x);
          const outputs = all.predictAll([x]);
          expect(outputs).toHaveLength(made.length);
          const names = made.map(({ source }) => source?.layer.name as string);
          for (const [i, y] of outputs.entries()) expectClose(y.data, alone[names[i]].data, CLOSE, names[i]);
          for (const y of [...outputs, ...Object.values(alone)]) y.dispose();
        }),
        { numRuns: 100 },
      );
    });
  });

  it("have the gradients that finite differences find, over random smooth graphs", async () => {
    const { x } = drawSamples(3, SHAPE, 3);
    await leavesNothing(() => {
      fc.assert(
        fc.property(smoothGraph, (recipe) => {
          using made = makeModel(recipe);
          made.compile({ optimizer: "sgd", loss: "meanSquaredError" });
          const targets = new Random(recipe.seed).floats(9);
          const { worst } = gradientCheck(made, x, targets, { samples: 3 });
          expect(worst.error, JSON.stringify(worst)).toBeLessThan(0.02);
        }),
        { numRuns: 40 },
      );
    });
  });

  it("have the same gradients whether convolutions take ReLUs over or not, over random graphs", async () => {
    const { x } = drawSamples(3, SHAPE, 3);
    const gradients = (recipe: Recipe): Float32Array[] => {
      using made = makeModel(recipe);
      made.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      made.trainOnBatch(x, new Random(recipe.seed).floats(9));
      return made.parameters.filter(({ gradient }) => gradient !== 0).map(({ gradientData }) => gradientData.slice());
    };
    await leavesNothing(() => {
      fc.assert(
        fc.property(anyGraph, (recipe) => {
          isFused = false;
          const plain = gradients(recipe);
          isFused = true;
          const fused = gradients(recipe);
          for (const [i, expected] of plain.entries()) expectClose(fused[i], expected, CLOSE);
        }),
        { numRuns: 100 },
      );
    });
  });

  it("train: a residual block learns", () => {
    const { x, y } = drawSamples(8, SHAPE, 3);
    const image = input({ shape: SHAPE });
    const sum = layers.add()([image, layers.batchNormalization()(conv(3)(image))]);
    const rows = layers.flatten()(layers.activation("relu")(sum));
    using made = model({ inputs: image, outputs: layers.dense({ units: 3, activation: "softmax" })(rows), seed: 1 });
    made.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    const first = made.trainOnBatch(x, y).loss;
    for (let i = 0; i < 100; i++) made.trainOnBatch(x, y);
    expect(made.trainOnBatch(x, y).loss).toBeLessThan(first / 4);
  });

  it("share the parameters of a layer that is used twice", () => {
    const [a, b] = [input({ shape: SHAPE, name: "left" }), input({ shape: SHAPE, name: "right" })];
    const twin = conv(3);
    using made = model({ inputs: [a, b], outputs: layers.add()([twin(a), twin(b)]) });
    expect(made.parameters.map(({ name }) => name)).toEqual(["conv2d_1/kernel", "conv2d_1/bias"]);
    const { x } = drawSamples(2, SHAPE, 3);
    const zero = new Float32Array(x.length);
    const [both] = made.predictAll([x, zero]);
    const [turned] = made.predictAll([zero, x]);
    expect(bitsOf([both.data])).toEqual(bitsOf([turned.data]));
    for (const y of [both, turned]) y.dispose();
  });

  it("save and load", () => {
    const recipe: Recipe = {
      seed: 3,
      steps: [
        { join: "convNormRelu", a: 0, b: 0 },
        { join: "branches", a: 0, b: 0 },
        { join: "residual", a: 0, b: 1 },
      ],
    };
    using made = makeModel(recipe);
    using loaded = loadModel(made.save());
    const { x } = drawSamples(2, SHAPE, 3);
    using before = made.predict(x);
    using after = loaded.predict(x);
    expect(bitsOf([after.data])).toEqual(bitsOf([before.data]));
    expect(loaded.summary()).toBe(made.summary());
  });

  it("are summed up with what each layer takes", () => {
    const x = input({ shape: [8, 8, 2] });
    const shared = layers.conv2d({ filters: 2, kernelSize: 3, padding: "same", name: "shared" });
    using made = model({ inputs: x, outputs: layers.add()([shared(x), shared(shared(x))]) });
    expect(`\n${made.summary()}`).toBe(`
layer   output   parameters  multiply-adds  receptive field  bytes  inputs
----------------------------------------------------------------------------------
shared  [8,8,2]          38          2,304              3x3    512  input_1
shared  [8,8,2]      shared          2,304              3x3    512  input_1
shared  [8,8,2]      shared          2,304              5x5    512  shared
add_1   [8,8,2]           0              0              5x5    512  shared, shared
----------------------------------------------------------------------------------
38 parameters (38 learned), 6,912 multiply-adds a sample`);
  });

  it("fold batch norm, activation, sum and padding into the convolution: one step for each", () => {
    const x = input({ shape: [8, 8, 4] });
    const block = (from: SymbolicTensor) => {
      const y = layers.conv2d({ filters: 4, kernelSize: 3 })(layers.zeroPadding2d()(from));
      return layers.batchNormalization()(y);
    };
    const first = layers.activation("relu")(block(x));
    const made = model({ inputs: x, outputs: layers.activation("relu")(layers.add()([block(block(first)), first])) });
    const planner = new ModelPlanner(made, false, new Set());
    planGraph(made.graph, planner, [planner.outside([1, 8, 8, 4])]);
    expect(planner.steps.map(({ kind }) => kind)).toEqual(["conv2d", "conv2d", "conv2d"]);
    // Two activations, of 1 KiB each, and nothing for pads, norms, sums: the rest is weights, windows and scratch.
    const plain = sequential({ inputShape: [8, 8, 4] }, [
      layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" }),
      layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" }),
      layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" }),
    ]);
    expect(made.memory().predict).toBeLessThanOrEqual(plain.memory().predict + 2048);
    made.dispose();
    plain.dispose();
  });

  it("follow weights and statistics that change after the first prediction", () => {
    using made = makeModel({ seed: 1, steps: [{ join: "convNormRelu", a: 0, b: 0 }] });
    const { x } = drawSamples(1, SHAPE, 3);
    made.predict(x).dispose();
    setStatistics(made, 5);
    const all = made.activations(x);
    using out = made.predict(x);
    expectClose(out.data, all[made.layers[made.layers.length - 1].name].data, CLOSE);
    for (const value of Object.values(all)) value.dispose();
  });

  describe("refuse", () => {
    const x = () => input({ shape: SHAPE });
    refuses([
      [
        "a layer of several inputs with one",
        () => layers.add()(x()),
        new ArgumentError("add: takes two or more inputs in an array, got 1"),
      ],
      ["a layer of one input with two", () => conv(3)([x(), x()]), new ArgumentError("conv2d: takes one input, got 2")],
      [
        "what is not symbolic",
        () => conv(3)(tensor([1], [1, 1, 1]) as never),
        new ArgumentError(
          "conv2d: x must be what input() or a layer called with one returns, or an array of these, got Tensor",
        ),
      ],
      [
        "shapes that do not fit, where the layer is applied",
        () => layers.add()([x(), layers.flatten()(x())]),
        new ShapeError("add: b must fit a [5,4,3], with equal sizes or 1 from the last axis on, got [60]"),
      ],
      [
        "an input that is not listed",
        () => model({ inputs: x(), outputs: conv(3)(x()) }),
        new ArgumentError("model: an output needs the input of shape [5,4,3], which inputs do not list"),
      ],
      [
        "an input that no output needs",
        () => {
          const used = x();
          return model({ inputs: [used, x()], outputs: conv(3)(used) });
        },
        new ArgumentError("model: no output needs inputs[1] of shape [5,4,3]"),
      ],
      [
        "an input twice",
        () => {
          const used = x();
          return model({ inputs: [used, used], outputs: conv(3)(used) });
        },
        new ArgumentError("model: inputs[0] and inputs[1] are the same"),
      ],
      [
        "a graph without layers",
        () => {
          const used = x();
          return model({ inputs: used, outputs: used });
        },
        new ArgumentError("model: outputs must come from layers, got an input itself"),
      ],
      [
        "a shared layer on other channels",
        () => {
          const used = x();
          const shared = layers.dense({ units: 4 });
          return model({ inputs: used, outputs: shared(shared(used)) });
        },
        new ArgumentError(
          'model: layer "dense_1" is shared, so its inputs must have equal channels, got [5,4,3] and [5,4,4]',
        ),
      ],
      [
        "an unknown option",
        () => model({ input: x() } as never),
        new ArgumentError(
          'model: every option must be one of "inputs", "outputs", "seed", "precision", got "input"; did you mean "inputs"?',
        ),
      ],
    ]);
  });
});

it("gives no name of itself that a layer has already", () => {
  const { layers: made } = sequential({ inputShape: [2] }, [
    layers.flatten({ name: "dense_1" }),
    layers.dense({ units: 1 }),
  ]);
  expect(made.map(({ name }) => name)).toEqual(["dense_1", "dense_2"]);
});
