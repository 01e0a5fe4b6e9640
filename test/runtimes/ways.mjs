// The table: what is tried, and where. A way is a program that some hosts run, and what its report has to say.
import { browsers } from "./browsers.mjs";
import { bundle, smallPrograms, viteServer } from "./bundlers.mjs";
import { commands, nodes } from "./commands.mjs";
import { examples } from "./examples.mjs";
import { workers } from "./workers.mjs";

const bun = commands.find(({ name }) => name === "Bun");
const deno = commands.find(({ name }) => name === "Deno");

/** Its columns. */
export const hosts = [...commands, ...workers, ...browsers];

const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const noWasm = { "content-security-policy": "script-src 'self' 'unsafe-inline'" };

/** Its rows. `program` may be a function that makes one, such as a bundler. */
export const ways = [
  { name: "import", program: { file: "import.mjs" }, hosts, expect: computes },
  { name: "require()", program: { file: "require.cjs" }, hosts: [...nodes, bun], expect: computes },
  {
    name: "striate/url",
    program: { file: "url.mjs", denoFlags: ["--allow-read"] },
    hosts: [...commands, ...browsers],
    expect: computes,
  },
  { name: "striate/core", program: { file: "core.mjs", denoFlags: ["--allow-read"] }, hosts, expect: computes },
  { name: "worker_threads", program: { file: "thread.mjs" }, hosts: [...nodes, bun], expect: computes },
  {
    name: "module worker",
    program: { file: "worker.mjs", denoFlags: ["--allow-read"] }, // which Deno wants for any worker
    hosts: [deno, bun, ...browsers],
    expect: computes,
  },
  {
    name: "service worker",
    program: { file: "service.mjs", query: "&script=/serviceWorker.mjs&type=module" },
    hosts: browsers,
    expect: computes,
  },
  {
    name: "cross-origin isolated",
    program: { file: "import.mjs", headers: isolation },
    hosts: browsers,
    expect: (report, host) => computes(report, { ...host, features: host.isolated }),
  },

  { name: "esbuild, esm", program: bundle.esbuildEsm, hosts: [...commands, ...browsers], expect: computes },
  { name: "esbuild, iife", program: bundle.esbuildIife, hosts: [...commands, ...browsers], expect: computes },
  { name: "esbuild, cjs", program: bundle.esbuildCjs, hosts: commands, expect: computes },
  { name: "esbuild, service worker", program: bundle.serviceWorker, hosts: browsers, expect: computes },
  { name: "Vite, service worker", program: bundle.viteServiceWorker, hosts: browsers, expect: computes },
  { name: "webpack, service worker", program: bundle.webpackServiceWorker, hosts: browsers, expect: computes },
  { name: "Vite, build", program: bundle.vite, hosts: browsers, expect: computes },
  { name: "Vite, dev", program: viteServer, hosts: browsers, expect: computes },
  { name: "webpack", program: bundle.webpack, hosts: browsers, expect: computes },
  { name: "webpack, target node", program: bundle.webpackNode, hosts: [...nodes, bun], expect: computes },
  { name: "Rollup", program: bundle.rollup, hosts: [...commands, ...browsers], expect: computes },
  { name: "Rolldown", program: bundle.rolldown, hosts: [...commands, ...browsers], expect: computes },
  { name: "Parcel", program: bundle.parcel, hosts: browsers, expect: computes },

  {
    name: "a bundle without the second module",
    program: smallPrograms,
    hosts: browsers.slice(0, 1),
    run: reportAll,
    expect: ({ failures }) => failures,
  },
  {
    name: "import touches nothing",
    program: { file: "inert.mjs", flags: ["--experimental-vm-modules", "--no-warnings"] },
    hosts: nodes,
    expect: ({ failures }) => failures,
  },
  {
    name: "told: no WebAssembly",
    program: { file: "refusal.mjs", flags: ["--jitless"] },
    hosts: nodes,
    expect: refuses("this host has no WebAssembly"),
  },
  {
    name: "told: no SIMD",
    program: { file: "refusal.mjs", env: { BUN_JSC_useWasmSIMD: "0" } },
    hosts: [bun],
    expect: refuses("this host's WebAssembly has no SIMD (128-bit), which striate needs"),
  },
  {
    name: "told: CSP forbids",
    program: { file: "refusal.mjs", headers: noWasm },
    hosts: browsers,
    expect: refuses("this page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src"),
  },
  {
    name: "told: service worker in parts",
    program: bundle.serviceWorkerInParts,
    hosts: browsers,
    expect: refuses(
      'service workers may not import() a part of a bundle; import from "striate/url" here, or bundle into one file',
    ),
  },
  {
    name: "told: compiling forbidden",
    program: { file: "refusal.mjs" },
    hosts: workers,
    expect: refuses(
      "this host forbids compiling WebAssembly; bundle for the condition workerd or edge-light, or pass a WebAssembly.Module as module",
    ),
  },

  ...examples,
];

/** One report of several programs. */
async function reportAll(host, { programs, origin }) {
  const failures = [];
  for (const program of programs) {
    const report = await host.report({ ...program, origin });
    failures.push(...report.failures.map((failure) => `${program.file}: ${failure}`));
  }
  return { failures };
}

/** The whole of programs/smoke.js, on the binary and with the features that are known of the host. */
function computes({ failures, features }, host) {
  const told = Object.entries(host.features).filter(
    ([name, value]) => features !== undefined && features[name] !== value,
  );
  return [...failures, ...told.map(([name, value]) => `features.${name} is ${features[name]}, not ${value}`)];
}

function refuses(message) {
  const expected = `UnsupportedError: init: ${message}`;
  return ({ refusal }) => (refusal === expected ? [] : [`expected ${expected}\n     got ${refusal}`]);
}
