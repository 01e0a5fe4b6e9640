// npm run test:networks: models of other libraries, each operator and ten pretrained networks, against those libraries, and the
// example that fine-tunes one. They are in lock files of their own (600 MB, 120 MB). Arguments go to vitest:
// `npm run test:networks -- keras`.
import { join } from "node:path";
import { build } from "./build.mjs";
import { install, root } from "./setup.mjs";
import { runTests } from "./vitest.mjs";

const folder = join(root, "test/networks");
await build();
install(folder, "pretrained networks");
install(join(root, "examples/finetune"), "the example that fine-tunes one");
const { parseCLI } = await import("vitest/node");
const { filter, options } = parseCLI(["vitest", ...process.argv.slice(2)]);
await runTests(filter, { ...options, config: join(folder, "vitest.config.mjs") });
