import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { layers, loadModel, sequential } from "../../src/index.ts";
import { striate, testFolder } from "../support/command.ts";
import { idxBytes } from "../support/idx.ts";
import { writePng } from "../support/modelFiles.ts";
import { Random } from "../support/random.ts";

const folder = testFolder();
const at = (name: string) => join(folder, name);
const here = { cwd: folder };

/** Stripes across or along, at random places, in pictures of different sizes. */
function writeStripes(name: string, count: number): void {
  const random = new Random(count);
  for (const kind of ["across", "along"]) {
    mkdirSync(at(`${name}/${kind}`), { recursive: true });
    for (let i = 0; i < count; i++) {
      const side = 12 + 4 * Math.floor(random.next() * 3);
      const phase = Math.floor(random.next() * 4);
      const isLight = (row: number, column: number) =>
        (phase + (kind === "across" ? row : column)) % (side / 4) < side / 8;
      const noise = () => Math.floor(random.next() * 60);
      writePng(at(`${name}/${kind}/${i}.png`), [side, side], (row, column) => {
        const level = (isLight(row, column) ? 180 : 0) + noise();
        return [level, level, level];
      });
    }
  }
}

const NETWORK = {
  inputShape: [12, 12, 1],
  layers: [
    { conv2d: { filters: 4, kernelSize: 3, activation: "relu" } },
    "globalAveragePool2d",
    { dense: { units: 2, activation: "softmax" } },
  ],
};

const settings = ["--epochs", "40", "--batch-size", "10", "--learning-rate", "0.02", "--seed", "3"];

beforeAll(() => {
  writeStripes("stripes", 40);
  writeFileSync(at("stripes/across/.DS_Store"), "");
  writeFileSync(at("stripes/notes.txt"), "");
  writeFileSync(at("network.json"), JSON.stringify(NETWORK));
});

describe("striate train", () => {
  it("learns folders of pictures from a description, and run needs to be told nothing more", async () => {
    const args = [
      "train",
      "network.json",
      "stripes",
      ...settings,
      "--normalize",
      "-1,1",
      "--out",
      "made/stripes.safetensors",
    ];
    const { code, stdout, stderr } = await striate(args, here);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("stripes: 80 images of 2 classes, 10 % of them to judge by");
    expect(lines.filter((line) => /^epoch \d+\/40: loss \d/.test(line))).toHaveLength(40);
    const [, accuracy] = /^epoch 40\/40: .*; judged: loss \d\.\d{4}, accuracy (\d+\.\d\d) %$/m.exec(stdout) ?? [];
    expect(Number(accuracy)).toBe(100);
    expect(lines.at(-1)).toMatch(
      /^wrote made\/stripes\.safetensors \(\d.* kB\); try it: striate run made\/stripes\.safetensors PICTURE$/,
    );
    const { stdout: said } = await striate(
      ["run", "made/stripes.safetensors", "stripes/along/7.png", "--top", "1"],
      here,
    );
    expect(said).toMatch(/^along {2}\d\.\d{4}\n$/);
    const { stdout: told } = await striate(["inspect", "made/stripes.safetensors"], here);
    expect(told).toContain("classes: across, along\n");
    const converted = await striate(["convert", "made/stripes.safetensors", "copy.safetensors"], here);
    expect(converted.code).toBe(0);
    expect((await striate(["run", "copy.safetensors", "stripes/along/7.png", "--top", "1"], here)).stdout).toBe(said);
  });

  it("stops at Ctrl-C, and goes on to the same weights as one that was never stopped", async () => {
    await striate(["train", "network.json", "stripes", ...settings, "--out", "whole.safetensors"], here);
    let isSent = false;
    const { code, stdout, stderr } = await striate(
      ["train", "network.json", "stripes", ...settings, "--out", "part.safetensors"],
      {
        ...here,
        watch(child, soFar) {
          if (isSent || !soFar.includes("epoch 2/40")) return;
          isSent = true;
          child.kill("SIGINT");
        },
      },
    );
    expect([code, stderr]).toEqual([130, ""]);
    expect(stdout).toMatch(
      /^stopped; wrote part\.safetensors .*; go on with: striate train part\.safetensors stripes --resume$/m,
    );
    const refused = await striate(["train", "part.safetensors", "stripes", "--resume", "--batch-size", "5"], here);
    expect(refused).toEqual({
      code: 2,
      stdout: "",
      stderr: "striate: --batch-size stays as the training was begun; leave it out with --resume\n",
    });
    const resumed = await striate(["train", "part.safetensors", "stripes", "--resume"], here);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toMatch(/^epoch 40\/40: /m);
    expect(readFileSync(at("part.safetensors"))).toEqual(readFileSync(at("whole.safetensors")));
  });

  it("learns IDX files, packed or not, and trains on what a model knows", async () => {
    const random = new Random(5);
    const labels = Uint8Array.from({ length: 60 }, (_, i) => i % 3);
    const pixels = Uint8Array.from({ length: 60 * 16 }, (_, i) =>
      i % 16 < 4 * (labels[i >> 4] + 1) ? 255 : random.next() * 50,
    );
    mkdirSync(at("idx"));
    writeFileSync(at("idx/train-images-idx3-ubyte.gz"), gzipSync(idxBytes([60, 4, 4], pixels)));
    writeFileSync(at("idx/train-labels-idx1-ubyte"), idxBytes([60], labels));
    writeFileSync(at("idx/t10k-images-idx3-ubyte"), "left alone");
    const start = sequential({ inputShape: [4, 4, 1] }, [layers.flatten(), layers.dense({ units: 3 })]);
    writeFileSync(at("start.safetensors"), start.save());
    const { code, stdout, stderr } = await striate(
      ["train", "start.safetensors", "idx", "--epochs", "30", "--learning-rate", "0.05", "--validation-split", "0"],
      here,
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^epoch 30\/30: loss \d\.\d{4}, accuracy 100\.00 %$/m);
    const trained = loadModel(readFileSync(at("model.safetensors")));
    expect(trained.outputShape).toEqual([3]);
    expect(trained.getWeights()).not.toEqual(start.getWeights());
  });

  it("takes one output as the probability of the second class", async () => {
    const single = {
      ...NETWORK,
      layers: [...NETWORK.layers.slice(0, 2), { dense: { units: 1, activation: "sigmoid" } }],
    };
    writeFileSync(at("single.json"), JSON.stringify(single));
    const { code, stdout } = await striate(
      ["train", "single.json", "stripes", ...settings, "--out", "single.safetensors"],
      here,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^epoch 40\/40: .*; judged: loss \d\.\d{4}, accuracy 100\.00 %$/m);
    const { stdout: said } = await striate(["run", "single.safetensors", "stripes/along/7.png"], here);
    expect(said).toMatch(/^along {3}0\.[5-9]\d{3}\nacross {2}0\.[0-4]\d{3}\n$/);
  });

  it.each([
    ["no data", ["network.json", "none"], 1, "none: no such file or folder"],
    [
      "a file as data",
      ["network.json", "network.json"],
      1,
      "network.json: must be a folder of classes, or one with IDX files",
    ],
    [
      "one class",
      ["network.json", "one"],
      1,
      "one: must hold a folder of pictures for each of two or more classes, or IDX files, got 1 folders",
    ],
    ["a class without pictures", ["network.json", "empty"], 1, "empty/b: holds no .png or .jpg"],
    ["a broken picture", ["network.json", "broken"], 1, "broken/a/x.png: is no PNG or JPEG"],
    ["IDX images without labels", ["network.json", "half"], 1, "half: lacks the IDX file of the labels"],
    [
      "broken gzip",
      ["network.json", "gzip"],
      1,
      "gzip/train-images-idx3-ubyte.gz: is no gzip file (incorrect header check)",
    ],
    [
      "more classes than outputs",
      ["network.json", "three"],
      1,
      "network.json: must end with 3 outputs, one for each class, got [2]",
    ],
    [
      "a network of no pictures",
      ["line.json", "stripes"],
      1,
      "line.json: must take one picture with 1 or 3 colours, got [8]",
    ],
    [
      "an unknown layer",
      ["unknown.json", "stripes"],
      1,
      'unknown.json: layers[0] must be the name of a layer or { name: options }, got "convolution"',
    ],
    [
      "an unknown option of a layer",
      ["option.json", "stripes"],
      1,
      'option.json: dense: every option must be one of "units", "activation", "useBias", "biasInitializer", "biasRegularizer", "kernelInitializer", "kernelRegularizer", "name", "trainable", got "unit"; did you mean "units"?',
    ],
    [
      "what a description has not",
      ["more.json", "stripes"],
      1,
      'more.json: must hold inputShape and layers alone, got "loss"',
    ],
    [
      "a resumed training that was none",
      ["plain.safetensors", "stripes", "--resume"],
      1,
      "plain.safetensors: holds no stopped training; without --resume a new one begins with its weights",
    ],
  ])("says in one line: %s", async (_, args, code, message) => {
    const end = await striate(["train", ...args, "--out", "never.safetensors"], here);
    expect(end).toMatchObject({
      code,
      stderr: `striate: ${message}
`,
    });
    expect(existsSync(at("never.safetensors"))).toBe(false);
  });

  beforeAll(() => {
    const description = (name: string, content: object) => writeFileSync(at(name), JSON.stringify(content));
    const put = (path: string, bytes: string | Uint8Array = "") => {
      mkdirSync(join(at(path), ".."), { recursive: true });
      writeFileSync(at(path), bytes);
    };
    for (const path of ["one/a/x.png", "empty/a/x.png", "empty/b/x.txt", "broken/a/x.png", "broken/b/x.png"]) put(path);
    for (const path of ["three/a/x.png", "three/b/x.png", "three/c/x.png"]) put(path);
    put("half/train-images-idx3-ubyte", idxBytes([1, 1, 1], new Uint8Array(1)));
    put("gzip/train-images-idx3-ubyte.gz", new Uint8Array([0x1f, 0x8c, 0]));
    put("gzip/train-labels-idx1-ubyte", idxBytes([1], new Uint8Array(1)));
    description("line.json", { inputShape: [8], layers: [{ dense: { units: 2 } }] });
    description("unknown.json", { inputShape: [8], layers: ["convolution"] });
    description("option.json", { inputShape: [8], layers: [{ dense: { unit: 2 } }] });
    description("more.json", { inputShape: [8], layers: ["flatten"], loss: "mse" });
    writeFileSync(at("plain.safetensors"), sequential({ inputShape: [1, 1, 1] }, [layers.flatten()]).save());
  });
});
