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
/** Read from the binary, since the interface is what is to be checked. */
const exported = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync("build/simd.wasm")))
  .map(({ name }) => name)
  .filter((name) => name !== "memory");

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

  it("every exported kernel is typed, and called from src", () => {
    const typed = read("src/runtime/kernels.ts");
    const source = allOf("src").replace(typed, "");
    for (const name of exported) {
      expect(typed, `${name} in src/runtime/kernels.ts`).toMatch(new RegExp(`\\b${name}\\(`));
      expect(source, `${name} called from src`).toMatch(new RegExp(`kernels\\.${name}\\b`));
    }
  });

  it("every typed kernel is exported", () => {
    const typed = [...read("src/runtime/kernels.ts").matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
    expect([...typed].sort()).toEqual([...exported].sort());
    const { kernels } = currentRuntime("test");
    for (const name of typed) expect(kernels[name as keyof typeof kernels]).toBeTypeOf("function");
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
