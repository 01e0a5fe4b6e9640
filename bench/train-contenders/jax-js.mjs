// @jax-js/jax, wasm device: valueAndGrad of the loss, SGD by hand, NCHW / OIHW.
// Eager is faster than jit() here, since jit fuses the padding into the conv (JAX_MODE=jit to see).
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { flatRows, hwio2oihw, oihw2hwio, unflatRows } from "../lib/layout.mjs";

const FLAT = [7, 7, 16]; // H, W, C before the dense layer
const array = (data, shape) => np.array(Float32Array.from(data)).reshape(shape);
const referenced = (params) => mapValues(params, (param) => param.ref);

export default {
  name: "jax-js",
  async init() {
    await init("wasm");
    defaultDevice("wasm");
  },
  create,
};

async function create(spec) {
  if (spec.net !== "lenet") throw new Error(`written for lenet alone, not for ${spec.net}`);
  const x = array(spec.x, [spec.N, 1, 28, 28]);
  const y = array(oneHot(spec.labels), [spec.N, 10]);
  const gradient = valueAndGrad((params, x, y) => loss(params, x, y, spec.N));
  const lossAndGradient = process.env.JAX_MODE === "jit" ? jit(gradient) : gradient;
  let params = {
    w1: array(hwio2oihw(spec.w1, 5, 5, 1, 8), [8, 1, 5, 5]),
    b1: array(spec.b1, [8]),
    w2: array(hwio2oihw(spec.w2, 5, 5, 8, 16), [16, 8, 5, 5]),
    b2: array(spec.b2, [16]),
    w3: array(flatRows(spec.w3, FLAT, 10), [784, 10]),
    b3: array(spec.b3, [10]),
  };
  return {
    async step() {
      const [value, gradients] = lossAndGradient(referenced(params), x.ref, y.ref);
      const updated = {};
      for (const key in gradients) {
        updated[key] = await params[key].sub(gradients[key].mul(spec.lr)).blockUntilReady();
      }
      params = updated;
      return (await value.data())[0];
    },
    async params() {
      const values = {};
      for (const key in params) values[key] = await params[key].ref.data();
      return {
        ...values,
        w1: oihw2hwio(values.w1, 5, 5, 1, 8),
        w2: oihw2hwio(values.w2, 5, 5, 8, 16),
        w3: unflatRows(values.w3, FLAT, 10),
      };
    },
  };
}

function loss(params, x, y, N) {
  const h1 = block(x, params.w1, params.b1, 8, 28);
  const h2 = block(h1, params.w2, params.b2, 16, 14);
  const logits = np.dot(h2.reshape([N, 784]), params.w3).add(params.b3);
  const scale = -1 / N;
  return nn.logSoftmax(logits, -1).mul(y).sum().mul(scale);
}

/** Convolution, bias, relu, 2x2 max pooling of an image of `size` x `size`. */
function block(h, w, b, channels, size) {
  const padding = [
    [2, 2],
    [2, 2],
  ];
  const y = nn.relu(lax.convGeneralDilated(h, w, [1, 1], padding).add(b.reshape([1, channels, 1, 1])));
  return y.reshape([-1, channels, size / 2, 2, size / 2, 2]).max([3, 5]);
}

function oneHot(labels) {
  const y = new Float32Array(labels.length * 10);
  labels.forEach((label, i) => {
    y[i * 10 + label] = 1;
  });
  return y;
}

function mapValues(object, fn) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fn(value)]));
}
