// What every command does first: dependencies as the lock file has them. Built-ins only, since nothing is installed yet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs `npm ci` when node_modules is missing or was installed from another lock file. */
export function install(folder = root) {
  const stamp = join(folder, "node_modules/.striate-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  if (readIfPresent(stamp) === wanted) return;
  console.error(`striate: installing dependencies (npm ci) of ${basename(folder)}`);
  const { status, error } = spawnSync("npm", ["ci", "--include=dev", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ""}; the commands need the npm registry once`);
  writeFileSync(stamp, wanted);
}

export function readIfPresent(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

export function fail(message) {
  console.error(`striate: ${message}`);
  process.exit(1);
}
