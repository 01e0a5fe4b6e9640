import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import type { TestProjectInlineConfiguration, ViteUserConfig } from "vitest/config";

const everywhere = "test/**/*.test.ts";
const nodeOnly = "test/**/*.node.test.ts";
const setupFiles = ["test/setup/runtime.ts"];
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

// V8 has relaxed SIMD without a flag since Node 22.
const nodeMajor = Number(process.versions.node.split(".")[0]);
const relaxedFlags = nodeMajor < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

// --no-sandbox: Chromium refuses to start as root with it. The rest keeps it off the network.
const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const node: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: "node",
    include: [everywhere],
    setupFiles,
    provide: { host: "node", binary: "simd" },
  },
};

const nodeRelaxed: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: "node-relaxed",
    include: [everywhere],
    exclude: [nodeOnly],
    setupFiles,
    execArgv: relaxedFlags,
    provide: { host: "node", binary: "relaxed" },
  },
};

/** Both binaries in one browser; scripts/test.mjs finds it and sets CHROMIUM_PATH. */
function chromium(executablePath: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    server: { headers: isolation },
    // Named here, or Vite would find them during the run and reload the page.
    optimizeDeps: {
      include: ["@assemblyscript/loader", "@bufbuild/protobuf", "@bufbuild/protobuf/codegenv2", "fast-check"],
    },
    test: {
      include: [everywhere],
      exclude: [nodeOnly],
      setupFiles,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: chromiumFlags } }),
        instances: [
          { browser: "chromium", name: "chromium", provide: { host: "chromium", binary: "simd" } },
          { browser: "chromium", name: "chromium-relaxed", provide: { host: "chromium", binary: "relaxed" } },
        ],
      },
    },
  };
}

const chromiumPath = process.env.CHROMIUM_PATH;

const config: ViteUserConfig = {
  // Examples import the package by its name; their tests run on the sources.
  resolve: { alias: [{ find: /^striate$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) }] },
  test: {
    pool: "forks",
    testTimeout: 60_000, // a property over random shapes takes seconds where four projects share two cores
    projects: [node, nodeRelaxed, ...(chromiumPath ? [chromium(chromiumPath)] : [])],
  },
};

export default config;
