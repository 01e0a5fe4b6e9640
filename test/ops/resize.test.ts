import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/pad_resize.json";
import { resize, upsample2d as twin } from "../reference/resize.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies forward; backward sums of at most nine numbers below 1, rounded to f32. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-6 };

describe("upsample2d", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const factor = fc.integer({ min: 1, max: 3 });
    const anyCase = fc.record({
      shape: fc.tuple(...[2, 4, 4, 9].map((max) => fc.integer({ min: 1, max }))),
      size: fc.tuple(factor, factor),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, size, seed }) => {
        const data = new Random(seed).floats(shape.reduce((a, b) => a * b));
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => ops.upsample2d(x, size),
          twin: ({ x }) => twin(x, size),
          backward: (dy, { x }) => ({ x: ops.upsample2dBackward(dy, x, size) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  it("repeats rows and columns", () => {
    const y = ops.upsample2d(tensor([1, 2, 3, Number.NaN], [2, 2, 1]), [1, 2]);
    expect(y.shape).toEqual([2, 4, 1]);
    expect([...y.data]).toEqual([1, 1, 2, 2, 3, 3, Number.NaN, Number.NaN]);
  });

  refuses([
    [
      "a flat tensor",
      () => ops.upsample2d(zeros([4]), 2),
      new ShapeError("upsample2d: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "a size of zero",
      () => ops.upsample2d(zeros([1, 1, 1]), 0),
      new ArgumentError("upsample2d: size must be a whole number >= 1 or [vertical, horizontal], got 0"),
    ],
    [
      "a wrong dy",
      () => ops.upsample2dBackward(zeros([1, 1, 1]), zeros([1, 1, 1]), 2),
      new ShapeError("upsample2dBackward: dy must be [2,2,1], got [1,1,1]"),
    ],
  ]);
});

/** A mean of four numbers below 1; backward a sum of at most 121 products. */
const RESIZE_TOLERANCE = { relative: 1e-5, absolute: 2e-6 };

describe("resize", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const size = fc.integer({ min: 1, max: 11 });
    const anyCase = fc.record({
      shape: fc.tuple(...[2, 6, 6, 9].map((max) => fc.integer({ min: 1, max }))),
      size: fc.tuple(size, size),
      interpolation: fc.constantFrom("nearest" as const, "bilinear" as const),
      coordinates: fc.constantFrom("halfPixel" as const, "alignCorners" as const, "asymmetric" as const),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, size, seed, ...options }) => {
        const data = new Random(seed).floats(shape.reduce((a, b) => a * b));
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => ops.resize(x, size, options),
          twin: ({ x }) => resize(x, size, options.interpolation, options.coordinates),
          backward: (dy, { x }) => ({ x: ops.resizeBackward(dy, x, size, options) }),
          tolerance: RESIZE_TOLERANCE,
          seed,
        });
      }),
    );
  });

  it.each(
    cases
      .filter(({ op }) => op === "interpolate")
      .map((one) => [`${one.mode} to ${one.size}${one.align_corners ? ", corners aligned" : ""}`, one] as const),
  )("equals PyTorch: %s", (_, { mode, size, align_corners, nchw }) => {
    const { x, y, dy, dx } = nchw as Record<"x" | "y" | "dy" | "dx", FixtureTensor>;
    const options = {
      interpolation: mode as "nearest" | "bilinear",
      coordinates: mode === "nearest" ? "asymmetric" : align_corners ? "alignCorners" : "halfPixel",
    } as const;
    const nhwc = ({ shape, data }: FixtureTensor) => ops.transpose(tensor(data, shape), [0, 2, 3, 1]);
    const input = nhwc(x);
    expectClose(ops.resize(input, size as [number, number], options).data, nhwc(y).data, RESIZE_TOLERANCE, "y");
    const gradient = ops.resizeBackward(nhwc(dy), input, size as [number, number], options);
    expectClose(gradient.data, nhwc(dx).data, RESIZE_TOLERANCE, "dx");
  });

  it("leaves infinities alone where it takes the nearest", () => {
    const x = tensor([Number.POSITIVE_INFINITY, 1, Number.NaN, 2], [2, 2, 1]);
    expect([...ops.resize(x, [1, 4], { interpolation: "nearest" }).data]).toEqual([NaN, NaN, 2, 2]);
  });

  refuses([
    [
      "a size of zero",
      () => ops.resize(zeros([1, 1, 1]), [0, 1]),
      new ArgumentError("resize: size must be a whole number >= 1 or [vertical, horizontal], got [0,1]"),
    ],
    [
      "an unknown interpolation",
      () => ops.resize(zeros([1, 1, 1]), 2, { interpolation: "cubic" as never }),
      new ArgumentError('resize: interpolation must be one of "nearest", "bilinear", got "cubic"'),
    ],
    [
      "a wrong dy",
      () => ops.resizeBackward(zeros([1, 1, 1]), zeros([1, 1, 1]), 2),
      new ShapeError("resizeBackward: dy must be [2,2,1], got [1,1,1]"),
    ],
  ]);
});
