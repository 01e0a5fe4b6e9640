import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "jpeg-js";
import { PNG } from "pngjs";
import { beforeAll, describe, expect, it } from "vitest";
import { input, layers, model, sequential } from "../../src/index.ts";
import { striate, testFolder } from "../support/command.ts";
import { writeColorClassifier, writeEnlarger, writeKeras, writePng } from "../support/modelFiles.ts";

const folder = testFolder();
const at = (name: string) => join(folder, name);
writeColorClassifier(at("colors"));
writeEnlarger(at("enlarge"));
writeKeras(
  at("wide"),
  [
    { class_name: "InputLayer", config: { batch_input_shape: [null, null, null, 3], name: "picture" } },
    { class_name: "AveragePooling2D", config: { name: "mean", pool_size: [7, 7] } },
  ],
  {},
);
writePng(at("red.png"), [6, 9], () => [250, 10, 10]);
writePng(at("halves.png"), [3, 9], (_, column) => (column < 3 || column > 5 ? [0, 0, 255] : [0, 255, 0]));
writeFileSync(at("names.txt"), "rouge\nvert\nbleu\n");

/** A JPEG whose upper left quarter is red and the rest blue; with Exif data, where they are given. */
function writeJpeg(name: string, exif?: Uint8Array): string {
  const [width, height] = [32, 16];
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const isRed = i % width < width / 2 && i < (width * height) / 2;
    data.set(isRed ? [255, 0, 0, 255] : [0, 0, 255, 255], i * 4);
  }
  const { data: plain } = encode({ width, height, data }, 95);
  const segment = exif ? Buffer.from([0xff, 0xe1, 0, exif.length + 2, ...exif]) : Buffer.alloc(0);
  writeFileSync(at(name), Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]));
  return at(name);
}

/** "Exif", a TIFF header, and a directory with the orientation alone; little- or big-endian. */
function exifOf(orientation: number, isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(6 + 8 + 2 + 12 + 4);
  bytes.set(Buffer.from(`Exif\0\0${isLittle ? "II*\0" : "MM\0*"}`, "latin1"));
  const view = new DataView(bytes.buffer, 6);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, 1, isLittle);
  view.setUint16(10, 274, isLittle);
  view.setUint16(12, 3, isLittle);
  view.setUint32(14, 1, isLittle);
  view.setUint16(18, orientation, isLittle);
  return bytes;
}

const CORNERS = ["top left", "top right", "bottom right", "bottom left"];

/** Where red is in a picture that the command wrote. */
function redCorner(name: string): { corner: string; width: number; height: number } {
  const { width, height, data } = PNG.sync.read(readFileSync(at(name)));
  const red = (x: number, y: number) => data[(y * width + x) * 4];
  const reds = [red(4, 4), red(width - 5, 4), red(width - 5, height - 5), red(4, height - 5)];
  return { corner: CORNERS[reds.indexOf(Math.max(...reds))], width, height };
}

describe("striate run", () => {
  it("names the likeliest classes", async () => {
    const { code, stdout, stderr } = await striate(["run", at("colors"), at("red.png"), "--labels", at("names.txt")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^rouge {2}0\.999\d\nvert {3}0\.000\d\nbleu {3}0\.000\d\n$/);
  });

  it("takes several pictures, indices for names, and only some of them", async () => {
    const { stdout } = await striate(["run", at("colors"), at("red.png"), at("halves.png"), "--top", "1"]);
    expect(stdout.replace(/0\.\d{4}/g, "p")).toBe(`${at("red.png")}\n  0  p\n${at("halves.png")}\n  2  p\n`);
  });

  it("tells machines the same, to all digits", async () => {
    const { stdout } = await striate(["run", at("colors"), at("red.png"), "--json", "--labels", at("names.txt")]);
    const [{ image, outputs }] = JSON.parse(stdout);
    expect(image).toBe(at("red.png"));
    expect(outputs[0].shape).toEqual([3]);
    expect(outputs[0].predictions[0]).toMatchObject({ label: "rouge", index: 0 });
  });

  it("cuts the middle out, swaps colours, and scales", async () => {
    const best = async (...options: string[]) =>
      (await striate(["run", at("colors"), at("halves.png"), "--top", "1", ...options])).stdout;
    expect(await best()).toMatch(/^2 {2}/);
    expect(await best("--crop")).toMatch(/^1 {2}/);
    expect(await best("--bgr")).toMatch(/^0 {2}/);
    expect(await best("--normalize", "0.5/0.001")).toBe("2  1.0000\n");
    // Heights of the triangle, (11 + 15 + 17 + 1) / 71 blue and (13 + 9 + 5) / 71 green: softmax(0, 3.423, 5.577), and of a tenth.
    expect(await best("--normalize", "0/1,1,1")).toMatch(/^2 {2}0\.893/);
    expect(await best("--normalize", "0/10")).toMatch(/^2 {2}0\.420/);
  });

  it.each([
    ["a list", '["a","b","c"]'],
    ["names by index", '{ "0": "a", "2": "c", "1": "b" }'],
    ["Keras' names by index", '{ "0": ["n01", "a"], "1": ["n02", "b"], "2": ["n03", "c"] }'],
  ])("reads labels from %s in JSON", async (_, json) => {
    writeFileSync(at("labels.json"), json);
    const { stdout } = await striate([
      "run",
      at("colors"),
      at("halves.png"),
      "--labels",
      at("labels.json"),
      "--top",
      "1",
    ]);
    expect(stdout).toMatch(/^c {2}/);
  });

  it("makes probabilities of scores", async () => {
    const scores = sequential({ inputShape: [1, 1, 3] }, [layers.flatten()]);
    writeFileSync(at("scores.safetensors"), scores.save());
    const { stdout } = await striate(["run", at("scores.safetensors"), at("halves.png"), "--softmax"]);
    // Blue (5 + 6 + 7) 2 / 61, green (8 + 9 + 8) / 61, red 0: heights of the triangle over nine columns.
    expect(stdout).toBe("2  0.4185\n1  0.3495\n0  0.2320\n");
  });

  it("writes the picture that a network makes, of the picture's size where the file leaves it open", async () => {
    const { code, stdout } = await striate(["run", at("enlarge"), at("halves.png"), "--out", at("made/large.png")]);
    expect([code, stdout]).toEqual([0, "output 1 [6,18,3]: from 0.000 to 1.000\n"]);
    const { width, height, data } = PNG.sync.read(readFileSync(at("made/large.png")));
    expect([width, height]).toEqual([18, 6]);
    expect([...data.subarray(0, 4)]).toEqual([0, 0, 255, 255]);
    expect([...data.subarray(9 * 4, 10 * 4)]).toEqual([0, 255, 0, 255]);
    const small = await striate([
      "run",
      at("enlarge"),
      at("halves.png"),
      "--size",
      "2x3",
      "--normalize",
      "-1,1",
      "--json",
    ]);
    const [{ outputs }] = JSON.parse(small.stdout);
    expect(outputs[0].shape).toEqual([4, 6, 3]);
    expect(outputs[0].data).toHaveLength(72);
    expect(Math.min(...outputs[0].data)).toBe(-1);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("turns JPEGs as their orientation %d says", async (orientation) => {
    const picture = writeJpeg("photo.jpg", exifOf(orientation, orientation % 2 === 0));
    await striate(["run", at("enlarge"), picture, "--out", at("turned.png")]);
    // The corner that the first row and the first column share (Exif 2.3, 4.6.4).
    const corner = ["top left", "top right", "bottom right", "bottom left"][(orientation - 1) % 4];
    const turned = { 5: "top left", 6: "top right", 7: "bottom right", 8: "bottom left" }[orientation] ?? corner;
    const [width, height] = orientation > 4 ? [32, 64] : [64, 32];
    expect(redCorner("turned.png")).toEqual({ corner: turned, width, height });
  });

  it("reads JPEGs without Exif data, or with broken ones", async () => {
    for (const exif of [undefined, exifOf(6, true).subarray(0, 20), new Uint8Array([69, 120, 105, 102, 0, 0, 1])]) {
      await striate(["run", at("enlarge"), writeJpeg("plain.jpeg", exif), "--out", at("plain.png")]);
      expect(redCorner("plain.png")).toEqual({ corner: "top left", width: 64, height: 32 });
    }
  });

  it("takes pictures to grey where the network has one channel", async () => {
    writeFileSync(at("grey.safetensors"), sequential({ inputShape: [1, 1, 1] }, [layers.flatten()]).save());
    const { stdout } = await striate(["run", at("grey.safetensors"), at("halves.png")]);
    expect(stdout).toBe(`0  ${((0.587 * 25 + 0.114 * 36) / 61).toFixed(4)}\n`);
  });

  beforeAll(() => {
    const [a, b] = [input({ shape: [2, 2, 3] }), input({ shape: [2, 2, 3] })];
    writeFileSync(at("two.safetensors"), model({ inputs: [a, b], outputs: layers.add()([a, b]) }).save());
    writeFileSync(at("line.safetensors"), sequential({ inputShape: [8] }, [layers.dense({ units: 2 })]).save());
  });
  writeFileSync(at("broken.png"), readFileSync(at("red.png")).subarray(0, 60));
  writeFileSync(at("broken.jpg"), new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4]));
  writeFileSync(at("huge.png"), hugePng());
  writeFileSync(at("objects.json"), '{ "0": "a", "5": "b" }');
  writeFileSync(at("four.txt"), "a\nb\nc\nd\n");

  /** The header of one says 60000x60000. */
  function hugePng(): Uint8Array {
    const bytes = Buffer.from(readFileSync(at("red.png")));
    bytes.writeUInt32BE(60000, 16);
    bytes.writeUInt32BE(60000, 20);
    return bytes;
  }

  it.each([
    ["no such picture", ["colors", "none.png"], 1, "none.png: no such file or folder"],
    ["what is no picture", ["colors", "names.txt"], 1, "names.txt: is no PNG or JPEG"],
    ["a broken PNG", ["colors", "broken.png"], 1, "broken.png: broken picture: it ends too early"],
    ["a huge PNG", ["colors", "huge.png"], 1, "huge.png: broken picture: 60000x60000 is more than 67108864 pixels"],
    [
      "a network of two pictures",
      ["two.safetensors", "red.png"],
      1,
      "two.safetensors: takes 2 inputs, and run gives it one picture",
    ],
    [
      "a network of no picture",
      ["line.safetensors", "red.png"],
      1,
      "line.safetensors: input input_1 is [8], no picture with 1 or 3 colours",
    ],
    [
      "labels that do not fit",
      ["colors", "red.png", "--labels", "four.txt"],
      1,
      "colors/model.json: no output has 4 classes, as the labels say; outputs are [3]",
    ],
    [
      "labels that are none",
      ["colors", "red.png", "--labels", "objects.json"],
      1,
      "objects.json: must hold a list of names, or names by index from 0 on",
    ],
    [
      "a picture where there is none",
      ["colors", "red.png", "--out", "x.png"],
      1,
      "--out x.png: the network makes no image, but [3]",
    ],
    [
      "one picture of two",
      ["colors", "red.png", "red.png", "--out", "x.png"],
      2,
      "--out takes one picture, got several",
    ],
    [
      "what the network says against the picture's size, where the file leaves it open",
      ["wide", "red.png"],
      1,
      `wide/model.json: the model's configuration makes no model (mean: kernel [7,7] does not fit the padded input [6,9] (height 6 + padding 0); use padding: "same" or a smaller kernel)`,
    ],
    [
      "sizes that do not fit",
      ["colors", "red.png", "--size", "5"],
      1,
      'colors/model.json: input "picture" has shape [2,2,3]; give it one that fits, as inputShape: [...], got [5,5,3]',
    ],
  ])("says in one line: %s", async (_, args, code, message) => {
    expect(await striate(["run", ...args], { cwd: folder })).toEqual({
      code,
      stdout: "",
      stderr: `striate: ${message}\n`,
    });
    expect(existsSync(at("x.png"))).toBe(false);
  });

  it("says in one line that a JPEG is broken", async () => {
    const { code, stderr } = await striate(["run", "colors", "broken.jpg"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^striate: broken\.jpg: broken picture: [^\n]+\n$/);
  });
});
