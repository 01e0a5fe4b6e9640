import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMAND, striate, testFolder } from "../support/command.ts";
import { writeColorClassifier } from "../support/modelFiles.ts";

const folder = testFolder();
const write = (name: string, bytes: string | Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return name;
};
const COMMANDS = ["inspect", "convert", "run", "bench", "train"];

describe("striate", () => {
  it("tells its version, and what there is to type", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(await striate(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    const { code, stdout, stderr } = await striate(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of COMMANDS) expect(stdout).toContain(`  ${name} [options] <`);
    expect(stdout).toContain("Examples:");
  });

  it.each(COMMANDS)("helps with %s, with an example", async (name) => {
    const { code, stdout } = await striate([name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: striate ${name} [options]`);
    expect(stdout).toContain(`\nExamples:\n  striate ${name} `);
    expect(stdout).not.toContain("\x1b");
    expect(await striate(["help", name])).toMatchObject({ code: 0, stdout });
  });

  it.each([
    ["an unknown command", ["inspekt", "a"], "striate: unknown command 'inspekt' (Did you mean inspect?)\n"],
    [
      "an unknown option",
      ["run", "m", "p", "--label", "x"],
      "striate: unknown option '--label' (Did you mean --labels?)\n",
    ],
    ["a missing argument", ["convert", "a"], "striate: missing required argument 'out'\n"],
    [
      "too many arguments",
      ["inspect", "a", "b"],
      "striate: too many arguments for 'inspect'. Expected 1 argument but got 2.\n",
    ],
    [
      "a number that is none",
      ["run", "m", "p", "--top", "many"],
      "striate: option '--top <n>' argument 'many' is invalid. It must be a whole number >= 1.\n",
    ],
    [
      "a size that is none",
      ["run", "m", "p", "--size", "2x"],
      "striate: option '--size <pixels>' argument '2x' is invalid. It must be a number of pixels, or HEIGHTxWIDTH, as in 224x320.\n",
    ],
    [
      "a shape that is none",
      ["inspect", "m", "--input-shape", "4,x"],
      "striate: option '--input-shape <sizes>' argument '4,x' is invalid. It must be sizes without the batch, as in 224,224,3.\n",
    ],
    [
      "a scale that is none",
      ["run", "m", "p", "--normalize", "imagnet"],
      "striate: option '--normalize <scale>' argument 'imagnet' is invalid. It must be [0,1], [-1,1], [0,255], imagenet or MEAN/STD, as in 0.5/0.5.\n",
    ],
    [
      "a share that is none",
      ["train", "m", "d", "--validation-split", "1"],
      "striate: option '--validation-split <share>' argument '1' is invalid. It must be a number from 0 to below 1.\n",
    ],
    [
      "a rate that is none",
      ["train", "m", "d", "--learning-rate", "0"],
      "striate: option '--learning-rate <rate>' argument '0' is invalid. It must be a number > 0.\n",
    ],
    [
      "an unknown library",
      ["bench", "m", "--against", "torch"],
      "striate: option '--against <library>' argument 'torch' is invalid. Allowed choices are tfjs, ort.\n",
    ],
  ])("refuses %s with exit code 2", async (_, args, stderr) => {
    expect(await striate(args)).toEqual({ code: 2, stdout: "", stderr });
  });

  it("shows its help where nothing is asked, and fails", async () => {
    const { code, stdout, stderr } = await striate([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: striate [options] [command]");
  });

  it.each([
    ["no file", "none.onnx", "none.onnx: no such file or folder"],
    ["a folder without a model", ".", "model.json: no such file or folder"],
    ["an empty file", write("empty", ""), "empty: is empty"],
    [
      "JSON that ends early",
      write("cut.json", '{ "modelTopology": '),
      "cut.json: is no JSON (Unexpected end of JSON input)",
    ],
    [
      "JSON that is no model",
      write("other.json", "{}"),
      "other.json: model.json must hold a modelTopology with a model_config or nodes",
    ],
    [
      "weights elsewhere",
      write("far.json", '{ "modelTopology": {}, "weightsManifest": [{ "paths": ["../secret"], "weights": [] }] }'),
      'far.json: names "../secret", which is no file beside far.json',
    ],
    [
      "an HDF5 file",
      write("model.h5", Buffer.from("\x89HDF\r\n", "latin1")),
      "model.h5: is an HDF5 file; make a model.json of it with tensorflowjs_converter",
    ],
    [
      "a zip archive",
      write("model.pt", "PK\x03\x04"),
      "model.pt: is a zip archive, as Keras (.keras) and PyTorch (.pt) write; make a model.json or an .onnx of it with their tools",
    ],
    [
      "a TensorFlow Lite file",
      write("model.tflite", "\x1c\0\0\0TFL3"),
      "model.tflite: is a TensorFlow Lite file, which striate does not read",
    ],
    [
      "a pickle",
      write("model.pth", new Uint8Array([0x80, 2])),
      "model.pth: is a Python pickle; export the network as ONNX",
    ],
    [
      "text",
      write("notes.txt", "hello"),
      "notes.txt: is no model; striate reads model.json of TensorFlow.js, ONNX, and its own safetensors",
    ],
    [
      "a broken ONNX file",
      write("cut.onnx", new Uint8Array([8, 8, 0x3a, 9])),
      "cut.onnx: this is no ONNX model, or it is truncated (premature EOF)",
    ],
  ])("says in one line what is wrong with %s", async (_, name, message) => {
    expect(await striate(["inspect", name], { cwd: folder })).toEqual({
      code: 1,
      stdout: "",
      stderr: `striate: ${message}\n`,
    });
  });

  it("ends quietly where nobody reads on", async () => {
    writeColorClassifier(join(folder, "colors"));
    const child = spawn(process.execPath, [COMMAND, "inspect", join(folder, "colors")]);
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdout.destroy();
    const code = await new Promise((done) => child.on("close", done));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
