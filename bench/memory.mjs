// Bytes of WebAssembly memory that a network takes, one contender and network per process; beside striate's what
// model.memory() tells.
//   npm run bench:memory -- --contenders striate,tfjs-wasm --nets resnet50-224
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readOptions } from "./lib/args.mjs";
import { watchMemories } from "./lib/memories.mjs";
import { buildNet, NETS } from "./lib/nets.mjs";
import { hashName, uniform } from "./lib/rng.mjs";

const { contenders, nets, alone } = readOptions("Compares the WebAssembly memory that networks take.", {
  contenders: [["striate", "tfjs-wasm", "ort-web"], "who takes part"],
  nets: [["mobilenetv2-224", "resnet50-224"], "names of lib/nets.mjs"],
  alone: [false, "measure in this process and print JSON: one contender, one network"],
});
for (const name of nets) if (!Object.hasOwn(NETS, name)) throw new Error(`memory: unknown network "${name}"`);
if (alone) console.log(JSON.stringify(await measure(contenders[0], nets[0])));
else printTable();

function printTable() {
  for (const name of nets) {
    const found = contenders.map((one) => ({ one, ...measureApart(one, name) }));
    const peer = found.find(({ one }) => one === "tfjs-wasm")?.wasm;
    for (const { one, wasm, told } of found) {
      const part = peer === undefined ? "" : `  ${((wasm / peer) * 100).toFixed(0)} % of tfjs-wasm`;
      const beside = told === undefined ? "" : `  model.memory() told ${megabytes(told)}`;
      console.log(`${name}  ${one}  ${megabytes(wasm)}${part}${beside}`);
    }
  }
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function measureApart(one, name) {
  const { stdout, status } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), "--alone", "--contenders", one, "--nets", name],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (status !== 0) throw new Error(`memory: ${one} failed on ${name}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

/** Runs a network three times and adds up all memories that were made or exported. */
async function measure(one, name) {
  const memories = watchMemories();
  const { default: it } = await import(`./contenders/${one}.mjs`);
  await it.init?.();
  await it.activate?.();
  const graph = buildNet(name, true);
  const x = uniform(
    graph.inputShape.reduce((a, b) => a * b),
    hashName(name),
    1,
  );
  const made = await it.create({ type: "net" }, { graph, x });
  for (let i = 0; i < 3; i++) await made.run();
  const bytes = [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { wasm: bytes, told: made.memory?.() };
}
