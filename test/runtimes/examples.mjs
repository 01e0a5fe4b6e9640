// The examples, as rows: each does in its host what its reader would do with it.
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { draw, randomFrom } from "../../examples/shared/digits.js";
import { browsers, watched } from "./browsers.mjs";
import { viteExample } from "./bundlers.mjs";
import { commands, nodes } from "./commands.mjs";
import { end, start, within } from "./processes.mjs";
import { read, scratch, tool } from "./scratch.mjs";
import { startWorker, workers } from "./workers.mjs";

const named = (name) => [...commands, ...workers].filter((host) => host.name === name);

export const examples = [
  example("examples/node", nodes, { file: "examples/node/main.js" }, async (host, program) => {
    const model = `digits-${host.name.replace(" ", "-")}.safetensors`;
    await host.text({ ...program, args: ["train", model] });
    return says("This is a 7 ", await host.text({ ...program, args: ["guess", model, "7"] }));
  }),
  example("examples/deno", named("Deno"), { file: "examples/deno/main.js" }, async (host, program) =>
    says("This is a 7.", await host.text(program)),
  ),
  example("examples/bun", named("Bun"), { file: "examples/bun/main.js" }, bunServer),
  example("examples/browser", browsers, { file: "examples/browser/index.html" }, page("step 300, loss \\S+e-")),
  example("examples/vite", browsers, viteExample, page("This is a \\d")),
  example("examples/worker", named("workerd"), { file: "examples/worker/worker.js" }, worker),
];

/** run: returns what is wrong, as lines of text */
function example(name, hosts, program, run) {
  return { name, hosts, program, run, expect: (found) => found };
}

function says(expected, text) {
  return text.includes(expected) ? [] : [`does not say "${expected}":\n${text}`];
}

function page(pattern) {
  return async (host, program) => {
    const { failures } = await host.report({ ...program, html: watched(read(program.file), pattern) });
    return failures;
  };
}

/** An image of 0 to 255, as the servers take it. */
function bytesOf(digit, random) {
  return Uint8Array.from(draw(digit, random), (value) => 255 * value);
}

async function bunServer(_, { file }) {
  const env = { ...process.env, PORT: "0" };
  const server = start([tool("@oven/bun-linux-x64/bin/bun"), file], { cwd: scratch, env });
  try {
    const origin = await within(30, saidBy(server, /http:\/\/[\d.:]+/), file);
    const answer = await fetch(origin, { method: "POST", body: bytesOf(4, randomFrom(5)) });
    const refused = await fetch(origin, { method: "POST", body: "no image" });
    return [...says('"digit":4', await answer.text()), ...says("POST 144 bytes", await refused.text())];
  } finally {
    end(server);
  }
}

function saidBy(child, pattern) {
  return new Promise((resolve, reject) => {
    child.stdout.on("data", () => pattern.test(child.output) && resolve(child.output.match(pattern)[0]));
    child.ended.then((code) => reject(new Error(`ended with ${code}\n${child.output}`)));
  });
}

/** Learns from sixty batches, refuses what is no sample, and knows what it learned after a restart. */
function worker(_, { file }) {
  const storage = mkdtempSync(join(scratch, ".storage-"));
  let refused;
  const lessons = async (post) => {
    const random = randomFrom(11);
    for (let i = 0; i < 60; i++) await post("samples", batch(100, random));
    const answer = post("samples", new Uint8Array(145).fill(200));
    refused = await answer.then(
      () => false,
      ({ message }) => message.includes(": 400 "),
    );
    return guesses(post);
  };
  return within(60, learnTwice(), file);

  async function learnTwice() {
    const first = await withWorker(file, storage, lessons);
    const second = await withWorker(file, storage, guesses);
    const right = first.filter(({ digit, seen }, i) => digit === i % 10 && seen === 6000).length;
    const same = JSON.stringify(first) === JSON.stringify(second);
    return [
      ...(right >= 18 ? [] : [`${right} of 20 digits are right: ${JSON.stringify(first)}`]),
      ...(refused ? [] : ["it takes a label of 200"]),
      ...(same ? [] : [`after a restart it guesses ${JSON.stringify(second)}, before it was ${JSON.stringify(first)}`]),
    ];
  }
}

async function withWorker(file, storage, use) {
  const durableObjects = { CLASSIFIER: { className: "Classifier", useSQLite: true } };
  const running = await startWorker(file, { durableObjects, durableObjectsPersist: storage });
  try {
    return await use(async (path, body) => {
      const response = await running.dispatchFetch(`http://worker/${path}`, { method: "POST", body });
      if (!response.ok) throw new Error(`/${path}: ${response.status} ${await response.text()}`);
      return response.json();
    });
  } finally {
    await running.dispose();
  }
}

async function guesses(post) {
  const random = randomFrom(99);
  const answers = [];
  for (let i = 0; i < 20; i++) answers.push(await post("guess", bytesOf(i % 10, random)));
  return answers;
}

function batch(count, random) {
  return Uint8Array.from(Array.from({ length: count }, (_, i) => [i % 10, ...bytesOf(i % 10, random)]).flat());
}
