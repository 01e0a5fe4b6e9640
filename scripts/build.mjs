// assembly/ -> build/*.wasm -> build/*.js (the same as text) -> dist/, and the examples that need bundling.
// A stage runs when the content of its inputs changed or an output is missing, so that every command can call this.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle, entries, namespaces, targets } from "./bundle.mjs";
import { bundleCommand } from "./command.mjs";
import { fail, install, minutes, readIfPresent, removeFrom, root } from "./setup.mjs";

const stampFile = join(root, "build/stamps.json");

/**
 * @param {{ declarations?: boolean, text?: boolean }} options declarations: also write dist/*.d.ts;
 * text: also write build/*.wat
 */
export async function build({ declarations = false, text = false } = {}) {
  process.chdir(root);
  install();
  mkdirSync("build", { recursive: true });
  const common = ["package-lock.json", "scripts/build.mjs", "scripts/bundle.mjs"];
  const kernelInputs = ["assembly", "asconfig.json", ...common];
  const sourceInputs = ["src", "tsconfig.json", ...common];

  await Promise.all(
    targets.map((target) => {
      const outputs = [`build/${target}.wasm`, `build/${target}.js`, `build/${target}.d.ts`];
      if (text) outputs.push(`build/${target}.wat`);
      return stage(`kernels (${target})`, kernelInputs, outputs, () => kernels(target, text));
    }),
  );
  const binaries = targets.map((target) => `build/${target}.wasm`);
  const shipped = [
    ...entries.map((entry) => `dist/${entry}.js`),
    ...targets.flatMap((target) => [`dist/${target}.js`, `dist/${target}.wasm`]),
  ];
  await stage("dist", [...sourceInputs, ...binaries], shipped, bundle);
  await stage(
    "dist/cli.js",
    [...sourceInputs, "package.json", "scripts/command.mjs"],
    ["dist/cli.js", "dist/LICENSE-cli"],
    () => bundleCommand({ ...Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])), ...namespaces }),
  );
  if (declarations) await stage("declarations", [...sourceInputs, "tsconfig.build.json"], ["dist/index.d.ts"], declare);
  if (existsSync("examples/digits/main.ts")) {
    await stage("examples/digits", ["examples/digits", ...common], ["build/digits.mjs"], bundleDigits);
  }
}

/** Compiles one AssemblyScript target of asconfig.json and wraps it as a module that any bundler and host can import. */
async function kernels(target, text) {
  const wasm = `build/${target}.wasm`;
  const textOptions = text ? ["--textFile", `build/${target}.wat`] : [];
  const window = target.endsWith("-extra") ? "assembly/extra.ts" : "assembly/index.ts";
  await run("node_modules/assemblyscript/bin/asc.js", [window, "--target", target, ...textOptions]);
  appendFileSync(wasm, label(`${target} ${hash(["assembly", "asconfig.json"]).slice(0, 8)}`));
  writeFileSync(`build/${target}.js`, `export default "${encodeText(readFileSync(wasm))}";\n`);
  writeFileSync(`build/${target}.d.ts`, "declare const text: string;\nexport default text;\n");
}

/** The custom section "striate", by which src/runtime/load.ts knows a file and the build that it belongs to. */
function label(text) {
  const content = ["striate", text].map((part) => Buffer.from(part));
  const size = 1 + content[0].length + content[1].length;
  return Buffer.concat([Buffer.of(0, size, content[0].length), ...content]);
}

/** What decodeText of src/runtime/loaders/everywhere.ts reads. */
function encodeText(bytes) {
  const digit = (n) => (n === 2 ? "|" : n === 60 ? "}" : String.fromCharCode(n + 32));
  return Array.from(bytes, (byte) => {
    const place = (byte + 3) & 255;
    return place < 90 ? digit(place + 2) : digit(Math.floor((place - 90) / 92)) + digit((place - 90) % 92);
  }).join("");
}

/** `striate` stays an import: Node resolves it through this package's own exports, as it does for users. */
async function bundleDigits() {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: ["examples/digits/main.ts"],
    outfile: "build/digits.mjs",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    tsconfigRaw: {}, // the `striate` path of tsconfig.json is for the type checker
    sourcemap: true,
    logLevel: "warning",
  });
}

/** Interfaces merge with those that the user's `lib` or @types/node has, and stand for them where these have none. */
const hostTypes = `declare global {
    namespace WebAssembly { interface Memory {} interface Module {} }
    interface AbortSignal {}
    interface Response {}
    interface URL {}
}
`;

async function declare() {
  removeFrom("dist", /\.d\.ts$/);
  await run("node_modules/typescript/bin/tsc", ["--project", "tsconfig.build.json"]);
  // tsc rewrites "./x.ts" in JavaScript only, and not every resolver finds x.d.ts under that name.
  for (const file of filesOf("dist").filter((name) => name.endsWith(".d.ts"))) {
    const types = readFileSync(file, "utf8");
    // For users whose `lib` has no Symbol.dispose yet, or nothing of a browser.
    const lib = types.includes("Symbol.dispose") ? '/// <reference lib="esnext.disposable" />\n' : "";
    const host = /WebAssembly|AbortSignal/.test(types) ? hostTypes : "";
    writeFileSync(file, lib + host + types.replace(/(["']\.\.?\/[^"']+)\.ts(["'])/g, "$1.js$2"));
  }
}

async function stage(name, inputs, outputs, work) {
  const digest = hash(inputs);
  const stamps = readStamps();
  if (stamps[name] === digest && outputs.every((file) => existsSync(file))) return;
  console.error(`striate: building ${name}`);
  await work();
  writeFileSync(stampFile, JSON.stringify({ ...readStamps(), [name]: digest }, null, 2));
}

function readStamps() {
  return JSON.parse(readIfPresent(stampFile) ?? "{}");
}

function hash(paths) {
  const digest = createHash("sha256");
  for (const file of paths.flatMap((path) => filesOf(path)))
    digest.update(file).update("\0").update(readFileSync(file));
  return digest.digest("hex");
}

function filesOf(path) {
  if (!existsSync(path)) fail(`${path} is missing`);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}

/** Runs a JavaScript tool; its output shows, and a failure ends the command. */
function run(script, args) {
  return new Promise((resolve) => {
    const options = { stdio: ["ignore", "inherit", "inherit"], timeout: minutes(10) };
    const child = spawn(process.execPath, [script, ...args], options);
    child.on("close", (code) => (code === 0 ? resolve() : fail(`${script} ${args.join(" ")} failed`)));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build({ declarations: true, text: process.argv.includes("--text") });
}
