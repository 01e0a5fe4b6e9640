// npm run check: types, lint and format, import directions.
import { build } from "./build.mjs";
import { report } from "./setup.mjs";

await build(); // the types of build/*.js

report("check", {
  types: ["node_modules/typescript/bin/tsc", "--noEmit"],
  "lint and format": ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"],
  imports: ["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "src", "--config", ".dependency-cruiser.cjs"],
});
