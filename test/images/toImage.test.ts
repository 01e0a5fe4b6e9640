import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, images, ShapeError, tensor, zeros } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";

describe("toImage", () => {
  it("gives back the bytes that fromImage took, in every scale and order", () => {
    const anyCase = fc.record({
      sides: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      normalize: fc.constantFrom("[0,1]" as const, "[-1,1]" as const, "[0,255]" as const, "imagenet" as const),
      colors: fc.constantFrom("rgb" as const, "bgr" as const),
      bytes: fc.uint8Array({ minLength: 100, maxLength: 100 }),
    });
    fc.assert(
      fc.property(anyCase, ({ sides: [height, width], bytes, ...options }) => {
        const data = Uint8ClampedArray.from(bytes.subarray(0, height * width * 4), (b, i) => (i % 4 === 3 ? 255 : b));
        const x = images.fromImage({ width, height, data }, options);
        expect(images.toImage(x, options)).toEqual({ width, height, data });
        x.dispose();
      }),
    );
  });

  it("rounds as Uint8ClampedArray does, cuts off, and makes NaN 0", () => {
    const numbers = [-1, 0.4, 0.5, 1.5, 2.5, 254.5, 255.5, 1e9, -1e9, Number.POSITIVE_INFINITY, Number.NaN, 127.49];
    const { data } = images.toImage(tensor(numbers, [3, 4, 1]), { normalize: "[0,255]" });
    const reds = data.filter((_, i) => i % 4 === 0);
    expect(reds).toEqual(Uint8ClampedArray.from(numbers, (n) => Math.fround(n)));
  });

  it("shows one channel as grey and takes opacity from the fourth", () => {
    expect([...images.toImage(tensor([0.2], [1, 1, 1, 1])).data]).toEqual([51, 51, 51, 255]);
    expect([...images.toImage(tensor([0, 0.2, 1, 0.6], [1, 1, 4])).data]).toEqual([0, 51, 255, 153]);
  });

  refuses([
    [
      "two images",
      () => images.toImage(zeros([2, 1, 1, 3])),
      new ShapeError("toImage: x must be [H,W,C] or [1,H,W,C] with 1, 3 or 4 channels, got [2,1,1,3]"),
    ],
    [
      "two channels",
      () => images.toImage(zeros([1, 1, 2])),
      new ShapeError("toImage: x must be [H,W,C] or [1,H,W,C] with 1, 3 or 4 channels, got [1,1,2]"),
    ],
    ["a list", () => images.toImage([0] as never), new ArgumentError("toImage: x must be a Tensor, got [0]")],
    [
      "a wrong number of means",
      () => images.toImage(zeros([1, 1, 3]), { normalize: { mean: [0, 1], std: 1 } }),
      new ArgumentError("toImage: normalize.mean must be a number, or one for each of 3 channels, got [0,1]"),
    ],
  ]);
});
