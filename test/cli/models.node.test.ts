import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { input, layers, loadModel, model, sequential, tensor } from "../../src/index.ts";
import { striate, testFolder } from "../support/command.ts";
import { onnxBytes, writeColorClassifier, writeEnlarger, writeOnnx } from "../support/modelFiles.ts";

const folder = testFolder();
const at = (name: string) => join(folder, name);
writeColorClassifier(at("colors"));
writeEnlarger(at("enlarge"));
writeOnnx(at("model.bin")); // the name does not matter
writeFileSync(
  at("topk.onnx"),
  onnxBytes([
    { opType: "Conv", input: ["x", "w"], output: ["c"] },
    { opType: "TopK", input: ["c"], output: ["t"] },
    { opType: "NonZero", input: ["t"], output: ["y"] },
  ]),
);

describe("striate inspect", () => {
  it("tells layers, operators, parameters and memory of a model.json and its folder", async () => {
    const { code, stdout, stderr } = await striate(["inspect", at("colors")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/colors.model\.json: TensorFlow\.js, \d+ bytes\ninput picture \[2,2,3\]\n/);
    expect(stdout).toMatch(/^classes +\[3\] +12 +9 /m);
    expect(stdout).toContain("12 parameters (12 learned), 9 multiply-adds a sample");
    expect(stdout).toContain("operators: GlobalAveragePooling2D 1, Dense 1\n");
    expect(stdout).toMatch(/^memory for a batch of 1: parameters 128 bytes, prediction \d+\.\d kB$/m);
    expect(await striate(["inspect", at("colors/model.json")])).toMatchObject({ code: 0, stdout });
  });

  it("tells machines what there are no layers for", async () => {
    const { code, stdout, stderr } = await striate(["inspect", at("topk.onnx"), "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ...{ file: at("topk.onnx"), format: "onnx", bytes: readFileSync(at("topk.onnx")).length },
      unsupported: ["TopK", "NonZero"],
    });
    expect(stderr).toContain("there are no layers for TopK (1), NonZero (1)");
  });

  it("tells machines the same", async () => {
    const { stdout } = await striate(["inspect", at("model.bin"), "--json", "--batch-size", "8"]);
    expect(JSON.parse(stdout)).toEqual({
      file: at("model.bin"),
      format: "onnx",
      bytes: readFileSync(at("model.bin")).length,
      inputs: [{ name: "x", shape: [4, 4, 3] }],
      outputs: [{ shape: [2] }],
      layers: expect.arrayContaining([{ name: "conv", type: "Conv2D", outputShape: [4, 4, 2], parameters: 6 }]),
      operators: { Conv2D: 1, GlobalAveragePooling2D: 1, Reshape: expect.any(Number) },
      parameters: { all: 6, learned: 6 },
      memory: { batchSize: 8, parameters: expect.any(Number), predict: expect.any(Number) },
    });
  });

  it("lists every operator that striate does not have", async () => {
    expect(await striate(["inspect", at("topk.onnx")])).toEqual({
      code: 1,
      stdout: "",
      stderr: `striate: ${at("topk.onnx")}: there are no layers for TopK (1), NonZero (1)\n`,
    });
  });

  it("closes open sizes by --input-shape, and asks for it", async () => {
    const { code, stderr } = await striate(["inspect", at("enlarge")]);
    expect(code).toBe(1);
    expect(stderr).toContain('input "picture" has shape [null,null,3]');
    const { stdout } = await striate(["inspect", at("enlarge"), "--input-shape", "5,7,3", "--json"]);
    expect(JSON.parse(stdout).outputs).toEqual([{ shape: [10, 14, 3] }]);
  });
});

describe("striate convert", () => {
  it.each(["colors", "model.bin"])("makes of %s a file that loadModel reads", async (name) => {
    const out = at(`made/${name}.safetensors`);
    const { code, stdout, stderr } = await striate(["convert", at(name), out]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/\((TensorFlow\.js|ONNX), \d+ bytes\) -> .*\.safetensors \(\d.* (bytes|kB)\)\n$/);
    const loaded = loadModel(readFileSync(out));
    const [height, width] = loaded.inputShape;
    const red = tensor(Float32Array.from({ length: height * width * 3 }, (_, i) => (i % 3 === 0 ? 1 : 0)));
    const y = loaded.predict(red.data).data;
    expect(y[0]).toBeGreaterThan(0.99);
    expect(await striate(["convert", out, at("again.safetensors")])).toMatchObject({ code: 0 });
    expect(readFileSync(at("again.safetensors"))).toEqual(readFileSync(out));
  });

  it("writes no other format, and says so before it reads anything", async () => {
    expect(await striate(["convert", "none", "out.onnx"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "striate: out.onnx: the name must end in .safetensors, the format that is written\n",
    });
  });

  it("leaves nothing behind where it fails", async () => {
    expect((await striate(["convert", at("topk.onnx"), at("topk.safetensors")])).code).toBe(1);
    expect(existsSync(at("topk.safetensors"))).toBe(false);
    mkdirSync(at("full.safetensors"));
    const { code, stderr } = await striate(["convert", at("colors"), at("full.safetensors")]);
    expect([code, stderr]).toEqual([1, `striate: ${at("full.safetensors")}: is a folder\n`]);
    expect(existsSync(at("full.safetensors.part"))).toBe(false);
  });

  it("refuses another shape than that of a striate file", async () => {
    const saved = sequential({ inputShape: [2, 2, 3] }, [layers.flatten()]).save();
    writeFileSync(at("flat.safetensors"), saved);
    const { code, stderr } = await striate(["inspect", at("flat.safetensors"), "--input-shape", "3,3,3"]);
    expect([code, stderr]).toEqual([
      1,
      `striate: ${at("flat.safetensors")}: the model takes [2,2,3], got --input-shape 3,3,3\n`,
    ]);
  });
});

describe("striate inspect of a graph", () => {
  it("tells every input and output", async () => {
    const [a, b] = [input({ shape: [2, 2, 1], name: "a" }), input({ shape: [2, 2, 1], name: "b" })];
    const sum = layers.add()([a, b]);
    writeFileSync(at("graph.safetensors"), model({ inputs: [a, b], outputs: [sum, layers.flatten()(sum)] }).save());
    const { stdout } = await striate(["inspect", at("graph.safetensors"), "--json"]);
    const { inputs, outputs } = JSON.parse(stdout);
    expect(inputs).toEqual([
      { name: "a", shape: [2, 2, 1] },
      { name: "b", shape: [2, 2, 1] },
    ]);
    expect(outputs).toEqual([{ shape: [2, 2, 1] }, { shape: [4] }]);
  });
});
