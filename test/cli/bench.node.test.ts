import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { striate, testFolder } from "../support/command.ts";
import { writeColorClassifier, writeOnnx } from "../support/modelFiles.ts";

const folder = testFolder();
const at = (name: string) => join(folder, name);
writeColorClassifier(at("colors"));
writeOnnx(at("model.onnx"));

/** A package of a project: what striate calls of the real one. */
function install(name: string, source: string): void {
  mkdirSync(at(`project/node_modules/${name}`), { recursive: true });
  writeFileSync(at(`project/node_modules/${name}/index.js`), source);
}
mkdirSync(at("project"));
install(
  "onnxruntime-web",
  `exports.env = { wasm: {} };
  exports.Tensor = class { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } };
  exports.InferenceSession = { create: async (bytes, { executionProviders: [provider] }) => {
    if (!(bytes instanceof Uint8Array) || provider !== "wasm" || exports.env.wasm.numThreads !== 1) throw new Error("wrong");
    return { inputNames: ["x"], outputNames: ["y"], run: async ({ x }) => {
      const [n, channels, height, width] = x.dims;
      const mean = (image, c) => {
        const first = (image * channels + c) * height * width;
        return x.data.subarray(first, first + height * width).reduce((a, b) => a + b) / (height * width);
      };
      const images = Array.from({ length: n }, (_, image) => [mean(image, 0), mean(image, 2)]);
      return { y: { data: Float32Array.from(images.flat()) } };
    } };
  } };`,
);

describe("striate bench", () => {
  it("tells how long a prediction takes", async () => {
    const { code, stdout, stderr } = await striate(["bench", at("colors"), "--runs", "3", "--deterministic"]);
    expect([code, stderr]).toEqual([0, ""]);
    const [first, ...lines] = stdout.split("\n");
    expect(first).toBe(`${at("colors/model.json")}: batch 1, 3 runs each, simd kernels`);
    expect(lines).toEqual([
      expect.stringMatching(/^ +median +fastest$/),
      expect.stringMatching(/^striate +\d\S* ms +\d\S* ms$/),
      "",
    ]);
  });

  it("runs in turns with the library of the project it is in, and compares the outputs", async () => {
    const args = ["bench", at("model.onnx"), "--against", "ort", "--runs", "5", "--batch-size", "3"];
    const { code, stdout, stderr } = await striate([...args, "--json"], { cwd: at("project") });
    expect([code, stderr]).toEqual([0, ""]);
    const { times, ratio, difference, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ file: at("model.onnx"), binary: expect.any(String), batchSize: 3, runs: 5 });
    expect(times.map(({ name }: { name: string }) => name)).toEqual(["striate", "onnxruntime-web"]);
    expect(ratio).toBeCloseTo(times[1].median / times[0].median);
    for (const { median, fastest } of times) expect(fastest).toBeLessThanOrEqual(median);
    expect(difference.most).toBeLessThan(1e-6); // means of 16 numbers below 1
    expect(difference.of).toBeGreaterThan(0.1);
    const { stdout: text } = await striate(args, { cwd: at("project") });
    expect(text).toMatch(/^onnxruntime-web +\d\S* ms +\d\S* ms$/m);
    expect(text).toMatch(/^striate is \d+\.\d\d times as fast by the medians$/m);
    expect(text).toMatch(/^outputs differ by \d\S* at most, of 0\.\d+$/m);
  });

  it("says what is missing and how to install it", async () => {
    const { code, stderr } = await striate(["bench", at("colors"), "--against", "tfjs"], { cwd: at("project") });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `striate: --against tfjs: @tensorflow/tfjs-core is not installed in ${at("project")}; install it there: ` +
        "npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu @tensorflow/tfjs-backend-wasm @tensorflow/tfjs-layers @tensorflow/tfjs-converter\n",
    );
  });

  it.each([
    ["tfjs", "model.onnx", "a model.json", "model.onnx"],
    ["ort", "colors", "an .onnx file", "colors/model.json"],
  ])("compares with %s what it can read", async (peer, file, wanted, path) => {
    expect(await striate(["bench", at(file), "--against", peer])).toEqual({
      code: 2,
      stdout: "",
      stderr: `striate: --against ${peer} needs ${wanted}, got ${at(path)}\n`,
    });
  });
});
