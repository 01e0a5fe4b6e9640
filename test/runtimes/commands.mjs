// Runtimes that are commands: a program is a file, its report the last line that it prints.
import { join } from "node:path";
import { run } from "./processes.mjs";
import { reportIn, scratch, tool } from "./scratch.mjs";

/** What V8 and JavaScriptCore tell outside of pages. */
const relaxed = { simd: true, relaxedSimd: true, sharedMemory: true, crossOriginIsolated: true, binary: "relaxed" };
const plain = { ...relaxed, relaxedSimd: false, binary: "simd" };

const node = (version, features) =>
  command(`Node ${version}`, features, (file, { flags = [], args = [] }) => [
    tool(`n${version}/bin/node`),
    ...flags,
    file,
    ...args,
  ]);

/** At a terminal, as `script` is one: a question for a permission would wait for an answer there, and the suite would tell. */
const deno = command("Deno", relaxed, (file, { denoFlags = [] }) => [
  "script",
  "--quiet",
  "--return",
  "--command",
  [tool("@deno/linux-x64-glibc/deno"), "run", ...denoFlags, file].join(" "),
  "/dev/null",
]);

const bun = command("Bun", relaxed, (file) => [tool("@oven/bun-linux-x64/bin/bun"), file]);

export const nodes = [node(20, plain), node(22, relaxed), node(24, relaxed), node(26, relaxed)];
export const commands = [...nodes, deno, bun];

function command(name, features, line) {
  const env = { ...process.env, DENO_DIR: join(scratch, ".deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  return {
    name,
    features,
    /** What a program writes. */
    text: (program) => run(line(program.file, program), { cwd: scratch, env: { ...env, ...program.env } }),
    async report(program) {
      return reportIn(await this.text(program));
    },
  };
}
