// The error and the speed of every op, on the plain binary: the figures of docs/ops.md, written into docs/ops.json.
//   npm run bench:ops -- --filter REGEX
// The error is |y - exact| over the larger of |exact| and the root of its mean square, the most of all elements, in units of
// 2^-24 (one rounding); exact is the twin of test/reference in doubles, for gradients central differences of it.
import fs from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { init, tensor } from "striate";
import { readOptions } from "./lib/args.mjs";
import { interleave, summarize, warmUp } from "./lib/measure.mjs";

const ROUNDING = 2 ** -24;
/** Elements of a gradient that are checked. */
const CHECKED = 24;
const STEP = 1e-3;
const WARM_MS = 300;
const ROUNDS = { rounds: 9, budgetMs: 1500 };

const file = fileURLToPath(new URL("../docs/ops.json", import.meta.url));
const { filter: text } = readOptions("Measures the error and the speed of every op; writes docs/ops.json.", {
  filter: [".", "regular expression: ops by name; the figures of others stay"],
});
const filter = new RegExp(text);
const { CASES, Random, sizeOf } = await loadCases();
await init({ deterministic: true });

const before = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")).ops : {};
const ops = {};
for (const [name, op] of Object.entries(CASES)) {
  ops[name] = filter.test(name) ? await measure(op) : before[name];
  if (filter.test(name)) console.log(name, JSON.stringify(ops[name]));
}
const machine = { cpu: os.cpus()[0].model, node: process.version, command: "npm run bench:ops" };
fs.writeFileSync(file, lines(machine, ops));

/** As JSON, a line for each op. */
function lines(machine, ops) {
  const rows = Object.entries(ops).map(([name, figures]) => `    ${JSON.stringify(name)}: ${JSON.stringify(figures)}`);
  const head = Object.entries(machine).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return `{\n${head.join("")}  "ops": {\n${rows.join(",\n")}\n  }\n}\n`;
}

/** The cases are TypeScript, as their twins are. */
async function loadCases() {
  const entry = fileURLToPath(new URL("ops/index.ts", import.meta.url));
  const outfile = fileURLToPath(new URL("out/ops.mjs", import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    external: ["striate"],
    logLevel: "warning",
  });
  return import(outfile);
}

async function measure(op) {
  const { forward, backward } = errorsOf(op);
  const [size, other] = Object.values(op.large);
  const times = await timesOf(op);
  const work = op.macs?.(op.large);
  const rate = (ms, factor) => {
    if (ms === undefined) return null;
    return rounded(work === undefined ? (ms * 1e6) / sizeOf(size) : (2 * factor * work) / ms / 1e6);
  };
  return {
    size: work === undefined ? `[${size}]` : `[${size}] by [${other}]`,
    unit: work === undefined ? "ns" : "GFLOP/s",
    error: [forward, backward].map((error) => (error === undefined ? null : rounded(error / ROUNDING))),
    speed: [rate(times[0], 1), rate(times[1], 2)],
  };
}

/** To two digits. */
function rounded(value) {
  return Number(value.toPrecision(2));
}

function errorsOf(op) {
  const random = new Random(5);
  const arrays = drawn(op, op.small, random);
  const tensors = inTensors(arrays, op.small);
  const doubles = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { shape: op.small[name], data: Float64Array.from(data) }]),
  );
  const made = [op.forward(tensors)].flat();
  const exact = op.twin(doubles);
  const forward = errorOf(made[0].data, exact.data);
  const weights = random.floats(exact.data.length);
  const dy = tensor(weights, exact.shape);
  if (op.gradient) weights.fill(1);
  const gradients = op.gradient ? { x: op.gradient(made) } : (op.backward?.(dy, tensors) ?? {});
  const loss = () => op.twin(doubles).data.reduce((sum, y, i) => sum + y * weights[i], 0);
  const errors = Object.entries(gradients).map(([name, { data }]) => {
    const elements = someOf(data.length, random);
    const numeric = elements.map((i) => slopeOf(doubles[name].data, i, loss));
    return errorOf(
      elements.map((i) => data[i]),
      numeric,
    );
  });
  for (const used of [...made, dy, ...Object.values(tensors)]) used.dispose();
  return { forward, backward: errors.length > 0 ? Math.max(...errors) : undefined };
}

function drawn(op, shapes, random) {
  const draw = (name, shape) => op.draw?.[name]?.(random, shape) ?? random.floats(sizeOf(shape));
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, draw(name, shape)]));
}

function inTensors(arrays, shapes) {
  return Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, tensor(data, shapes[name])]));
}

function someOf(count, random) {
  if (count <= CHECKED) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: CHECKED }, () => Math.floor(random.next() * count));
}

/** A central difference of order four. */
function slopeOf(data, i, loss) {
  const value = data[i];
  const at = (step) => {
    data[i] = value + step;
    return loss();
  };
  const slope = (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP);
  data[i] = value;
  return slope;
}

function errorOf(values, exact) {
  const mean = exact.reduce((sum, e) => sum + e * e, 0) / exact.length;
  const floor = Math.max(Math.sqrt(mean), Number.MIN_VALUE);
  return exact.reduce((most, e, i) => Math.max(most, Math.abs(values[i] - e) / Math.max(Math.abs(e), floor)), 0);
}

/** Milliseconds of forward and backward, what they allocate included. */
async function timesOf(op) {
  const random = new Random(6);
  const tensors = inTensors(drawn(op, op.large, random), op.large);
  const made = [op.forward(tensors)].flat();
  const dy = tensor(random.floats(made[0].size), made[0].shape);
  const dispose = (tensors) => {
    for (const each of tensors) each.dispose();
  };
  dispose(made);
  const runs = [() => dispose([op.forward(tensors)].flat())];
  if (op.backward) runs.push(() => dispose(Object.values(op.backward(dy, tensors))));
  const entries = [];
  for (const run of runs) entries.push({ run, count: await warmUp(run, WARM_MS) });
  const times = (await interleave(entries, ROUNDS)).map((each) => summarize(each).ms);
  dispose([dy, ...Object.values(tensors)]);
  return times;
}
