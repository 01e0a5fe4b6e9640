import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import seedBackward from "../fixtures/seed/pool_backward.json";
import seedForward from "../fixtures/seed/pool_forward.json";
import torch from "../fixtures/torch/pool2d.json";
import { array64 } from "../reference/array.ts";
import { extremePool2dBackward, pool2d as twin } from "../reference/pool2d.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

interface TorchCase {
  op: string;
  name: string;
  kernel: [number, number];
  stride: [number, number];
  padding?: [number, number];
  dilation?: [number, number];
  ceil_mode?: boolean;
  count_include_pad?: boolean;
  divisor_override?: number | null;
  nhwc: Record<"x" | "y" | "dy" | "dx", FixtureTensor>;
}
const cases = torch as unknown as TorchCase[];

/** Maxima and minima are copies; a gradient adds up a few of them. */
const EXACT = { relative: 0, absolute: 1e-7 };
/** Sums of up to 100 values in [-1, 1), divided: f32 rounding stays below 2^-24 * 100. */
const MEAN = { relative: 1e-6, absolute: 2e-6 };
const GRADIENT = { relative: 1e-6, absolute: 1e-6 };

const eagerOps = {
  max: [ops.maxPool2d, ops.maxPool2dBackward],
  min: [ops.minPool2d, ops.minPool2dBackward],
  avg: [ops.avgPool2d, ops.avgPool2dBackward],
} as const;
const kinds = ["max", "min", "avg"] as const;

const size = fc.integer({ min: 1, max: 4 });
const anyCase = fc
  .record({
    n: fc.integer({ min: 1, max: 3 }),
    channels: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 16, 19, 36),
    // What the kernels have paths of their own for, and everything else.
    pool: fc.oneof(
      fc.constantFrom<[number, number, number, number]>([2, 2, 2, 2], [3, 3, 2, 2], [3, 3, 1, 1], [2, 2, 1, 1]),
      fc.tuple(size, size, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    ),
    extra: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
    padding: fc.tuple(...[0, 0, 0, 0].map(() => fc.integer({ min: 0, max: 3 }))),
    ceilMode: fc.boolean(),
    countIncludePad: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ pool: [kh, kw, sh, sw], extra, padding, ...rest }) => {
    // Less padding than the window on each side, and no more behind than lets the last window begin in the input.
    const [top, bottom] = [Math.min(padding[0], kh - 1), Math.min(padding[1], kh - 1)];
    const [left, right] = [Math.min(padding[2], kw - 1), Math.min(padding[3], kw - 1)];
    const h = Math.max(1, kh - top - bottom) + extra[0];
    const w = Math.max(1, kw - left - right) + extra[1];
    return {
      ...rest,
      shape: [rest.n, h, w, rest.channels],
      size: [kh, kw] as [number, number],
      stride: [sh, sw] as [number, number],
      padding: [top, bottom, left, right] as [number, number, number, number],
    };
  });

const of = ({ shape, data }: FixtureTensor) => tensor(data, shape);
const nan = Number.NaN;

describe.each(kinds)("%sPool2d", (kind) => {
  const [forward, backward] = eagerOps[kind];

  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ shape, size: poolSize, stride, padding, ceilMode, countIncludePad, seed }) => {
        const count = shape.reduce((a, b) => a * b);
        const data = kind === "avg" ? new Random(seed).floats(count) : new Random(seed).distinct(count);
        const options = { poolSize, stride, padding, ceilMode, ...(kind === "avg" && { countIncludePad }) };
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => forward(x, options),
          twin: ({ x }) => twin(x, kind, { size: poolSize, stride, padding, ceilMode, countIncludePad }),
          backward: (dy, { x }) => ({ x: backward(dy, x, options) }),
          tolerance: kind === "avg" ? MEAN : EXACT,
          gradientTolerance: GRADIENT,
          seed,
        });
      }),
      { numRuns: 300 },
    );
  });

  if (kind !== "avg")
    it("the same with dilation", () => {
      const two = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
      fc.assert(
        fc.property(
          two,
          two,
          two,
          two,
          fc.boolean(),
          fc.integer(),
          (poolSize, stride, dilation, extra, padded, seed) => {
            const shape = [
              2,
              ...[0, 1].map((i) => dilation[i] * (poolSize[i] - 1) + 1 + extra[i]),
              1 + (Math.abs(seed) % 9),
            ];
            const side = (axis: 0 | 1) => (padded && poolSize[axis] > 1 ? 1 : 0);
            const padding = [side(0), side(0), side(1), side(1)] as [number, number, number, number];
            const options = { poolSize, stride, dilation, padding };
            checkOp({
              inputs: { x: { shape, data: new Random(seed).distinct(shape.reduce((a, b) => a * b)) } },
              forward: ({ x }) => forward(x, options as never),
              twin: ({ x }) =>
                twin(x, kind, { size: poolSize, stride, dilation, padding, ceilMode: false, countIncludePad: false }),
              backward: (dy, { x }) => ({ x: backward(dy, x, options as never) }),
              tolerance: EXACT,
              gradientTolerance: GRADIENT,
              seed,
            });
          },
        ),
      );
    });

  const known = cases.filter((c) => c.op === `${kind}_pool2d` && !c.divisor_override);
  it.each(known.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const options = {
      poolSize: c.kernel,
      stride: c.stride,
      padding: c.padding ?? 0,
      ceilMode: c.ceil_mode ?? false,
      dilation: c.dilation ?? 1,
      ...(kind === "avg" && { countIncludePad: c.count_include_pad }),
    };
    const x = of(c.nhwc.x);
    const y = forward(x, options);
    expect(y.shape).toEqual(c.nhwc.y.shape);
    expectClose(y.data, c.nhwc.y.data, MEAN, "y");
    expectClose(backward(of(c.nhwc.dy), x, options).data, c.nhwc.dx.data, GRADIENT, "dx");
  });

  it("equals the textbook exercise", () => {
    const mode = kind === "avg" ? "average" : kind;
    const { f, stride } = seedForward.hparameters;
    const y = forward(of(seedForward.A_prev), { poolSize: f, stride });
    expectClose(y.data, seedForward[mode].data, { relative: 1e-6, absolute: 1e-6 }, "A");
    const options = { poolSize: seedBackward.hparameters.f, stride: seedBackward.hparameters.stride };
    const gradient = backward(of(seedBackward.dA), of(seedBackward.A_prev), options);
    expectClose(gradient.data, seedBackward.dA_prev[mode].data, { relative: 1e-6, absolute: 1e-6 }, "dA_prev");
  });

  it("takes the stride from poolSize, and a single image", () => {
    expect(forward(zeros([6, 9, 2]), { poolSize: [2, 3] }).shape).toEqual([3, 3, 2]);
    expect(forward(zeros([1, 5, 5, 2]), { poolSize: 2, padding: "same" }).shape).toEqual([1, 3, 3, 2]);
  });

  it("makes NaN of every window with NaN, wherever it stands", () => {
    const pools: { poolSize: number; stride: [number, number]; h: number; w: number }[] = [
      { poolSize: 2, stride: [2, 2], h: 8, w: 9 },
      { poolSize: 2, stride: [1, 1], h: 4, w: 5 },
      { poolSize: 3, stride: [2, 2], h: 9, w: 9 },
      { poolSize: 3, stride: [1, 1], h: 7, w: 8 },
      { poolSize: 3, stride: [2, 1], h: 7, w: 6 },
      { poolSize: 3, stride: [1, 3], h: 6, w: 8 },
      { poolSize: 4, stride: [3, 3], h: 10, w: 10 },
      { poolSize: 5, stride: [1, 2], h: 7, w: 8 },
    ];
    for (const { poolSize, stride, h, w } of pools) {
      for (const channels of [1, 4, 6, 17]) {
        const shape = [2, h, w, channels];
        const x = zeros(shape);
        for (let pixel = 0; pixel < h * w; pixel++) {
          const cell = (h * w + pixel) * channels + (pixel % channels);
          x.data[cell] = nan;
          const y = forward(x, { poolSize, stride, padding: 1 });
          const expected = twin(array64(shape, x.data), kind, {
            size: [poolSize, poolSize],
            stride,
            padding: [1, 1, 1, 1],
            ceilMode: false,
            countIncludePad: false,
          });
          expectClose(y.data, expected.data, EXACT, `pool ${poolSize} of ${shape}, NaN at ${cell}`);
          y.dispose();
          x.data[cell] = 0;
        }
        x.dispose();
      }
    }
  });

  it("knows infinities from NaN", () => {
    const x = tensor(
      [Infinity, -Infinity, 1, -Infinity].flatMap((v) => [v, v, v, v, v]),
      [2, 2, 5],
    );
    const expected = { max: Infinity, min: -Infinity, avg: nan }[kind];
    expect([...forward(x, { poolSize: 2 }).data]).toEqual(Array(5).fill(expected));
    expect([...forward(x, { poolSize: [2, 1] }).data].slice(5)).toEqual(Array(5).fill(-Infinity));
  });

  const op = `${kind}Pool2d`;
  const x = () => zeros([1, 4, 4, 3]);
  const wanted = "must be a whole number >= 1 or [vertical, horizontal]";
  refuses([
    [
      "a flat tensor",
      () => forward(zeros([4]), { poolSize: 2 }),
      new ShapeError(`${op}: x must be [N,H,W,C] or [H,W,C], got [4]`),
    ],
    [
      "no tensor",
      () => forward([1] as never, { poolSize: 2 }),
      new ArgumentError(`${op}: x must be a Tensor, got [1]`),
    ],
    [
      "no options",
      () => forward(x(), undefined as never),
      new ArgumentError(`${op}: options must be an object such as { poolSize: ... }, got undefined`),
    ],
    [
      "a fractional poolSize",
      () => forward(x(), { poolSize: 2.5 }),
      new ArgumentError(`${op}: poolSize ${wanted}, got 2.5`),
    ],
    ["a poolSize of 0", () => forward(x(), { poolSize: 0 }), new ArgumentError(`${op}: poolSize ${wanted}, got 0`)],
    [
      "a fractional stride",
      () => forward(x(), { poolSize: 2, stride: 1.5 }),
      new ArgumentError(`${op}: stride ${wanted}, got 1.5`),
    ],
    [
      "a NaN stride",
      () => forward(x(), { poolSize: 2, stride: nan }),
      new ArgumentError(`${op}: stride ${wanted}, got NaN`),
    ],
    [
      "negative padding",
      () => forward(x(), { poolSize: 2, padding: -1 }),
      new ArgumentError(
        `${op}: padding must be "valid", "same", a whole number >= 0, [vertical, horizontal] or [top, bottom, left, right], got -1`,
      ),
    ],
    [
      "a window larger than the input",
      () => forward(x(), { poolSize: 5 }),
      new ShapeError(
        `${op}: kernel [5,5] does not fit the padded input [4,4] (height 4 + padding 0); use padding: "same" or a smaller kernel`,
      ),
    ],
    [
      "a window in the leading padding",
      () => forward(x(), { poolSize: 2, padding: [0, 0, 2, 0] }),
      new ShapeError(
        `${op}: a window [2,2] would lie wholly in the padding (left 2); use less padding or a larger poolSize`,
      ),
    ],
    [
      "a window in the trailing padding",
      () => forward(x(), { poolSize: 2, padding: [0, 2, 0, 0] }),
      new ShapeError(
        `${op}: a window [2,2] would lie wholly in the padding (bottom 2); use less padding or a larger poolSize`,
      ),
    ],
    [
      "a disposed tensor",
      () => {
        const gone = x();
        gone.dispose();
        return forward(gone, { poolSize: 2 });
      },
      new ArgumentError(`${op}: x was disposed`),
    ],
    [
      "a wrong dy",
      () => backward(x(), x(), { poolSize: 2 }),
      new ShapeError(`${op}Backward: dy must be [1,2,2,3], got [1,4,4,3]`),
    ],
  ]);
});

describe("dilated windows", () => {
  refuses([
    [
      "of averages",
      () => ops.avgPool2d(zeros([4, 4, 1]), { poolSize: 2, dilation: 2 } as never),
      new ArgumentError("avgPool2d: dilation is for maxima and minima, got 2"),
    ],
    [
      "on both sides of the image",
      () => ops.maxPool2d(zeros([1, 4, 1]), { poolSize: [2, 1], dilation: 2, padding: [1, 0] }),
      new ShapeError(
        "maxPool2d: a window [2,1] would lie wholly in the padding (top 1, bottom 1); use less padding or a larger poolSize",
      ),
    ],
    [
      "with all ties",
      () => ops.maxPool2dBackward(zeros([2, 2, 1]), zeros([4, 4, 1]), { poolSize: 2, stride: 1, dilation: 2 }, "all"),
      new ArgumentError('maxPool2dBackward: ties "all" are for windows without dilation'),
    ],
  ]);
});

describe.each(["max", "min"] as const)("%sPool2dBackward", (kind) => {
  const [, backward] = eagerOps[kind];

  it.each(["first", "all"] as const)("with ties, gives the gradient to the %s", (ties) => {
    fc.assert(
      fc.property(anyCase, ({ shape, size: poolSize, stride, padding, seed }) => {
        const random = new Random(seed);
        const x = array64(
          shape,
          random
            .floats(
              shape.reduce((a, b) => a * b),
              0,
              3,
            )
            .map(Math.floor),
        );
        const reference = { size: poolSize, stride, padding, ceilMode: false, countIncludePad: false };
        const y = twin(x, kind, reference);
        const dy = array64(y.shape, random.floats(y.data.length));
        const [given, image] = [tensor(dy.data, dy.shape), tensor(x.data, shape)];
        const dx = backward(given, image, { poolSize, stride, padding }, ties);
        expectClose(dx.data, extremePool2dBackward(dy, x, kind, reference, ties).data, GRADIENT, "dx");
        for (const one of [given, image, dx]) one.dispose();
      }),
    );
  });

  it("takes NaN for an extreme", () => {
    const better = kind === "max" ? 9 : -9;
    const dx = (data: number[], ties?: "first" | "all") => [
      ...backward(tensor([1], [1, 1, 1]), tensor(data, [2, 2, 1]), { poolSize: 2 }, ties).data,
    ];
    expect(dx([0, nan, better, 0])).toEqual([0, 1, 0, 0]);
    expect(dx([0, better, nan, 0])).toEqual([0, 1, 0, 0]);
    expect(dx([nan, nan, nan, nan])).toEqual([1, 0, 0, 0]);
    const fours = (data: number[]) => data.flatMap((v) => [v, v, v, v]);
    const four = backward(tensor([1, 1, 1, 1], [1, 1, 4]), tensor(fours([0, 0, nan, better]), [2, 2, 4]), {
      poolSize: 2,
    });
    expect([...four.data]).toEqual(fours([0, 0, 1, 0]));
    expect(dx([nan, better, 0, nan], "all")).toEqual([1, 1, 0, 1]);
  });

  refuses([
    [
      "unknown ties",
      () => backward(zeros([1, 1, 1]), zeros([2, 2, 1]), { poolSize: 2 }, "fist" as never),
      new ArgumentError(`${kind}Pool2dBackward: ties must be one of "first", "all", got "fist"; did you mean "first"?`),
    ],
  ]);
});
