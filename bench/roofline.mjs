// How near striate's kernels come to what the machine can do: arithmetic as a part of the multiply-adds that registers
// alone allow, memory as a part of a plain copy (or, where weights are streamed, reading) of as many bytes, all interleaved in
// one run.
//   npm run bench:roofline -- --filter REGEX

import fs from "node:fs";
import asc from "assemblyscript/asc";
import striate from "./contenders/striate.mjs";
import { readOptions } from "./lib/args.mjs";
import { interleave, summarize, warmUp } from "./lib/measure.mjs";
import { makeData, WORKLOADS } from "./lib/workloads.mjs";

const ROUNDS = { rounds: 15, budgetMs: 3000 };
const WARM_MS = 300;
/** Multiply-adds of a sample of the peak. */
const PEAK_ROUNDS = 1e5;
/** Where the memory of the machine's functions is free. */
const START = 1024;

const { filter: text } = readOptions("Times striate beside the machine's peak and bandwidth.", {
  filter: [".", "regular expression that the names of workloads match"],
});
const filter = new RegExp(text);
const machine = await compileMachine();
await striate.init();
console.log("workload | ms | GFLOP/s | of peak | GB/s | of memory | peak GFLOP/s | memory GB/s");
console.log("---|---:|---:|---:|---:|---:|---:|---:");
for (const workload of WORKLOADS.filter((w) => w.type !== "net" && filter.test(w.name) && striate.supports(w))) {
  await report(workload);
}

async function report(workload) {
  const op = striate.create(workload, makeData(workload));
  const bytes = trafficOf(workload);
  const runs = [() => op.run(), () => machine.multiplyAdd(PEAK_ROUNDS, 0.999, 1e-3), () => moveAsMuch(workload, bytes)];
  const entries = [];
  for (const run of runs) entries.push({ run, count: await warmUp(run, WARM_MS) });
  const [own, peak, copy] = (await interleave(entries, ROUNDS)).map((times) => summarize(times).ms);
  op.dispose();
  const gflops = (2 * workload.macs) / own / 1e6;
  const most = (machine.flops * PEAK_ROUNDS) / peak / 1e6;
  const rate = bytes / own / 1e6;
  const copyRate = bytes / copy / 1e6;
  const cells = [
    own.toPrecision(3),
    gflops.toFixed(1),
    percent(gflops / most),
    rate.toFixed(1),
    percent(rate / copyRate),
  ];
  console.log([workload.name, ...cells, most.toFixed(1), copyRate.toFixed(1)].join(" | "));
}

/** A dense layer on one row reads its weights once and writes next to nothing. */
function moveAsMuch({ type, N }, bytes) {
  if (type === "dense" && N === 1) machine.read(bytes);
  else machine.copy(bytes);
}

function percent(part) {
  return `${(100 * part).toFixed(0)} %`;
}

/** Bytes that must be read or written at least once: inputs, weights, outputs. */
function trafficOf({ type, N, H, W, C, K, KH, KW, OH, OW, In, Out }) {
  const floats = {
    conv: () => N * H * W * C + KH * KW * C * K + N * OH * OW * K,
    dwconv: () => N * H * W * C + KH * KW * C + N * OH * OW * C,
    dense: () => N * In + In * Out + N * Out,
    softmax: () => 2 * N * C,
    add: () => 3 * N * H * W * C,
  };
  const other = () => N * H * W * C + N * (OH ?? H) * (OW ?? W) * C;
  return 4 * (floats[type] ?? other)();
}

/** The functions of lib/machine.ts in a memory of their own; `copy(bytes)` reads a half and writes the other. */
async function compileMachine() {
  const source = fs.readFileSync(new URL("lib/machine.ts", import.meta.url), "utf8");
  const { binary, error, stderr } = await asc.compileString(
    { "machine.ts": source },
    {
      optimizeLevel: 3,
      runtime: "stub",
      noAssert: true,
      enable: ["simd"],
      use: ["abort="],
      initialMemory: 16384,
    },
  );
  if (error) throw new Error(`roofline: machine.ts does not compile: ${stderr}`);
  const { exports } = (await WebAssembly.instantiate(binary)).instance;
  const half = exports.memory.buffer.byteLength / 2;
  return {
    multiplyAdd: exports.multiplyAdd,
    flops: exports.FLOPS.value,
    copy: (bytes) => exports.copy(START, half, Math.ceil(bytes / 128) * 64),
    read: (bytes) => exports.read(START, Math.ceil(bytes / 64) * 64),
  };
}
