// npm run check:package: the tarball as publint and attw see it, and what JSR would get.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../scripts/build.mjs";
import { install, report, root } from "../scripts/setup.mjs";
import { pack } from "./tarball.mjs";

const here = dirname(fileURLToPath(import.meta.url));

await build({ declarations: true });
install(here, "the tools for releases into release/node_modules, about 130 MB");

const tool = (path, ...args) => [join("release/node_modules", path), ...args];
const tarball = pack(join(here, "out"));
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const binaries = Object.keys(exports).filter((entry) => entry.endsWith(".wasm")); // files to serve; they have no types

process.env.DENO_NO_UPDATE_CHECK = "1";
report("check:package", {
  publint: tool("publint/src/cli.js", "run", tarball, "--strict"),
  attw: tool(
    ...["@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only"],
    ...["--exclude-entrypoints", ...binaries],
  ),
  "types, where lib has nothing of a browser": [
    "node_modules/typescript/bin/tsc",
    ...[
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--lib",
      "es2022",
      "--types",
      "node",
    ],
    ...["dist/index.d.ts", "dist/core.d.ts", "dist/url.d.ts"],
  ],
  "deno publish": tool("deno/bin.cjs", "publish", "--dry-run", "--allow-dirty", "--quiet"),
});
