// The whole check, as .ci/run does it: types and lint, the tests, pretrained networks, the runtimes. Each may fail without hiding the next; the
// last line adds up what they counted.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const total = { passed: 0, failed: 0 };
for (const command of ["check", "check:package", "size", "api", "docs", "test", "test:networks", "test:runtimes"]) {
  const { code, counted } = await npmRun(command);
  total.passed += counted.passed;
  total.failed += code === 0 ? counted.failed : Math.max(1, counted.failed); // what broke without counting
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** @returns its exit code, and what its last `N passed, N failed` says */
async function npmRun(command) {
  const child = spawn("npm", ["run", command], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const counted = { passed: 0, failed: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    const [, passed, failed] = line.match(/^(\d+) passed, (\d+) failed$/) ?? [];
    if (passed !== undefined) Object.assign(counted, { passed: Number(passed), failed: Number(failed) });
  }
  return { code: await ended, counted };
}
