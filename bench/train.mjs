// One SGD step (forward, loss, backward, update with the mean gradient) of a LeNet-style CNN at batch 32:
//   28x28x1 -> conv 5x5x8 same -> relu -> maxpool 2 -> conv 5x5x16 same -> relu -> maxpool 2 -> dense 10 -> softmax CE
// Initial weights and data are the same everywhere; the first 3 losses and the weights after them must agree.
import fs from "node:fs";
import { readOptions } from "./lib/args.mjs";
import { largestDifference } from "./lib/check.mjs";
import { interleave, summarize } from "./lib/measure.mjs";
import { rng, uniform } from "./lib/rng.mjs";

const options = readOptions("Times one SGD step.", {
  contenders: [
    ["striate", "tfjs-cpu", "tfjs-wasm", "tfjs-wasm-workaround", "convnetjs"],
    "files of train-contenders/; the first is the base of comparison",
  ],
  out: ["", "results as JSON"],
  rounds: [15, "clean samples wanted"],
  budget: [40000, "milliseconds for all rounds"],
});
const { contenders: names, out, rounds, budget: budgetMs } = options;

const BATCH = 32;
const CHECKED_STEPS = 3;
const TOLERANCE = 1e-3;
const WARM_MS = 1500;

const spec = makeSpec();
const results = { macsForward: BATCH * macsPerImage(), contenders: {} };
const entries = await prepare();
check(entries);
for (const entry of entries) await warmUp(entry);
report(entries, await interleave(entries, { rounds, budgetMs }));
if (out) fs.writeFileSync(out, JSON.stringify(results, null, 1));
// Contenders leave worker threads and timers behind, so the process has to be ended.
process.exit(entries.every((entry) => entry.ok) ? 0 : 1);

/** What a contender's create() gets. w1, w2: HWIO; w3: [in, out], its rows in NHWC order. */
function makeSpec() {
  const random = rng(99);
  return {
    N: BATCH,
    lr: 0.05,
    x: uniform(BATCH * 28 * 28, 1).map(Math.abs),
    labels: Int32Array.from({ length: BATCH }, () => Math.floor(random() * 10)),
    w1: uniform(25 * 8, 2, 0.35),
    b1: new Float32Array(8),
    w2: uniform(25 * 8 * 16, 3, 0.17),
    b2: new Float32Array(16),
    w3: uniform(784 * 10, 4, 0.06),
    b3: new Float32Array(10),
  };
}

function macsPerImage() {
  return 28 * 28 * 25 * 8 + 14 * 14 * 25 * 8 * 16 + 784 * 10;
}

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
