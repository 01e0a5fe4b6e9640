// Every class that loadKeras knows, one by one, against TensorFlow.js, which also writes the files.
import { describe, expect, it } from "vitest";
import { KERAS_CLASSES } from "../../src/io/keras/classes.ts";
import { loadKeras } from "../../src/io/keras/index.ts";
import { noise, relativeError } from "./support/compare.mjs";
import { keras, tf, tfjsRun, useBackend } from "./support/peers.mjs";

await useBackend("cpu");

const { layers } = keras;
const IMAGE = [9, 8, 6];

/** A layer, and the shape of its input. */
const on = (layer, shape = IMAGE) => ({ layers: [layer], shape });
const conv = { filters: 4, kernelSize: 3 };

/** One layer behind another that gives it two inputs. */
const merging = (merge, shape = IMAGE) => ({ merge, shape });

const CASES = {
  Activation: Object.fromEntries(
    [
      "relu",
      "relu6",
      "elu",
      "selu",
      "sigmoid",
      "hardSigmoid",
      "tanh",
      "softplus",
      "softsign",
      "softmax",
      "swish",
      "mish",
      "gelu",
      "gelu_new",
      "linear",
    ].map((activation) => [activation, on(layers.activation({ activation }))]),
  ),
  Add: { two: merging(layers.add()) },
  AlphaDropout: { inference: on(layers.alphaDropout({ rate: 0.3 })) },
  Average: { two: merging(layers.average()) },
  AveragePooling1D: { plain: on(layers.averagePooling1d({ poolSize: 3, strides: 2 }), [17, 4]) },
  AveragePooling2D: { same: on(layers.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })) },
  AveragePooling3D: { plain: on(layers.averagePooling3d({ poolSize: 2 }), [4, 6, 8, 3]) },
  BatchNormalization: {
    plain: on(layers.batchNormalization({ epsilon: 0.01 })),
    "without scale": on(layers.batchNormalization({ scale: false })),
    "without center": on(layers.batchNormalization({ center: false })),
  },
  Concatenate: { channels: merging(layers.concatenate()), rows: merging(layers.concatenate({ axis: 1 })) },
  Conv1D: {
    same: on(layers.conv1d({ ...conv, padding: "same", strides: 2 }), [17, 4]),
  },
  Conv2D: {
    same: on(layers.conv2d({ ...conv, padding: "same", strides: 2, activation: "relu" })),
    "without bias": on(layers.conv2d({ ...conv, useBias: false })),
    dilated: on(layers.conv2d({ ...conv, dilationRate: 2 })),
    "old hard sigmoid": on(layers.conv2d({ ...conv, activation: "hardSigmoid" })),
    softmax: on(layers.conv2d({ ...conv, activation: "softmax" })),
    regularized: on(layers.conv2d({ ...conv, kernelRegularizer: keras.regularizers.l2({ l2: 0.01 }) })),
  },
  Conv2DTranspose: {
    same: on(layers.conv2dTranspose({ ...conv, strides: 2, padding: "same" })),
    valid: on(layers.conv2dTranspose({ ...conv, strides: 3 })),
  },
  Conv3D: { same: on(layers.conv3d({ ...conv, padding: "same" }), [4, 5, 6, 3]) },
  Cropping2D: {
    sides: on(
      layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 3],
        ],
      }),
    ),
  },
  Dense: { vector: on(layers.dense({ units: 5, activation: "tanh" }), [12]), image: on(layers.dense({ units: 5 })) },
  DepthwiseConv2D: {
    same: on(layers.depthwiseConv2d({ kernelSize: 3, padding: "same", strides: 2 })),
    multiplier: on(layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })),
  },
  Dot: { vectors: merging(layers.dot({ axes: -1 }), [7]) },
  Dropout: { inference: on(layers.dropout({ rate: 0.3 })) },
  ELU: { usual: on(layers.elu()) },
  Flatten: { image: on(layers.flatten()) },
  GaussianDropout: { inference: on(layers.gaussianDropout({ rate: 0.3 })) },
  GaussianNoise: { inference: on(layers.gaussianNoise({ stddev: 0.3 })) },
  GlobalAveragePooling1D: { line: on(layers.globalAveragePooling1d(), [17, 4]) },
  GlobalAveragePooling2D: { image: on(layers.globalAveragePooling2d({})) },
  GlobalMaxPooling1D: { line: on(layers.globalMaxPooling1d(), [17, 4]) },
  GlobalMaxPooling2D: { image: on(layers.globalMaxPooling2d({})) },
  LayerNormalization: { plain: on(layers.layerNormalization({})) },
  LeakyReLU: { alpha: on(layers.leakyReLU({ alpha: 0.1 })), usual: on(layers.leakyReLU()) },
  MaxPooling1D: { same: on(layers.maxPooling1d({ poolSize: 3, strides: 2, padding: "same" }), [17, 4]) },
  MaxPooling2D: {
    same: on(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })),
    usual: on(layers.maxPooling2d({})),
  },
  MaxPooling3D: { plain: on(layers.maxPooling3d({ poolSize: 2 }), [4, 6, 8, 3]) },
  Maximum: { two: merging(layers.maximum()) },
  Minimum: { two: merging(layers.minimum()) },
  Multiply: { two: merging(layers.multiply()) },
  Permute: { dims: on(layers.permute({ dims: [3, 1, 2] })) },
  PReLU: { shared: on(layers.prelu({ sharedAxes: [1, 2] })), plain: on(layers.prelu({}), [7]) },
  ReLU: { limited: on(layers.reLU({ maxValue: 6 })), plain: on(layers.reLU()) },
  Rescaling: { both: on(layers.rescaling({ scale: 1 / 127.5, offset: -1 })) },
  Reshape: { image: on(layers.reshape({ targetShape: [8, 9, 6] })) },
  SeparableConv2D: { same: on(layers.separableConv2d({ ...conv, padding: "same" })) },
  Softmax: { vector: on(layers.softmax(), [7]) },
  SpatialDropout1D: { inference: on(layers.spatialDropout1d({ rate: 0.3 }), [17, 4]) },
  ThresholdedReLU: { theta: on(layers.thresholdedReLU({ theta: 0.3 })) },
  UpSampling2D: {
    nearest: on(layers.upSampling2d({ size: [2, 3] })),
    bilinear: on(layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" })),
  },
  ZeroPadding2D: {
    sides: on(
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
    ),
    number: on(layers.zeroPadding2d({ padding: 2 })),
  },
};

/** Classes that TensorFlow.js does not have or does not run; test/io holds them against layers of striate. */
const NOT_THERE = ["Cropping1D", "GroupNormalization", "Resizing", "SpatialDropout2D", "Subtract", "ZeroPadding1D"];

async function written({ layers: chain, merge, shape }) {
  const x = keras.input({ shape });
  const y =
    merge === undefined
      ? chain.reduce((value, layer) => layer.apply(value), x)
      : merge.apply([x, layers.activation({ activation: "tanh" }).apply(x)]);
  const model = keras.model({ inputs: x, outputs: y });
  model.setWeights(
    model.getWeights().map((w, i) =>
      tf.tensor(
        noise(w.size, i + 2).map((v) => Math.abs(v) + 0.05),
        w.shape,
      ),
    ),
  );
  let artifacts;
  await model.save({
    save: async (made) => {
      artifacts = made;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    },
  });
  const { modelTopology, weightSpecs, weightData } = artifacts;
  return {
    model,
    json: { modelTopology, weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }] },
    weightData,
  };
}

describe.each(Object.entries(CASES))("%s", (_, cases) => {
  it.each(Object.entries(cases))("%s", async (_name, described) => {
    const { model, json, weightData } = await written(described);
    const own = await loadKeras(JSON.parse(JSON.stringify(json)), weightData);
    const shape = [2, ...described.shape];
    const x = noise(shape.reduce((a, b) => a * b, 1));
    const y = own.predict(x);
    const [expected] = tfjsRun(model, x, shape);
    expect(y.shape).toEqual(expected.shape);
    expect(relativeError(y.data, expected.data)).toBeLessThan(3e-6);
    y.dispose();
    own.dispose();
  });
});

it("no class is left out", () => {
  expect(KERAS_CLASSES.filter((name) => !(name in CASES))).toEqual(NOT_THERE);
});
