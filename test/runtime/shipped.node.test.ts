import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

type Striate = typeof import("../../src/index.ts");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striate-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The entry of dist in a folder of its own, with the code that entries share and these files, but no source maps. */
function copyOf(name: string, ...files: string[]): Promise<Striate> {
  mkdirSync(join(folder, name));
  const shared = readdirSync("dist").filter((file) => /\.js$/.test(file) && !/^(simd|relaxed|cli)\b/.test(file)); // not the command, whose packages are as they are
  for (const file of shared)
    writeFileSync(join(folder, name, file), readFileSync(`dist/${file}`, "utf8").replace(/\/\/# source.*/, ""));
  for (const file of files) copyFileSync(`dist/${file}`, join(folder, name, file));
  return import(/* @vite-ignore */ pathToFileURL(join(folder, name, "index.js")).href);
}

async function sumOfOnes(striate: Striate) {
  await striate.init({ deterministic: true });
  return striate.ops.dense(striate.full([1, 3], 1), striate.full([3, 1], 1), null).data[0];
}

it("has classes with their names, and lines that a terminal can show", async () => {
  const striate = await copyOf("names", "simd.js", "simd-extra.js");
  for (const name of ["ArgumentError", "FormatError", "MemoryError", "ShapeError", "UnsupportedError"] as const) {
    expect(striate[name].name).toBe(name);
    expect(new striate[name]("").name).toBe(name);
  }
  await striate.init();
  expect(striate.zeros([1]).constructor.name).toBe("Tensor");
  const code = readdirSync("dist").filter((file) => file.endsWith(".js") && !/^(simd|relaxed|cli)\b/.test(file)); // not the command, whose packages are as they are
  const lines = code.flatMap((file) => readFileSync(`dist/${file}`, "utf8").split("\n"));
  // The description of ONNX files is one long text, and no code.
  const isText = (line: string) => /"[\w+/=]{1000,}"/.test(line);
  expect(lines.filter((line) => line.length > 1000 && !isText(line))).toEqual([]);
});

it("reads the file beside it, or else imports the module, also where another file has that name", async () => {
  expect(await sumOfOnes(await copyOf("file", "simd.wasm", "simd-extra.wasm"))).toBe(3);
  const foreign = await copyOf("foreign", "simd.js", "simd-extra.js");
  writeFileSync(join(folder, "foreign/simd.wasm"), "not this build's");
  expect(await sumOfOnes(foreign)).toBe(3);
  expect(await sumOfOnes(await copyOf("module", "simd.js", "simd-extra.js"))).toBe(3);
});

it("has its entries twice in package.json: Parcel reads `alias`, all others `exports`", () => {
  const { alias, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const { ".": main, "./package.json": self, ...others } = exports;
  const files = Object.entries<string | { default: string }>(others).map(([entry, target]) => [
    entry,
    typeof target === "string" ? target : target.default,
  ]);
  expect(alias).toEqual(Object.fromEntries(files));
});
