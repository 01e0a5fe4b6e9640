// Start-up: from the start of a Node process to its first convolution + max pooling result, and to its end.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { readOptions } from "./lib/args.mjs";
import { median } from "./lib/measure.mjs";
import * as onnx from "./lib/onnx.mjs";

const { contenders, out, rounds } = readOptions("From the start of a Node process to its first result.", {
  contenders: [
    ["striate", "tfjs-wasm", "tfjs-cpu", "ort-web", "ort-node", "convnetjs", "jax-js"],
    "files of startup/; the first is the base of comparison",
  ],
  out: ["", "results as JSON"],
  rounds: [15, "processes of each"],
});
/** What Node itself takes, measured beside the others and taken off. */
const EMPTY = "empty";
const names = [EMPTY, ...contenders.filter((name) => name !== EMPTY)];

writeOnnxModel();
const samples = new Map(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, list] of samples) {
    const sample = start(name);
    const warmingDiskCache = round === 0;
    if (!sample) giveUp(name);
    else if (!warmingDiskCache) list.push(sample);
  }
}
const results = Object.fromEntries([...samples].map(summarize));
print(results);
if (out) fs.writeFileSync(out, JSON.stringify(results, null, 1));

/** Runs startup/NAME.mjs, which prints performance.now() (0 is the start of its process) and a number of the result. */
function start(name) {
  const script = fileURLToPath(new URL(`./startup/${name}.mjs`, import.meta.url));
  const before = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  const wall = performance.now() - before;
  const printed = stdout.match(/^([\d.]+) [\d.-]+$/m);
  if (!printed) console.error(name, stderr);
  return printed && { firstResult: Number(printed[1]), wall };
}

/** The run goes on without it, but ends with exit code 1. */
function giveUp(name) {
  samples.delete(name);
  process.exitCode = 1;
}

function summarize([name, list]) {
  const firstResults = list.map((sample) => sample.firstResult);
  const result = {
    firstResultMs: median(firstResults),
    minMs: Math.min(...firstResults),
    spawnToExitMs: median(list.map((sample) => sample.wall)),
  };
  return [name, result];
}

/** Times over an empty process, and how many times as long as the first contender each takes. */
function print(results) {
  const [{ firstResultMs: empty }, first] = Object.values(results);
  for (const [name, { firstResultMs, minMs, spawnToExitMs }] of Object.entries(results)) {
    const over = firstResultMs - empty;
    const ratio = first && name !== EMPTY ? `x${(over / (first.firstResultMs - empty)).toFixed(2)}` : "";
    const columns = [
      `first result ${firstResultMs.toFixed(1).padStart(6)} ms`,
      `(least ${minMs.toFixed(1)})`,
      `over empty ${over.toFixed(1).padStart(6)} ms ${ratio}`,
      `to exit ${spawnToExitMs.toFixed(1)} ms`,
    ];
    console.log(name.padEnd(12), columns.join("  "));
  }
}

/** The program of startup/ for the onnxruntimes: 28x28x16 -> conv 3x3x16 -> max pool 2. */
function writeOnnxModel() {
  const conv = onnx.node("Conv", ["X", "W"], ["C"], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const pool = onnx.node("MaxPool", ["C"], ["Y"], { kernel_shape: [2, 2], strides: [2, 2] });
  const model = onnx.model({
    nodes: [conv, pool],
    inits: [onnx.tensor("W", [16, 16, 3, 3], new Float32Array(9 * 256).fill(1))],
    inputs: [["X", [1, 16, 28, 28]]],
    outputs: [["Y", [1, 16, 14, 14]]],
  });
  const folder = new URL("./out/", import.meta.url);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(new URL("startup.onnx", folder), model);
}
