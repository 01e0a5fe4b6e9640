// How rounding errors grow with depth: a stack of 3x3 convolutions with relu, its activations held near 1, beside the same
// in float64. Prints for each contender the error of the whole activation over its scale, in units of 2^-24 (one rounding).
import { createRequire } from "node:module";
import { readOptions } from "./lib/args.mjs";
import { uniform } from "./lib/rng.mjs";

const { depth, size, channels, contenders } = readOptions("The rounding error of a deep stack of 3x3 convolutions.", {
  depth: [50, "layers"],
  size: [24, "height and width"],
  channels: [32, "channels"],
  contenders: [["striate", "striate-high", "tfjs-wasm"], "which libraries"],
});
const ROUNDING = 2 ** -24;
/** Layers after which the error is told. */
const TOLD = [1, 2, 5, 10, 20, 50, 100].filter((each) => each < depth).concat(depth);

/** Each resolves to a function of a number of layers, which returns the output of the last of them. */
const CONTENDERS = {
  striate: () => striate("default"),
  "striate-high": () => striate("high"),
  "tfjs-wasm": tfjs,
};

const x = uniform(size * size * channels, 1);
const { kernels, outputs } = makeStack();
console.log("error in roundings after layer", TOLD.join(", "));
for (const name of contenders) {
  if (!CONTENDERS[name]) throw new Error(`error: contenders are ${Object.keys(CONTENDERS).join(", ")}, got ${name}`);
  const outputAt = await CONTENDERS[name]();
  const errors = TOLD.map((layers) => errorOf(outputAt(layers), outputs[layers - 1]) / ROUNDING);
  console.log(name.padEnd(14), errors.map((error) => error.toFixed(1).padStart(7)).join(" "));
}
process.exit();

/** Kernels that float32 holds exactly, and what float64 makes of x after each layer. */
function makeStack() {
  const kernels = [];
  const outputs = [];
  let y = Float64Array.from(x);
  for (let layer = 0; layer < depth; layer++) {
    // Uniform of the same variance as He-normal.
    const kernel = uniform(9 * channels * channels, layer + 2, Math.sqrt(6 / (9 * channels)));
    const next = convolve(y, kernel).map((value) => Math.max(value, 0));
    const factor = 2 ** -Math.round(Math.log2(scaleOf(next))); // a power of two rounds nothing
    kernels.push(kernel.map((value) => value * factor));
    y = next.map((value) => value * factor);
    outputs.push(y);
  }
  return { kernels, outputs };
}

/** y [size,size,C] of x [size,size,C] by w [3,3,C,C], padded by one. */
function convolve(x, w) {
  const y = new Float64Array(x.length);
  const inside = (i) => i >= 0 && i < size;
  for (let i = 0; i < size * size; i++) {
    for (let tap = 0; tap < 9; tap++) {
      const row = Math.floor(i / size) + Math.floor(tap / 3) - 1;
      const column = (i % size) + (tap % 3) - 1;
      if (inside(row) && inside(column)) addPixel(y, i * channels, x, (row * size + column) * channels, w, tap);
    }
  }
  return y;
}

function addPixel(y, to, x, from, w, tap) {
  for (let c = 0; c < channels; c++) {
    const value = x[from + c];
    const row = (tap * channels + c) * channels;
    for (let o = 0; o < channels; o++) y[to + o] += value * w[row + o];
  }
}

function scaleOf(values) {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

function errorOf(values, exact) {
  return scaleOf(exact.map((value, i) => values[i] - value)) / scaleOf(exact);
}

async function striate(precision) {
  const { init, layers, sequential, tensor } = await import("striate");
  await init();
  const shape = [size, size, channels];
  const options = { filters: channels, kernelSize: 3, padding: "same", activation: "relu", useBias: false };
  return (count) => {
    const stack = kernels.slice(0, count).map(() => layers.conv2d(options));
    const model = sequential({ inputShape: shape, precision }, stack);
    model.setWeights(kernels.slice(0, count));
    return model.predict(tensor(x, [1, ...shape])).data.slice();
  };
}

async function tfjs() {
  const require = createRequire(import.meta.url);
  const tf = require("@tensorflow/tfjs-core");
  const { default: contender } = await import("./contenders/tfjs-wasm.mjs");
  await contender.init();
  const filters = kernels.map((kernel) => tf.tensor(kernel, [3, 3, channels, channels]));
  const layer = (h, filter) => tf.fused.conv2d({ x: h, filter, strides: 1, pad: "same", activation: "relu" });
  return (count) => {
    const input = tf.tensor(x, [1, size, size, channels]);
    return tf.tidy(() => filters.slice(0, count).reduce(layer, input)).dataSync();
  };
}
