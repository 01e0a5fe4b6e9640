// Merges runs (per workload the quietest as a whole: the lowest sum of medians) and prints them as a Markdown table,
// with sums over networks' layers and, for each set, the fastest other contender's time over the first one's.
import fs from "node:fs";
import { readOptions } from "./lib/args.mjs";
import { printSummary, ratio } from "./lib/summary.mjs";

const { out, files } = readOptions(
  "Merges runs and prints them as Markdown.",
  { out: ["", "the merged run as JSON"] },
  { files: "written by run.mjs --out" },
);
const runs = files.map((file) => JSON.parse(fs.readFileSync(file, "utf8")));
if (runs.length === 0) throw new Error("report: which runs? (files written by run.mjs --out)");

const rows = quietest(runs);
const names = [...new Set(rows.flatMap((row) => Object.keys(row.contenders)))];
printTable();
printSums();
printSummary(rows);
if (out) fs.writeFileSync(out, JSON.stringify({ ...runs[0], contenders: names, results: rows }, null, 1));

function quietest(runs) {
  const best = new Map();
  for (const row of runs.flatMap((run) => run.results)) {
    const old = best.get(row.workload);
    if (!old || totalMs(row) < totalMs(old)) best.set(row.workload, row);
  }
  return [...best.values()];
}

function totalMs(row) {
  return Object.values(row.contenders).reduce((sum, c) => sum + c.ms, 0);
}

function printTable() {
  const { node, cpu, date } = runs[0];
  console.log(`${cpu}, Node ${node}, ${date.slice(0, 10)}; milliseconds (GFLOP/s); * no quiet moment was found\n`);
  console.log(`| workload | MMAC | ${names.join(" | ")} | ratio |`);
  console.log(`|---|---:|${"---:|".repeat(names.length + 1)}`);
  for (const row of rows) {
    const cells = names.map((name) => cell(row.contenders[name]));
    const advantage = ratio(row, names[0])?.toFixed(2) ?? "";
    console.log(`| ${row.workload} | ${(row.macs / 1e6).toFixed(1)} | ${cells.join(" | ")} | ${advantage} |`);
  }
}

function cell(c) {
  if (!c) return "";
  const ms = c.ms < 1 ? c.ms.toFixed(3) : c.ms.toFixed(2);
  const speed = c.gflops > 0 ? ` (${c.gflops.toFixed(1)})` : "";
  return `${ms}${speed}${c.clean === 0 ? " *" : ""}${c.ok ? "" : " WRONG"}`;
}

/** The layers of a network together, over the workloads that every contender ran. */
function printSums() {
  const groups = {
    resnet50: /^resnet50/,
    vgg16: /^vgg16/,
    "mbv2 pointwise": /^mbv2\/conv1x1/,
    "mbv2 depthwise": /^mbv2\/dw/,
  };
  console.log("\nSums over the distinct layers");
  for (const [group, pattern] of Object.entries(groups)) {
    const complete = rows.filter((row) => pattern.test(row.workload) && names.every((name) => row.contenders[name]));
    if (complete.length === 0) continue;
    const macs = complete.reduce((sum, row) => sum + row.macs, 0);
    const columns = names.map((name) => {
      const ms = complete.reduce((sum, row) => sum + row.contenders[name].ms, 0);
      return `${name} ${ms.toFixed(2)} ms ${((2 * macs) / ms / 1e6).toFixed(1)} GF`;
    });
    console.log(`${group.padEnd(16)} ${complete.length} layers  ${columns.join("  ")}`);
  }
}
