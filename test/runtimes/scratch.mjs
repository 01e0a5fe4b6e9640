// A project of a user: the package from its packed tarball, and the programs of this suite beside it.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./processes.mjs";

/** This folder, with the tools in its node_modules. */
export const here = dirname(fileURLToPath(import.meta.url));
/** The repository. */
export const root = dirname(dirname(here));
/** The user's project. */
export const scratch = mkdtempSync(join(tmpdir(), "striate-runtimes-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

export async function pack() {
  await run(["npm", "pack", "--pack-destination", scratch], { cwd: root });
  const tarball = readdirSync(scratch).find((name) => name.endsWith(".tgz"));
  writeFileSync(join(scratch, "package.json"), '{ "name": "scratch", "private": true, "type": "module" }\n');
  await run(["npm", "install", "--offline", "--no-audit", "--no-fund", `./${tarball}`], { cwd: scratch });
  cpSync(join(here, "programs"), scratch, { recursive: true });
  const filter = (path) => basename(path) !== "node_modules"; // what an example installed for itself
  cpSync(join(root, "examples"), join(scratch, "examples"), { recursive: true, filter });
}

/** A program of the tools' own install. */
export function tool(path) {
  return join(here, "node_modules", path);
}

/** The last line of a program's output that is a report. */
export function reportIn(output) {
  const line = output.split(/\r?\n/).findLast((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`no report in:\n${output}`);
  return JSON.parse(line);
}

export function read(path) {
  return readFileSync(join(scratch, path));
}
