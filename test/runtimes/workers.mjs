// Hosts that forbid compiling: Cloudflare's workerd, and the edge VM with code generation off. Programs are bundled for
// them as their own tools do it, with .wasm files compiled apart from the code.
import { createRequire } from "node:module";
import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { within } from "./processes.mjs";
import { read, scratch } from "./scratch.mjs";

const relaxed = { simd: true, relaxedSimd: true, sharedMemory: true, crossOriginIsolated: true, binary: "relaxed" };

export const workers = [host("workerd", relaxed, workerd), host("edge VM", relaxed, edgeVm)];

function host(name, features, run) {
  return {
    name,
    features,
    report: ({ file }) => within(40, run(file.replace(/\.mjs$/, ".worker.mjs")), `${name}, ${file}`),
  };
}

/** One answer of a Worker. */
async function workerd(file) {
  const worker = await startWorker(file);
  try {
    const response = await worker.dispatchFetch("http://worker/");
    return await response.json();
  } finally {
    await worker.dispose();
  }
}

/** Wrangler's way: conditions workerd, worker, browser; every .wasm file is a module of its own. */
export async function startWorker(file, options = {}) {
  const bundle = await bundled(file, ["workerd", "worker", "browser"], (name) => `export { default } from "./${name}"`);
  const modules = [
    { type: "ESModule", path: "worker.mjs", contents: bundle.code },
    ...bundle.binaries.map(([path, contents]) => ({ type: "CompiledWasm", path, contents })),
  ];
  return new Miniflare({ modules, compatibilityDate: "2026-01-01", host: "127.0.0.1", port: 0, ...options });
}

/** Next's way: condition edge-light; .wasm files are compiled by the server and handed in as globals. */
async function edgeVm(file) {
  const bundle = await bundled(file, ["edge-light"], (name) => `export default globalThis["${name}"]`);
  const vm = new EdgeVM({
    codeGeneration: { strings: false, wasm: false },
    extend: (context) => {
      for (const [name, bytes] of bundle.binaries) context[name] = new WebAssembly.Module(bytes);
      return context;
    },
  });
  const [code] = bundle.code.split(/\/\/# source/);
  const text = await vm.evaluate(`${code}; bundle.default.fetch().then((response) => response.text())`);
  return JSON.parse(text);
}

/** @returns the code of a program, and the .wasm files that it imports. */
async function bundled(file, conditions, stub) {
  const binaries = new Map();
  const external = { name: "wasm", setup: (build) => separate(build, binaries, stub) };
  const format = conditions.includes("workerd") ? "esm" : "iife";
  const { outputFiles } = await build({
    entryPoints: [file],
    absWorkingDir: scratch,
    bundle: true,
    write: false,
    format,
    globalName: "bundle",
    conditions,
    plugins: [external],
    external: ["*.compiled", "cloudflare:workers"],
    logLevel: "silent",
  });
  return { code: outputFiles[0].text, binaries: [...binaries] };
}

function separate(build, binaries, stub) {
  build.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => ({
    path: createRequire(`${resolveDir}/`).resolve(path.replace("?module", "")),
    namespace: "wasm",
  }));
  build.onLoad({ filter: /.*/, namespace: "wasm" }, ({ path }) => {
    const name = `${path.match(/([\w-]+)\.wasm$/)[1]}.compiled`;
    binaries.set(name, read(`node_modules/striate/dist/${name.replace("compiled", "wasm")}`));
    return { contents: stub(name) };
  });
}
