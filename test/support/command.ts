/** Runs the built command `striate`. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";

export const COMMAND: string = resolve("dist/cli.js");

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Called with all of the standard output so far. */
  readonly watch?: (child: ChildProcess, stdout: string) => void;
}

export function striate(args: readonly string[], { cwd, watch }: CommandOptions = {}): Promise<Result> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    watch?.(child, stdout);
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((done) => child.on("close", (code) => done({ code, stdout, stderr })));
}

/** A folder for the tests of a file, gone after them. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "striate-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
