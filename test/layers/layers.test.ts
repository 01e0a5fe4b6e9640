import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  type Layer,
  layers,
  ops,
  regularizers,
  ShapeError,
  scope,
  sequential,
} from "../../src/index.ts";
import { ACTIVATION_NAMES, type ActivationName } from "../../src/layers/activation.ts";
import { layerFrom } from "../../src/layers/registry.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, leavesNothing } from "../support/model.ts";
import { Random } from "../support/random.ts";

interface LayerCase {
  readonly input: readonly number[];
  readonly layer: () => Layer;
  /** The same by eager ops. */
  readonly op: (x: Tensor, ...parameters: Tensor[]) => Tensor;
  readonly name: string;
  /** Names (behind that of the layer) and shapes of the parameters, in Keras' order. */
  readonly parameters?: Readonly<Record<string, readonly number[]>>;
}

const image = [7, 6, 4];

/** Volumes [3,3,4,5,2] with another border, image by image and then as images of frames. */
function padVolume(
  x: Tensor,
  depth: [number, number],
  sides: [number, number, number, number],
  mode?: ops.PadMode,
): Tensor {
  const images = ops.pad(tensor(x.data, [9, 4, 5, 2]), sides, { mode });
  const [, h, w] = images.shape;
  const frames = ops.pad(tensor(images.data, [3, 3, h * w, 2]), [...depth, 0, 0], { mode });
  return tensor(frames.data, [3, frames.shape[1], h, w, 2]);
}

const cases: Record<string, LayerCase> = {
  conv2d: {
    input: image,
    layer: () => layers.conv2d({ filters: 5, kernelSize: 3 }),
    op: (x, w, b) => ops.conv2d(x, w, b),
    name: "conv2d_1",
    parameters: { kernel: [3, 3, 4, 5], bias: [5] },
  },
  "conv2d with every option": {
    input: [9, 11, 4],
    layer: () =>
      layers.conv2d({
        filters: 6,
        kernelSize: [2, 3],
        strides: [2, 1],
        padding: [1, 0, 2, 1],
        dilationRate: [1, 2],
        groups: 2,
        useBias: false,
        activation: "relu6",
        kernelInitializer: { name: "randomNormal", stddev: 2 },
        name: "mine",
      }),
    op: (x, w) =>
      ops.conv2d(x, w, null, {
        stride: [2, 1],
        padding: [1, 0, 2, 1],
        dilation: [1, 2],
        groups: 2,
        activation: "relu6",
      }),
    name: "mine",
    parameters: { kernel: [2, 3, 2, 6] },
  },
  "conv2d, same, with an activation behind it": {
    input: image,
    layer: () =>
      layers.conv2d({ filters: 3, kernelSize: 4, padding: "same", activation: "tanh", biasInitializer: "ones" }),
    op: (x, w, b) => ops.tanh(ops.conv2d(x, w, b, { padding: "same" })),
    name: "conv2d_1",
    parameters: { kernel: [4, 4, 4, 3], bias: [3] },
  },
  conv1d: {
    input: [20, 3],
    layer: () => layers.conv1d({ filters: 5, kernelSize: 3, activation: "relu" }),
    op: (x, w, b) => ops.conv1d(x, w, b, { activation: "relu" }),
    name: "conv1d_1",
    parameters: { kernel: [3, 3, 5], bias: [5] },
  },
  "conv1d with every option": {
    input: [20, 4],
    layer: () =>
      layers.conv1d({
        filters: 6,
        kernelSize: 4,
        strides: 2,
        padding: "causal",
        dilationRate: 2,
        groups: 2,
        useBias: false,
        activation: "tanh",
        kernelInitializer: "heNormal",
      }),
    op: (x, w) => ops.tanh(ops.conv1d(x, w, null, { stride: 2, padding: "causal", dilation: 2, groups: 2 })),
    name: "conv1d_1",
    parameters: { kernel: [4, 2, 6] },
  },
  conv2dTranspose: {
    input: image,
    layer: () => layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: "same" }),
    op: (x, w, b) => ops.conv2dTranspose(x, w, b, { stride: 2, padding: "same" }),
    name: "conv2dTranspose_1",
    parameters: { kernel: [3, 3, 5, 4], bias: [5] },
  },
  "conv2dTranspose with every option": {
    input: image,
    layer: () =>
      layers.conv2dTranspose({
        filters: 6,
        kernelSize: [2, 3],
        strides: [3, 1],
        padding: [1, 0],
        outputPadding: [1, 0],
        dilationRate: [1, 2],
        groups: 2,
        useBias: false,
        activation: "relu6",
        precision: "high",
        kernelInitializer: "heNormal",
      }),
    op: (x, w) =>
      ops.conv2dTranspose(x, w, null, {
        stride: [3, 1],
        padding: [1, 0],
        outputPadding: [1, 0],
        dilation: [1, 2],
        groups: 2,
        activation: "relu6",
      }),
    name: "conv2dTranspose_1",
    parameters: { kernel: [2, 3, 3, 4] },
  },
  conv3d: {
    input: [4, 5, 6, 2],
    layer: () => layers.conv3d({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" }),
    op: (x, w, b) => ops.conv3d(x, w, b, { padding: "same", activation: "relu" }),
    name: "conv3d_1",
    parameters: { kernel: [3, 3, 3, 2, 5], bias: [5] },
  },
  "conv3d with every option": {
    input: [5, 5, 6, 4],
    layer: () =>
      layers.conv3d({
        filters: 6,
        kernelSize: [2, 1, 3],
        strides: [2, 1, 1],
        padding: [1, 0, 2],
        dilationRate: [1, 1, 2],
        groups: 2,
        useBias: false,
        activation: "tanh",
        precision: "high",
        kernelInitializer: "heNormal",
      }),
    op: (x, w) =>
      ops.tanh(ops.conv3d(x, w, null, { stride: [2, 1, 1], padding: [1, 0, 2], dilation: [1, 1, 2], groups: 2 })),
    name: "conv3d_1",
    parameters: { kernel: [2, 1, 3, 2, 6] },
  },
  maxPool3d: {
    input: [4, 5, 6, 2],
    layer: () => layers.maxPool3d(),
    op: (x) => ops.maxPool3d(x, { poolSize: 2 }),
    name: "maxPooling3d_1",
  },
  averagePool3d: {
    input: [4, 5, 6, 2],
    layer: () => layers.averagePool3d({ poolSize: [1, 3, 2], strides: 2, padding: "same" }),
    op: (x) => ops.avgPool3d(x, { poolSize: [1, 3, 2], stride: 2, padding: "same" }),
    name: "averagePooling3d_1",
  },
  locallyConnected2d: {
    input: image,
    layer: () => layers.locallyConnected2d({ filters: 5, kernelSize: [2, 3], strides: 2, activation: "relu" }),
    op: (x, w, b) => ops.relu(ops.locallyConnected2d(x, tensor(w.data, [3, 2, 2, 3, 4, 5]), b, { stride: 2 })),
    name: "locallyConnected2d_1",
    parameters: { kernel: [6, 24, 5], bias: [3, 2, 5] },
  },
  depthwiseConv2d: {
    input: image,
    layer: () => layers.depthwiseConv2d({ kernelSize: 3, padding: "same", biasInitializer: "ones" }),
    op: (x, w, b) => ops.depthwiseConv2d(x, w, b, { padding: "same" }),
    name: "depthwiseConv2d_1",
    parameters: { depthwise_kernel: [3, 3, 4, 1], bias: [4] },
  },
  "depthwiseConv2d with every option": {
    input: image,
    layer: () =>
      layers.depthwiseConv2d({
        kernelSize: [2, 3],
        strides: [2, 1],
        padding: 1,
        dilationRate: [1, 2],
        depthMultiplier: 2,
        useBias: false,
        activation: "elu",
        depthwiseInitializer: "heNormal",
      }),
    op: (x, w) => ops.elu(ops.depthwiseConv2d(x, w, null, { stride: [2, 1], padding: 1, dilation: [1, 2] })),
    name: "depthwiseConv2d_1",
    parameters: { depthwise_kernel: [2, 3, 4, 2] },
  },
  separableConv2d: {
    input: image,
    layer: () => layers.separableConv2d({ filters: 5, kernelSize: 3, activation: "relu" }),
    op: (x, d, p, b) => ops.separableConv2d(x, d, p, b, { activation: "relu" }),
    name: "separableConv2d_1",
    parameters: { depthwise_kernel: [3, 3, 4, 1], pointwise_kernel: [1, 1, 4, 5], bias: [5] },
  },
  "separableConv2d with every option": {
    input: image,
    layer: () =>
      layers.separableConv2d({
        filters: 6,
        kernelSize: [2, 3],
        strides: 2,
        padding: [1, 0, 2, 1],
        dilationRate: [1, 2],
        depthMultiplier: 2,
        useBias: false,
        activation: "tanh",
        depthwiseInitializer: "heNormal",
        pointwiseInitializer: "ones",
      }),
    op: (x, d, p) => {
      const options = { stride: 2, padding: [1, 0, 2, 1], dilation: [1, 2] } as const;
      return ops.tanh(ops.separableConv2d(x, d, p, null, options));
    },
    name: "separableConv2d_1",
    parameters: { depthwise_kernel: [2, 3, 4, 2], pointwise_kernel: [1, 1, 8, 6] },
  },
  dense: {
    input: [10],
    layer: () => layers.dense({ units: 7, activation: "relu" }),
    op: (x, w, b) => ops.dense(x, w, b, { activation: "relu" }),
    name: "dense_1",
    parameters: { kernel: [10, 7], bias: [7] },
  },
  "dense on the last axis of an image": {
    input: image,
    layer: () => layers.dense({ units: 3, useBias: false, activation: "swish" }),
    op: (x, w) => tensor(ops.swish(ops.dense(tensor(x.data, [126, 4]), w)).data, [3, 7, 6, 3]),
    name: "dense_1",
    parameters: { kernel: [4, 3] },
  },
  maxPool1d: {
    input: [20, 3],
    layer: () => layers.maxPool1d(),
    op: (x) => ops.maxPool1d(x, { poolSize: 2 }),
    name: "maxPooling1d_1",
  },
  averagePool1d: {
    input: [20, 3],
    layer: () => layers.averagePool1d({ poolSize: 3, strides: 2, padding: "same", countIncludePad: true }),
    op: (x) => ops.avgPool1d(x, { poolSize: 3, stride: 2, padding: "same", countIncludePad: true }),
    name: "averagePooling1d_1",
  },
  globalMaxPool1d: {
    input: [20, 3],
    layer: () => layers.globalMaxPool1d(),
    op: (x) => ops.globalMaxPool1d(x),
    name: "globalMaxPooling1d_1",
  },
  globalAveragePool1d: {
    input: [20, 3],
    layer: () => layers.globalAveragePool1d(),
    op: (x) => ops.globalAveragePool1d(x),
    name: "globalAveragePooling1d_1",
  },
  maxPool2d: {
    input: image,
    layer: () => layers.maxPool2d(),
    op: (x) => ops.maxPool2d(x, { poolSize: 2 }),
    name: "maxPooling2d_1",
  },
  adaptiveAveragePool2d: {
    input: image,
    layer: () => layers.adaptiveAveragePool2d({ outputSize: [3, 4] }),
    op: (x) => ops.adaptiveAveragePool2d(x, [3, 4]),
    name: "adaptiveAveragePooling2d_1",
  },
  adaptiveMaxPool2d: {
    input: image,
    layer: () => layers.adaptiveMaxPool2d({ outputSize: 3 }),
    op: (x) => ops.adaptiveMaxPool2d(x, 3),
    name: "adaptiveMaxPooling2d_1",
  },
  lpPool2d: {
    input: image,
    layer: () => layers.lpPool2d({ strides: 1, p: 1 }),
    op: (x) => ops.lpPool2d(x, { poolSize: 2, stride: 1, p: 1 }),
    name: "lpPooling2d_1",
  },
  minPool2d: {
    input: image,
    layer: () => layers.minPool2d({ poolSize: 3, strides: [1, 2], padding: 1 }),
    op: (x) => ops.minPool2d(x, { poolSize: 3, stride: [1, 2], padding: 1 }),
    name: "minPooling2d_1",
  },
  averagePool2d: {
    input: image,
    layer: () =>
      layers.averagePool2d({ poolSize: 3, strides: 2, padding: "same", ceilMode: true, countIncludePad: true }),
    op: (x) => ops.avgPool2d(x, { poolSize: 3, stride: 2, padding: "same", ceilMode: true, countIncludePad: true }),
    name: "averagePooling2d_1",
  },
  globalMaxPool2d: {
    input: image,
    layer: () => layers.globalMaxPool2d(),
    op: (x) => ops.globalMaxPool2d(x),
    name: "globalMaxPooling2d_1",
  },
  globalAveragePool2d: {
    input: image,
    layer: () => layers.globalAveragePool2d(),
    op: (x) => ops.globalAveragePool2d(x),
    name: "globalAveragePooling2d_1",
  },
  elementwise: {
    input: image,
    layer: () => layers.elementwise({ operation: "add", operandInitializer: "randomNormal" }),
    op: (x, w) => ops.add(x, w),
    name: "elementwise_1",
    parameters: { operand: image },
  },
  "elementwise with every option": {
    input: image,
    layer: () =>
      layers.elementwise({
        operation: "divide",
        operandShape: [6, 1],
        operandFirst: true,
        operandInitializer: { name: "randomNormal", stddev: 2 },
      }),
    op: (x, w) => ops.div(w, x),
    name: "elementwise_1",
    parameters: { operand: [6, 1] },
  },
  reduce: {
    input: image,
    layer: () => layers.reduce({ reduction: "mean", axes: -1 }),
    op: (x) => ops.mean(x, { axes: -1 }),
    name: "reduce_1",
  },
  "reduce with every option": {
    input: image,
    layer: () => layers.reduce({ reduction: "max", axes: [1, -1], keepDims: true }),
    op: (x) => ops.max(x, { axes: [1, 3], keepDims: true }),
    name: "reduce_1",
  },
  "zeroPadding2d with a number": {
    input: image,
    layer: () => layers.zeroPadding2d({ padding: [1, 0, 2, 1], value: 1.5 }),
    op: (x) => ops.pad(x, [1, 0, 2, 1], { value: 1.5 }),
    name: "zeroPadding2d_1",
  },
  flatten: {
    input: image,
    layer: () => layers.flatten(),
    op: (x) => tensor(x.data.slice(), [3, 7 * 6 * 4]),
    name: "flatten_1",
  },
  reshape: {
    input: image,
    layer: () => layers.reshape({ targetShape: [14, 12] }),
    op: (x) => tensor(x.data.slice(), [3, 14, 12]),
    name: "reshape_1",
  },
  zeroPadding2d: {
    input: image,
    layer: () => layers.zeroPadding2d(),
    op: (x) => ops.pad(x, 1),
    name: "zeroPadding2d_1",
  },
  "zeroPadding2d by side": {
    input: image,
    layer: () => layers.zeroPadding2d({ padding: [0, 1, 2, 3] }),
    op: (x) => ops.pad(x, [0, 1, 2, 3]),
    name: "zeroPadding2d_1",
  },
  "zeroPadding2d by reflection": {
    input: image,
    layer: () => layers.zeroPadding2d({ padding: [2, 1], mode: "reflect" }),
    op: (x) => ops.pad(x, [2, 1], { mode: "reflect" }),
    name: "zeroPadding2d_1",
  },
  zeroPadding1d: {
    input: [20, 3],
    layer: () => layers.zeroPadding1d({ padding: [1, 2] }),
    op: (x) => tensor(ops.pad(tensor(x.data, [3, 1, 20, 3]), [0, 0, 1, 2]).data, [3, 23, 3]),
    name: "zeroPadding1d_1",
  },
  cropping1d: {
    input: [20, 3],
    layer: () => layers.cropping1d(),
    op: (x) => tensor(ops.pad(tensor(x.data, [3, 1, 20, 3]), [0, 0, -1, -1]).data, [3, 18, 3]),
    name: "cropping1d_1",
  },
  unitNormalization: {
    input: image,
    layer: () => layers.unitNormalization(),
    op: (x) => ops.unitNorm(x),
    name: "unitNormalization_1",
  },
  "unitNormalization of whole samples": {
    input: image,
    layer: () => layers.unitNormalization({ axis: [1, 2, 3] }),
    op: (x) => ops.unitNorm(x, { axis: [1, 2, 3] }),
    name: "unitNormalization_1",
  },
  rescaling: {
    input: image,
    layer: () => layers.rescaling({ scale: 1 / 3, offset: -1 }),
    op: (x) => ops.rescale(x, { scale: 1 / 3, offset: -1 }),
    name: "rescaling_1",
  },
  zeroPadding3d: {
    input: [3, 4, 5, 2],
    layer: () => layers.zeroPadding3d({ padding: [[2, 0], 1, [0, 3]] }),
    op: (x) => padVolume(x, [2, 0], [1, 1, 0, 3]),
    name: "zeroPadding3d_1",
  },
  "zeroPadding3d by edges": {
    input: [3, 4, 5, 2],
    layer: () => layers.zeroPadding3d({ mode: "edge" }),
    op: (x) => padVolume(x, [1, 1], [1, 1, 1, 1], "edge"),
    name: "zeroPadding3d_1",
  },
  cropping3d: {
    input: [3, 4, 5, 2],
    layer: () => layers.cropping3d({ cropping: [[0, 1], [2, 1], 2] }),
    op: (x) => padVolume(x, [0, -1], [-2, -1, -2, -2]),
    name: "cropping3d_1",
  },
  globalMaxPool3d: {
    input: [3, 4, 5, 2],
    layer: () => layers.globalMaxPool3d(),
    op: (x) => ops.globalMaxPool3d(x),
    name: "globalMaxPooling3d_1",
  },
  globalAveragePool3d: {
    input: [3, 4, 5, 2],
    layer: () => layers.globalAveragePool3d(),
    op: (x) => ops.globalAveragePool3d(x),
    name: "globalAveragePooling3d_1",
  },
  upSampling1d: {
    input: [20, 3],
    layer: () => layers.upSampling1d({ size: 3 }),
    op: (x) => tensor(ops.upsample2d(tensor(x.data, [3, 1, 20, 3]), [1, 3]).data, [3, 60, 3]),
    name: "upSampling1d_1",
  },
  upSampling3d: {
    input: [3, 4, 5, 2],
    layer: () => layers.upSampling3d({ size: [3, 1, 2] }),
    op: (x) => {
      const images = ops.upsample2d(tensor(x.data, [9, 4, 5, 2]), [1, 2]);
      return tensor(ops.upsample2d(tensor(images.data, [3, 3, 40, 2]), [3, 1]).data, [3, 9, 4, 10, 2]);
    },
    name: "upSampling3d_1",
  },
  cropping2d: {
    input: image,
    layer: () => layers.cropping2d({ cropping: [1, 2, 0, 1] }),
    op: (x) => ops.pad(x, [-1, -2, 0, -1]),
    name: "cropping2d_1",
  },
  "dropout, which drops nothing but in training": {
    input: image,
    layer: () => layers.dropout({ rate: 0.5 }),
    op: (x) => tensor(x.data, [3, ...image]),
    name: "dropout_1",
  },
  batchNormalization: {
    input: image,
    layer: () => layers.batchNormalization({ epsilon: 0.1 }),
    op: (x, gamma, beta, mean, variance) => ops.batchNorm(x, gamma, beta, mean, variance, { epsilon: 0.1 }),
    name: "batchNormalization_1",
    parameters: { gamma: [4], beta: [4], moving_mean: [4], moving_variance: [4] },
  },
  "activation with options": {
    input: image,
    layer: () => layers.activation({ activation: "elu", alpha: 0.5 }),
    op: (x) => ops.activation(x, "elu", { alpha: 0.5 }),
    name: "activation_1",
  },
  ...Object.fromEntries(
    ACTIVATION_NAMES.map((name) => [
      `activation ${name}`,
      { input: image, layer: () => layers.activation(name), op: (x) => eagerActivation(x, name), name: "activation_1" },
    ]),
  ),
};

function eagerActivation(x: Tensor, name: ActivationName): Tensor {
  if (name === "logSoftmax") return ops.logSoftmax(x);
  return name === "softmax" ? ops.softmax(x) : ops.activation(x, name);
}

/** A batch of three for a layer that stands alone in a model, and what it makes of it. */
function runAlone(layer: Layer, input: readonly number[]): { x: Tensor; y: Tensor; weights: Float32Array[] } {
  using model = sequential({ inputShape: input, seed: 3 }, [layer]);
  const x = tensor(new Random(5).floats(3 * input.reduce((a, b) => a * b, 1), -2, 2), [3, ...input]);
  const y = model.predict(x);
  expect([3, ...model.outputShape]).toEqual(y.shape);
  expect(layer.outputShape).toEqual(model.outputShape);
  return { x, y, weights: model.getWeights() };
}

describe("layers", () => {
  it.each(Object.entries(cases))("%s computes what its op does", async (_, { input, layer, op }) => {
    await leavesNothing(() =>
      scope(() => {
        const made = layer();
        const { x, y, weights } = runAlone(made, input);
        const before = x.data.slice();
        const expected = op(x, ...weights.map((data, i) => tensor(data, made.parameters[i].shape)));
        expect(y.shape).toEqual(expected.shape);
        expect(bitsOf([y.data])).toEqual(bitsOf([expected.data]));
        expect(x.data).toEqual(before);
      }),
    );
  });

  it.each(Object.entries(cases))(
    "%s has the names and shapes of Keras",
    (_, { input, layer, name, parameters = {} }) => {
      const made = layer();
      using model = sequential({ inputShape: input }, [made]);
      expect(made.name).toBe(name);
      const named = model.parameters.map((p) => [p.name, p.shape]);
      expect(named).toEqual(Object.entries(parameters).map(([key, shape]) => [`${name}/${key}`, shape]));
    },
  );

  it.each(Object.entries(cases))("%s comes back from its configuration as JSON", (_, { input, layer }) => {
    const made = layer();
    made.freeze();
    const { x, y } = runAlone(made, input);
    const { className, name, trainable } = made;
    const saved = JSON.parse(JSON.stringify({ className, name, trainable, config: made.config() }));
    const again = layerFrom("file", saved);
    expect({ name: again.name, trainable: again.trainable }).toEqual({ name, trainable: false });
    const second = runAlone(again, input);
    expect(bitsOf([second.y.data])).toEqual(bitsOf([y.data]));
    for (const used of [x, y, second.x, second.y]) used.dispose();
  });

  it("are numbered by kind, in the order they have", () => {
    const conv = () => layers.conv2d({ filters: 1, kernelSize: 1 });
    using model = sequential({ inputShape: [4, 4, 1] }, [
      conv(),
      layers.maxPool2d({ name: "pool" }),
      conv(),
      layers.flatten(),
    ]);
    expect(model.layers.map(({ name }) => name)).toEqual(["conv2d_1", "pool", "conv2d_2", "flatten_1"]);
  });

  it("start with Keras' initializers, and with those they are given", () => {
    using model = sequential({ inputShape: [5, 5, 3] }, [
      layers.conv2d({ filters: 8, kernelSize: 3 }),
      layers.flatten(),
      layers.dense({ units: 4, kernelInitializer: { name: "constant", value: 0.5 }, biasInitializer: "ones" }),
    ]);
    const [w, b, wd, bd] = model.getWeights();
    const limit = Math.sqrt(6 / (27 + 72));
    expect(Math.max(...w.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...w.map(Math.abs))).toBeGreaterThan(0.9 * limit);
    expect(new Set(b)).toEqual(new Set([0]));
    expect(new Set(wd)).toEqual(new Set([0.5]));
    expect(new Set(bd)).toEqual(new Set([1]));
  });

  it("draw weights that follow from seed and name", () => {
    const weights = (seed: number, name: string) => {
      using model = sequential({ inputShape: [6], seed }, [layers.dense({ units: 3, name })]);
      return model.getWeights();
    };
    expect(weights(1, "a")).toEqual(weights(1, "a"));
    expect(weights(2, "a")).not.toEqual(weights(1, "a"));
    expect(weights(1, "b")).not.toEqual(weights(1, "a"));
  });

  it("give their regularizers back as JSON", () => {
    const layer = layers.dense({ units: 2, kernelRegularizer: regularizers.l1l2({ l1: 0.5, l2: 0.25 }) });
    const config = JSON.parse(JSON.stringify(layer.config()));
    const again = layerFrom("file", { className: "Dense", name: "d", trainable: true, config });
    using model = sequential({ inputShape: [2] }, [again]);
    expect(model.parameters.map((p) => p.regularizer)).toEqual([{ l1: 0.5, l2: 0.25 }, undefined]);
  });
});

const conv = (options: object) => () => layers.conv2d({ filters: 4, kernelSize: 3, ...options });
const built = (inputShape: readonly number[], layer: () => Layer) => () => sequential({ inputShape }, [layer()]);
const activations = ACTIVATION_NAMES.map((name) => `"${name}"`).join(", ");

describe("options of layers", () => {
  refuses([
    [
      "an option by its name in ops",
      conv({ stride: 2 }),
      new ArgumentError(
        'conv2d: every option must be one of "filters", "groups", "precision", "algorithm", "kernelSize", "strides", "padding", "dilationRate", "activation", "useBias", "biasInitializer", "biasRegularizer", "kernelInitializer", "kernelRegularizer", "name", "trainable", got "stride"; did you mean "strides"?',
      ),
    ],
    [
      "slopes shared along channels alone",
      () => layers.prelu({ sharedAxes: [3] }),
      new ArgumentError("prelu: sharedAxes must be the first axes in order, as in [1, 2], got [3]"),
    ],
    [
      "slopes shared along more axes than there are",
      () => sequential({ inputShape: [4] }, [layers.prelu({ sharedAxes: [1, 2] })]),
      new ArgumentError("prelu_1: sharedAxes must be axes of [4], got [1,2]"),
    ],
    [
      "a softmax over the samples",
      () => sequential({ inputShape: [4] }, [layers.activation({ activation: "softmax", axis: 0 })]),
      new ArgumentError("activation_1: axis must be one of a sample, but 0 counts the samples"),
    ],
    [
      "a number for options",
      () => layers.maxPool2d(2 as never),
      new ArgumentError("maxPool2d: options must be an object such as { poolSize: ... }, got 2"),
    ],
    [
      "an option of another layer",
      () => layers.maxPool2d({ countIncludePad: true } as never),
      new ArgumentError(
        'maxPool2d: every option must be one of "poolSize", "strides", "padding", "ceilMode", "name", "trainable", got "countIncludePad"',
      ),
    ],
    ["no filters", conv({ filters: 0 }), new ArgumentError("conv2d: filters must be a whole number >= 1, got 0")],
    [
      "text as filters",
      conv({ filters: "8" }),
      new ArgumentError('conv2d: filters must be a whole number >= 1, got "8"'),
    ],
    [
      "a fractional kernel",
      conv({ kernelSize: [3, 2.5] }),
      new ArgumentError("conv2d: kernelSize must be a whole number >= 1 or [vertical, horizontal], got [3,2.5]"),
    ],
    [
      "a stride of 0",
      conv({ strides: 0 }),
      new ArgumentError("conv2d: strides must be a whole number >= 1 or [vertical, horizontal], got 0"),
    ],
    [
      "a dilation of NaN",
      conv({ dilationRate: Number.NaN }),
      new ArgumentError("conv2d: dilationRate must be a whole number >= 1 or [vertical, horizontal], got NaN"),
    ],
    ["half a group", conv({ groups: 0.5 }), new ArgumentError("conv2d: groups must be a whole number >= 1, got 0.5")],
    [
      "groups that do not divide the filters",
      conv({ groups: 3 }),
      new ArgumentError("conv2d: groups must divide the 4 filters, got 3"),
    ],
    [
      "groups that do not divide the channels",
      built([5, 5, 3], conv({ groups: 2 })),
      new ArgumentError("conv2d_1: groups must divide the 3 input channels, got 2"),
    ],
    [
      "negative padding",
      built([5, 5, 3], conv({ padding: -1 })),
      new ArgumentError(
        'conv2d_1: padding must be "valid", "same", a whole number >= 0, [vertical, horizontal] or [top, bottom, left, right], got -1',
      ),
    ],
    [
      "a kernel larger than the image",
      built([5, 2, 3], conv({ name: "first" })),
      new ShapeError(
        'first: kernel [3,3] does not fit the padded input [5,2] (width 2 + padding 0); use padding: "same" or a smaller kernel',
      ),
    ],
    ["a convolution of a row", built([5], conv({})), new ShapeError("conv2d_1: x must be samples [H,W,C], got [5]")],
    [
      "an unknown activation",
      conv({ activation: "rely" }),
      new ArgumentError(`conv2d: activation must be one of ${activations}, got "rely"; did you mean "relu"?`),
    ],
    [
      "an unknown initializer",
      conv({ kernelInitializer: "glorot" }),
      new ArgumentError(
        'conv2d: kernelInitializer must be one of "glorotUniform", "glorotNormal", "heUniform", "heNormal", "lecunUniform", "lecunNormal", "zeros", "ones", "randomUniform", "randomNormal", "constant", got "glorot"',
      ),
    ],
    [
      "an initializer's unknown option",
      conv({ biasInitializer: { name: "constant", valeu: 1 } }),
      new ArgumentError('conv2d: biasInitializer "constant" has value, got "valeu"'),
    ],
    [
      "a regularizer by name",
      conv({ kernelRegularizer: "l2" }),
      new ArgumentError('conv2d: kernelRegularizer must be regularizers.l1(), l2() or l1l2(), got "l2"'),
    ],
    [
      "a regularizer with half of its factors",
      () => layers.dense({ units: 1, biasRegularizer: { l2: 1 } as never }),
      new ArgumentError("dense: biasRegularizer must be regularizers.l1(), l2() or l1l2(), got Object"),
    ],
    [
      "a negative penalty",
      () => regularizers.l2(-1),
      new ArgumentError("l2: the factor must be a number >= 0, got -1"),
    ],
    [
      "a penalty that is no number",
      () => regularizers.l1l2({ l1: Number.NaN }),
      new ArgumentError("l1l2: the factor must be a number >= 0, got NaN"),
    ],
    [
      "half a multiplier",
      () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 0.5 }),
      new ArgumentError("depthwiseConv2d: depthMultiplier must be a whole number >= 1, got 0.5"),
    ],
    [
      "an unknown depthwise initializer, with the nearest",
      () => layers.depthwiseConv2d({ kernelSize: 3, depthwiseInitializer: "heNorma" as never }),
      new ArgumentError(
        'depthwiseConv2d: depthwiseInitializer must be one of "glorotUniform", "glorotNormal", "heUniform", "heNormal", "lecunUniform", "lecunNormal", "zeros", "ones", "randomUniform", "randomNormal", "constant", got "heNorma"; did you mean "heNormal"?',
      ),
    ],
    [
      "a depthwise regularizer that is none",
      () => layers.depthwiseConv2d({ kernelSize: 3, depthwiseRegularizer: 0.1 as never }),
      new ArgumentError("depthwiseConv2d: depthwiseRegularizer must be regularizers.l1(), l2() or l1l2(), got 0.1"),
    ],
    [
      "a rate of 1",
      () => layers.dropout({ rate: 1 }),
      new ArgumentError("dropout: rate must be a number from 0 up to, but not including, 1, got 1"),
    ],
    [
      "no rate",
      () => layers.dropout({} as never),
      new ArgumentError("dropout: rate must be a number from 0 up to, but not including, 1, got undefined"),
    ],
    [
      "a negative momentum",
      () => layers.batchNormalization({ momentum: -0.1 }),
      new ArgumentError("batchNormalization: momentum must be a number from 0 to 1, got -0.1"),
    ],
    [
      "an epsilon of 0",
      () => layers.batchNormalization({ epsilon: 0 }),
      new ArgumentError("batchNormalization: epsilon must be a finite number > 0, got 0"),
    ],
    [
      "no units",
      () => layers.dense({} as never),
      new ArgumentError("dense: units must be a whole number >= 1, got undefined"),
    ],
    [
      "a name that is no string",
      () => layers.flatten({ name: 5 as never }),
      new ArgumentError("layer: name must be a string, got 5"),
    ],
    [
      "an activation without a name",
      () => layers.activation(undefined as never),
      new ArgumentError(`activation: activation must be one of ${activations}, got undefined`),
    ],
    [
      "a negative slope of leakyRelu",
      () => layers.activation({ activation: "leakyRelu", negativeSlope: -1 }),
      new ArgumentError("activation: negativeSlope must be a finite number >= 0, got -1"),
    ],
    [
      "a pool of nothing",
      () => layers.maxPool2d({ poolSize: 0 }),
      new ArgumentError("maxPool2d: poolSize must be a whole number >= 1 or [vertical, horizontal], got 0"),
    ],
    [
      "a pool's fractional stride",
      () => layers.averagePool2d({ strides: 1.5 }),
      new ArgumentError("averagePool2d: strides must be a whole number >= 1 or [vertical, horizontal], got 1.5"),
    ],
    [
      "a pool larger than the image",
      built([2, 2, 1], () => layers.minPool2d({ poolSize: 3 })),
      new ShapeError(
        'minPooling2d_1: kernel [3,3] does not fit the padded input [2,2] (height 2 + padding 0); use padding: "same" or a smaller kernel',
      ),
    ],
    [
      "a pool of a row",
      built([4], () => layers.globalMaxPool2d()),
      new ShapeError("globalMaxPooling2d_1: x must be samples [H,W,C], got [4]"),
    ],
    [
      "a shape of 0",
      () => layers.reshape({ targetShape: [0] }),
      new ShapeError("reshape: targetShape must hold whole numbers >= 1, got [0]"),
    ],
    [
      "a shape of another size",
      built([4, 4, 1], () => layers.reshape({ targetShape: [3, 5] })),
      new ShapeError("reshape_1: targetShape [3,5] holds 15 elements, but the input [4,4,1] has 16"),
    ],
    [
      "half a cell of zeros",
      () => layers.zeroPadding2d({ padding: 0.5 }),
      new ArgumentError(
        "zeroPadding2d: padding must be a whole number >= 0, [vertical, horizontal] or [top, bottom, left, right], got 0.5",
      ),
    ],
    [
      "an unknown border",
      () => layers.zeroPadding2d({ mode: "mirror" as never }),
      new ArgumentError(
        'zeroPadding2d: mode must be one of "constant", "edge", "reflect", "symmetric", "wrap", got "mirror"',
      ),
    ],
    [
      "cropping all of an image",
      built([4, 4, 1], () => layers.cropping2d({ cropping: 2 })),
      new ShapeError("cropping2d_1: sides [-2,-2,-2,-2] leave nothing of x [4,4,1]"),
    ],
    [
      "cropping by what would add",
      () => layers.cropping1d({ cropping: -1 }),
      new ArgumentError("cropping1d: cropping must be a whole number >= 0 or [before, after], got -1"),
    ],
    [
      "the batch as an axis of a length",
      built([4], () => layers.unitNormalization({ axis: [0, 1] })),
      new ArgumentError("unitNormalization_1: axis must name the last axes, without the batch, got [0,1]"),
    ],
    [
      "faces that are not three",
      () => layers.zeroPadding3d({ padding: [1, 2] as never }),
      new ArgumentError(
        "zeroPadding3d: padding must be a whole number >= 0 or [depth, vertical, horizontal], each also [before, after], got [1,2]",
      ),
    ],
    [
      "half a face",
      () => layers.cropping3d({ cropping: [1, [0, 0.5], 1] }),
      new ArgumentError(
        "cropping3d: cropping must be a whole number >= 0 or [depth, vertical, horizontal], each also [before, after], got [1,[0,0.5],1]",
      ),
    ],
    [
      "an image of one axis too many, which would be a batch of images",
      () => sequential({ inputShape: [2, 4, 4, 1] }, [layers.maxPool2d()]),
      new ShapeError("maxPooling2d_1: x must be samples [H,W,C], got [2,4,4,1]"),
    ],
    [
      "a line whose batch would be an image",
      () => sequential({ inputShape: [6, 4] }, [layers.depthToSpace({ blockSize: 2 })]),
      new ShapeError("depthToSpace_1: x must be samples [H,W,C], got [6,4]"),
    ],
    [
      "zeros around an image as a volume",
      built([4, 4, 1], () => layers.zeroPadding3d()),
      new ShapeError("zeroPadding3d_1: x must be samples [D,H,W,C], got [4,4,1]"),
    ],
    [
      "a line half as long",
      () => layers.upSampling1d({ size: 0.5 }),
      new ArgumentError("upSampling1d: size must be a whole number >= 1, got 0.5"),
    ],
    [
      "a volume by two sizes",
      () => layers.upSampling3d({ size: [1, 2] as never }),
      new ArgumentError("upSampling3d: size must be a whole number >= 1 or [depth, vertical, horizontal], got [1,2]"),
    ],
    [
      "volumes between cells",
      () => layers.upSampling3d({ interpolation: "bilinear" } as never),
      new ArgumentError('upSampling3d: every option must be one of "size", "name", "trainable", got "interpolation"'),
    ],
    [
      "zeros around a row",
      built([4], () => layers.zeroPadding2d()),
      new ShapeError("zeroPadding2d_1: x must be samples [H,W,C], got [4]"),
    ],
  ]);
});

describe("options that a layer does not have", () => {
  const needed = {
    filters: 1,
    kernelSize: 1,
    units: 1,
    rate: 0,
    targetShape: [1],
    activation: "relu",
    outputSize: 1,
    dims: [1],
    blockSize: 1,
    height: 1,
    width: 1,
    axes: 1,
    stddev: 0,
    factor: 0,
    heightFactor: 0,
    widthFactor: 0,
    operation: "add",
    reduction: "max",
  };
  const taken: Readonly<Record<string, readonly (keyof typeof needed)[]>> = {
    activation: ["activation"],
    adaptiveAveragePool2d: ["outputSize"],
    adaptiveMaxPool2d: ["outputSize"],
    conv1d: ["filters", "kernelSize"],
    conv2d: ["filters", "kernelSize"],
    conv2dTranspose: ["filters", "kernelSize"],
    conv3d: ["filters", "kernelSize"],
    dense: ["units"],
    depthwiseConv2d: ["kernelSize"],
    depthToSpace: ["blockSize"],
    dot: ["axes"],
    elementwise: ["operation"],
    reduce: ["reduction", "axes"],
    alphaDropout: ["rate"],
    dropout: ["rate"],
    gaussianDropout: ["rate"],
    gaussianNoise: ["stddev"],
    spatialDropout1d: ["rate"],
    spatialDropout2d: ["rate"],
    permute: ["dims"],
    centerCrop: ["height", "width"],
    randomBrightness: ["factor"],
    randomContrast: ["factor"],
    randomCrop: ["height", "width"],
    randomRotation: ["factor"],
    randomTranslation: ["heightFactor", "widthFactor"],
    randomZoom: ["heightFactor"],
    resizing: ["height", "width"],
    spaceToDepth: ["blockSize"],
    locallyConnected2d: ["filters", "kernelSize"],
    reshape: ["targetShape"],
    separableConv2d: ["filters", "kernelSize"],
  };
  it.each(Object.entries(layers))("%s refuses", (name, make) => {
    const options = Object.fromEntries((taken[name] ?? []).map((option) => [option, needed[option]]));
    make({ ...options, name: "mine", trainable: false } as never);
    expect(() => make({ ...options, weights: 1 } as never)).toThrow(
      new RegExp(`^${name}: every option must be one of .*, got "weights"`),
    );
  });
});
