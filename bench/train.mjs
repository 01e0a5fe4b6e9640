// One SGD step (forward, loss, backward, update with the mean gradient) of a network of lib/train-specs.mjs.
// Initial weights and data are the same everywhere; the first 3 losses and the weights after them must agree.
import fs from "node:fs";
import { readOptions } from "./lib/args.mjs";
import { largestDifference } from "./lib/check.mjs";
import { interleave, summarize } from "./lib/measure.mjs";
import { SPECS } from "./lib/train-specs.mjs";

const options = readOptions("Times one SGD step.", {
  net: ["lenet", `the network: ${Object.keys(SPECS).join(" or ")}`],
  contenders: [[], "files of train-contenders/, the first the base of comparison; without: those that know the net"],
  out: ["", "results as JSON"],
  rounds: [15, "clean samples wanted"],
  budget: [40000, "milliseconds for all rounds"],
});
const { net, out, rounds, budget: budgetMs } = options;
if (!SPECS[net]) throw new Error(`train: net must be ${Object.keys(SPECS).join(" or ")}, got ${net}`);

/** Of each network; the others do not know the residual block, or take minutes for it (tfjs-cpu). */
const CONTENDERS = {
  lenet: ["striate", "tfjs-cpu", "tfjs-wasm", "tfjs-wasm-workaround", "convnetjs"],
  "resnet-block": ["striate", "tfjs-wasm-workaround"],
};
const names = options.contenders.length > 0 ? options.contenders : CONTENDERS[net];
const CHECKED_STEPS = 3;
const TOLERANCE = 1e-3;
const WARM_MS = 1500;

const spec = SPECS[net]();
const results = { net, macsForward: spec.macsForward, contenders: {} };
const entries = await prepare();
check(entries);
for (const entry of entries) await warmUp(entry);
report(entries, await interleave(entries, { rounds, budgetMs }));
if (out) fs.writeFileSync(out, JSON.stringify(results, null, 1));
// Contenders leave worker threads and timers behind, so the process has to be ended.
process.exit(entries.every((entry) => entry.ok) ? 0 : 1);

/** Every contender after its first steps; one that fails is noted (tfjs-wasm cannot train a convolution). */
async function prepare() {
  const prepared = [];
  for (const name of names) {
    try {
      prepared.push(await firstSteps(name));
    } catch (error) {
      const message = error.message.split("\n")[0];
      console.log(name, "FAILS:", message);
      results.contenders[name] = { error: message };
    }
  }
  return prepared;
}

async function firstSteps(name) {
  const { default: contender } = await import(`./train-contenders/${name}.mjs`);
  await contender.init?.();
  await contender.activate?.();
  const model = await contender.create(spec);
  const losses = [];
  for (let i = 0; i < CHECKED_STEPS; i++) losses.push(await model.step());
  const params = await model.params();
  return { name, losses, params, run: () => model.step(), activate: contender.activate, count: 1 };
}

/** Compares losses and weights with those of the first contender. */
function check(prepared) {
  for (const entry of prepared) {
    const first = prepared[0];
    const weights = Object.keys(first.params).map((key) => largestDifference(first.params[key], entry.params[key]));
    entry.maxWeightDiff = Math.max(...weights);
    entry.ok = Math.max(entry.maxWeightDiff, largestDifference(first.losses, entry.losses)) <= TOLERANCE;
    const losses = entry.losses.map((loss) => loss.toFixed(6)).join(" ");
    const difference = `max weight diff after ${CHECKED_STEPS} steps ${entry.maxWeightDiff.toExponential(1)}`;
    console.log(entry.name, "losses", losses, difference, entry.ok ? "" : "WRONG");
  }
}

async function warmUp({ run, activate }) {
  await activate?.();
  const start = performance.now();
  for (let steps = 0; steps < 10 || performance.now() - start < WARM_MS; steps++) await run();
}

function report(prepared, times) {
  for (const [i, { name, losses, maxWeightDiff, ok }] of prepared.entries()) {
    const timing = summarize(times[i]);
    results.contenders[name] = { ...timing, losses, maxWeightDiff, ok };
    console.log(name.padEnd(24), timing.ms.toFixed(2), "ms/step  min", timing.min.toFixed(2));
  }
}
