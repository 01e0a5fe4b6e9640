// Programs that the suite starts: each has a time limit, and none outlives the suite.
import { spawn } from "node:child_process";

const running = new Set();
process.on("exit", () => running.forEach(end));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Starts a program with its children in a group of their own. */
export function start([command, ...args], options = {}) {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], ...options });
  running.add(child);
  child.output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (child.output += text));
  child.ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal));
  }).finally(() => running.delete(child));
  return child;
}

/** Ends a program and its children. */
export function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

/** Runs a program to its end and returns what it wrote; throws that text where it fails or takes too long. */
export async function run(command, { seconds = 60, ...options } = {}) {
  const child = start(command, options);
  const code = await within(seconds, child.ended, command.join(" ")).finally(() => end(child));
  if (code !== 0) throw new Error(`${command.join(" ")}: ended with ${code}\n${child.output}`);
  return child.output;
}

/** The promise, or an error after some seconds. */
export function within(seconds, promise, what) {
  const late = Promise.withResolvers();
  const timer = setTimeout(() => late.reject(new Error(`${what}: no answer within ${seconds} s`)), seconds * 1000);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
