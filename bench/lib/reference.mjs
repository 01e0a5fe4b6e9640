// Ground truth: float64 evaluation of sampled outputs, so that no contender can cheat.
import { rng } from "./rng.mjs";

/**
 * @returns {[number, number][] | null} [flat output index (NHWC), value] of n outputs;
 *   null for networks, whose outputs are compared between contenders
 */
export function sampleReference(w, d, n = 96) {
  const evaluate = { dense, softmax, activation, add, batchnorm, net: null }[w.type];
  if (evaluate === null) return null;
  const random = rng(12345);
  const pick = (size) => Math.floor(random() * size);
  return Array.from({ length: n }, (_, i) => {
    if (evaluate) return evaluate(w, d, pick);
    return imageOp(w, d, samplePoint(w, random, pick, i % 3 === 0));
  });
}

function dense(w, d, pick) {
  const row = pick(w.N);
  const column = pick(w.Out);
  let sum = d.b[column];
  for (let k = 0; k < w.In; k++) sum += d.x[row * w.In + k] * d.w[k * w.Out + column];
  return [row * w.Out + column, sum];
}

function softmax(w, d, pick) {
  const row = pick(w.N);
  const column = pick(w.C);
  let sum = 0;
  for (let k = 0; k < w.C; k++) sum += Math.exp(d.x[row * w.C + k]);
  return [row * w.C + column, Math.exp(d.x[row * w.C + column]) / sum];
}

const ACTIVATIONS = {
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  swish: (x) => x / (1 + Math.exp(-x)),
};

function activation(w, d, pick) {
  const i = pick(d.x.length);
  return [i, ACTIVATIONS[w.act](d.x[i])];
}

function add(_, d, pick) {
  const i = pick(d.x.length);
  return [i, d.x[i] + d.x2[i]];
}

function batchnorm(w, d, pick) {
  const i = pick(d.x.length);
  const c = i % w.C;
  return [i, (d.gamma[c] * (d.x[i] - d.mean[c])) / Math.sqrt(d.variance[c] + w.epsilon) + d.beta[c]];
}

/** An output position; those with `border` lie on an edge, where padding errors would show. */
function samplePoint(w, random, pick, border) {
  const point = { n: pick(w.N), k: pick(w.K), oy: pick(w.OH), ox: pick(w.OW) };
  if (!border) return point;
  if (random() < 0.5) point.oy = random() < 0.5 ? 0 : w.OH - 1;
  else point.ox = random() < 0.5 ? 0 : w.OW - 1;
  return point;
}

function imageOp(w, d, point) {
  const index = ((point.n * w.OH + point.oy) * w.OW + point.ox) * w.K + point.k;
  const value = w.type === "pad" ? padAt(w, d, point) : windowAt(w, d, point);
  return [index, value];
}

function padAt(w, d, { n, k, oy, ox }) {
  const y = oy - (w.PY ?? w.P);
  const x = ox - (w.PX ?? w.P);
  const outside = y < 0 || x < 0 || y >= w.H || x >= w.W;
  return outside ? 0 : d.x[((n * w.H + y) * w.W + x) * w.C + k];
}

function windowAt(w, d, point) {
  const taps = tapsInside(w, point);
  const value = (tap) => d.x[tap.base + point.k];
  switch (w.type) {
    case "maxpool":
      return Math.max(...taps.map(value));
    case "avgpool": // padding does not count
      return taps.reduce((sum, tap) => sum + value(tap), 0) / taps.length;
    case "dwconv":
      return taps.reduce((sum, tap) => sum + value(tap) * d.w[tap.index * w.C + point.k], d.b[point.k]);
    case "conv":
      return taps.reduce((sum, tap) => sum + overChannels(w, d, tap, point.k), d.b[point.k]);
    default:
      throw new Error(`no reference for type ${w.type}`);
  }
}

function overChannels(w, d, tap, k) {
  let sum = 0;
  for (let c = 0; c < w.C; c++) sum += d.x[tap.base + c] * d.w[(tap.index * w.C + c) * w.K + k];
  return sum;
}

/** The taps { index, base } of a window that fall inside the image; base: the pixel's first channel in x. */
function tapsInside(w, { n, oy, ox }) {
  const D = w.D ?? 1;
  const top = oy * w.S - (w.PY ?? w.P);
  const left = ox * w.S - (w.PX ?? w.P);
  const taps = [];
  for (let ky = 0; ky < w.KH; ky++) {
    for (let kx = 0; kx < w.KW; kx++) {
      const y = top + ky * D;
      const x = left + kx * D;
      if (y < 0 || x < 0 || y >= w.H || x >= w.W) continue;
      taps.push({ index: ky * w.KW + kx, base: ((n * w.H + y) * w.W + x) * w.C });
    }
  }
  return taps;
}
