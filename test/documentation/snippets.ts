/** The code that documentation shows: where it stands, and as a module that TypeScript and Node can take. */
import { readdirSync, readFileSync } from "node:fs";

/** A piece of code in a docstring or in a Markdown file. */
export interface Snippet {
  readonly file: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** Every @example and fenced block in the docstrings of `folder`. */
export function snippetsOfSources(folder: string): Snippet[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return names.sort().flatMap((name) => {
    const file = `${folder}/${name}`;
    const text = readFileSync(file, "utf8");
    return [...text.matchAll(/\/\*\*.*?\*\//gs)].flatMap((match) =>
      snippetsOfDocstring(file, lineAt(text, match.index), match[0]),
    );
  });
}

/** Fenced blocks of JavaScript and TypeScript in a Markdown file; those after `<!-- not run: reason -->` are left out. */
export function snippetsOfMarkdown(file: string): Snippet[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^(<!-- not run: .+ -->\n+)?```(?:js|ts)\n(.*?)^```/gms)]
    .filter(([, skipped]) => skipped === undefined)
    .map((match) => ({ file, line: lineAt(text, match.index) + 1, code: match[2] }));
}

function snippetsOfDocstring(file: string, first: number, comment: string): Snippet[] {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*(\/\*\*|\*\/|\* ?)/, "").replace(/\*\/$/, ""));
  const found: { line: number; lines: string[] }[] = [];
  let inside = false;
  for (const [i, line] of lines.entries()) {
    const begins = /^@example\b/.test(line);
    if (begins) found.push({ line: first + i + 1, lines: [] });
    else if (/^@\w/.test(line)) inside = false;
    else if (inside) found[found.length - 1].lines.push(/^```/.test(line) ? "" : line);
    inside ||= begins;
  }
  return found.map(({ line, lines: code }) => ({ file, line, code: code.join("\n") }));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
