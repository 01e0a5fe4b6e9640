// What every command does first: dependencies as the lock file has them. Built-ins only, since nothing is installed yet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs `npm ci` in a folder when its node_modules is missing or was installed from another lock file. */
export function install(folder = root, what = "dependencies") {
  const stamp = join(folder, "node_modules/.striate-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  if (readIfPresent(stamp) === wanted) return;
  console.error(`striate: installing ${what} (npm ci)`);
  const { status, error } = npm(["ci", "--include=dev", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    timeout: minutes(30),
  });
  if (status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ""}; the commands need the npm registry once`);
  writeFileSync(stamp, wanted);
}

/** Runs npm itself; on Windows it is a script that only a shell finds. */
export function npm(args, options) {
  return spawnSync("npm", args, { shell: process.platform === "win32", timeout: minutes(5), ...options });
}

/** Runs a JavaScript tool, its output showing; whether it succeeded in time. */
export function runTool([script, ...args], options) {
  const all = { cwd: root, stdio: "inherit", timeout: minutes(5), ...options };
  const { status, error } = spawnSync(process.execPath, [script, ...args], all);
  if (error) console.error(`striate: ${script}: ${error.message}`);
  return status === 0;
}

/** Runs all checks, so that one call shows everything; ends the process with their result. */
export function report(command, checks) {
  const failed = Object.entries(checks)
    .filter(([name, check]) => {
      console.log(`\n${name}`);
      return !(Array.isArray(check) ? runTool(check) : check());
    })
    .map(([name]) => name);
  console.log(failed.length === 0 ? `\n${command}: all clean` : `\n${command}: ${failed.join(", ")} failed`);
  process.exit(failed.length === 0 ? 0 : 1);
}

export function readIfPresent(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

export function minutes(n) {
  return n * 60_000;
}

export function fail(message) {
  console.error(`striate: ${message}`);
  process.exit(1);
}

/** Deletes the files of a folder, and of those in it, whose names fit. */
export function removeFrom(folder, pattern) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true })) if (pattern.test(name)) rmSync(join(folder, name));
}
