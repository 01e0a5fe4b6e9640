/** The names of classes from a file. */
import { isDeepStrictEqual } from "node:util";
import { parseJson, readBytes } from "./files.ts";
import { Trouble } from "./trouble.ts";

/** A name a line; or JSON: a list of names, or names by index, as { "0": "cat" } or Keras' { "0": ["n02123045", "tabby"] }. */
export function readLabels(path: string): string[] {
  const bytes = readBytes(path);
  const text = new TextDecoder().decode(bytes);
  if (!/^\s*[[{]/.test(text)) return text.trimEnd().split(/\r?\n/);
  const json = parseJson(path, bytes) as readonly unknown[] | Readonly<Record<string, unknown>>;
  const names = Array.isArray(json) ? json : byIndex(json as Readonly<Record<string, unknown>>);
  const labels = names?.map((name) => (Array.isArray(name) ? name[name.length - 1] : name));
  if (labels?.every((name) => typeof name === "string")) return labels as string[];
  throw new Trouble(`${path}: must hold a list of names, or names by index from 0 on`);
}

function byIndex(json: Readonly<Record<string, unknown>>): unknown[] | undefined {
  const indices = Object.keys(json).map(Number);
  const sorted = indices.sort((a, b) => a - b);
  return isDeepStrictEqual(sorted, Array.from(sorted.keys())) ? sorted.map((i) => json[i]) : undefined;
}
