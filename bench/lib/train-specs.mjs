// The networks of train.mjs: what a contender's create() gets. Weights are HWIO, [in, out] for dense layers, those of
// LeNet's with rows in NHWC order; the data are the same everywhere.
import { rng, uniform } from "./rng.mjs";

const CLASSES = 10;

function labels(n) {
  const random = rng(99);
  return Int32Array.from({ length: n }, () => Math.floor(random() * CLASSES));
}

const ones = (n) => new Float32Array(n).fill(1);

export const SPECS = {
  /** 28x28x1 -> conv 5x5x8 same, relu, maxpool 2 -> conv 5x5x16 same, relu, maxpool 2 -> dense 10 -> softmax CE */
  lenet() {
    const N = 32;
    return {
      net: "lenet",
      N,
      lr: 0.05,
      x: uniform(N * 28 * 28, 1).map(Math.abs),
      labels: labels(N),
      w1: uniform(25 * 8, 2, 0.35),
      b1: new Float32Array(8),
      w2: uniform(25 * 8 * 16, 3, 0.17),
      b2: new Float32Array(16),
      w3: uniform(784 * CLASSES, 4, 0.06),
      b3: new Float32Array(CLASSES),
      macsForward: N * (28 * 28 * 25 * 8 + 14 * 14 * 25 * 8 * 16 + 784 * CLASSES),
    };
  },
  /**
   * x [28,28,64] -> conv 3x3x64 same, batch norm, relu -> conv 3x3x64 same, batch norm -> add x, relu -> global average
   * -> dense 10 -> softmax CE; no biases in the convolutions, epsilon of the batch norms 1e-3
   */
  "resnet-block"() {
    const [N, C] = [8, 64];
    const kernel = (seed) => uniform(9 * C * C, seed, Math.sqrt(6 / (9 * C)));
    return {
      net: "resnet-block",
      N,
      lr: 0.05,
      epsilon: 1e-3,
      x: uniform(N * 28 * 28 * C, 1),
      labels: labels(N),
      w1: kernel(2),
      gamma1: ones(C),
      beta1: new Float32Array(C),
      w2: kernel(3),
      gamma2: ones(C),
      beta2: new Float32Array(C),
      w3: uniform(C * CLASSES, 4, 0.3),
      b3: new Float32Array(CLASSES),
      macsForward: N * (2 * 28 * 28 * 9 * C * C + C * CLASSES),
    };
  },
};
