// src/cli -> dist/cli.js: the command, with the packages it is made of, and their licenses beside it.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "./setup.mjs";

/** @param {Record<string, string>} library the sources of the package's entries by the name of their file in dist */
export async function bundleCommand(library) {
  const esbuild = await import("esbuild");
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const { metafile } = await esbuild.build({
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: "dist",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    define: { STRIATE_VERSION: JSON.stringify(version) },
    // Packages that are CommonJS ask for Node's modules by require.
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as requireOf } from "node:module";\nconst require = requireOf(import.meta.url);',
    },
    logLevel: "warning",
    plugins: [beside(library)],
  });
  chmodSync("dist/cli.js", 0o755);
  writeFileSync("dist/LICENSE-cli", licensesOf(Object.keys(metafile.inputs)));
}

/** The command imports the library as users do, from the files beside it. */
const beside = (library) => ({
  name: "beside",
  setup(build) {
    build.onResolve({ filter: /^\.\.\// }, ({ path, importer }) => {
      if (!/[\\/]src[\\/]cli[\\/]/.test(importer)) return undefined;
      const found = Object.entries(library).find(([, file]) => file === path.replace("../", "src/"));
      if (found) return { path: `./${found[0]}.js`, external: true };
      return { errors: [{ text: `${path} is no entry of the package` }] };
    });
  },
});

/** Of every package that bundled files belong to: its license, and what its files say at their beginning. */
function licensesOf(files) {
  const packageOf = (file) => /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(file)?.[1];
  const names = [...new Set(files.map(packageOf))].filter((name) => name !== undefined).sort();
  const parts = names.map((name) => {
    const folder = `node_modules/${name}`;
    const license = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (license === undefined) fail(`${name} is bundled into dist/cli.js, but has no license file`);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const notices = files.filter((file) => packageOf(file) === name).map(noticeOf);
    const text = readFileSync(join(folder, license), "utf8").trim();
    return [`${name} ${version}`, text, ...notices.filter((notice) => /copyright/i.test(notice))].join("\n\n");
  });
  const apache = readFileSync("node_modules/assemblyscript/LICENSE", "utf8").trimEnd();
  return `${[notice + parts[0], ...parts.slice(1), apache].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** The comments that a file begins with. */
function noticeOf(file) {
  return /^\s*(?:\/\*.*?\*\/\s*)+/s.exec(readFileSync(file, "utf8"))?.[0].trim() ?? "";
}

const notice = `The file dist/cli.js, the command striate, contains the packages below. The Apache license, which a file of one of them names,
stands last.

`;
