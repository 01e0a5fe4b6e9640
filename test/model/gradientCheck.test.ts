import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  gradientCheck,
  type LossName,
  layers,
  optimizers,
  regularizers,
  sequential,
} from "../../src/index.ts";
import { ACTIVATION_NAMES } from "../../src/layers/activation.ts";
import { Layer } from "../../src/layers/layer.ts";
import type { Planner, Slot } from "../../src/ops/planned.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples, leavesNothing } from "../support/model.ts";

/** The differences are of a loss in f32: its rounding (6e-8) over a step of 1e-2 of a weight and a gradient of 1e-2. */
const MOST = 0.01;

const conv = (options: object = {}) => layers.conv2d({ filters: 4, kernelSize: 3, activation: "tanh", ...options });
const head = (units = 3) => [layers.flatten(), layers.dense({ units, activation: "softmax" })];
/** Something that learns before the layer and something behind it, so that its dx matters. */
const between = (...middle: Layer[]) => [conv(), ...middle, ...head()];

/** The image that a convolution made, [7,7,4], as a line. */
const line = (length: number, channels: number) => layers.reshape({ targetShape: [length, channels] });

const smooth = ACTIVATION_NAMES.filter((name) => name !== "relu6");

const models: Record<string, () => Layer[]> = {
  "conv2d, strides, padding by side": () => between(conv({ strides: [2, 1], padding: [1, 0, 2, 1] })),
  "conv2d, same, dilated": () => between(conv({ padding: "same", dilationRate: 2 })),
  "conv2d, groups, no bias": () => between(conv({ groups: 2, useBias: false, kernelSize: [2, 3] })),
  "conv2d 1x1, strides beyond the kernel": () => between(conv({ kernelSize: 1, strides: 3 })),
  "conv2d, all of the image": () => between(conv({ kernelSize: 7, padding: "valid" })),
  "dense on the last axis": () => between(layers.dense({ units: 5, activation: "sigmoid" })),
  "dense without bias": () => [
    layers.flatten(),
    layers.dense({ units: 6, useBias: false }),
    layers.dense({ units: 3 }),
  ],
  depthwiseConv2d: () => between(layers.depthwiseConv2d({ kernelSize: 3, padding: "same", activation: "sigmoid" })),
  "depthwiseConv2d, strides, multiplier, no bias": () =>
    between(layers.depthwiseConv2d({ kernelSize: [3, 2], strides: 2, depthMultiplier: 3, useBias: false })),
  "batchNormalization by its running statistics": () => between(layers.batchNormalization()),
  "batchNormalization at the front, without scale": () => [layers.batchNormalization({ scale: false }), ...between()],
  maxPool2d: () => between(layers.maxPool2d()),
  "maxPool2d, overlapping, same": () => between(layers.maxPool2d({ poolSize: 3, strides: 2, padding: "same" })),
  adaptiveAveragePool2d: () => between(layers.adaptiveAveragePool2d({ outputSize: [3, 4] })),
  adaptiveMaxPool2d: () => between(layers.adaptiveMaxPool2d({ outputSize: [4, 3] })),
  lpPool2d: () => between(layers.lpPool2d({ poolSize: 3, strides: 2 }), layers.lpPool2d({ p: 1 })),
  minPool2d: () => between(layers.minPool2d({ poolSize: [2, 3], ceilMode: true })),
  averagePool2d: () => between(layers.averagePool2d({ poolSize: 3, strides: 2, padding: 1 })),
  "averagePool2d, padding counted": () => between(layers.averagePool2d({ padding: 1, countIncludePad: true })),
  globalMaxPool2d: () => [conv(), layers.globalMaxPool2d(), layers.dense({ units: 3, activation: "softmax" })],
  globalAveragePool2d: () => [conv(), layers.globalAveragePool2d(), layers.dense({ units: 3, activation: "softmax" })],
  conv1d: () => between(line(49, 4), layers.conv1d({ filters: 3, kernelSize: 5, activation: "tanh" })),
  "conv1d, causal, dilated, groups": () =>
    between(line(49, 4), layers.conv1d({ filters: 4, kernelSize: 3, padding: "causal", dilationRate: 2, groups: 2 })),
  "pools along a line": () => [
    conv(),
    line(49, 4),
    layers.maxPool1d(),
    layers.averagePool1d({ strides: 1 }),
    ...head(),
  ],
  globalMaxPool1d: () => [conv(), line(49, 4), layers.globalMaxPool1d(), layers.dense({ units: 3 })],
  globalAveragePool1d: () => [conv(), line(49, 4), layers.globalAveragePool1d(), layers.dense({ units: 3 })],
  conv2dTranspose: () =>
    between(layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same", activation: "tanh" })),
  "conv2dTranspose, groups, dilated, no bias": () =>
    between(
      layers.conv2dTranspose({ filters: 4, kernelSize: 2, groups: 2, dilationRate: 2, padding: 1, useBias: false }),
    ),
  "conv2dTranspose behind zeros, with a batch norm behind it": () =>
    between(
      layers.zeroPadding2d(),
      layers.conv2dTranspose({ filters: 4, kernelSize: 3, outputPadding: 1, strides: 2 }),
      layers.batchNormalization(),
    ),
  separableConv2d: () => between(layers.separableConv2d({ filters: 3, kernelSize: 3, activation: "tanh" })),
  "separableConv2d behind zeros, strides, multiplier": () =>
    between(
      layers.zeroPadding2d(),
      layers.separableConv2d({ filters: 4, kernelSize: 3, strides: 2, depthMultiplier: 2, useBias: false }),
      layers.batchNormalization(),
    ),
  "conv3d, maxPool3d, a batch norm that folds": () => [
    layers.reshape({ targetShape: [9, 3, 3, 2] }),
    layers.conv3d({ filters: 3, kernelSize: [3, 2, 2], activation: "tanh" }),
    layers.maxPool3d({ poolSize: [2, 1, 1] }),
    layers.conv3d({ filters: 4, kernelSize: 2, padding: "same", strides: [2, 1, 1], useBias: false }),
    layers.batchNormalization(),
    ...head(),
  ],
  averagePool3d: () =>
    between(layers.reshape({ targetShape: [7, 7, 2, 2] }), layers.averagePool3d({ padding: "same" })),
  "zeroPadding3d before a convolution, cropping3d, upSampling3d": () =>
    between(
      layers.reshape({ targetShape: [7, 7, 2, 2] }),
      layers.zeroPadding3d({ padding: [1, 0, [1, 0]] }),
      layers.conv3d({ filters: 2, kernelSize: 2, activation: "tanh" }),
      layers.cropping3d({ cropping: [[2, 1], 2, 0] }),
      layers.upSampling3d({ size: [1, 2, 2] }),
    ),
  globalMaxPool3d: () => [
    conv(),
    layers.reshape({ targetShape: [7, 7, 2, 2] }),
    layers.globalMaxPool3d(),
    layers.dense({ units: 3 }),
  ],
  globalAveragePool3d: () => [
    conv(),
    layers.reshape({ targetShape: [7, 7, 2, 2] }),
    layers.globalAveragePool3d(),
    layers.dense({ units: 3 }),
  ],
  upSampling1d: () => between(line(49, 4), layers.upSampling1d({ size: 2 })),
  locallyConnected2d: () => between(layers.locallyConnected2d({ filters: 3, kernelSize: 3, activation: "tanh" })),
  "locallyConnected2d, same, strides, no bias": () =>
    between(layers.locallyConnected2d({ filters: 2, kernelSize: 3, strides: 2, padding: "same", useBias: false })),
  zeroPadding2d: () => between(layers.zeroPadding2d({ padding: [1, 2, 0, 1] })),
  "zeroPadding2d by reflection, cropping2d": () =>
    between(layers.zeroPadding2d({ padding: 2, mode: "reflect" }), conv(), layers.cropping2d({ cropping: [0, 1] })),
  "zeroPadding1d before a convolution, cropping1d": () =>
    between(line(49, 4), layers.zeroPadding1d(), layers.conv1d({ filters: 3, kernelSize: 3 }), layers.cropping1d()),
  layerNormalization: () => between(layers.layerNormalization()),
  "layerNormalization of whole samples": () => between(layers.layerNormalization({ axis: [1, 2, 3] })),
  groupNormalization: () => between(layers.groupNormalization({ groups: 2 })),
  instanceNormalization: () => between(layers.instanceNormalization()),
  unitNormalization: () => between(layers.unitNormalization()),
  "unitNormalization of whole samples, at the very front": () => [
    layers.unitNormalization({ axis: [1, 2, 3] }),
    ...between(layers.spaceToDepth({ blockSize: 7 })),
  ],
  localResponseNormalization: () => between(layers.localResponseNormalization({ size: 3, alpha: 1 })),
  "elementwise, learned for each place": () =>
    between(
      layers.elementwise({ operation: "add" }),
      layers.elementwise({ operation: "multiply", operandShape: [7, 1] }),
    ),
  "elementwise, divided by what is learned, and from it": () =>
    between(
      layers.elementwise({ operation: "divide", operandShape: [1, 4] }),
      layers.elementwise({ operation: "subtract", operandShape: [], operandFirst: true }),
    ),
  "elementwise, larger than the sample": () => [
    conv(),
    layers.globalAveragePool2d(),
    layers.elementwise({ operation: "maximum", operandShape: [3, 4], operandInitializer: "randomNormal" }),
    ...head(),
  ],
  "reduce, sums and means": () =>
    between(
      layers.reduce({ reduction: "mean", axes: -1, keepDims: true }),
      conv({ kernelSize: 2 }),
      layers.reduce({ reduction: "sum", axes: [1, 3] }),
    ),
  "reduce, extremes": () =>
    between(
      layers.reduce({ reduction: "max", axes: 1, keepDims: true }),
      conv({ kernelSize: 1 }),
      layers.reduce({ reduction: "min", axes: [1, 3] }),
    ),
  reshape: () => between(layers.reshape({ targetShape: [14, 2, 7] }), conv({ kernelSize: 2 })),
  "dropout, which does not drop here": () => between(layers.dropout({ rate: 0.5 })),
  "two activations in a row": () => between(layers.activation("swish"), layers.activation("sigmoid")),
  "an activation at the very front": () => [layers.activation("tanh"), ...between()],
  prelu: () => between(layers.prelu({ alphaInitializer: { name: "constant", value: 0.3 } })),
  "prelu, shared, at the very front": () => [layers.prelu({ sharedAxes: [1, 2] }), ...between()],
  "softmax along another axis": () =>
    between(layers.activation({ activation: "softmax", axis: 1 }), conv({ kernelSize: 2 })),
  "softmax not last": () => between(layers.activation("softmax"), conv({ kernelSize: 2 })),
  ...Object.fromEntries(smooth.map((name) => [`activation ${name}`, () => between(layers.activation(name))])),
  ...Object.fromEntries(
    smooth.map((activation) => [
      `layers with activation ${activation}`,
      () => [
        conv({ activation }),
        layers.flatten(),
        layers.dense({ units: 5, activation }),
        layers.dense({ units: 3 }),
      ],
    ]),
  ),
};

function check(list: Layer[], loss: LossName): ReturnType<typeof gradientCheck> {
  using model = sequential({ inputShape: [9, 9, 2], seed: 1 }, list);
  model.compile({ optimizer: "sgd", loss });
  const { x, y, hot } = drawSamples(3, [9, 9, 2], 3, 11);
  const before = model.getWeights();
  const learned = model.parameters.filter((parameter) => parameter.learned);
  const report = gradientCheck(model, x, loss === "sparseCategoricalCrossentropy" ? y : hot, { samples: 6 });
  expect(model.getWeights()).toEqual(before);
  expect(report.parameters.map(({ parameter }) => parameter)).toEqual(learned.map(({ name }) => name));
  expect(report.parameters).toContain(report.worst);
  return report;
}

describe("gradientCheck", () => {
  it.each(Object.entries(models))("finds the gradients right of: %s", async (_, list) => {
    await leavesNothing(() => {
      const { worst } = check(list(), "meanSquaredError");
      expect(worst.error, JSON.stringify(worst)).toBeLessThan(MOST);
      expect(worst.numeric).not.toBe(0);
    });
  });

  it.each(["sparseCategoricalCrossentropy", "categoricalCrossentropy"] as const)("with %s", (loss) => {
    for (const last of [{ activation: "softmax" }, { activation: "sigmoid" }] as const) {
      const { worst } = check([conv(), layers.flatten(), layers.dense({ units: 3, ...last })], loss);
      expect(worst.error, JSON.stringify(worst)).toBeLessThan(MOST);
    }
    // A softmax that the loss cannot fuse, since it is not the last step.
    const apart = [conv(), layers.flatten(), layers.dense({ units: 3, activation: "softmax" }), layers.flatten()];
    expect(check(apart, loss).worst.error).toBeLessThan(MOST);
    const own = [
      conv(),
      layers.flatten(),
      layers.dense({ units: 3, activation: "relu" }),
      layers.activation("softmax"),
    ];
    expect(check(own, loss).worst.error).toBeLessThan(MOST);
  });

  it("counts the penalties of regularizers", () => {
    const penalized = () => [
      layers.conv2d({ filters: 2, kernelSize: 3, kernelRegularizer: regularizers.l2(0.3), biasInitializer: "ones" }),
      layers.flatten(),
      layers.dense({
        units: 3,
        kernelRegularizer: regularizers.l1l2({ l1: 0.05, l2: 0.1 }),
        biasRegularizer: regularizers.l1(0.2),
        biasInitializer: { name: "constant", value: -0.5 },
        activation: "softmax",
      }),
    ];
    const { worst } = check(penalized(), "sparseCategoricalCrossentropy");
    expect(worst.error, JSON.stringify(worst)).toBeLessThan(MOST);
  });

  // gradientCheck looks at running statistics; the gradients of a training step look through those of the batch.
  it.each<[string, () => Layer[]]>([
    ["behind a convolution", () => between(layers.batchNormalization())],
    ["before an activation in place", () => between(layers.batchNormalization(), layers.activation("tanh"))],
    ["twice", () => between(layers.batchNormalization(), conv(), layers.batchNormalization())],
    ["at the very front", () => [layers.batchNormalization(), ...between()]],
    ["without scale and center", () => between(layers.batchNormalization({ scale: false, center: false }))],
  ])("the gradients of batch normalisation in training are right: %s", (_, list) => {
    using model = sequential({ inputShape: [9, 9, 2], seed: 1 }, list());
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-30 }), loss: "meanSquaredError" });
    const { x, hot } = drawSamples(3, [9, 9, 2], 3, 11);
    const { loss } = model.trainOnBatch(x, hot);
    const learned = model.parameters.filter((parameter) => parameter.learned);
    const gradients = learned.map(({ gradientData }) => gradientData.slice());
    for (const [at, parameter] of learned.entries()) {
      const gradient = gradients[at];
      const values = parameter.data.slice();
      const most = Math.max(...gradient.map(Math.abs));
      const index = gradient.findIndex((g) => Math.abs(g) === most);
      const lossAt = (step: number) => {
        parameter.set(values.map((value, i) => (i === index ? value + step : value)));
        return model.trainOnBatch(x, hot).loss;
      };
      const numeric = (8 * (lossAt(0.01) - lossAt(-0.01)) - (lossAt(0.02) - lossAt(-0.02))) / 0.12;
      parameter.set(values);
      const tolerance = 0.01 * Math.max(most, Math.abs(numeric)) + 1e-4 * loss;
      expect(Math.abs(gradient[index] - numeric), `${parameter.name}: ${numeric}, ${most}`).toBeLessThan(tolerance);
    }
  });

  it("looks at layers that learn only", () => {
    using model = sequential({ inputShape: [4] }, [
      layers.dense({ units: 3, trainable: false }),
      layers.dense({ units: 2, activation: "softmax" }),
    ]);
    model.compile({ loss: "sparseCategoricalCrossentropy" });
    const { parameters } = gradientCheck(model, new Float32Array(4).fill(0.5), [1]);
    expect(parameters.map(({ parameter }) => parameter)).toEqual(["dense_2/kernel", "dense_2/bias"]);
  });

  it("finds a wrong gradient and names it", () => {
    /** y = 2 x, whose way back forgets the 2. */
    class Wrong extends Layer {
      readonly className = "Wrong";
      protected infer(input: Shape): Shape {
        return input;
      }
      plan(planner: Planner, x: Slot): Slot {
        const y = planner.reuse(x);
        const size = x.shape.reduce((a, b) => a * b, 1);
        planner.step({ kind: "double", reads: [x], writes: [y], run: () => planner.kernels.scale(y.pointer, size, 2) });
        planner.node({ inputs: [x], output: y, keeps: [], backward: (dy) => planner.handGradient(x, dy) });
        return y;
      }
    }
    const { worst, parameters } = check(
      [layers.flatten(), layers.dense({ units: 4 }), new Wrong(), layers.dense({ units: 3 })],
      "meanSquaredError",
    );
    expect(worst.parameter).toMatch(/^dense_1/);
    expect(worst.error).toBeCloseTo(0.5, 2);
    expect(parameters.filter(({ error }) => error > MOST).map(({ parameter }) => parameter)).toEqual([
      "dense_1/kernel",
      "dense_1/bias",
    ]);
  });

  it("takes NaN for the worst", () => {
    using model = sequential({ inputShape: [2] }, [layers.dense({ units: 2 }), layers.dense({ units: 1 })]);
    model.compile({ loss: "meanSquaredError" });
    model.setWeights([[1, 2, 3, Number.NaN], [0, 0], [1, 1], [0]]);
    expect(gradientCheck(model, [[1, 1]], [[0]]).worst.error).toBe(Number.POSITIVE_INFINITY);
  });

  it("leaves the weights as they were, to the bit", () => {
    using model = sequential({ inputShape: [3] }, [layers.dense({ units: 2, kernelInitializer: "heNormal" })]);
    model.compile({ loss: "meanSquaredError" });
    const before = bitsOf(model.getWeights());
    gradientCheck(model, new Float32Array(6).fill(1), new Float32Array(4));
    expect(bitsOf(model.getWeights())).toEqual(before);
  });

  const frozen = () => {
    const model = sequential({ inputShape: [3] }, [layers.dense({ units: 2, trainable: false })]);
    return model.compile({ loss: "meanSquaredError" });
  };
  refuses([
    [
      "a model that is not compiled",
      () => gradientCheck(sequential({ inputShape: [3] }, [layers.dense({ units: 2 })]), [[1, 2, 3]], [[1, 2]]),
      new ArgumentError("gradientCheck: call model.compile({ optimizer, loss }) first"),
    ],
    [
      "a model that learns nothing",
      () => gradientCheck(frozen(), [[1, 2, 3]], [[1, 2]]),
      new ArgumentError("gradientCheck: no layer has parameters to learn; all are frozen"),
    ],
    [
      "a step of 0",
      () => gradientCheck(frozen(), [[1, 2, 3]], [[1, 2]], { step: 0 }),
      new ArgumentError("gradientCheck: step must be a number > 0, got 0"),
    ],
    [
      "half a sample",
      () => gradientCheck(frozen(), [[1, 2, 3]], [[1, 2]], { samples: 0.5 }),
      new ArgumentError("gradientCheck: samples must be a whole number >= 1, got 0.5"),
    ],
  ]);
});
