import { describe, expect, it, vi } from "vitest";
import * as striate from "../../src/index.ts";
import { runSnippet, typeErrors } from "./run.ts";
import { snippetsOfMarkdown, snippetsOfSources } from "./snippets.ts";

const docstrings = snippetsOfSources("src");
const snippets = [...docstrings, ...["README.md", "docs/custom-layers.md"].flatMap(snippetsOfMarkdown)];

/** Every public function as users call it: `init`, `ops.conv2d`. */
const functions = Object.entries(striate).flatMap(([name, value]) => {
  if (typeof value === "function") return value.prototype instanceof Error ? [] : [name];
  return Object.entries(value).flatMap(([member, part]) => (typeof part === "function" ? [`${name}.${member}`] : []));
});

describe("the examples in docstrings, in the README and in docs", () => {
  it("have no type errors", () => {
    expect(typeErrors(snippets)).toEqual([]);
  });

  it("show every public function", () => {
    const calls = (name: string) => docstrings.some(({ code }) => code.includes(`${name}(`));
    const extended = (name: string) => snippets.some(({ code }) => code.includes(`extends ${name} {`));
    expect(functions.filter((name) => !calls(name) && !extended(name))).toEqual([]);
  });

  it.each(snippets.map((snippet) => ({ ...snippet, place: `${snippet.file}:${snippet.line}` })))(
    "run: $place",
    async (snippet) => {
      vi.spyOn(console, "log").mockReturnValue(undefined);
      await runSnippet(snippet);
    },
  );

  it("are held to what their comments promise", async () => {
    const wrong = { file: "some.ts", line: 7, code: "const x = zeros([2]);\nops.relu(x).toArray(); // [0, 1]" };
    await expect(runSnippet(wrong)).rejects.toThrow("some.ts:8: the comment promises [0,1], got [0,0]");
  });
});
