import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** Bytes of a program that imports one name of the package, which needs little else. */
async function sizeOf(name: string, from: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from "${process.cwd()}/dist/${from}.js";`, resolveDir: process.cwd() },
    ...{ bundle: true, minify: true, write: false, format: "esm", platform: "neutral", logLevel: "silent" },
  });
  return outputFiles[0].contents.length;
}

describe("a bundle", () => {
  it.each([
    ["ArgumentError", "index.bundler"],
    ["l2", "regularizers"],
    ["exponentialDecay", "schedules"],
    ["parseIdx", "datasets"],
    ["createMaskFromWindow", "textbook"],
  ])("of %s from striate/%s holds little else", async (name, from) => {
    expect(await sizeOf(name, from)).toBeLessThan(6000);
  });
});
