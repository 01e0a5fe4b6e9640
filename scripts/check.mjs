// npm run check: types, lint and format, import directions. All of them run, so that one call shows everything.
import { spawnSync } from "node:child_process";
import { build } from "./build.mjs";

await build(); // the types of build/*.js

const checks = {
  types: ["node_modules/typescript/bin/tsc", "--noEmit"],
  "lint and format": ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"],
  imports: ["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "src", "--config", ".dependency-cruiser.cjs"],
};

const failed = Object.entries(checks)
  .filter(([name, command]) => {
    console.log(`\n${name}`);
    return spawnSync(process.execPath, command, { stdio: "inherit" }).status !== 0;
  })
  .map(([name]) => name);

console.log(failed.length === 0 ? "\ncheck: all clean" : `\ncheck: ${failed.join(", ")} failed`);
process.exit(failed.length === 0 ? 0 : 1);
