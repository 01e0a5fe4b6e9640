import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { Canvas } from "../../examples/digits/canvas.ts";
import { drawLossCurve } from "../../examples/digits/lossCurve.ts";
import { drawFeatureMaps, drawFilters } from "../../examples/digits/plots.ts";
import {
  beside,
  confusionOf,
  drawConfusion,
  drawImage,
  drawProbabilities,
  duration,
  percent,
} from "../../examples/digits/terminal.ts";

/** The colour of a pixel of what the canvas writes. */
function reader(canvas: Canvas): (x: number, y: number) => number[] {
  const { data, width, height } = PNG.sync.read(canvas.toPng());
  expect([width, height]).toEqual([canvas.width, canvas.height]);
  return (x, y) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
}

const digits = Array.from({ length: 10 }, (_, i) => String(i));

describe("terminal", () => {
  it("draws two rows of pixels in one of letters", () => {
    const image = new Float32Array(784);
    image.set([1, 0, 1, 0], 0);
    image.set([0, 1, 1, 0], 28);
    const lines = drawImage(image);
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe("▀▄█".padEnd(28));
  });

  it("lists the likeliest classes first", () => {
    const probabilities = [0.05, 0, 0.9, 0, 0, 0, 0, 0.05, 0, 0];
    expect(drawProbabilities(probabilities, digits)).toEqual([
      "2 █████████   90.0 %",
      "0 █            5.0 %",
      "7 █            5.0 %",
    ]);
  });

  it("sets text beside an image, without the empty lines around it", () => {
    const image = ["    ", " ▀▀ ", " ▀  ", "    "];
    expect(beside(image, ["a"])).toEqual(["   ▀▀   a", "   ▀"]);
    expect(beside(image, ["a", "b", "c", "d"])).toEqual(["        a", "   ▀▀   b", "   ▀    c", "        d"]);
    expect(beside(["    "], ["a"])).toEqual(["        a"]);
  });

  it("counts confusions: rows are true, columns said", () => {
    const lines = drawConfusion(confusionOf([0, 0, 0, 1, 9], [0, 0, 8, 1, 9]), digits);
    expect(lines[2]).toBe("0      2   .   .   .   .   .   .   .   1   .   66.7 %");
    expect(lines[4]).toBe("2      .   .   .   .   .   .   .   .   .   .");
    expect(lines).toHaveLength(12);
  });

  it("writes shares and durations", () => {
    expect(percent(0.98931)).toBe("98.93 %");
    expect([duration(0), duration(59.6), duration(3661), duration(Number.NaN)]).toEqual([
      "0:00",
      "1:00",
      "1:01:01",
      "-:--",
    ]);
  });
});

describe("pictures", () => {
  it("cut off what lies outside of the canvas", () => {
    const canvas = new Canvas(4, 3);
    canvas.rectangle(-5, 1, 6, 100, [9, 8, 7]);
    const at = reader(canvas);
    expect([at(0, 0), at(0, 1), at(0, 2), at(1, 1)]).toEqual([
      [255, 255, 255],
      [9, 8, 7],
      [9, 8, 7],
      [255, 255, 255],
    ]);
  });

  it("write letters where they are told to", () => {
    const canvas = new Canvas(40, 20);
    canvas.text(20, 2, "-", [0, 0, 0], "middle");
    const at = reader(canvas);
    expect(at(20, 8)).toEqual([0, 0, 0]);
    expect(at(20, 4)).toEqual([255, 255, 255]);
  });

  it("show filters red above zero and blue below", () => {
    const values = Array(200).fill(0);
    values[0] = 2; // row 0, column 0 of filter 0
    values[8] = -2; // column 1
    const at = reader(drawFilters({ rows: 5, columns: 5, count: 8, values }));
    expect([at(30, 50), at(58, 50), at(86, 50)]).toEqual([
      [178, 24, 43],
      [33, 102, 172],
      [247, 247, 247],
    ]);
  });

  it("show feature maps of all layers, also where nothing was found", () => {
    const values = new Float32Array(2 * 2 * 3);
    expect(() =>
      reader(drawFeatureMaps([{ title: "a", rows: 2, columns: 2, count: 3, scale: 4, values }])),
    ).not.toThrow();
  });

  const run = { data: "mnist", batchSize: 32, seed: 0 };
  it.each([
    ["one batch", { losses: [2.3], testLosses: [2.2], epochs: 1 }],
    ["losses that are no numbers", { losses: [2, Number.NaN, Number.POSITIVE_INFINITY, 0], testLosses: [], epochs: 1 }],
    ["a stopped run", { losses: [2, 1, 0.5], testLosses: [0.8], epochs: 3 }],
  ])("draw the losses of %s", (_, losses) => {
    const at = reader(drawLossCurve({ ...run, ...losses }));
    expect(at(90, 300)).toEqual([40, 44, 52]); // the axis
  });

  it("draw the mean where the losses lie", () => {
    const losses = Array(100).fill(Math.sqrt(10));
    const at = reader(drawLossCurve({ ...run, losses, testLosses: [], epochs: 1 }));
    expect(at(500, 260)).toEqual([31, 119, 180]); // half-way from 1 to 10
  });
});
