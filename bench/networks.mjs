// Pretrained networks of npm packages beside the library that each comes from: the time of a prediction, in one process by turns;
// load time and WebAssembly memory, each in a process of its own. One image, one thread.
//   npm run bench:networks -- --filter Inception
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readOptions } from "./lib/args.mjs";
import { interleave, summarize, warmUp } from "./lib/measure.mjs";
import { watchMemories } from "./lib/memories.mjs";

const { filter, budget, alone, sample } = readOptions(
  "Compares pretrained networks with the libraries that they come from.",
  {
    filter: [".", "regular expression: networks by name"],
    budget: [6000, "milliseconds for each network"],
    alone: ["", "load once and print JSON: striate or a peer; --filter names the network"],
    sample: ["", "with --alone: the shape of its input, as JSON"],
  },
);
const memories = alone === "" ? undefined : watchMemories();
const { init, tensor } = await import("striate");
const loaders = { ...(await import("striate/keras")), ...(await import("striate/onnx")) };
const { NETWORKS } = await import("../test/networks/support/networks.mjs");
const { photo } = await import("../test/networks/support/photo.mjs");
if (alone === "") for (const name of Object.keys(NETWORKS)) if (new RegExp(filter).test(name)) await compare(name);
if (alone !== "") console.log(JSON.stringify(await loadAlone(NETWORKS[filter])));

async function compare(name) {
  const network = NETWORKS[name];
  const peerName = network.peers.at(-1);
  const { entries, shape, end } = await contenders(network, peerName);
  for (const { run } of entries) await warmUp(run, 500);
  const [own, peer] = (await interleave(entries, { rounds: 30, budgetMs: budget })).map(summarize);
  end();
  const [loadedOwn, loadedPeer] = ["striate", peerName].map((one) => apart(one, name, shape));
  const ratio = (a, b) => (b / a).toFixed(2);
  console.log(
    [
      name.padEnd(24),
      `predict ${own.ms.toFixed(2)} ms, ${peerName} ${peer.ms.toFixed(2)} ms, ${ratio(own.ms, peer.ms)}x`,
      `load ${loadedOwn.ms.toFixed(0)} / ${loadedPeer.ms.toFixed(0)} ms`,
      `memory ${megabytes(loadedOwn.bytes)} / ${megabytes(loadedPeer.bytes)}`,
    ].join("  "),
  );
}

async function contenders(network, peerName) {
  await init();
  const files = await network.read();
  const model = await network.load(loaders, files);
  const peer = await network.peer(peerName, files);
  const shape = [1, ...model.inputShape];
  const x = photo(model.inputShape, network.normalize);
  const resident = tensor(x, shape);
  const into = model.predictAll([resident]);
  const entries = [
    { run: () => model.predictAll([resident], { into }), count: 1 },
    { run: peer.repeat(x, shape), count: 1 },
  ];
  const end = () => {
    model.dispose();
    peer.dispose();
  };
  return { entries, shape: model.inputShape, end };
}

/** From files in memory to the first prediction, each library's own start left out. */
async function loadAlone(network) {
  const files = await network.read();
  const shape = JSON.parse(sample);
  const x = photo(shape, network.normalize);
  if (alone === "striate") await init();
  const start = performance.now();
  if (alone === "striate") (await network.load(loaders, files)).prepare({ inferenceOnly: true }).predictAll([x]);
  else await (await network.peer(alone, files)).repeat(x, [1, ...shape])();
  const ms = performance.now() - start;
  return { ms, bytes: [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0) };
}

function apart(one, name, shape) {
  const args = [fileURLToPath(import.meta.url), "--alone", one, "--filter", name, "--sample", JSON.stringify(shape)];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`networks: ${one} failed on ${name}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
