// The standard set. Canonical layouts (adapters convert to their own, outside timing): activations NHWC,
// convolution weights HWIO, depthwise [KH,KW,C], dense [In,Out]. Every conv and dense has a bias and no activation; batch
// norm is that of inference, with epsilon 1e-3.
import { buildNet, NETS } from "./nets.mjs";
import { hashName, uniform } from "./rng.mjs";

export const WORKLOADS = [];

const outputSize = (size, k, s, p) => Math.floor((size + 2 * p - k) / s) + 1;

function conv(set, hw, cin, cout, k, s, p, n = 1) {
  const o = outputSize(hw, k, s, p);
  const batch = n > 1 ? ` b${n}` : "";
  WORKLOADS.push({
    set,
    type: "conv",
    name: `${set}/conv${k}x${k}s${s} ${hw}x${hw}x${cin}->${cout}${batch}`,
    ...{ N: n, H: hw, W: hw, C: cin, K: cout, KH: k, KW: k, S: s, P: p, OH: o, OW: o },
    macs: n * o * o * k * k * cin * cout,
  });
}

function depthwise(set, hw, c, s) {
  const o = outputSize(hw, 3, s, 1);
  WORKLOADS.push({
    set,
    type: "dwconv",
    name: `${set}/dw3x3s${s} ${hw}x${hw}x${c}`,
    ...{ N: 1, H: hw, W: hw, C: c, K: c, KH: 3, KW: 3, S: s, P: 1, OH: o, OW: o },
    macs: o * o * 9 * c,
  });
}

function pool(type, hw, c, k, s, p) {
  const o = outputSize(hw, k, s, p);
  WORKLOADS.push({
    set: "pool",
    type,
    name: `pool/${type}${k}x${k}s${s} ${hw}x${hw}x${c}`,
    ...{ N: 1, H: hw, W: hw, C: c, K: c, KH: k, KW: k, S: s, P: p, OH: o, OW: o },
    macs: o * o * k * k * c,
  });
}

/** An op on each element; `options` are further fields of the workload. */
function elementwise(type, name, options = {}) {
  const [hw, c] = [56, 256];
  WORKLOADS.push({
    set: type,
    type,
    name: `${type}/${name}${hw}x${hw}x${c}`,
    ...{ N: 1, H: hw, W: hw, C: c, K: c, OH: hw, OW: hw, macs: 0 },
    ...options,
  });
}

function dense(n, i, o) {
  WORKLOADS.push({ set: "dense", type: "dense", name: `dense/${i}x${o} b${n}`, N: n, In: i, Out: o, macs: n * i * o });
}

// ResNet-50 v1.5 (the stride sits in the 3x3): all distinct shapes, [size, in, out, kernel, stride, padding]
const RESNET50 = [
  [224, 3, 64, 7, 2, 3],
  [56, 64, 64, 1, 1, 0],
  [56, 64, 64, 3, 1, 1],
  [56, 64, 256, 1, 1, 0],
  [56, 256, 64, 1, 1, 0],
  [56, 256, 128, 1, 1, 0],
  [56, 128, 128, 3, 2, 1],
  [28, 128, 512, 1, 1, 0],
  [56, 256, 512, 1, 2, 0],
  [28, 512, 128, 1, 1, 0],
  [28, 128, 128, 3, 1, 1],
  [28, 512, 256, 1, 1, 0],
  [28, 256, 256, 3, 2, 1],
  [14, 256, 1024, 1, 1, 0],
  [28, 512, 1024, 1, 2, 0],
  [14, 1024, 256, 1, 1, 0],
  [14, 256, 256, 3, 1, 1],
  [14, 1024, 512, 1, 1, 0],
  [14, 512, 512, 3, 2, 1],
  [7, 512, 2048, 1, 1, 0],
  [14, 1024, 2048, 1, 2, 0],
  [7, 2048, 512, 1, 1, 0],
  [7, 512, 512, 3, 1, 1],
];
for (const [hw, cin, cout, k, s, p] of RESNET50) conv("resnet50", hw, cin, cout, k, s, p);

// VGG-16: all 3x3, stride 1, padding 1; [size, in, out]
const VGG16 = [
  [224, 3, 64],
  [224, 64, 64],
  [112, 64, 128],
  [112, 128, 128],
  [56, 128, 256],
  [56, 256, 256],
  [28, 256, 512],
  [28, 512, 512],
  [14, 512, 512],
];
for (const [hw, cin, cout] of VGG16) conv("vgg16", hw, cin, cout, 3, 1, 1);

// MobileNetV2 (1.0, 224): the stem, depthwise [size, channels, stride], pointwise [size, in, out]
const MBV2_DEPTHWISE = [
  [112, 32, 1],
  [112, 96, 2],
  [56, 144, 1],
  [56, 144, 2],
  [28, 192, 1],
  [28, 192, 2],
  [14, 384, 1],
  [14, 576, 1],
  [14, 576, 2],
  [7, 960, 1],
];
const MBV2_POINTWISE = [
  [112, 32, 16],
  [112, 16, 96],
  [56, 96, 24],
  [56, 24, 144],
  [56, 144, 24],
  [28, 144, 32],
  [28, 32, 192],
  [28, 192, 32],
  [14, 192, 64],
  [14, 64, 384],
  [14, 384, 64],
  [14, 384, 96],
  [14, 96, 576],
  [14, 576, 96],
  [7, 576, 160],
  [7, 160, 960],
  [7, 960, 160],
  [7, 960, 320],
  [7, 320, 1280],
];
conv("mbv2", 224, 3, 32, 3, 2, 1);
for (const [hw, c, s] of MBV2_DEPTHWISE) depthwise("mbv2", hw, c, s);
for (const [hw, cin, cout] of MBV2_POINTWISE) conv("mbv2", hw, cin, cout, 1, 1, 0);

// LeNet-5 (batch 32) and the first layer of AlexNet
conv("lenet5", 32, 1, 6, 5, 1, 0, 32);
conv("lenet5", 14, 6, 16, 5, 1, 0, 32);
conv("alexnet", 227, 3, 96, 11, 4, 0);

pool("maxpool", 112, 64, 3, 2, 1);
pool("maxpool", 224, 64, 2, 2, 0);
pool("avgpool", 7, 2048, 7, 1, 0);

dense(1, 2048, 1000);
dense(32, 2048, 1000);
dense(1, 4096, 4096);
dense(32, 4096, 4096);

WORKLOADS.push({ set: "softmax", type: "softmax", name: "softmax/1000 b32", N: 32, C: 1000, macs: 32000 });
WORKLOADS.push({
  set: "pad",
  type: "pad",
  name: "pad/224x224x64 by 1",
  ...{ N: 1, H: 224, W: 224, C: 64, K: 64, P: 1, OH: 226, OW: 226 },
  macs: 0,
});

for (const act of ["relu", "relu6", "sigmoid", "tanh", "swish"]) elementwise("activation", `${act} `, { act });
elementwise("add", "");
elementwise("batchnorm", "", { epsilon: 1e-3 });

for (const net of Object.keys(NETS)) {
  WORKLOADS.push({ set: "net", type: "net", name: `net/${net}`, net, macs: buildNet(net).macs });
}

/**
 * The fixed data { x, w, b } of a workload, in the canonical layouts; networks: { x, graph }, add: { x, x2 }, batch norm:
 * { x, gamma, beta, mean, variance }.
 */
export function makeData(w) {
  const seed = hashName(w.name);
  const image = () => uniform(w.N * w.H * w.W * w.C, seed);
  const weights = (fanIn, fanOut) => uniform(fanIn * fanOut, seed + 1, Math.sqrt(3 / fanIn));
  switch (w.type) {
    case "conv":
      return { x: image(), w: weights(w.KH * w.KW * w.C, w.K), b: uniform(w.K, seed + 2) };
    case "dwconv":
      return { x: image(), w: uniform(w.KH * w.KW * w.C, seed + 1, 0.5), b: uniform(w.K, seed + 2) };
    case "dense":
      return { x: uniform(w.N * w.In, seed), w: weights(w.In, w.Out), b: uniform(w.Out, seed + 2) };
    case "softmax":
      return { x: uniform(w.N * w.C, seed, 4) };
    case "activation":
      return { x: uniform(w.N * w.H * w.W * w.C, seed, 4) };
    case "add":
      return { x: image(), x2: uniform(w.N * w.H * w.W * w.C, seed + 1) };
    case "batchnorm": {
      const [gamma, beta, mean, spread] = [1, 2, 3, 4].map((i) => uniform(w.C, seed + i));
      return { x: image(), gamma, beta, mean, variance: spread.map((value) => value + 1.5) };
    }
    case "net":
      return netData(w.net, seed);
    default: // maxpool, avgpool, pad
      return { x: image() };
  }
}

function netData(net, seed) {
  const graph = buildNet(net, true);
  const size = graph.inputShape.reduce((a, b) => a * b);
  return { graph, x: uniform(size, seed) };
}
