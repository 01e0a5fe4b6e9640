// npm run test:runtimes: test/runtimes, with everything that it needs: the package as it is published, the tools of its own
// lock file, and the browsers. The tools want a newer Node than the package does; they bring it along.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findOrInstallBrowser, howToInstall } from "./browsers.mjs";
import { build } from "./build.mjs";
import { fail, install, root } from "./setup.mjs";

const folder = join(root, "test/runtimes");
if (process.platform !== "linux" || process.arch !== "x64")
  fail("test:runtimes needs Linux on x64: its runtimes are for that");

await build({ declarations: true });
install(folder);
for (const name of ["chromium", "firefox", "webkit", "display"]) {
  if ((await findOrInstallBrowser(name)) === undefined) fail(howToInstall(name));
}
const command = [join(folder, "run.mjs"), ...process.argv.slice(2)];
const { status } = spawnSync(join(folder, "node_modules/n24/bin/node"), command, {
  cwd: root,
  stdio: "inherit",
  timeout: 1_200_000, // run.mjs then ends what it started
});
process.exit(status ?? 1);
