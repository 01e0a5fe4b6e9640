import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striate-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** dist/index.js, without the line that names its source map, in a folder with these files of dist. */
function copyOf(name: string, ...files: string[]): Promise<typeof import("../../src/index.ts")> {
  writeFileSync(join(folder, `${name}.js`), readFileSync("dist/index.js", "utf8").replace(/\/\/# source.*/, ""));
  for (const file of files) copyFileSync(`dist/${file}`, join(folder, file));
  return import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.js`)).href);
}

async function sumOfOnes(striate: typeof import("../../src/index.ts")) {
  await striate.init({ deterministic: true });
  return striate.ops.dense(striate.full([1, 3], 1), striate.full([3, 1], 1), null).data[0];
}

it("reads the file beside it, or else imports the module, also where another file has that name", async () => {
  expect(await sumOfOnes(await copyOf("file", "simd.wasm"))).toBe(3);
  writeFileSync(join(folder, "simd.wasm"), "not this build's");
  expect(await sumOfOnes(await copyOf("foreign", "simd.js"))).toBe(3);
  rmSync(join(folder, "simd.wasm"));
  expect(await sumOfOnes(await copyOf("module", "simd.js"))).toBe(3);
});
