// dist/*.js of src/ and the kernels: what bundlers and hosts of all kinds load.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fail, removeFrom, root } from "./setup.mjs";

/** The files of kernels, as asconfig.json has them. */
export const targets = ["simd", "simd-extra", "relaxed", "relaxed-extra"];
export const entries = ["index", "index.workerd", "url", "core"];
/** "index" as bundlers read it (condition `module`); dist/index.js comes of it. */
const BUNDLERS = "index.bundler";
/** Files of their own, of which bundlers keep what a program uses: what src/library.ts exports as namespaces, and importers. */
export const namespaces = {
  datasets: "src/datasets/index.ts",
  images: "src/images/index.ts",
  keras: "src/io/keras/index.ts",
  layers: "src/layers/index.ts",
  losses: "src/losses/index.ts",
  metrics: "src/metrics/index.ts",
  onnx: "src/io/onnx/index.ts",
  ops: "src/ops/index.ts",
  optimizers: "src/optimizers/index.ts",
  regularizers: "src/layers/regularizers.ts",
  schedules: "src/optimizers/schedules.ts",
  textbook: "src/textbook.ts",
};
const library = readFileSync(join(root, "src/library.ts"), "utf8");

export async function bundle() {
  const esbuild = await import("esbuild");
  /** @type {import("esbuild").BuildOptions} */
  const common = {
    ...{ bundle: true, format: "esm", platform: "neutral", target: "es2022", outdir: "dist", logLevel: "warning" },
    minify: true, // a third less for V8 to scan at each start; the source map gives the names back
    lineLimit: 120, // Node prints the line that throws
    sourcemap: true,
  };
  removeFrom("dist", /^(?!cli\.js).*\.(js|map|wasm)$/);
  mkdirSync("dist", { recursive: true });
  const { outputFiles } = await esbuild.build({
    ...common,
    entryPoints: {
      ...Object.fromEntries(entries.map((entry) => [entry === "index" ? BUNDLERS : entry, `src/${entry}.ts`])),
      ...namespaces,
    },
    splitting: true, // one copy of the library, and one current runtime, whichever entries are in use
    mainFields: ["module", "main"],
    define: { SHIPPED_BYTES: JSON.stringify(shippedBytes()) },
    plugins: [binaries, loader, apart, together, kept],
    logOverride: { "ignored-bare-import": "silent" }, // `together` wants no code of these
    write: false,
  });
  for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith(".js") ? withPure(text) : text);
  // Where nobody bundles, each file is asked for: namespaces become objects of dist/index.js.
  const chunks = outputFiles.map(({ path }) => basename(path)).filter((file) => /^chunk-.*\.js$/.test(file));
  const external = [...chunks, ...targets.map((target) => `${target}.js`)].map((file) => `./${file}`);
  await esbuild.build({ ...common, entryPoints: { index: `dist/${BUNDLERS}.js` }, external, ignoreAnnotations: true });
  for (const target of targets) {
    for (const file of [`${target}.js`, `${target}.wasm`]) copyFileSync(`build/${file}`, `dist/${file}`);
  }
  const apache = readFileSync("node_modules/assemblyscript/LICENSE", "utf8");
  const [google] = readFileSync("node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js", "utf8").split("/**");
  writeFileSync("dist/LICENSE-assemblyscript", `${loaderNotice}\n${apache}`);
  writeFileSync("dist/LICENSE-protobuf", `${protobufNotice}\n${google}\n${apache}`);
}

/** What src/runtime/loaders/everywhere.ts compares files with. */
function shippedBytes() {
  return Object.fromEntries(targets.map((target) => [target, statSync(`build/${target}.wasm`).size]));
}

/** Keeps the kernels apart: a host loads what it runs, and no source map repeats them. */
const binaries = {
  name: "binaries",
  setup(build) {
    build.onResolve({ filter: /\/build\/[\w-]+\.(js|wasm\?module)$/ }, ({ path }) => ({
      path: `./${path.slice(path.lastIndexOf("/") + 1)}`,
      external: true,
    }));
  },
};

/** Keeps the namespaces apart: bundled into one object each, nothing of them could be left out. */
const apart = {
  name: "apart",
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ path, importer }) => {
      if (!entries.some((entry) => importer === join(root, `src/${entry}.ts`))) return undefined;
      const found = Object.entries(namespaces).find(([, file]) => file === path.replace("./", "src/"));
      return found && { path: `./${found[0]}.js`, external: true };
    });
  },
};

/**
 * Keeps all other code together, since a file costs a start more than what is in it (docs/decisions/0007). esbuild makes one of what the
 * same entries reach, so `ops` says that it reaches `init`, and every other entry that it reaches all of the library: two files, what
 * a program of ops needs, and the rest.
 */
const together = {
  name: "together",
  setup(build) {
    build.onResolve({ filter: /^library$/ }, ({ path }) => ({ path, namespace: "together" }));
    build.onLoad({ filter: /./, namespace: "together" }, () => ({
      contents: library,
      resolveDir: join(root, "src"),
      loader: "ts",
    }));
  },
};

/** The source of an entry or a namespace, as `apart` and `together` need it. */
function entered(path, source) {
  const file = relative(root, path).replaceAll("\\", "/");
  if (file === namespaces.ops) return `${source}import "../runtime/init.ts";\n`;
  if (Object.values(namespaces).includes(file)) return `${source}import "library";\n`;
  if (!entries.some((entry) => file === `src/${entry}.ts`)) return source;
  return `${source.replace('export * from "./library.ts";', library)}import "library";\n`;
}

/**
 * What minifying takes. Classes keep their names: Node shows them with errors that nobody catches, and with what it prints. And
 * calls that bundlers may leave out pass a word on the way, in the place of which withPure writes the comment again.
 */
const kept = {
  name: "kept",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = entered(path, source)
        .replace(/^((?:export )?(?:abstract )?class (\w+).*\{)$/gm, '$1 static name = "$2";')
        .replace(/\/\* @__PURE__ \*\/ (\w+)\(/g, `$1(${PURE}, `);
      return { contents, loader: "ts" };
    });
  },
};

const PURE = '"@__PURE__"';

function withPure(code) {
  const word = PURE.split("").join("(?:\\\\\n)?"); // lines end within strings, too
  const marked = code.replace(new RegExp(`([\\w$]+)\\(\\s*${word},?`, "g"), "/*@__PURE__*/$1(");
  if (marked.replaceAll("\\\n", "").includes(PURE)) fail(`${PURE} is left as an argument`);
  return marked;
}

/**
 * The loader makes a decoder and writes to Object when it is imported; in the package it does nothing then. Nor does it bring what
 * reads and makes AssemblyScript's strings, arrays and objects, of which kernels have none (docs/decisions/0006).
 */
const loader = {
  name: "loader",
  setup(build) {
    build.onLoad({ filter: /@assemblyscript[\\/]loader[\\/]index\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [found, instead] of [
        ["const utf16 = new TextDecoder(", "const utf16 = () => new TextDecoder("],
        ["utf16.decode(", "utf16().decode("],
        [/^Object\.hasOwn = [\s\S]*?^};\n/m, ""],
        [/ {2}const extended = preInstantiate\(imports\);\n(?= {2}const instance = new )/, ""],
        [
          / {2}const exports = postInstantiate\(extended, instance\);\n {2}return \{ module, instance, exports \};\n\}(?=\n\n\/\*\* Async[^\n]*response)/,
          "  return { module, instance };\n}",
        ],
      ]) {
        if (contents.split(found).length !== 2) fail(`the AssemblyScript loader has no "${found}"`);
        contents = contents.replace(found, instead);
      }
      return { contents };
    });
  },
};

const loaderNotice = `The files dist/chunk-*.js contain the loader of AssemblyScript (https://www.assemblyscript.org), changed so that it makes
no TextDecoder and does not touch Object.hasOwn when it is imported, and without what reads AssemblyScript's own objects. It is under the following license.
`;

const protobufNotice = `The file dist/onnx.js contains the runtime of Protobuf-ES (https://github.com/bufbuild/protobuf-es) and a description of
ONNX files made from onnx.proto (https://github.com/onnx/onnx), both under the Apache license below; its reader of varints is by
Google, under the terms that come first.
`;
