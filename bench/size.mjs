// What a page downloads for a minimal conv2d + max pooling program (size/): its JavaScript, bundled and minified by
// esbuild, and the one .wasm it loads.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { build } from "esbuild";
import { readOptions } from "./lib/args.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");

const BINARY = /^(simd|relaxed)-(?!extra-)/;

/**
 * entry: a file of size/; wasm: files that it loads; parts: by their first names those that it imports later on, of each the largest;
 * packages: what has to be installed.
 */
const PROGRAMS = {
  striate: { entry: "striate.js", parts: [BINARY], packages: ["striate/dist"] },
  "striate-all": { entry: "striate-all.js", parts: [BINARY, /^\w+-extra-/], packages: ["striate/dist"] },
  "tfjs-wasm": {
    entry: "tfjs-wasm.js",
    wasm: ["@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"],
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-cpu"],
  },
  "tfjs-cpu": { entry: "tfjs-cpu.js", packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"] },
  "ort-web": {
    entry: "ort-web-wasm.js",
    wasm: ["onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"],
    packages: ["onnxruntime-web", "onnxruntime-common"],
  },
  "ort-web-default": {
    entry: "ort-web-default.js",
    wasm: ["onnxruntime-web/dist/ort-wasm-simd-threaded.jsep.wasm"],
    packages: ["onnxruntime-web", "onnxruntime-common"],
  },
  convnetjs: { entry: "convnetjs.js", packages: ["convnetjs"] },
  "jax-js": { entry: "jax-js.js", packages: ["@jax-js/jax"] }, // generates its wasm at run time
};

const { contenders: names, out } = readOptions("Bytes that a page downloads for conv2d and max pooling.", {
  contenders: [Object.keys(PROGRAMS), "which programs"],
  out: ["", "results as JSON"],
});
const results = {};
for (const name of names) {
  if (!PROGRAMS[name]) throw new Error(`no program ${name}; there are: ${Object.keys(PROGRAMS).join(", ")}`);
  results[name] = await measure(name, PROGRAMS[name]);
  print(name, results[name]);
}
if (out) fs.writeFileSync(out, JSON.stringify(results, null, 1));

async function measure(name, { entry, wasm = [], parts = [/./], packages }) {
  const js = compressedSizes(await bundle(name, entry, parts));
  const files = wasm.map((file) => [path.basename(file), compressedSizes([fs.readFileSync(path.join(modules, file))])]);
  const total = sumOf([js, ...files.map(([, sizes]) => sizes)]);
  const installBytes = packages.reduce((bytes, name) => bytes + folderSize(path.join(modules, name)), 0);
  return { js, wasm: Object.fromEntries(files), total, installBytes, installPackages: packages };
}

/** The files of the bundle that a page loads: the entry, what it imports, and `parts` of what it may import later on. */
async function bundle(name, entry, parts) {
  const { metafile } = await build({
    entryPoints: [path.join(here, "size", entry)],
    outdir: path.join(here, "out/size", name),
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    tsconfigRaw: {}, // the `striate` path of tsconfig.json would bundle the sources instead of the package
    define: { "process.env.NODE_ENV": '"production"' },
    external: ["fs", "path", "worker_threads", "perf_hooks", "os", "util", "crypto"],
    logLevel: "error",
  });
  const { outputs } = metafile;
  const start = Object.keys(outputs).find((file) => outputs[file].entryPoint?.endsWith(entry));
  return loadedFiles(outputs, start, parts).map((file) => fs.readFileSync(file));
}

/** Of several that fit a part an importer loads one: the binary that its host can run. */
function loadedFiles(outputs, start, parts) {
  const loaded = new Set();
  const load = (file) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const imports = outputs[file].imports.filter(({ external }) => !external);
    for (const { path } of imports.filter(({ kind }) => kind === "import-statement")) load(path);
    const dynamic = imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path);
    for (const part of parts) {
      const fitting = dynamic.filter((file) => part.test(path.basename(file)));
      if (fitting.length > 0) load(fitting.reduce((a, b) => (outputs[b].bytes > outputs[a].bytes ? b : a)));
    }
  };
  load(start);
  return [...loaded];
}

/** Each file is compressed by itself, as a server does. */
function compressedSizes(files) {
  return sumOf(
    files.map((bytes) => ({
      raw: bytes.length,
      gzip: zlib.gzipSync(bytes, { level: 9 }).length,
      brotli: brotli(bytes).length,
    })),
  );
}

function brotli(bytes) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return zlib.brotliCompressSync(bytes, { params });
}

function sumOf(list) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const sizes of list) {
    for (const key in total) total[key] += sizes[key];
  }
  return total;
}

function folderSize(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + fs.statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

function print(name, { js, total, installBytes }) {
  const kB = (bytes) => `${(bytes / 1000).toFixed(1).padStart(8)} kB`;
  const columns = [
    `brotli ${kB(total.brotli)} (js ${kB(js.brotli)})`,
    `gzip ${kB(total.gzip)}`,
    `raw ${kB(total.raw)}`,
    `installed ${kB(installBytes)}`,
  ];
  console.log(name.padEnd(16), columns.join("  "));
}
