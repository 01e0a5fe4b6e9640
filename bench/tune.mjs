// Checks the cost model of src/ops/conv2dAlgorithm.ts: times every algorithm that can compute a convolution, and tells where
// the chosen one is not the fastest.
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { init, layers, sequential, tensor, zeros } from "striate";
import { readOptions } from "./lib/args.mjs";
import { interleave, summarize, warmUp } from "./lib/measure.mjs";
import { uniform } from "./lib/rng.mjs";

const options = readOptions(
  "Times every algorithm of 3x3 (stride 1 and 2) and 5x5 convolutions beside the one that is chosen.",
  {
    tune: [false, "(how bench.mjs finds this program)"],
    filter: [".", "regular expression: shapes by name, as in '3x3 56x56x64->64 b8' or '3x3s2 56x56x64->64'"],
    warm: [150, "milliseconds of warm-up of each algorithm"],
    rounds: [9, "clean samples wanted"],
    budget: [1000, "milliseconds for the rounds of one shape"],
    out: ["", "times and estimates as JSON"],
  },
);
/** Choices that lose more than this count as wrong. */
const TOLERATED = 0.05;
const MOST_MACS = 1e9;
const SIZES = [7, 14, 28, 56, 112, 224];
const CHANNELS = [
  [1, 16],
  [3, 32],
  [3, 64],
  [4, 16],
  [8, 8],
  [8, 32],
  [12, 24],
  [16, 8],
  [16, 16],
  [16, 64],
  [32, 32],
  [64, 64],
  [64, 128],
  [128, 128],
  [256, 256],
  [512, 512],
];
const BATCHES = [1, 8];
/** kernel, stride */
const WINDOWS = [
  [3, 1],
  [3, 2],
  [5, 1],
];

const { canCompute, chooseAlgorithm, CONV2D_ALGORITHMS, estimate, isPrecise } = await loadCostModel();
await init();
const filter = new RegExp(options.filter);
const rows = [];
for (const shape of shapes().filter((each) => filter.test(nameOf(each)))) {
  const row = await compare(shape);
  rows.push(row);
  print(row);
}
summary();
if (options.out) fs.writeFileSync(options.out, JSON.stringify(rows, null, 1));
process.exit();

/** The module itself, since a library does not export what it guesses. */
async function loadCostModel() {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL("../src/ops/conv2dAlgorithm.ts", import.meta.url))],
    ...{ bundle: true, format: "esm", write: false },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

function shapes() {
  const each = (list, name) => (shape) => list.map((value) => ({ ...shape, [name]: value }));
  const all = WINDOWS.map(([kernel, stride]) => ({ kernel, stride }))
    .flatMap(each(BATCHES, "n"))
    .flatMap(each(SIZES, "size"));
  return all
    .flatMap((shape) => CHANNELS.map(([c, o]) => ({ ...shape, c, o })))
    .filter(({ kernel, stride, n, size, c, o }) => n * (size / stride) ** 2 * kernel ** 2 * c * o <= MOST_MACS);
}

function nameOf({ kernel, stride, n, size, c, o }) {
  return `${kernel}x${kernel}${stride > 1 ? `s${stride}` : ""} ${size}x${size}x${c}->${o}${n > 1 ? ` b${n}` : ""}`;
}

/** { name, chosen: by precision, ms: by algorithm, estimates: the same in nanoseconds } */
async function compare(shape) {
  const window = windowOf(shape);
  const algorithms = CONV2D_ALGORITHMS.filter((algorithm) => canCompute(algorithm, window));
  const entries = [];
  for (const algorithm of algorithms) {
    const { run, dispose } = create(shape, algorithm);
    entries.push({ run, dispose, count: await warmUp(run, options.warm) });
  }
  const times = await interleave(entries, { rounds: options.rounds, budgetMs: options.budget });
  for (const { dispose } of entries) dispose();
  return {
    name: nameOf(shape),
    chosen: {
      default: chooseAlgorithm(window, algorithms),
      high: chooseAlgorithm(window, algorithms.filter(isPrecise)),
    },
    ms: Object.fromEntries(algorithms.map((algorithm, i) => [algorithm, summarize(times[i]).ms])),
    estimates: Object.fromEntries(algorithms.map((algorithm) => [algorithm, estimate(algorithm, window)])),
  };
}

/** The Window of src/ops/window.ts: as much padding on all sides. */
function windowOf({ kernel, stride, n, size, c, o }) {
  const image = { n, h: size, w: size, c, oh: Math.ceil(size / stride), ow: Math.ceil(size / stride), o, g: 1 };
  const [steps, padding] = [{ sh: stride, sw: stride, dh: 1, dw: 1 }, (kernel - 1) / 2];
  return { ...image, kh: kernel, kw: kernel, ...steps, pt: padding, pl: padding };
}

function create({ kernel, stride, n, size, c, o }, algorithm) {
  const padding = [(kernel - 1) / 2, (kernel - 1) / 2];
  const layer = layers.conv2d({ filters: o, kernelSize: kernel, strides: stride, padding, algorithm });
  const model = sequential({ inputShape: [size, size, c] }, [layer]);
  const x = tensor(uniform(n * size * size * c, 1), [n, size, size, c]);
  const into = zeros([n, ...model.outputShape]);
  return {
    run: () => void model.predict(x, { into }),
    dispose() {
      for (const each of [model, x, into]) each.dispose();
    },
  };
}

/** The choice of a precision: { chosen, fastest, loss }, how much longer the chosen one takes. */
function judge({ chosen, ms }, precision) {
  const allowed = Object.keys(ms).filter((algorithm) => precision === "default" || isPrecise(algorithm));
  const fastest = allowed.reduce((a, b) => (ms[b] < ms[a] ? b : a));
  return { chosen: chosen[precision], fastest, loss: ms[chosen[precision]] / ms[fastest] - 1 };
}

function print(row) {
  const verdicts = ["default", "high"].map((precision) => {
    const { chosen, fastest, loss } = judge(row, precision);
    if (chosen === fastest) return `${precision} ${chosen}`.padEnd(38);
    const cost = `${(loss * 100).toFixed(1)} %${loss > TOLERATED ? " WRONG" : ""}`;
    return `${precision} ${chosen} for ${fastest} ${cost}`.padEnd(38);
  });
  const times = Object.entries(row.ms).map(([algorithm, ms]) => `${algorithm} ${ms.toFixed(3)}`);
  console.log(row.name.padEnd(19), ...verdicts, "ms:", ...times);
}

function summary() {
  const choices = rows.flatMap((row) => ["default", "high"].map((each) => ({ name: row.name, ...judge(row, each) })));
  if (choices.length === 0) return;
  const wrong = choices.filter(({ loss }) => loss > TOLERATED).length;
  console.log(`\n${wrong} of ${choices.length} choices lose more than ${TOLERATED * 100} %`);
  const { name, chosen, fastest, loss } = choices.reduce((a, b) => (b.loss > a.loss ? b : a));
  console.log(`worst: ${name}, ${chosen} for ${fastest}, ${(loss * 100).toFixed(1)} %`);
}
