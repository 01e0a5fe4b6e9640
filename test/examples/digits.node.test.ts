import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idxBytes } from "../support/idx.ts";
import { Random } from "../support/random.ts";

// The program as `npm start` runs it, on a small set that the test makes: ten kinds of stripes.
const root = mkdtempSync(join(tmpdir(), "striate-digits-"));
const data = join(root, "data");
const fullRun = join(root, "full");

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  args: readonly string[],
  watch: (child: ChildProcess, stdout: string) => void = () => {},
): Promise<Result> {
  const child = spawn(process.execPath, ["build/digits.mjs", ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    watch(child, stdout);
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

/** Class k has a bright row at 2k + 4 and a bright column at 23 - 2k, over noise. */
function writeSet(part: string, count: number): void {
  const random = new Random(count);
  const pixels = new Uint8Array(count * 784);
  const labels = Uint8Array.from({ length: count }, () => Math.floor(random.next() * 10));
  for (let i = 0; i < pixels.length; i++) {
    const [row, column] = [Math.floor(i / 28) % 28, i % 28];
    const label = labels[Math.floor(i / 784)];
    pixels[i] = row === 2 * label + 4 || column === 23 - 2 * label ? 230 : random.next() * 60;
  }
  writeFileSync(join(data, `${part}-images-idx3-ubyte`), idxBytes([count, 28, 28], pixels));
  writeFileSync(join(data, `${part}-labels-idx1-ubyte`), idxBytes([count], labels));
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

const settings = ["--data", data, "--epochs", "4", "--batch-size", "20", "--seed", "7"];

beforeAll(() => {
  mkdirSync(data);
  writeSet("train", 1510); // the last batch is smaller
  writeSet("t10k", 200);
});
afterAll(() => rmSync(root, { recursive: true }));

describe("npm start", () => {
  it("trains, tells how well, and writes the network and its pictures", async () => {
    const { code, stdout, stderr } = await start([...settings, "--out", fullRun]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const accuracy = /^test accuracy: (\d+\.\d\d) % \(200 images\)$/m.exec(stdout);
    expect(Number(accuracy?.[1])).toBeGreaterThan(95);
    expect(stdout).toMatch(/^epoch 1\/4 +10 % +loss \d\.\d{4} +accuracy \d+\.\d\d % +\d+ images\/s +\d:\d\d left$/m);
    expect(stdout.match(/^epoch \d\/4 done: /gm)).toHaveLength(4);
    expect(stdout).toContain("rows: what it is; columns: what the network says");
    expect(stdout).toMatch(/[▀▄█]{3}/);
    expect(stdout).not.toContain("\x1b"); // no terminal here
    const files = readdirSync(fullRun).sort();
    expect(files).toEqual(["digits.safetensors", "feature-maps.png", "filters.png", "loss.png"]);
    for (const name of files.filter((file) => file.endsWith(".png"))) PNG.sync.read(readFileSync(join(fullRun, name)));
  });

  it("stops at Ctrl-C, says how to go on, and ends with the same weights as one that was never stopped", async () => {
    const out = join(root, "stopped");
    let sent = false;
    const stop = (child: ChildProcess, stdout: string) => {
      if (sent || !/^epoch \d\/4 +[1-9]0 %/m.test(stdout)) return;
      sent = true;
      child.kill("SIGINT");
      child.kill("SIGINT"); // at once: one from the terminal, one handed on by npm
    };
    const first = await start([...settings, "--out", out], stop);
    expect(first.stderr).toBe("");
    expect(first.code).toBe(130);
    const checkpoint = join(out, "checkpoint.safetensors");
    const told = /^stopped after (\d+) of 304 batches; saved (.+)\ngo on with: npm start -- --resume (.+)$/m.exec(
      first.stdout,
    );
    expect(told?.slice(2)).toEqual([checkpoint, checkpoint]);
    expect(Number(told?.[1])).toBeLessThan(304);
    expect(existsSync(join(out, "digits.safetensors"))).toBe(false);

    const second = await start(["--resume", checkpoint]);
    expect(second.stderr).toBe("");
    expect(second.code).toBe(0);
    expect(digest(join(out, "digits.safetensors"))).toBe(digest(join(fullRun, "digits.safetensors")));
    expect(existsSync(join(out, "loss.png"))).toBe(true);
  });

  it("begins with a saved network: --epochs 0 only tests it", async () => {
    const model = join(fullRun, "digits.safetensors");
    const out = join(root, "tested");
    const { code, stdout } = await start(["--data", data, "--model", model, "--epochs", "0", "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^test accuracy: \d+\.\d\d % \(200 images\)$/m);
    expect(digest(join(out, "digits.safetensors"))).toBe(digest(model));
    expect(readdirSync(out)).not.toContain("loss.png");
  });

  it("says what a picture shows", async () => {
    const picture = new PNG({ width: 28, height: 28 });
    for (let i = 0; i < 784; i++) {
      const ink = Math.floor(i / 28) === 10 || i % 28 === 17; // class 3, dark on light
      picture.data.set(ink ? [20, 20, 20, 255] : [250, 250, 250, 255], i * 4);
    }
    const file = join(root, "three.png");
    writeFileSync(file, PNG.sync.write(picture));
    const { code, stdout, stderr } = await start(["predict", join(fullRun, "digits.safetensors"), file]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain(`${file}: 28x28; dark on light, so inverted\n`);
    const [first, ...others] = stdout.match(/\d █* +\d+\.\d %$/gm) ?? [];
    expect(first).toMatch(/^3 /);
    expect(others).toHaveLength(2);
  });
});

describe("one line for what its user can mend", () => {
  const path = (name: string) => join(root, name);
  const model = join(fullRun, "digits.safetensors");
  const cases: [string, () => string[], string][] = [
    ["an unknown option", () => ["--epoch", "3"], "digits: unknown option '--epoch' (Did you mean --epochs?)"],
    [
      "a number that is none",
      () => ["--epochs", "many"],
      "digits: option '--epochs <n>' argument 'many' is invalid. It must be a whole number >= 0.",
    ],
    [
      "a batch of nothing",
      () => ["--batch-size", "0"],
      "digits: option '--batch-size <n>' argument '0' is invalid. It must be a whole number >= 1.",
    ],
    ["a word too many", () => ["train"], "digits: too many arguments. Expected 0 arguments but got 1."],
    ["predict without a picture", () => ["predict", model], "digits: missing required argument 'picture'"],
    [
      "a folder that is not there",
      () => ["--data", path("nowhere"), "--out", path("o")],
      `digits: ${path("nowhere/train-images-idx3-ubyte")}: no such folder as ${path("nowhere")}`,
    ],
    [
      "a wrong magic number",
      () => {
        mkdirSync(path("magic"), { recursive: true });
        for (const part of ["train", "t10k"]) {
          for (const kind of ["images-idx3", "labels-idx1"]) {
            writeFileSync(path(`magic/${part}-${kind}-ubyte`), "these are no digits");
          }
        }
        return ["--data", path("magic"), "--out", path("o")];
      },
      `digits: ${path("magic/train-images-idx3-ubyte")}: not IDX: expected the magic number 0x0000, type (08 u8, 09 i8, 0b i16, 0c i32, 0d f32, 0e f64), axes >= 1, got 0x74686573`,
    ],
    [
      "a truncated file",
      () => {
        mkdirSync(path("cut"), { recursive: true });
        for (const name of readdirSync(data)) writeFileSync(path(`cut/${name}`), readFileSync(join(data, name)));
        writeFileSync(
          path("cut/t10k-images-idx3-ubyte"),
          readFileSync(join(data, "t10k-images-idx3-ubyte")).subarray(0, 99),
        );
        return ["--data", path("cut"), "--out", path("o")];
      },
      `digits: ${path("cut/t10k-images-idx3-ubyte")}: truncated: [200,28,28] of u8 takes 156816 bytes, got 99`,
    ],
    [
      "a missing model",
      () => ["--model", path("no.safetensors")],
      `digits: ${path("no.safetensors")}: no such file or folder`,
    ],
    [
      "a missing checkpoint",
      () => ["--resume", path("no.safetensors")],
      `digits: ${path("no.safetensors")}: no such file or folder`,
    ],
    [
      "a network in the place of a checkpoint",
      () => ["--resume", model],
      `digits: ${model}: holds no stopped training; --model FILE begins with a network`,
    ],
    [
      "a checkpoint begun with other settings",
      () => ["--resume", path("stopped/checkpoint.safetensors"), "--epochs", "5"],
      `digits: --epochs 5: ${path("stopped/checkpoint.safetensors")} was begun with 4; leave it out to go on`,
    ],
    [
      "both a model and a checkpoint",
      () => ["--resume", "--model", model],
      "digits: --model and --resume both name a network; give one of them",
    ],
    [
      "a picture that is no PNG",
      () => ["predict", model, join(data, "t10k-labels-idx1-ubyte")],
      `digits: ${join(data, "t10k-labels-idx1-ubyte")}: not a PNG: expected it to begin with 89504e470d0a1a0a, got 00000801000000c8`,
    ],
    [
      "a model that is none",
      () => ["predict", join(data, "t10k-labels-idx1-ubyte"), path("three.png")],
      `digits: ${join(data, "t10k-labels-idx1-ubyte")}: `,
    ],
    ["a folder in the place of a picture", () => ["predict", model, data], `digits: ${data}: is a folder`],
  ];
  it.each(cases)("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await start(args());
    expect(stderr.startsWith(message), stderr).toBe(true);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stdout).not.toContain("test accuracy");
    expect(code).toBe(1);
  });
});
