// What augmentation costs beside a plain copy of the same images, all interleaved in one run.
//   npm run bench:augment -- --batch 32 --size 224 --channels 3
import { readOptions } from "./lib/args.mjs";
import { interleave, summarize, warmUp } from "./lib/measure.mjs";
import { uniform } from "./lib/rng.mjs";

const ROUNDS = { rounds: 15, budgetMs: 20000 };
const WARM_MS = 300;

const { batch, size, channels } = readOptions("Times augmentation beside a copy of the same images.", {
  batch: [32, "images"],
  size: [224, "height and width"],
  channels: [3, "channels"],
});
const { init, ops, tensor, zeros } = await import("striate");
await init({ deterministic: true });
const x = tensor(uniform(batch * size * size * channels, 1, 255), [batch, size, size, channels]);
const y = zeros(x.shape);
const draws = uniform(4 * batch, 2);
/** One for each image, from what was drawn for it: four numbers in [-1, 1). */
const each = (make) => Array.from({ length: batch }, (_, i) => make(...draws.subarray(4 * i, 4 * i + 4)));
const middle = (size - 1) / 2;
const half = Math.floor(size / 2);
const offset = (draw) => Math.floor(Math.abs(draw) * (size - half));
const valueRange = [0, 255];

/** As layers draw them by the factors that stand there. */
const CASES = {
  flip: by(
    each((a, b) => [Math.sign(a), 0, a < 0 ? size - 1 : 0, 0, Math.sign(b), b < 0 ? size - 1 : 0]),
    "nearest",
  ),
  "translation 0.1": by(each((a, b) => [1, 0, 0.1 * size * a, 0, 1, 0.1 * size * b])),
  "zoom 0.2": by(each((a) => scaled(1 + 0.2 * a))),
  "rotation 0.1": by(each((a) => turned(0.2 * Math.PI * a))),
  brightness: () =>
    ops.adjustBrightness(
      x,
      each((a) => 50 * a),
      { valueRange },
    ),
  contrast: () =>
    ops.adjustContrast(
      x,
      each((a) => 1 + 0.3 * a),
      { valueRange },
    ),
  erasing: () =>
    ops.erase(
      x,
      each((a, b) => [offset(a), offset(b), half, half]),
    ),
  mixup: () =>
    ops.mixUp(x, { weights: each(Math.abs), partners: Array.from({ length: batch }, (_, i) => batch - 1 - i) }),
};

const runs = [() => y.data.set(x.data), ...Object.values(CASES).map((run) => () => run().dispose())];
const entries = [];
for (const run of runs) entries.push({ run, count: await warmUp(run, WARM_MS) });
const [copy, ...times] = (await interleave(entries, ROUNDS)).map((one) => summarize(one).ms);
console.log(`${batch}x${size}x${size}x${channels}: a copy takes ${copy.toPrecision(3)} ms`);
Object.keys(CASES).forEach((name, i) => {
  const [ms, part] = [times[i].toPrecision(3), (times[i] / copy).toFixed(1)];
  console.log(`${name.padEnd(16)} ${ms.padStart(6)} ms, ${part.padStart(5)} copies`);
});

function by(transforms, interpolation = "bilinear") {
  return () => ops.affineTransform(x, transforms, { fillMode: "reflect", interpolation });
}

function scaled(factor) {
  return [factor, 0, (1 - factor) * middle, 0, factor, (1 - factor) * middle];
}

function turned(angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, -s, middle * (1 - c + s), s, c, middle * (1 - s - c)];
}
