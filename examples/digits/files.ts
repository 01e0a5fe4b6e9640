/** Reading and writing files, with errors that name the file. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileTrouble, Trouble } from "./trouble.ts";

export function readBytes(path: string): Uint8Array {
  return attempt(path, () => readFileSync(path));
}

/** Makes the folder, with those above it, where it is missing. */
export function makeFolder(path: string): void {
  attempt(path, () => mkdirSync(path, { recursive: true }));
}

/** Writes a file as a whole or not at all: what stops half-way leaves the old one in its place. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  makeFolder(dirname(path));
  attempt(path, () => {
    writeFileSync(`${path}.part`, bytes);
    renameSync(`${path}.part`, path);
  });
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Trouble(`${path}: ${fileTrouble(error)}`);
  }
}
