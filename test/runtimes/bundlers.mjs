// Bundlers: each is a command line that takes a program of the scratch project, with no configuration, into a folder.
import { readdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { html } from "./browsers.mjs";
import { end, run, start, within } from "./processes.mjs";
import { scratch, tool } from "./scratch.mjs";

const options = {
  cwd: scratch,
  env: { ...process.env, PATH: [dirname(tool("n24/bin/node")), process.env.PATH].join(delimiter), NO_COLOR: "1" },
};
const bin = (name) => tool(`.bin/${name}`);
const nodeResolve = tool("@rollup/plugin-node-resolve/dist/es/index.js");

/** @returns a function that bundles, and tells how to run what came out */
const bundler = (folder, command, program) => async () => {
  const written = await run(command(`out/${folder}`), options);
  if (/warning/i.test(written)) throw new Error(`${folder}: a user would see\n${written}`);
  return program(`out/${folder}`);
};

const esbuild = (...flags) => [bin("esbuild"), "--bundle", "--log-level=warning", ...flags];

/** What out of import.mjs becomes. */
export const bundle = {
  esbuildEsm: bundler(
    "esbuild-esm",
    (out) => esbuild("import.mjs", "--format=esm", "--splitting", `--outdir=${out}`),
    (out) => ({ file: `${out}/import.js` }),
  ),
  esbuildIife: bundler(
    "esbuild-iife",
    (out) => esbuild("import.mjs", "--format=iife", `--outdir=${out}`),
    (out) => ({ file: `${out}/import.js`, classic: true }),
  ),
  esbuildCjs: bundler(
    "esbuild-cjs",
    (out) => esbuild("import.mjs", "--format=cjs", "--platform=node", `--outfile=${out}/import.cjs`),
    (out) => ({ file: `${out}/import.cjs` }),
  ),
  serviceWorker: bundler(
    "esbuild-service-worker",
    (out) => esbuild("serviceWorker.mjs", "--format=iife", `--outdir=${out}`),
    (out) => ({ file: "service.mjs", query: `&script=/${out}/serviceWorker.js&type=classic` }),
  ),
  serviceWorkerInParts: bundler(
    "esbuild-service-worker-in-parts",
    (out) => esbuild("serviceWorker.mjs", "--format=esm", "--splitting", `--outdir=${out}`),
    (out) => ({ file: "service.mjs", query: `&script=/${out}/serviceWorker.js&type=module&ask=refusal` }),
  ),
  vite: bundler(
    "vite",
    (out) => [bin("vite"), "build", "--base", "./", "--outDir", out, "--logLevel", "warn"],
    (out) => ({ file: "Vite's page", location: `/${out}/index.html` }),
  ),
  viteServiceWorker: bundler(
    "vite-service-worker",
    (out) => [
      bin("vite"),
      "build",
      "viteService",
      "--base",
      "./",
      "--outDir",
      join(scratch, out),
      "--logLevel",
      "warn",
    ],
    (out) => ({ file: "service.mjs", query: `&script=/${out}/assets/${built(out, /^serviceWorker/)}&type=classic` }),
  ),
  webpack: bundler(
    "webpack",
    (out) => webpack(out, "web"),
    (out) => ({ file: `${out}/main.js`, classic: true }),
  ),
  webpackServiceWorker: bundler(
    "webpack-service-worker",
    (out) => webpack(out, "webworker", "./serviceWorker.url.mjs"),
    (out) => ({ file: "service.mjs", query: `&script=/${out}/main.js&type=classic` }),
  ),
  webpackNode: bundler(
    "webpack-node",
    (out) => webpack(out, "node"),
    (out) => ({ file: `${out}/main.cjs` }),
  ),
  rollup: bundler(
    "rollup",
    (out) => [bin("rollup"), "import.mjs", "--dir", out, "--format", "es", "--plugin", nodeResolve, "--silent"],
    (out) => ({ file: `${out}/import.js` }),
  ),
  rolldown: bundler(
    "rolldown",
    (out) => [bin("rolldown"), "import.mjs", "--dir", out, "--format", "esm"],
    (out) => ({ file: `${out}/import.js` }),
  ),
  parcel: bundler(
    "parcel",
    (out) => [bin("parcel"), "build", "index.html", "--dist-dir", out, "--public-url", "./", "--log-level", "warn"],
    (out) => ({ file: "Parcel's page", location: `/${out}/index.html` }),
  ),
};

/** Bundlers that leave out what calls marked as pure would be for: Parcel is none. */
const small = [
  bundler(
    "small-esbuild",
    (out) => esbuild("small.mjs", "--format=esm", "--splitting", `--outdir=${out}`),
    (out) => ({ file: `${out}/small.js` }),
  ),
  bundler(
    "small-webpack",
    (out) => webpack(out, "web", "./small.mjs"),
    (out) => ({ file: `${out}/main.js`, classic: true }),
  ),
  bundler(
    "small-rollup",
    (out) => [bin("rollup"), "small.mjs", "--dir", out, "--format", "es", "--plugin", nodeResolve, "--silent"],
    (out) => ({ file: `${out}/small.js` }),
  ),
  bundler(
    "small-rolldown",
    (out) => [bin("rolldown"), "small.mjs", "--dir", out, "--format", "esm"],
    (out) => ({ file: `${out}/small.js` }),
  ),
];

/** What these make of small.mjs. */
export async function smallPrograms() {
  const programs = [];
  for (const make of small) programs.push(await make());
  return { programs };
}

/** The example of Vite, built as its package.json says. */
export const viteExample = bundler(
  "vite-example",
  (out) => [
    bin("vite"),
    "build",
    "examples/vite",
    "--base",
    `/${out}/`,
    "--outDir",
    join(scratch, out),
    "--logLevel",
    "warn",
  ],
  (out) => ({ file: `${out}/index.html` }),
);

/** The asset of a Vite build whose name begins so. */
function built(out, name) {
  return readdirSync(join(scratch, out, "assets")).find((file) => name.test(file));
}

function webpack(out, target, entry = "./import.mjs") {
  const filename = target === "node" ? ["--output-filename", "[name].cjs", "--output-chunk-filename", "[id].cjs"] : [];
  return [bin("webpack"), "--mode", "production", "--entry", entry, "-o", out, "--target", target, ...filename];
}

/** The page that Vite and Parcel begin with. */
export function writePage() {
  writeFileSync(join(scratch, "index.html"), html({ file: "import.mjs", bundled: true }));
}

/** Starts Vite's own server, which runs until the suite ends. */
export async function viteServer() {
  const server = start([bin("vite"), "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"], options);
  const ready = new Promise((resolve) => {
    server.stdout.on("data", () => {
      const [origin] = server.output.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
      if (origin) resolve({ file: "Vite's page", location: `${origin}/` });
    });
  });
  return within(30, ready, "vite").catch((error) => {
    end(server);
    throw error;
  });
}
