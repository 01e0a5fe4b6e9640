import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** What is imported of the package, and what is done with it. */
const usual: [string, Readonly<Record<string, string>>, string][] = [
  [
    "conv2d and maxPool2d",
    { init: "striate", tensor: "striate", conv2d: "striate/ops", maxPool2d: "striate/ops" },
    "[conv2d, maxPool2d]",
  ],
  [
    "a classifier of photos, and its training",
    {
      ...{ init: "striate", sequential: "striate", conv2d: "striate/layers", maxPool2d: "striate/layers" },
      ...{
        flatten: "striate/layers",
        dropout: "striate/layers",
        dense: "striate/layers",
        rmsprop: "striate/optimizers",
      },
      ...{
        categoricalCrossentropy: "striate/losses",
        decodePredictions: "striate/images",
        fromImage: "striate/images",
      },
    },
    `[sequential, conv2d({ filters: 4, kernelSize: 3, activation: "gelu" }), maxPool2d, flatten, dropout, dense, rmsprop,
      categoricalCrossentropy, decodePredictions, fromImage]`,
  ],
  [
    "MobileNetV2",
    {
      ...{ init: "striate", model: "striate", input: "striate", conv2d: "striate/layers", add: "striate/layers" },
      ...{ depthwiseConv2d: "striate/layers", batchNormalization: "striate/layers", activation: "striate/layers" },
      ...{ zeroPadding2d: "striate/layers", globalAveragePool2d: "striate/layers", dense: "striate/layers" },
    },
    "[model, input, conv2d, add, depthwiseConv2d, batchNormalization, activation, zeroPadding2d, globalAveragePool2d, dense]",
  ],
  [
    "a residual network with squeeze and excitation",
    {
      ...{ init: "striate", model: "striate", input: "striate", conv2d: "striate/layers", add: "striate/layers" },
      ...{ batchNormalization: "striate/layers", multiply: "striate/layers", concatenate: "striate/layers" },
      ...{ averagePool2d: "striate/layers", globalMaxPool2d: "striate/layers", conv2dTranspose: "striate/layers" },
    },
    "[model, input, conv2d, add, batchNormalization, multiply, concatenate, averagePool2d, globalMaxPool2d, conv2dTranspose]",
  ],
];

/** The files of kernels that a program asks for, bundled as users do it. */
async function asked(imports: Readonly<Record<string, string>>, use: string): Promise<string[]> {
  const lines = Object.entries(imports).map(([name, from]) => `import { ${name} } from "${from}";`);
  const program = `${lines.join("\n")}
    export const files = [];
    await init({ module: (file) => { files.push(file); return kernelFile(file); } });
    export const used = ${use};`;
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: process.cwd() },
    ...{ bundle: true, minify: true, write: false, format: "esm", platform: "neutral", logLevel: "silent" },
    plugins: [{ name: "dist", setup: resolveDist }],
  });
  Object.assign(globalThis, { kernelFile: (file: string) => readFileSync(`dist/${file}.wasm`) });
  const { files } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return files;
}

const resolveDist: import("esbuild").Plugin["setup"] = (build) => {
  build.onResolve({ filter: /^striate/ }, ({ path }) => ({
    path: `${process.cwd()}/dist/${path === "striate" ? "core" : path.slice("striate/".length)}.js`,
    sideEffects: false,
  }));
};

describe("the second module", () => {
  it.each(usual)("stays where it is for %s", async (_, imports, use) => {
    expect(await asked(imports, use)).toHaveLength(1);
  });

  it("is asked for where an op needs it", async () => {
    const [binary, ...others] = await asked({ init: "striate", prelu: "striate/ops" }, "[prelu]");
    expect(others).toEqual([`${binary}-extra`]);
    const layers = { init: "striate", upSampling2d: "striate/layers" };
    expect(await asked(layers, "[upSampling2d]")).toHaveLength(2);
  });
});
