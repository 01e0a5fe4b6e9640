// npm start: everything the example needs, then the example itself with the arguments given.
import { spawn } from "node:child_process";
import { build } from "./build.mjs";
import { fail } from "./setup.mjs";

await build();
const child = spawn(process.execPath, ["build/digits.mjs", ...process.argv.slice(2)], { stdio: "inherit" });

// A terminal sends Ctrl-C to the child as well. The child saves a checkpoint, so this process must outlive it.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => fail(`cannot start the example: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
