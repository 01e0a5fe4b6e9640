// npm test: the same test files in Node and Chromium, on both binaries. Arguments go to vitest:
// `npm test -- conv2d`, `npm test -- --project node`. The last line is `N passed, N failed`.

import { findOrInstallBrowser, howToInstall } from "./browsers.mjs";
import { build } from "./build.mjs";
import { fail } from "./setup.mjs";

await build();
const { parseCLI, startVitest } = await import("vitest/node");
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

const vitest = await startVitest("test", filter, { ...options, watch: false, run: true });
const { passed, failed } = count(vitest);
await vitest.close();
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : process.exitCode);

/** A file or suite that broke outside of its tests, and an error outside of any file, count as one failed test each. */
function count({ state }) {
  const modules = state.getTestModules();
  const withState = (wanted) => modules.flatMap((module) => [...module.children.allTests(wanted)]).length;
  const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = groups.filter((group) => group.errors().length > 0).length;
  return {
    passed: withState("passed"),
    failed: withState("failed") + broken + state.getUnhandledErrors().length,
  };
}
