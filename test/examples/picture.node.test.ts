import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { areaAverage, decodePng, type Gray, prepare } from "../../examples/digits/picture.ts";

type Rgba = readonly [number, number, number, number];

function png(width: number, height: number, color: (x: number, y: number) => Rgba): Buffer {
  const picture = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) picture.data.set(color(i % width, Math.floor(i / width)), i * 4);
  return PNG.sync.write(picture);
}

/** A picture with a filled rectangle. */
function rectangle(
  width: number,
  height: number,
  box: [number, number, number, number],
  ink: number,
  paper: number,
): Gray {
  const [left, top, right, bottom] = box;
  const inside = (i: number) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x >= left && x < right && y >= top && y < bottom;
  };
  return { width, height, data: Float32Array.from({ length: width * height }, (_, i) => (inside(i) ? ink : paper)) };
}

function centreOfMass(pixels: Float32Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((value, i) => {
    mass += value;
    x += value * ((i % 28) + 0.5);
    y += value * (Math.floor(i / 28) + 0.5);
  });
  return [x / mass, y / mass];
}

describe("decodePng", () => {
  it("weighs colours by their brightness", () => {
    const { data } = decodePng(
      png(4, 1, (x) => [x === 0 ? 255 : 0, x === 1 ? 255 : 0, x === 2 ? 255 : 0, 255]),
      "x.png",
    );
    expect([...data].map((value) => Number(value.toFixed(3)))).toEqual([0.299, 0.587, 0.114, 0]);
  });

  it("puts white behind dark strokes on nothing, and black behind light ones", () => {
    const strokes = (level: number) => png(3, 1, (x) => [level, level, level, x === 1 ? 255 : 0]);
    expect([...decodePng(strokes(0), "x.png").data]).toEqual([1, 0, 1]);
    expect([...decodePng(strokes(255), "x.png").data]).toEqual([0, 1, 0]);
  });

  it.each([
    [
      "no PNG",
      Buffer.from("GIF89a.."),
      "x.png: not a PNG: expected it to begin with 89504e470d0a1a0a, got 4749463839612e2e",
    ],
    ["an empty file", Buffer.alloc(0), "x.png: not a PNG: expected it to begin with 89504e470d0a1a0a, got "],
    ["a truncated one", png(40, 40, (x) => [x, 0, 0, 255]).subarray(0, 60), "x.png: broken PNG: it ends too early"],
    [
      "one that ends in its signature",
      png(1, 1, () => [0, 0, 0, 255]).subarray(0, 8),
      "x.png: broken PNG: it ends too early",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodePng(bytes, "x.png")).toThrow(message);
  });

  it("refuses a picture larger than it says it can hold, before it unpacks it", () => {
    const bytes = Buffer.from(png(1, 1, () => [0, 0, 0, 255]));
    bytes.writeUInt32BE(100_000, 16);
    bytes.writeUInt32BE(100_000, 20);
    expect(() => decodePng(bytes, "x.png")).toThrow(
      "x.png: a picture of 100000x100000 is too large; at most 67108864 pixels",
    );
  });
});

describe("areaAverage", () => {
  it("weighs cells at the edge by their share", () => {
    const { data } = areaAverage({ width: 3, height: 1, data: Float32Array.of(0, 1, 0.5) }, 2, 1);
    expect(data[0]).toBeCloseTo(1 / 3, 6);
    expect(data[1]).toBeCloseTo(2 / 3, 6);
  });

  it("keeps the mean, shrinking and growing", () => {
    const source = { width: 7, height: 5, data: Float32Array.from({ length: 35 }, (_, i) => ((i * 13) % 35) / 35) };
    const mean = (data: Float32Array) => data.reduce((a, b) => a + b) / data.length;
    for (const [w, h] of [
      [3, 2],
      [7, 5],
      [20, 11],
    ]) {
      expect(mean(areaAverage(source, w, h).data)).toBeCloseTo(mean(source.data), 5);
    }
  });
});

describe("prepare", () => {
  it("takes 28x28, light on dark, as it is", () => {
    const picture = rectangle(28, 28, [3, 4, 8, 20], 1, 0);
    const { pixels, steps } = prepare(picture, "x.png");
    expect(pixels).toEqual(picture.data);
    expect(steps).toEqual(["28x28", "light on dark, as the network has it"]);
  });

  it("inverts dark on light", () => {
    const { pixels, steps } = prepare(rectangle(28, 28, [3, 4, 8, 20], 0, 1), "x.png");
    expect(pixels).toEqual(rectangle(28, 28, [3, 4, 8, 20], 1, 0).data);
    expect(steps[1]).toBe("dark on light, so inverted");
  });

  it("cuts a large picture to its drawing, fits it into 20x20 and moves its centre of mass to the middle", () => {
    const { pixels, steps } = prepare(rectangle(300, 200, [10, 20, 70, 140], 0.1, 0.9), "x.png");
    expect(steps).toEqual([
      "300x200",
      "dark on light, so inverted",
      "cut to the drawing (60x120)",
      "resized to 10x20 by area averaging",
      "centre of mass moved to the middle of 28x28",
    ]);
    expect(pixels.filter((value) => value > 0.99)).toHaveLength(200);
    expect(centreOfMass(pixels)).toEqual([14, 14]);
  });

  it("keeps a lopsided drawing inside the picture", () => {
    const { pixels } = prepare(
      { ...rectangle(60, 60, [5, 5, 55, 6], 1, 0) }, // a hair line: one row of the result
      "x.png",
    );
    expect(pixels.filter((value) => value > 0.99)).toHaveLength(20);
    expect(centreOfMass(pixels)[0]).toBeCloseTo(14, 5);
  });

  it("refuses a blank picture", () => {
    expect(() => prepare(rectangle(50, 50, [0, 0, 0, 0], 0, 0.7), "x.png")).toThrow(
      "x.png: the picture is blank: no drawing stands out from its border",
    );
  });
});
