// ConvNetJS 0.3.0: double precision, one sample at a time; its Trainer accumulates 32 and then updates.
import { createRequire } from "node:module";

const { Net, Trainer, Vol } = createRequire(import.meta.url)("convnetjs");

const LAYERS = [
  { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
  { type: "conv", sx: 5, filters: 8, stride: 1, pad: 2, activation: "relu" },
  { type: "pool", sx: 2, stride: 2 },
  { type: "conv", sx: 5, filters: 16, stride: 1, pad: 2, activation: "relu" },
  { type: "pool", sx: 2, stride: 2 },
  { type: "softmax", num_classes: 10 },
];

export default { name: "convnetjs", create };

function create(spec) {
  if (spec.net !== "lenet") throw new Error(`written for lenet alone, not for ${spec.net}`);
  const net = new Net();
  net.makeLayers(LAYERS);
  const parametric = net.layers.filter((layer) => layer.filters);
  parametric.forEach((layer, i) => setWeights(layer, spec[`w${i + 1}`], spec[`b${i + 1}`]));
  const trainer = new Trainer(net, {
    method: "sgd",
    learning_rate: spec.lr,
    momentum: 0,
    l2_decay: 0,
    batch_size: spec.N,
  });
  const images = Array.from({ length: spec.N }, (_, n) => volume(spec.x.subarray(n * 784, (n + 1) * 784)));
  return {
    step() {
      const losses = images.map((image, n) => trainer.train(image, spec.labels[n]).cost_loss);
      return losses.reduce((sum, loss) => sum + loss, 0) / spec.N;
    },
    params() {
      const entries = parametric.flatMap((layer, i) => [
        [`w${i + 1}`, getWeights(layer)],
        [`b${i + 1}`, Float32Array.from(layer.biases.w)],
      ]);
      return Object.fromEntries(entries);
    },
  };
}

function volume(pixels) {
  const image = new Vol(28, 28, 1, 0);
  image.w.set(pixels);
  return image;
}

/** One filter per output, each in [KH,KW,C] order; ours is [KH,KW,C,K]. */
function setWeights(layer, w, b) {
  const K = layer.filters.length;
  layer.filters.forEach((filter, k) => {
    for (let i = 0; i < filter.w.length; i++) filter.w[i] = w[i * K + k];
    layer.biases.w[k] = b[k];
  });
}

function getWeights(layer) {
  const K = layer.filters.length;
  const w = new Float32Array(layer.filters[0].w.length * K);
  layer.filters.forEach((filter, k) => {
    for (let i = 0; i < filter.w.length; i++) w[i * K + k] = filter.w[i];
  });
  return w;
}
