// The first predict of a process beside the steady ones: what planning, packing of weights, fresh memory and code that V8
// has not optimized yet cost. Every sample is a process of its own.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { readOptions } from "./lib/args.mjs";
import { median } from "./lib/measure.mjs";

const { nets, rounds, out, warm } = readOptions("Times the first predict of a process beside later ones.", {
  nets: [["conv", "mobilenet"], "networks of first/program.mjs"],
  rounds: [11, "processes of each"],
  warm: [false, "call model.warmUp() before the first predict"],
  out: ["", "results as JSON"],
});
const program = fileURLToPath(new URL("./first/program.mjs", import.meta.url));
/** The second, third and fifth predict, as V8 optimizes the kernels. */
const SHOWN = [0, 1, 3];

const samples = new Map(nets.map((net) => [net, []]));
for (let round = 0; round < rounds; round++) {
  for (const [net, list] of samples) list.push(start(net));
}
const results = Object.fromEntries([...samples].map(([net, list]) => [net, summarize(list)]));
for (const [net, result] of Object.entries(results)) print(net, result);
if (out) fs.writeFileSync(out, JSON.stringify(results, null, 1));

function start(net) {
  const { stdout, stderr } = spawnSync(process.execPath, [program, net, warm ? "warm" : ""], { encoding: "utf8" });
  if (!stdout) throw new Error(`first: ${net}: ${stderr}`);
  return JSON.parse(stdout);
}

function summarize(list) {
  const of = (pick) => median(list.map(pick));
  const steady = (sample) => median(sample.later.slice(sample.later.length >> 1));
  return {
    buildMs: of((sample) => sample.build),
    warmUpMs: of((sample) => sample.warmUp),
    firstMs: of((sample) => sample.first),
    nextMs: SHOWN.map((i) => of((sample) => sample.later[i])),
    steadyMs: of(steady),
    ratio: of((sample) => sample.first / steady(sample)),
  };
}

function print(net, { buildMs, warmUpMs, firstMs, nextMs, steadyMs, ratio }) {
  const ms = (value) => value.toFixed(2);
  const columns = [
    `build ${ms(buildMs)} ms`,
    ...(warm ? [`warmUp ${ms(warmUpMs)}`] : []),
    `first predict ${ms(firstMs)}`,
    `2nd, 3rd, 5th ${nextMs.map(ms).join(", ")}`,
    `steady ${ms(steadyMs)}`,
    `first/steady x${ratio.toFixed(2)}`,
  ];
  console.log(net.padEnd(10), columns.join("  "));
}
