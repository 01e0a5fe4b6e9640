// Runs vitest and counts: the last line is `N passed, N failed`.

/** Ends the process with the result. */
export async function runTests(filter, options) {
  const { startVitest } = await import("vitest/node");
  const vitest = await startVitest("test", filter, { ...options, watch: false, run: true });
  const { passed, failed } = count(vitest);
  await vitest.close();
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : process.exitCode);
}

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
