import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as layers from "../src/layers/index.ts";
import * as ops from "../src/ops/index.ts";
import { currentRuntime } from "../src/runtime/runtime.ts";

/** What in src/ops is no op. */
const SHARED = [
  "activationKinds.ts",
  "conv2dAlgorithm.ts",
  "conv2dPlan.ts",
  "conv2dStages.ts",
  "conv2dVolume.ts",
  "eager.ts",
  "gemm.ts",
  "index.ts",
  "line.ts",
  "move.ts",
  "nest.ts",
  "perImage.ts",
  "planned.ts",
  "poolCells.ts",
  "window.ts",
];

const files = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".ts"));
const read = (path: string) => readFileSync(path, "utf8");
const allOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => read(`${folder}/${name}`))
    .join("\n");

const opFiles = files("src/ops").filter((name) => !SHARED.includes(name));
/** Read from the files, since the interfaces are what is to be checked. */
const exportsOf = (file: string) =>
  WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(`build/${file}.wasm`)))
    .map(({ name }) => name)
    .filter((name) => name !== "memory");

/** A module of kernels: its file, the interface of its exports, and how ops call them. */
const modules = [
  { file: "simd", types: "src/runtime/kernels.ts", call: "kernels\\." },
  { file: "simd-extra", types: "src/runtime/extraKernels.ts", call: "extra\\(kernels\\)\\." },
];

describe("the contract of an op", () => {
  it.each(opFiles)("src/ops/%s has a twin, a test and a line in the window", (file) => {
    expect(files("test/reference"), "a naive twin in test/reference").toContain(file);
    expect(files("test/ops"), "a test in test/ops").toContain(file.replace(".ts", ".test.ts"));
    expect(read("src/ops/index.ts"), "exported by src/ops/index.ts").toContain(`"./${file}"`);
  });

  it.each(Object.keys(layers))("layers.%s comes back from files, and has a test", (name) => {
    expect(read("src/layers/registry.ts"), "a line in src/layers/registry.ts").toMatch(new RegExp(`: ${name},`));
    expect(allOf("test/layers"), "a test in test/layers").toMatch(new RegExp(`\\blayers\\.${name}\\b`));
  });

  it.each(modules)("every kernel of $file.wasm is typed, and called from src", ({ file, types, call }) => {
    const typed = read(types);
    const source = allOf("src").replace(typed, "");
    for (const name of exportsOf(file)) {
      expect(typed, `${name} in ${types}`).toMatch(new RegExp(`\\b${name}\\(`));
      expect(source, `${name} called from src`).toMatch(new RegExp(`${call}${name}\\b`));
    }
  });

  it.each(modules)("every kernel typed in $types is exported", ({ file, types }) => {
    const typed = [...read(types).matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
    expect([...typed].sort()).toEqual([...exportsOf(file)].sort());
    const { kernels } = currentRuntime("test");
    const all: object = { ...kernels.extra, ...Object.getPrototypeOf(kernels) };
    for (const name of typed) expect(all[name as keyof typeof all]).toBeTypeOf("function");
  });

  it("every op that learns from gradients has its backward beside it", () => {
    const withoutGradient = [
      ...[
        "softmaxCrossEntropy",
        "crossEntropy",
        "meanSquaredError",
        "meanAbsoluteError",
        "huber",
        "hinge",
        "squaredHinge",
      ],
      ...["binaryCrossentropy", "binaryFocalCrossentropy", "categoricalFocalCrossentropy", "klDivergence"],
      ...["cosineSimilarity", "dice", "categoricalHinge", "reshape", "flatten", "split"],
    ];
    const named = Object.entries(ops).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
    const activations = Object.keys(ops.ACTIVATIONS);
    for (const name of named.filter((n) => !n.endsWith("Backward"))) {
      if (withoutGradient.includes(name) || activations.includes(name)) continue;
      expect(named, `${name}Backward`).toContain(`${name}Backward`);
    }
  });
});
