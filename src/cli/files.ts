/** Reading and writing files, with errors that name the file. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileTrouble, Trouble } from "./trouble.ts";

/** As plain bytes: `slice` of a Buffer is no copy. */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = attempt(path, () => readFileSync(path));
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
}

export function isFolder(path: string): boolean {
  return attempt(path, () => statSync(path).isDirectory());
}

/** In the same order everywhere. */
export function namesIn(folder: string): string[] {
  return attempt(folder, () => readdirSync(folder)).sort();
}

/** Writes a file as a whole or not at all: what stops half-way leaves the old one in its place. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(`${path}.part`, bytes);
      renameSync(`${path}.part`, path);
    } finally {
      rmSync(`${path}.part`, { force: true });
    }
  });
}

/** What JSON.parse makes of a file. */
export function parseJson(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new Trouble(`${path}: is no JSON (${(error as Error).message})`);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Trouble(`${path}: ${fileTrouble(error)}`);
  }
}
