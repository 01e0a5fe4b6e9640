// npm test: the same test files in Node and Chromium, on both binaries. Arguments go to vitest:
// `npm test -- conv2d`, `npm test -- --project node`. The last line is `N passed, N failed`.

import { findOrInstallBrowser, howToInstall } from "./browsers.mjs";
import { build } from "./build.mjs";
import { fail } from "./setup.mjs";
import { runTests } from "./vitest.mjs";

await build();
const { parseCLI } = await import("vitest/node");
const { filter, options } = parseCLI(["vitest", ...process.argv.slice(2)]);

const projects = [options.project ?? []].flat();
const wantsBrowser = projects.length === 0 || projects.some((name) => !/^node/.test(name));
if (wantsBrowser) {
  const chromium = await findOrInstallBrowser("chromium");
  if (chromium) process.env.CHROMIUM_PATH = chromium;
  else if (process.env.CI === "true" || projects.length > 0) fail(howToInstall("chromium"));
  else {
    console.error(`striate: ${howToInstall("chromium")}; the browser tests are left out`);
    delete process.env.CHROMIUM_PATH;
  }
}

await runTests(filter, options);
