import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));

export default {
  root,
  resolve: {
    alias: [{ find: /^striate$/, replacement: fileURLToPath(new URL("../../src/index.ts", import.meta.url)) }],
  },
  test: {
    name: "networks",
    include: ["*.network.mjs"],
    setupFiles: ["support/setup.mjs"],
    pool: "forks",
    maxWorkers: 1, // two networks at once would take twice the memory
    testTimeout: 300_000,
  },
};
