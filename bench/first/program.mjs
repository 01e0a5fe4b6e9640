// One process of first.mjs: node program.mjs NETWORK [warm]; prints the milliseconds of building, of the first predict
// and of later ones as JSON. With "warm", model.warmUp() comes before the first predict.
import { init, layers, sequential, tensor, zeros } from "striate";

/** { shape, stack }: the input of one sample and its layers. */
const NETWORKS = {
  conv: () => ({ shape: [56, 56, 64], stack: [layers.conv2d({ filters: 64, kernelSize: 3, padding: "same" })] }),
  mobilenet: () => ({ shape: [224, 224, 3], stack: mobilenet() }),
};

/** Stem, then pairs of depthwise and pointwise convolution as in MobileNet, [channels, stride]. */
function mobilenet() {
  const relu6 = { padding: "same", activation: "relu6" };
  const pair = ([filters, strides]) => [
    layers.depthwiseConv2d({ kernelSize: 3, strides, ...relu6 }),
    layers.conv2d({ filters, kernelSize: 1, ...relu6 }),
  ];
  const pairs = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ];
  return [
    layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, ...relu6 }),
    ...pairs.flatMap(pair),
    layers.globalAveragePool2d(),
    layers.dense({ units: 1000, activation: "softmax" }),
  ];
}

const LATER_MS = 1500;
const LATER_RUNS = 30;

const [name, warm] = process.argv.slice(2);
await init();
const { shape, stack } = NETWORKS[name]();
const { result: model, ms: build } = timed(() => sequential({ inputShape: shape }, stack));
const x = tensor(new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5), [1, ...shape]);
const into = zeros([1, ...model.outputShape]);
const warmUp = warm === "warm" ? await timedAsync(() => model.warmUp()) : 0;
const first = timed(() => model.predict(x, { into })).ms;
const later = [];
for (const start = performance.now(); performance.now() - start < LATER_MS || later.length < LATER_RUNS; ) {
  later.push(timed(() => model.predict(x, { into })).ms);
}
console.log(JSON.stringify({ build, warmUp, first, later }));
process.exit(0);

async function timedAsync(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function timed(run) {
  const start = performance.now();
  const result = run();
  return { result, ms: performance.now() - start };
}
