// Times every workload on every contender, interleaved in one process (README.md).
import fs from "node:fs";
import os from "node:os";
import { readOptions } from "./lib/args.mjs";
import { checkOutput } from "./lib/check.mjs";
import { interleave, summarize, warmUp } from "./lib/measure.mjs";
import { sampleReference } from "./lib/reference.mjs";
import { printSummary } from "./lib/summary.mjs";

const options = readOptions("Times every workload on every contender, interleaved in one process.", {
  contenders: [["striate", "tfjs-wasm", "ort-web"], "files of contenders/; the first is the base of comparison"],
  filter: [".", "regular expression: workloads by name"],
  out: ["", "results as JSON, written after each workload"],
  workloads: ["./lib/workloads.mjs", "another list, relative to bench/"],
  warm: [1000, "milliseconds of warm-up of each contender"],
  rounds: [15, "clean samples wanted"],
  budget: [5000, "milliseconds for the rounds of one workload"],
});
const { contenders: names, out, warm: warmMs, rounds, budget: budgetMs } = options;
const filter = new RegExp(options.filter);
const { WORKLOADS, makeData } = await import(new URL(options.workloads, import.meta.url));

const contenders = await loadContenders();
const results = [];
for (const workload of WORKLOADS.filter(({ name }) => filter.test(name))) {
  const row = await benchmark(workload);
  if (!row) continue;
  results.push(row);
  print(row);
  if (out) save();
  globalThis.gc?.();
}
printSummary(results);
// Contenders leave worker threads and timers behind, so the process has to be ended.
process.exit();

async function loadContenders() {
  const loaded = [];
  for (const name of names) {
    const { default: contender } = await import(`./contenders/${name}.mjs`);
    await contender.init?.();
    loaded.push(contender);
  }
  return loaded;
}

/** One row of the results, or null where no contender takes the workload. */
async function benchmark(workload) {
  const entries = await prepare(workload);
  if (entries.length === 0) return null;
  const times = await interleave(entries, { rounds, budgetMs });
  const row = { workload: workload.name, set: workload.set, macs: workload.macs, contenders: {} };
  for (const [i, { contender, op, count, checked }] of entries.entries()) {
    const timing = summarize(times[i]);
    const gflops = (workload.macs * 2) / timing.ms / 1e6;
    row.contenders[contender.name] = { ...timing, inner: count, gflops, ...checked };
    await op.dispose();
  }
  return row;
}

/** Creates, checks and warms up every contender that takes the workload. */
async function prepare(workload) {
  const data = makeData(workload);
  const reference = sampleReference(workload, data);
  const entries = [];
  let first;
  for (const contender of contenders.filter((each) => each.supports(workload))) {
    await contender.activate?.();
    const created = await create(contender, workload, data);
    if (!created) continue;
    const { op, y } = created;
    const checked = checkOutput(y, reference, first);
    if (!checked.ok) complain(`!! ${workload.name}: ${contender.name} is WRONG`, checked);
    first ??= y;
    const run = () => op.run();
    const count = await warmUp(run, warmMs);
    entries.push({ contender, op, run, activate: contender.activate, count, checked });
  }
  return entries;
}

/** { op, y } with the first output, or null where the contender fails. */
async function create(contender, workload, data) {
  try {
    const op = await contender.create(workload, data);
    return { op, y: await op.output() };
  } catch (error) {
    complain(`${workload.name}: ${contender.name}: ${error.message}`);
    return null;
  }
}

function print(row) {
  const all = Object.entries(row.contenders);
  const base = all[0][1].ms;
  const columns = all.map(([name, c]) => {
    const error = (c.maxErrVsF64 ?? c.maxDiffVsFirst ?? 0).toExponential(0);
    const speed = `${c.ms.toFixed(3)} ms ${c.gflops.toFixed(1)} GF x${(base / c.ms).toFixed(2)}`;
    return ` | ${name} ${speed} err ${error}${c.ok ? "" : " WRONG"}`;
  });
  const macs = `${(row.macs / 1e6).toFixed(1).padStart(8)} MMAC`;
  console.log(row.workload.padEnd(42), macs, ...columns);
}

function save() {
  const machine = { node: process.version, cpu: os.cpus()[0].model, date: new Date().toISOString() };
  fs.writeFileSync(out, JSON.stringify({ ...machine, contenders: names, results }, null, 1));
}

/** The run goes on, but ends with exit code 1. */
function complain(...message) {
  console.error(...message);
  process.exitCode = 1;
}
