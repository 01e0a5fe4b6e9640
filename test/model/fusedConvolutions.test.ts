import { describe, it } from "vitest";
import {
  input as graphInput,
  type Layer,
  layers,
  model,
  ops,
  sequential,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { expectClose } from "../support/close.ts";
import { Random } from "../support/random.ts";

/** Folding a batch norm into weights rounds otherwise. */
const TOLERANCE = { relative: 1e-4, absolute: 1e-4 };

interface FoldCase {
  readonly shape: readonly number[];
  readonly layer: () => Layer;
  readonly op: (x: Tensor, w: Tensor, b: Tensor) => Tensor;
}

const cases: Record<string, FoldCase> = {
  conv1d: {
    shape: [20, 3],
    layer: () => layers.conv1d({ filters: 5, kernelSize: 3 }),
    op: (x, w, b) => ops.conv1d(x, w, b),
  },
  conv3d: {
    shape: [4, 6, 5, 3],
    layer: () => layers.conv3d({ filters: 5, kernelSize: 3, padding: "same" }),
    op: (x, w, b) => ops.conv3d(x, w, b, { padding: "same" }),
  },
  conv2dTranspose: {
    shape: [6, 5, 3],
    layer: () => layers.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 3 }),
    op: (x, w, b) => ops.conv2dTranspose(x, w, b, { stride: 3 }),
  },
};

describe("a batch norm and an activation behind", () => {
  it.each(Object.entries(cases))("%s come to what they are one after the other", (_, { shape, layer, op }) => {
    const convolution = layer();
    const list = [convolution, layers.batchNormalization(), layers.activation("relu")];
    using net = sequential({ inputShape: shape, seed: 2 }, list);
    const random = new Random(3);
    net.setWeights(net.getWeights().map((w, i) => random.floats(w.length, i > 1 ? 0.5 : -1, 1.5)));
    const x = tensor(random.floats(2 * shape.reduce((a, b) => a * b, 1)), [2, ...shape]);
    const [w, b, ...norm] = net.parameters.map((parameter, i) => tensor(net.getWeights()[i], parameter.shape));
    const y = op(x, w, b);
    const rows = tensor(y.data, [y.size / 5, 5]);
    const [gamma, beta, mean, variance] = norm;
    const expected = ops.relu(ops.batchNorm(rows, gamma, beta, mean, variance, { epsilon: 1e-3 }));
    expectClose(net.predict(x).data, expected.data, TOLERANCE);
  });
});

it("a transposed convolution adds to the other side of a residual sum, also where none of its taps reach", () => {
  const x = graphInput({ shape: [4, 5, 3] });
  const large = layers.upSampling2d({ size: 3 })(x);
  const spread = layers.conv2dTranspose({
    filters: 3,
    kernelSize: 2,
    strides: 3,
    outputPadding: 1,
    biasInitializer: "ones",
  });
  using net = model({ inputs: x, outputs: layers.activation("relu")(layers.add()([large, spread(x)])), seed: 4 });
  const data = tensor(new Random(5).floats(2 * 60), [2, 4, 5, 3]);
  const [w, b] = net.getWeights().map((values, i) => tensor(values, net.parameters[i].shape));
  const sum = ops.add(ops.upsample2d(data, 3), ops.conv2dTranspose(data, w, b, { stride: 3, outputPadding: 1 }));
  expectClose(net.predict(data).data, ops.relu(sum).data, TOLERANCE);
});

it("a volume's convolution adds to the other side of a residual sum", () => {
  const x = graphInput({ shape: [4, 5, 6, 3] });
  const convolution = layers.conv3d({ filters: 3, kernelSize: 3, padding: "same", biasInitializer: "ones" });
  using net = model({ inputs: x, outputs: layers.activation("relu")(layers.add()([x, convolution(x)])), seed: 4 });
  const data = tensor(new Random(5).floats(2 * 360), [2, 4, 5, 6, 3]);
  const [w, b] = net.getWeights().map((values, i) => tensor(values, net.parameters[i].shape));
  const sum = ops.add(data, ops.conv3d(data, w, b, { padding: "same" }));
  expectClose(net.predict(data).data, ops.relu(sum).data, TOLERANCE);
});

it("zeros along a line become padding of the convolution behind them", () => {
  using net = sequential({ inputShape: [9, 2], seed: 1 }, [
    layers.zeroPadding1d({ padding: [2, 1] }),
    layers.conv1d({ filters: 4, kernelSize: 3 }),
  ]);
  const data = tensor(new Random(6).floats(36), [2, 9, 2]);
  const [w, b] = net.getWeights().map((values, i) => tensor(values, net.parameters[i].shape));
  expectClose(net.predict(data).data, ops.conv1d(data, w, b, { padding: [2, 1] }).data, TOLERANCE);
});
