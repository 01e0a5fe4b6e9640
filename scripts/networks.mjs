// npm run test:networks: models of other libraries, each operator and ten pretrained networks, against those libraries. The
// networks and libraries are in a lock file of their own (600 MB). Arguments go to vitest: `npm run test:networks -- keras`.
import { join } from "node:path";
import { build } from "./build.mjs";
import { install, root } from "./setup.mjs";
import { runTests } from "./vitest.mjs";

const folder = join(root, "test/networks");
await build();
install(folder, "pretrained networks");
const { parseCLI } = await import("vitest/node");
const { filter, options } = parseCLI(["vitest", ...process.argv.slice(2)]);
await runTests(filter, { ...options, config: join(folder, "vitest.config.mjs") });
