// Shared by the tfjs training contenders: the network of train.mjs, tf.train.sgd.

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
      const variable = (data, shape) => tf.variable(tf.tensor(data, shape));
      const params = {
        w1: variable(spec.w1, [5, 5, 1, 8]),
        b1: variable(spec.b1, [8]),
        w2: variable(spec.w2, [5, 5, 8, 16]),
        b2: variable(spec.b2, [16]),
        w3: variable(spec.w3, [784, 10]),
        b3: variable(spec.b3, [10]),
      };
      const x = tf.tensor(spec.x, [spec.N, 28, 28, 1]);
      const y = tf.cast(tf.oneHot(tf.tensor1d(spec.labels, "int32"), 10), "float32");
      const optimizer = tf.train.sgd(spec.lr);

      const block = (h, w, b, needDx) => tf.maxPool(tf.relu(tf.add(conv(h, w, needDx), b)), 2, 2, "valid");
      const loss = () => {
        const h1 = block(x, params.w1, params.b1, false);
        const h2 = block(h1, params.w2, params.b2, true);
        const logits = tf.add(tf.matMul(tf.reshape(h2, [spec.N, 784]), params.w3), params.b3);
        return tf.losses.softmaxCrossEntropy(y, logits);
      };
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
