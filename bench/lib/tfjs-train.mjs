// Shared by the tfjs training contenders: the networks of train-specs.mjs, tf.train.sgd.

/** { params: shapes by name, logits: (tf, p, x, conv) => Tensor } of each network. */
const NETWORKS = {
  lenet: {
    shape: [28, 28, 1],
    params: { w1: [5, 5, 1, 8], b1: [8], w2: [5, 5, 8, 16], b2: [16], w3: [784, 10], b3: [10] },
    logits(tf, p, x, conv) {
      const block = (h, w, b, needDx) => tf.maxPool(tf.relu(tf.add(conv(h, w, needDx), b)), 2, 2, "valid");
      const h = block(block(x, p.w1, p.b1, false), p.w2, p.b2, true);
      return tf.add(tf.matMul(tf.reshape(h, [-1, 784]), p.w3), p.b3);
    },
  },
  "resnet-block": {
    shape: [28, 28, 64],
    params: {
      ...{ w1: [3, 3, 64, 64], gamma1: [64], beta1: [64], w2: [3, 3, 64, 64], gamma2: [64], beta2: [64] },
      ...{ w3: [64, 10], b3: [10] },
    },
    logits(tf, p, x, conv, { epsilon }) {
      // As tf.layers does it in training.
      const norm = (h, gamma, beta) => {
        const { mean, variance } = tf.moments(h, [0, 1, 2]);
        return tf.batchNorm(h, mean, variance, beta, gamma, epsilon);
      };
      const h1 = tf.relu(norm(conv(x, p.w1, false), p.gamma1, p.beta1));
      const h2 = norm(conv(h1, p.w2, true), p.gamma2, p.beta2);
      return tf.add(tf.matMul(tf.mean(tf.relu(tf.add(h2, x)), [1, 2]), p.w3), p.b3);
    },
  },
};

/**
 * @param tf the union package, which registers the gradients
 * @param {{ name, backend: string, init, conv?: (x, w, needDx: boolean) => Tensor }} options conv: stride 1, "same"
 */
export function tfjsTrain(tf, { name, backend, init, conv = (x, w) => tf.conv2d(x, w, 1, "same") }) {
  return {
    name,
    init,
    activate: () => tf.setBackend(backend),
    async create(spec) {
      const { shape, params: shapes, logits } = NETWORKS[spec.net];
      const named = Object.entries(shapes).map(([key, each]) => [key, tf.variable(tf.tensor(spec[key], each))]);
      const params = Object.fromEntries(named);
      const x = tf.tensor(spec.x, [spec.N, ...shape]);
      const y = tf.cast(tf.oneHot(tf.tensor1d(spec.labels, "int32"), 10), "float32");
      const optimizer = tf.train.sgd(spec.lr);
      const loss = () => tf.losses.softmaxCrossEntropy(y, logits(tf, params, x, conv, spec));
      return {
        step() {
          const value = optimizer.minimize(loss, true);
          const number = value.dataSync()[0];
          value.dispose();
          return number;
        },
        params() {
          const values = Object.entries(params).map(([key, tensor]) => [key, tensor.dataSync().slice()]);
          return Object.fromEntries(values);
        },
      };
    },
  };
}
