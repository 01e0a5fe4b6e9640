import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, tensor, zeros } from "../../src/index.ts";
import { CONV2D_ALGORITHMS, type Conv2dAlgorithm, canCompute } from "../../src/ops/conv2dAlgorithm.ts";
import { inferWindow } from "../../src/ops/window.ts";
import { array64 } from "../reference/array.ts";
import { conv2d as twin } from "../reference/conv2d.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 315 products of values in [-1, 1); the transforms multiply by up to 30 on the way, which costs about a digit. */
const TOLERANCES: Partial<Record<Conv2dAlgorithm, { relative: number; absolute: number }>> = {
  winograd4: { relative: 2e-5, absolute: 6e-5 },
  winogradRows: { relative: 2e-5, absolute: 2e-4 },
};
const TOLERANCE = { relative: 1e-5, absolute: 2e-5 };

const sides = fc.tuple(...[0, 0, 0, 0].map(() => fc.integer({ min: 0, max: 3 }))) as fc.Arbitrary<
  [number, number, number, number]
>;
const anyCase = fc.record({
  algorithm: fc.constantFrom(...CONV2D_ALGORITHMS.filter((one) => one !== "depthwise")),
  n: fc.integer({ min: 1, max: 3 }),
  size: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
  channels: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 1, max: 9 }),
  kernel: fc.constantFrom<[number, number]>([3, 3], [3, 3], [5, 5], [1, 1], [2, 3], [5, 2], [7, 5]),
  stride: fc.constantFrom<[number, number]>([1, 1], [1, 1], [1, 1], [2, 2], [2, 1], [1, 3]),
  padding: sides,
  seed: fc.integer(),
});

describe("conv2d by every algorithm", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    let computed = 0;
    fc.assert(
      fc.property(anyCase, ({ algorithm, n, size: [h, w], channels, outputs, kernel, stride, padding, seed }) => {
        const x = [n, Math.max(h, kernel[0]), Math.max(w, kernel[1]), channels];
        if (!canCompute(algorithm, inferWindow("test", x, kernel, { stride, padding }, outputs))) return;
        computed++;
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        checkOp({
          inputs: { x: input(x), w: input([...kernel, channels, outputs]), b: input([outputs]) },
          forward: (t) => ops.conv2d(t.x, t.w, t.b, { stride, padding, algorithm }),
          twin: (t) => twin(t.x, t.w, t.b, 1, { stride, dilation: [1, 1], padding }),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.conv2dBackward(dy, t.x, t.w, { stride, padding, algorithm });
            return { x: dx, w: dw, b: db };
          },
          tolerance: TOLERANCES[algorithm] ?? TOLERANCE,
          seed,
        });
      }),
      { numRuns: 150 },
    );
    expect(computed).toBeGreaterThan(30);
  });

  it("agrees where sums are long and blocks many", () => {
    const random = new Random(3);
    const [x, w] = [
      tensor(random.floats(2 * 30 * 30 * 20), [2, 30, 30, 20]),
      tensor(random.floats(9 * 400), [3, 3, 20, 20]),
    ];
    const by = (algorithm: Conv2dAlgorithm) =>
      ops.conv2d(x, w, null, { padding: "same", algorithm, activation: "relu" });
    const expected = by("indirect").data.slice();
    expectClose(by("direct").data, expected, { relative: 1e-5, absolute: 1e-5 }, "direct");
    expectClose(by("winograd2").data, expected, { relative: 1e-5, absolute: 4e-5 }, "winograd2");
    expectClose(by("winograd4").data, expected, { relative: 1e-5, absolute: 2e-4 }, "winograd4");
    const byTwo = (algorithm: Conv2dAlgorithm) =>
      ops.conv2d(x, w, null, { padding: 1, stride: 2, algorithm, activation: "relu" }).data.slice();
    expectClose(byTwo("winograd2"), byTwo("indirect"), { relative: 1e-5, absolute: 4e-5 }, "winograd2 with stride 2");
    const wide = tensor(random.floats(25 * 400), [5, 5, 20, 20]);
    const by5 = (algorithm: Conv2dAlgorithm) => ops.conv2d(x, wide, null, { padding: "same", algorithm }).data.slice();
    expectClose(by5("winogradRows"), by5("indirect"), { relative: 1e-5, absolute: 4e-4 }, "winogradRows");
  });

  it("sums long rows in pieces, of whole kernel rows and of parts of one, and pads large images in bands", () => {
    const random = new Random(5);
    const cases: [Conv2dAlgorithm, number[], number[], object][] = [
      ["gemm", [2, 5, 5, 4100], [1, 1, 4100, 9], {}],
      ["direct", [1, 9, 10, 360], [3, 3, 360, 11], { stride: [2, 3] }],
      ["direct", [1, 4, 5, 1080], [2, 2, 1080, 5], {}],
      ["direct", [2, 11, 30, 160], [3, 3, 160, 3], { padding: "same" }],
      ["direct", [1, 23, 40, 520], [3, 2, 520, 9], { padding: 1, stride: 2, dilation: [2, 1] }],
      ["direct", [1, 12, 5000, 1], [3, 3, 1, 5], { padding: 1, stride: [2, 1] }],
    ];
    for (const [algorithm, xShape, wShape, options] of cases) {
      const of = (shape: number[]) => {
        const count = shape.reduce((a, b) => a * b);
        return tensor(random.floats(count, -0.1, 0.1), shape);
      };
      const [x, w, b] = [of(xShape), of(wShape), of(wShape.slice(3))];
      const by = (one: Conv2dAlgorithm) =>
        ops.conv2d(x, w, b, { ...options, algorithm: one, activation: "relu" }).data.slice();
      expectClose(by(algorithm), by("indirect"), { relative: 1e-5, absolute: 1e-5 }, algorithm);
    }
  });

  it("computes images with one channel alike, for every number of filters and odd sizes", () => {
    const random = new Random(9);
    const geometries = [
      { x: [2, 11, 13, 1], kernel: [5, 5], options: {} },
      { x: [1, 19, 7, 1], kernel: [3, 2], options: { stride: [2, 1], padding: [1, 0, 2, 1], activation: "relu" } },
      { x: [1, 6, 4, 1], kernel: [1, 4], options: { padding: "same", activation: "relu6" } },
      { x: [1, 9, 10, 1], kernel: [3, 7], options: { dilation: [2, 1] } },
      { x: [1, 5, 5, 1], kernel: [3, 3], options: {} },
    ] as const;
    for (const { x: shape, kernel, options } of geometries) {
      const x = tensor(random.floats(shape.reduce((a: number, b) => a * b, 1)), shape);
      for (let o = 1; o <= 17; o++) {
        const w = tensor(random.floats(kernel[0] * kernel[1] * o), [...kernel, 1, o]);
        const b = tensor(random.floats(o), [o]);
        const by = (algorithm: Conv2dAlgorithm) => ops.conv2d(x, w, b, { ...options, algorithm }).data.slice();
        expectClose(by("direct"), by("indirect"), { relative: 1e-5, absolute: 1e-6 }, `${o} filters`);
      }
    }
  });

  it.each([
    ["F(4x4,3x3)", 3, "winograd4"],
    ["F(4,5)", 5, "winogradRows"],
  ] as const)("never uses %s where precision is high", (_, kernel, algorithm) => {
    const random = new Random(4);
    const [x, w] = [
      tensor(random.floats(56 * 56 * 64), [56, 56, 64]),
      tensor(random.floats(kernel ** 2 * 64 * 64), [kernel, kernel, 64, 64]),
    ];
    const run = (options: object) => ops.conv2d(x, w, null, { padding: 1, ...options }).data.slice();
    expect(run({})).toEqual(run({ algorithm }));
    expect(run({ precision: "high" })).not.toEqual(run({ algorithm }));
  });

  it("leaves NaN to the outputs that see it; F(4x4) spreads it over their tile, F(6,3) over its rows", () => {
    const data = new Random(6).floats(12 * 12);
    data[5 * 12 + 5] = Number.NaN;
    const nanIn = (algorithm: Conv2dAlgorithm, kernel = 3) => {
      const w = tensor(new Random(7).floats(kernel ** 2), [kernel, kernel, 1, 1]);
      const y = ops.conv2d(tensor(data, [1, 12, 12, 1]), w, null, { padding: "same", algorithm });
      return [...y.data].flatMap((value, i) => (Number.isNaN(value) ? [[Math.floor(i / 12), i % 12]] : []));
    };
    const square = (from: number, to: number) =>
      Array.from({ length: (to - from + 1) ** 2 }, (_, i) => {
        const side = to - from + 1;
        return [from + Math.floor(i / side), from + (i % side)];
      });
    expect(nanIn("indirect")).toEqual(square(4, 6));
    expect(nanIn("direct")).toEqual(square(4, 6));
    expect(nanIn("winograd2")).toEqual(square(4, 6));
    expect(nanIn("winograd4")).toEqual(square(4, 7));
    expect(nanIn("indirect", 5)).toEqual(square(3, 7));
    expect(nanIn("winogradRows", 5)).toEqual(square(3, 7));
    // Of its bands, rows 0 to 5 and 6 to 11, the first has it in the middle and the second at an end.
    expect(nanIn("winogradRows")).toEqual([0, 1, 2, 3, 4, 5, 6].flatMap((y) => [4, 5, 6].map((x) => [y, x])));
  });

  it("errs by F(4x4,3x3), F(6,3), F(4,5) and F(2,7) two to three times as much as by plain sums, by F(2x2,3x3) no more", () => {
    const random = new Random(8);
    const x = array64([1, 16, 16, 64], random.floats(16 * 16 * 64));
    const errors = (kernel: number) => {
      const w = array64([kernel, kernel, 64, 8], random.floats(kernel ** 2 * 64 * 8));
      const padding = (kernel - 1) / 2;
      const sides = [padding, padding, padding, padding] as [number, number, number, number];
      const exact = twin(x, w, null, 1, { stride: [1, 1], dilation: [1, 1], padding: sides }).data;
      return (algorithm: Conv2dAlgorithm) => {
        const weights = tensor(w.data, [kernel, kernel, 64, 8]);
        const y = ops.conv2d(tensor(x.data, [1, 16, 16, 64]), weights, null, { padding, algorithm });
        return Math.sqrt(y.data.reduce((sum, value, i) => sum + (value - exact[i]) ** 2, 0));
      };
    };
    const [of3, of5, of7] = [3, 5, 7].map(errors);
    expect(of3("winograd4") / of3("indirect")).toBeLessThan(2.5);
    expect(of3("winograd2") / of3("indirect")).toBeLessThan(1);
    for (const of of [of3, of5, of7]) expect(of("winogradRows") / of("indirect")).toBeLessThan(3);
  });

  const known = (names: string) => `conv2d: algorithm must be one of ${names}, got "winograd4"`;
  refuses([
    [
      "a Winograd of 3x3 filters for one of 5x5",
      () => ops.conv2d(zeros([1, 8, 8, 2]), zeros([5, 5, 2, 2]), null, { algorithm: "winograd4" }),
      new ArgumentError(`${known('"winogradRows", "direct", "indirect"')}; did you mean "winogradRows"?`),
    ],
    [
      "F(4x4) where precision is high",
      () => ops.conv2d(zeros([1, 8, 8, 2]), zeros([3, 3, 2, 2]), null, { algorithm: "winograd4", precision: "high" }),
      new ArgumentError(`${known('"winograd2", "direct", "indirect"')}; did you mean "winograd2"?`),
    ],
    [
      "an unknown precision",
      () => ops.conv2d(zeros([1, 8, 8, 2]), zeros([3, 3, 2, 2]), null, { precision: "hihg" as "high" }),
      new ArgumentError('conv2d: precision must be one of "default", "high", got "hihg"; did you mean "high"?'),
    ],
  ]);
});
