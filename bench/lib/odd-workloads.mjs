// What the standard set lacks: odd channel counts, odd sizes, other windows, dilation, batches, networks that branch.
//   node bench/bench.mjs run --workloads ./lib/odd-workloads.mjs
import { Builder } from "./nets.mjs";
import { hashName, uniform } from "./rng.mjs";
import { makeData as makeStandardData } from "./workloads.mjs";

/** @param {object} w sizes; N, S, P and D have defaults; PY and PX replace P */
function conv(set, w) {
  const n = { N: 1, S: 1, P: w.PY === undefined ? 0 : null, ...w };
  const type = n.type ?? "conv";
  const span = (k) => (k - 1) * (n.D ?? 1) + 1;
  const OH = Math.floor((n.H + 2 * (n.PY ?? n.P) - span(n.KH)) / n.S) + 1;
  const OW = Math.floor((n.W + 2 * (n.PX ?? n.P) - span(n.KW)) / n.S) + 1;
  const perOutput = n.KH * n.KW * (type === "conv" ? n.C : 1);
  return { ...n, type, set, name: `${set}/${describe({ ...n, type })}`, OH, OW, macs: n.N * OH * OW * n.K * perOutput };
}

function describe({ type, N, H, W, C, K, KH, KW, S, D }) {
  const dilation = D > 1 ? `d${D}` : "";
  const batch = N > 1 ? ` b${N}` : "";
  const channels = type === "conv" ? `${C}->${K}` : C;
  return `${type}${KH}x${KW}s${S}${dilation} ${H}x${W}x${channels}${batch}`;
}

const square = (size, C, K, k, rest) => ({ H: size, W: size, C, K, KH: k, KW: k, ...rest });

const channels = [3, 5, 7, 13, 30, 100].flatMap((C) => [
  conv("channels", square(28, C, C, 3, { P: 1 })),
  conv("channels", square(28, C, 64, 1)),
  conv("channels", square(28, C, C, 3, { P: 1, type: "dwconv" })),
]);

const sizes = [
  conv("sizes", { H: 27, W: 29, C: 64, K: 64, KH: 3, KW: 3, P: 1 }),
  conv("sizes", { H: 13, W: 9, C: 96, K: 96, KH: 3, KW: 3, P: 1, S: 2 }),
  conv("sizes", { H: 5, W: 17, C: 128, K: 128, KH: 1, KW: 1 }),
  conv("sizes", { H: 31, W: 30, C: 48, K: 48, KH: 3, KW: 3, P: 1, type: "dwconv" }),
  conv("sizes", square(160, 16, 16, 3, { P: 1 })),
  conv("sizes", square(160, 32, 32, 3, { P: 1 })),
  conv("sizes", square(320, 16, 16, 3, { P: 1 })),
  conv("sizes", square(320, 32, 32, 3, { P: 1 })),
];

const windows = [
  conv("windows", { H: 17, W: 17, C: 128, K: 128, KH: 1, KW: 7, PY: 0, PX: 3 }),
  conv("windows", { H: 17, W: 17, C: 128, K: 128, KH: 7, KW: 1, PY: 3, PX: 0 }),
  conv("windows", square(28, 64, 64, 3, { P: 2, D: 2 })),
  conv("windows", square(28, 64, 64, 5, { P: 2 })),
  conv("windows", square(28, 120, 120, 5, { P: 2, type: "dwconv" })),
  conv("windows", square(28, 240, 240, 5, { P: 2, S: 2, type: "dwconv" })),
  conv("windows", square(28, 64, 64, 3, { P: 2, D: 2, type: "dwconv" })),
  conv("windows", square(28, 192, 192, 3, { P: 1, type: "avgpool" })),
  conv("windows", square(29, 96, 96, 3, { P: 0, S: 2, type: "maxpool" })),
];

const batches = [4, 16, 64].flatMap((N) => [
  conv("batches", square(14, 64, 64, 3, { P: 1, N })),
  conv("batches", square(14, 64, 64, 1, { N })),
  conv("batches", square(14, 64, 64, 3, { P: 1, N, type: "dwconv" })),
  conv("batches", square(14, 64, 64, 2, { S: 2, N, type: "maxpool" })),
]);

/** A small U: convolution, pool, convolution, upsample, concat with the skip; the output is an image. */
function unet(B) {
  const skip = B.conv("x", 16, 3, 1, 1, "relu");
  const low = B.conv(B.maxpool(skip, 2, 2, 0), 32, 3, 1, 1, "relu");
  const [N, H, W, C] = B.shapes[low];
  const up = B.push({ op: "upsample", in: [low], N, H, W, C }, [N, 2 * H, 2 * W, C]);
  const both = B.push({ op: "concat", in: [up, skip] }, [N, 2 * H, 2 * W, C + 16]);
  return B.conv(both, 4, 3, 1, 1, "linear");
}

/** A LeNet: the dense layers read the image flattened. */
function lenet(B) {
  let x = B.maxpool(B.conv("x", 8, 5, 1, 2, "relu"), 2, 2, 0);
  x = B.maxpool(B.conv(x, 16, 5, 1, 2, "relu"), 2, 2, 0);
  return B.dense(B.dense(x, 64, "relu"), 10);
}

const NETS = {
  "unet-64": { build: unet, shape: [1, 64, 64, 3] },
  "lenet-28": { build: lenet, shape: [1, 28, 28, 1] },
};

function buildNet(name, withParams) {
  const { build, shape } = NETS[name];
  const builder = new Builder(name, shape, withParams);
  builder.g.output = build(builder);
  return builder.g;
}

const nets = Object.keys(NETS).map((net) => {
  const { macs } = buildNet(net, false);
  return { set: "net", type: "net", name: `net/${net}`, net, macs };
});

export const WORKLOADS = [...channels, ...sizes, ...windows, ...batches, ...nets];

export function makeData(w) {
  if (w.type !== "net") return makeStandardData(w);
  const graph = buildNet(w.net, true);
  const size = graph.inputShape.reduce((a, b) => a * b);
  return { graph, x: uniform(size, hashName(w.name)) };
}
