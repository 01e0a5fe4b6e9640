import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { imageAt, loadDataSet } from "../../examples/digits/data.ts";
import { idxBytes } from "../support/idx.ts";

const root = mkdtempSync(join(tmpdir(), "striate-data-"));
afterAll(() => rmSync(root, { recursive: true }));

const pixels = (count: number) => Uint8Array.from({ length: count * 784 }, (_, i) => (i % 784 === 0 ? 255 : 51));
const good = (): Record<string, Uint8Array> => ({
  "train-images-idx3-ubyte": idxBytes([3, 28, 28], pixels(3)),
  "train-labels-idx1-ubyte": idxBytes([3], Uint8Array.of(7, 0, 9)),
  "t10k-images-idx3-ubyte": idxBytes([1, 28, 28], pixels(1)),
  "t10k-labels-idx1-ubyte": idxBytes([1], Uint8Array.of(4)),
});

let folder = "";
let made = 0;
beforeEach(() => {
  folder = join(root, String(made++));
  mkdirSync(folder);
});

/** Fills the folder; null leaves a file out. */
function write(files: Record<string, Uint8Array | null>): void {
  for (const [name, bytes] of Object.entries(files)) if (bytes !== null) writeFileSync(join(folder, name), bytes);
}

describe("loadDataSet", () => {
  it("reads MNIST: 60000 images to learn, 10000 to test", async () => {
    const { train, test, classes } = await loadDataSet("mnist");
    expect([train.count, test.count]).toEqual([60000, 10000]);
    expect(classes).toHaveLength(10);
    expect([...train.labels.slice(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3]); // as everybody prints them
    expect([...test.labels.slice(0, 4)]).toEqual([7, 2, 1, 0]);
    const image = imageAt(train, 0);
    expect(image.length).toBe(784);
    expect(Math.max(...image)).toBe(1);
    expect(image[5 * 28 + 12]).toBe(Math.fround(3 / 255)); // the first inked pixel of the first 5
  });

  it.each(["plain", "gzipped"])("reads a folder of %s files", async (kind) => {
    const names = (name: string) => (kind === "plain" ? name : `${name}.gz`);
    const bytes = (file: Uint8Array) => (kind === "plain" ? file : gzipSync(file));
    write(Object.fromEntries(Object.entries(good()).map(([name, file]) => [names(name), bytes(file)])));
    const { train, test } = await loadDataSet(folder);
    expect([...train.labels]).toEqual([7, 0, 9]);
    expect([...imageAt(train, 2).slice(0, 2)]).toEqual([1, Math.fround(0.2)]);
    expect(test.count).toBe(1);
  });

  const broken: [string, Record<string, Uint8Array | null>, string][] = [
    [
      "a missing file",
      { "t10k-labels-idx1-ubyte": null },
      "t10k-labels-idx1-ubyte: no such file, and none with .gz behind it",
    ],
    [
      "a truncated file",
      { "train-images-idx3-ubyte": good()["train-images-idx3-ubyte"].subarray(0, 1000) },
      "train-images-idx3-ubyte: truncated: [3,28,28] of u8 takes 2368 bytes, got 1000",
    ],
    [
      "labels in the place of images",
      { "train-images-idx3-ubyte": good()["train-labels-idx1-ubyte"] },
      "train-images-idx3-ubyte: expected bytes [N,28,28] (images), got Uint8Array [3]",
    ],
    [
      "images in the place of labels",
      { "train-labels-idx1-ubyte": good()["train-images-idx3-ubyte"] },
      "train-labels-idx1-ubyte: expected bytes [N] (labels), got Uint8Array [3,28,28]",
    ],
    [
      "fewer labels than images",
      { "train-labels-idx1-ubyte": idxBytes([2], Uint8Array.of(1, 2)) },
      "train-labels-idx1-ubyte: expected a label for each of 3 images, got 2",
    ],
    [
      "a label that is no digit",
      { "train-labels-idx1-ubyte": idxBytes([3], Uint8Array.of(1, 10, 2)) },
      "train-labels-idx1-ubyte: expected labels 0 to 9, got 10 at 1",
    ],
    [
      "broken gzip",
      { "t10k-labels-idx1-ubyte": null, "t10k-labels-idx1-ubyte.gz": Uint8Array.of(1, 2, 3) },
      "t10k-labels-idx1-ubyte.gz: not gunzipped: incorrect header check",
    ],
  ];
  it.each(broken)("refuses %s", async (_, files, message) => {
    write({ ...good(), ...files });
    await expect(loadDataSet(folder)).rejects.toThrow(join(folder, message));
  });

  it("refuses a folder that is not there", async () => {
    const gone = join(folder, "gone");
    await expect(loadDataSet(gone)).rejects.toThrow(
      `${join(gone, "train-images-idx3-ubyte")}: no such folder as ${gone}`,
    );
  });
});
