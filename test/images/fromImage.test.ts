import fc from "fast-check";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { ArgumentError, images, MemoryError, ShapeError, tensor, UnsupportedError, zeros } from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import fixture from "../fixtures/pillow/resize.json";
import { normalized, type Picture, resized } from "../reference/image.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { Random } from "../support/random.ts";

/** Colours up to 1 and sums over at most 24 cells of each axis in f32: 48 roundings of 2^-24, then a division by std. */
const toleranceOf = (std: readonly number[]) => ({ relative: 3e-6, absolute: 3e-6 / Math.min(...std) });

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

function statisticsOf(normalize: images.Normalization, order: images.ColorOrder) {
  if (typeof normalize === "object") return normalize as { mean: number[]; std: number[] };
  if (normalize === "imagenet" && order === "rgb") return IMAGENET;
  if (normalize === "imagenet") return { mean: [0.406, 0.456, 0.485], std: [0.225, 0.224, 0.229] };
  const [mean, std] = { "[0,1]": [0, 1], "[-1,1]": [0.5, 0.5], "[0,255]": [0, 1 / 255] }[normalize];
  return { mean: [mean, mean, mean], std: [std, std, std] };
}

function pictureOf(random: Random, height: number, width: number, channels: number, kind: "bytes" | "floats"): Picture {
  const floats = random.floats(height * width * channels, 0, 1);
  return { width, height, data: kind === "floats" ? floats : Uint8Array.from(floats, (x) => x * 256) };
}

describe("fromImage", () => {
  it("equals the naive twin over random sizes, parts, colours and scales", () => {
    const side = fc.integer({ min: 1, max: 24 });
    const anyCase = fc.record({
      sides: fc.tuple(side, side),
      size: fc.tuple(side, side),
      channels: fc.constantFrom(1, 3, 4),
      kind: fc.constantFrom("bytes" as const, "floats" as const),
      part: fc.option(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })),
      colors: fc.constantFrom("rgb" as const, "bgr" as const, "grey" as const),
      scale: fc.constantFrom("[0,1]" as const, "[-1,1]" as const, "[0,255]" as const, "imagenet" as const, "own"),
      seed: fc.integer(),
    });
    const runtime = currentRuntime("test");
    fc.assert(
      fc.property(anyCase, ({ sides: [height, width], size, channels, kind, part, colors, scale, seed }) => {
        const picture = pictureOf(new Random(seed), height, width, channels, kind);
        const within = (length: number, at: number, share: number) => {
          const start = Math.floor(at * (length - 1));
          return [start, 1 + Math.floor(share * (length - 1 - start))];
        };
        const [top, h] = part === null ? [0, height] : within(height, part[0], part[1]);
        const [left, w] = part === null ? [0, width] : within(width, part[2], part[3]);
        const crop = { top, left, height: h, width: w };
        const isOwn = scale === "own" || (scale === "imagenet" && colors === "grey");
        const own = { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 2] };
        const n = colors === "grey" ? 1 : 3;
        const normalize = isOwn ? { mean: own.mean.slice(0, n), std: own.std.slice(0, n) } : scale;
        const { mean, std } = statisticsOf(normalize as images.Normalization, colors);

        const before = runtime.memory().blocks;
        const y = images.fromImage(picture as images.PixelImage, {
          ...(part === null ? {} : { crop }),
          ...{ size, colors, normalize: normalize as images.Normalization },
        });
        const twin = normalized(resized(picture, crop, size), kind === "bytes" ? 255 : 1, colors, mean, std);
        expect(y.shape).toEqual(twin.shape);
        expectClose(y.data, twin.data, toleranceOf(std));
        y.dispose();
        expect(runtime.memory().blocks, "blocks left behind").toBe(before);
      }),
    );
  });

  it.each(fixture.cases.map((one) => [`${one.height}x${one.width}x${one.channels} to ${one.size}`, one] as const))(
    "equals Pillow: %s",
    (_, { height, width, channels, box, size, x, y }) => {
      const [top, left, h, w] = box ?? [0, 0, height, width];
      const image = { width, height, data: Uint8Array.from(x) };
      const options = {
        size: size as [number, number],
        crop: { top, left, height: h, width: w },
        normalize: "[0,255]",
      } as const;
      const made = images.fromImage(image, channels === 1 ? { ...options, colors: "grey" } : options);
      const colors = channels === 4 ? y.filter((_, i) => i % 4 !== 3) : y;
      // Rounded to four places there; up to 255 and sums over 80 cells in f32 here.
      expectClose(made.data, colors, { relative: 0, absolute: 5e-5 + (255 * 80) / 2 ** 24 });
    },
  );

  it("keeps bytes and their fractions exact where nothing is resized", () => {
    const data = Uint8ClampedArray.from({ length: 256 }, (_, i) => i);
    const image = { width: 16, height: 16, data };
    const bytes = images.fromImage(image, { colors: "grey", normalize: "[0,255]" });
    expect([...bytes.data]).toEqual([...data]);
    const shares = images.fromImage(image, { colors: "grey" });
    expect([...shares.data]).toEqual(Array.from(data, (byte) => Math.fround(byte / 255)));
  });

  it("takes the largest part in the middle with the proportions of the size", () => {
    const image = { width: 6, height: 2, data: Float32Array.from({ length: 12 }, (_, i) => i % 6) };
    const y = images.fromImage(image, { size: [1, 1], crop: "center", colors: "grey" });
    expect([...y.data]).toEqual([2.5]);
    const tall = { width: 2, height: 7, data: Float32Array.from({ length: 14 }, (_, i) => i >> 1) };
    expect([...images.fromImage(tall, { size: [1, 2], crop: "center", colors: "grey" }).data]).toEqual([3, 3]);
  });

  it("gives grey three channels, and leaves opacity and what was cut off out, NaN too", () => {
    const grey = { width: 1, height: 1, data: new Uint8Array([51]) };
    expectClose(images.fromImage(grey).data, [0.2, 0.2, 0.2], toleranceOf([1]));
    const { NaN: nan } = Number;
    const data = new Float32Array([nan, nan, nan, nan, 0.1, 0.2, 0.3, nan]);
    const y = images.fromImage({ width: 2, height: 1, data }, { crop: { top: 0, left: 1, height: 1, width: 1 } });
    expectClose(y.data, [0.1, 0.2, 0.3], toleranceOf([1]));
  });

  it("makes a batch of a list", () => {
    const flat = (byte: number, width: number) => ({ width, height: 2, data: new Uint8Array(2 * width).fill(byte) });
    const y = images.fromImage([flat(0, 2), flat(255, 5)], { size: [1, 2], colors: "grey" });
    expect(y.shape).toEqual([2, 1, 2, 1]);
    expectClose(y.data, [0, 0, 1, 1], toleranceOf([1]));
  });

  it("takes a band of rows at a time of large images: the same numbers, and little memory", () => {
    const [height, width] = [1500, 1000];
    const data = Uint8Array.from({ length: height * width * 4 }, (_, i) => (i * 2654435761) >>> 24);
    const { peak } = currentRuntime("test").memory();
    const whole = images.fromImage({ width, height, data }, { size: [31, 17] });
    expect(currentRuntime("test").memory().peak - peak).toBeLessThan(2 ** 21 + 2 ** 17);
    const row = 15; // looks at rows 726 to 774: the scale is 48.4
    const [first, last] = [650, 850];
    const box = { top: 0, left: 0, height, width };
    const blank = data
      .slice()
      .fill(0, 0, first * width * 4)
      .fill(0, last * width * 4);
    const part = images.fromImage({ width, height, data: blank }, { size: [31, 17], crop: box });
    expect(part.data.slice(row * 51, row * 51 + 51)).toEqual(whole.data.slice(row * 51, row * 51 + 51));
  });

  it("takes pixels that lie in linear memory", () => {
    const x = tensor([0.25, 0.5, 0.75, 1], [4]);
    const image = { width: 2, height: 2, data: x.data };
    const y = images.fromImage(image, { size: [2, 900], colors: "grey" }); // may grow the memory
    expect(y.data[0]).toBe(0.25);
    expect(y.data[1799]).toBe(1);
  });

  const pixel = { width: 1, height: 1, data: new Uint8Array(3) };
  it("says what memory a picture of any size would take", () => {
    const pixel = { width: 1, height: 1, data: new Uint8Array(4) };
    expect(() => images.fromImage(pixel, { size: 1e6 })).toThrow(MemoryError);
  });

  refuses([
    [
      "what is no image",
      () => images.fromImage(new Uint8Array(3) as never),
      new ArgumentError(
        "fromImage: image must be { width, height, data }, ImageData or an ImageBitmap, got Uint8Array(3)",
      ),
    ],
    ["an empty list", () => images.fromImage([]), new ArgumentError("fromImage: image must not be an empty list")],
    [
      "no pixels and nothing to draw",
      () => images.fromImage({ width: 1, height: 1 }),
      new ArgumentError("fromImage: image must have data, or be an ImageBitmap or a canvas, got Object"),
    ],
    [
      "a width of 0",
      () => images.fromImage({ ...pixel, width: 0 }),
      new ArgumentError("fromImage: image.width must be a whole number >= 1, got 0"),
    ],
    [
      "two colours",
      () => images.fromImage({ width: 2, height: 3, data: new Uint8Array(12) }),
      new ArgumentError("fromImage: image.data must hold 1, 3 or 4 numbers for each of 2x3 pixels, got 12"),
    ],
    [
      "numbers of another kind",
      () => images.fromImage({ width: 1, height: 1, data: [1, 2, 3] as never }),
      new ArgumentError(
        "fromImage: image.data must be a Uint8Array, a Uint8ClampedArray or a Float32Array, got [1,2,3]",
      ),
    ],
    [
      "a part outside",
      () => images.fromImage(pixel, { crop: { top: 0, left: 1, height: 1, width: 1 } }),
      new ArgumentError("fromImage: crop must lie within 1 rows and 1 columns, got 0 + 1 and 1 + 1"),
    ],
    [
      "an unknown part",
      () => images.fromImage(pixel, { crop: "left" as never }),
      new ArgumentError('fromImage: crop must be "center" or { top, left, height, width }, got "left"'),
    ],
    [
      "a middle of no size",
      () => images.fromImage(pixel, { crop: "center" }),
      new ArgumentError('fromImage: crop "center" takes its proportions from size, which is missing'),
    ],
    [
      "images of different sizes",
      () => images.fromImage([pixel, { width: 1, height: 2, data: new Uint8Array(2) }]),
      new ShapeError("fromImage: images must become equal in size, got [1,1,3] and [2,1,3]; give a size"),
    ],
    [
      "an unknown scale",
      () => images.fromImage(pixel, { normalize: "imagenet21k" as never }),
      new ArgumentError(
        'fromImage: normalize must be one of "[0,1]", "[-1,1]", "[0,255]", "imagenet", got "imagenet21k"; did you mean "imagenet"?',
      ),
    ],
    [
      "a scale as a list",
      () => images.fromImage(pixel, { normalize: [-1, 1] as never }),
      new ArgumentError(
        'fromImage: normalize must be one of "[0,1]", "[-1,1]", "[0,255]", "imagenet", or { mean, std }, got [-1,1]',
      ),
    ],
    [
      "ImageNet's scale of grey",
      () => images.fromImage(pixel, { normalize: "imagenet", colors: "grey" }),
      new ArgumentError('fromImage: normalize "imagenet" is for three colours, got colors "grey"'),
    ],
    [
      "a deviation of 0",
      () => images.fromImage(pixel, { normalize: { mean: 0, std: [1, 0, 1] } }),
      new ArgumentError("fromImage: normalize.std must be a number > 0, or one for each of 3 channels, got [1,0,1]"),
    ],
    [
      "an option that does not exist",
      () => images.fromImage(pixel, { resize: 2 } as never),
      new ArgumentError(
        'fromImage: every option must be one of "size", "crop", "colors", "normalize", got "resize"; did you mean "size"?',
      ),
    ],
  ]);
});

describe("fromImage of what browsers draw", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** Opaque: four known colours. */
  const rgba = new Uint8ClampedArray([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 10, 20, 30, 255]);

  it.runIf(inject("host") === "chromium")("equals that of its pixels", async () => {
    const pixels = new ImageData(rgba, 2);
    const bitmap = await createImageBitmap(pixels);
    const canvas = new OffscreenCanvas(2, 2);
    canvas.getContext("2d")?.putImageData(pixels, 0, 0);
    const wanted = images.fromImage({ width: 2, height: 2, data: rgba }).data;
    for (const image of [pixels, bitmap, canvas]) expect(images.fromImage(image).data).toEqual(wanted);
    expect(images.fromImage([bitmap, pixels]).shape).toEqual([2, 2, 2, 3]);
  });

  it("says so where there is nothing to draw on", () => {
    class ImageBitmap {
      readonly width = 1;
      readonly height = 1;
    }
    vi.stubGlobal("ImageBitmap", ImageBitmap);
    vi.stubGlobal("OffscreenCanvas", undefined);
    expect(() => images.fromImage(new ImageBitmap())).toThrow(
      new UnsupportedError(
        "fromImage: this host has no OffscreenCanvas to draw on; give { width, height, data } instead",
      ),
    );
  });

  it("leaves no memory behind where it fails", () => {
    const before = currentRuntime("test").memory().blocks;
    const bad = { width: 1, height: 1, data: new Uint8Array(2) };
    expect(() => images.fromImage([{ width: 1, height: 1, data: new Uint8Array(1) }, bad])).toThrow(ArgumentError);
    expect(currentRuntime("test").memory().blocks).toBe(before);
    zeros([1]).dispose();
  });
});
