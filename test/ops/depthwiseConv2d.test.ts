import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, type Tensor, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/conv2d.json";
import { depthwiseConv2d as twin } from "../reference/depthwiseConv2d.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf } from "../support/model.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 25 products of values in [-1, 1), or of a few hundred for dw: f32 rounding stays below 2^-24 * 300. */
const TOLERANCE = { relative: 1e-5, absolute: 2e-5 };

const upTo = (max: number, min = 0) => fc.integer({ min, max });
const pairs = (max: number, min = 0) => fc.tuple(upTo(max, min), upTo(max, min));
const geometry = fc.oneof(
  // What most networks have, and the kernels have tiles for.
  fc.record({
    kernel: fc.constant<[number, number]>([3, 3]),
    extra: fc.tuple(upTo(3), upTo(24, 2)),
    stride: fc.constantFrom<[number, number]>([1, 1], [2, 2], [1, 2]),
    dilation: fc.constant<[number, number]>([1, 1]),
    padding: fc.constantFrom<[number, number, number, number]>([1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0]),
  }),
  fc.record({
    kernel: pairs(5, 1),
    extra: pairs(12),
    stride: pairs(4, 1),
    dilation: pairs(3, 1),
    padding: fc.tuple(upTo(3), upTo(3), upTo(3), upTo(3)),
  }),
);
const anyCase = fc.record({
  n: upTo(2, 1),
  channels: fc.constantFrom(2, 3, 4, 5, 7, 8, 10),
  multiplier: fc.constantFrom(1, 1, 1, 2, 3),
  geometry,
  bias: fc.boolean(),
  seed: fc.integer(),
});

describe("depthwiseConv2d", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, channels, multiplier, geometry: { kernel, extra, ...options }, bias, seed }) => {
        const random = new Random(seed);
        const { dilation, padding } = options;
        const [h, w] = [0, 1].map((i) => {
          const reach = dilation[i] * (kernel[i] - 1) + 1;
          return Math.max(1, reach - padding[2 * i] - padding[2 * i + 1]) + extra[i];
        });
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        const inputs = {
          x: input([n, h, w, channels]),
          w: input([...kernel, channels, multiplier]),
          b: input([channels * multiplier]),
        };
        checkOp({
          inputs,
          forward: (t) => ops.depthwiseConv2d(t.x, t.w, bias ? t.b : null, options),
          twin: (t) => twin(t.x, t.w, bias ? t.b : null, options),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.depthwiseConv2dBackward(dy, t.x, t.w, options);
            if (bias) return { x: dx, w: dw, b: db };
            db.dispose();
            return { x: dx, w: dw };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 200 },
    );
  });

  const known = cases.filter((c) => c.depthwise);
  it.each(known.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const of = (t: FixtureTensor) => tensor(t.data, t.shape);
    const options = {
      stride: c.stride as [number, number],
      padding: c.padding as [number, number],
      dilation: c.dilation as [number, number],
    };
    const { b, db } = c.nchw as { b: FixtureTensor | null; db?: FixtureTensor | null };
    const [x, w, dy] = [of(c.nhwc.x), of(c.nhwc.w), of(c.nhwc.dy)];
    const y = ops.depthwiseConv2d(x, w, b === null ? null : of(b), options);
    expect(y.shape).toEqual(c.nhwc.y.shape);
    expectClose(y.data, c.nhwc.y.data, TOLERANCE, "y");
    const gradients = ops.depthwiseConv2dBackward(dy, x, w, options);
    expect(gradients.dw.shape).toEqual(c.nhwc.w.shape);
    expectClose(gradients.dx.data, c.nhwc.dx.data, TOLERANCE, "dx");
    expectClose(gradients.dw.data, c.nhwc.dw.data, TOLERANCE, "dw");
    if (db) expectClose(gradients.db.data, db.data, TOLERANCE, "db");
  });

  it("is conv2d with as many groups as channels", () => {
    const random = new Random(1);
    const x = tensor(random.floats(2 * 6 * 7 * 5), [2, 6, 7, 5]);
    const w = random.floats(3 * 3 * 5 * 2);
    const depthwise = ops.depthwiseConv2d(x, tensor(w, [3, 3, 5, 2]), null, { padding: "same" });
    const grouped = ops.conv2d(x, tensor(w, [3, 3, 1, 10]), null, { padding: "same", groups: 5 });
    expect(grouped.shape).toEqual(depthwise.shape);
    expect([...grouped.data]).toEqual([...depthwise.data]);
  });

  it.each([
    [[30, 20], { padding: 1 }, 3],
    [[31, 33], { padding: [0, 1, 0, 1], stride: 2, activation: "relu6" }, 3],
    [[9, 7], { padding: 2 }, 5],
    [[40, 14], { padding: "same", dilation: 2, stride: 1 }, 3],
    [[5, 5], { padding: [0, 2, 0, 1], stride: [1, 2] }, 3],
  ] as const)("computes 1024 channels of %j as it does 32, and their dx, to the bit: %j", ([h, w], options, kernel) => {
    const random = new Random(h);
    const x = tensor(random.floats(h * w * 1024), [1, h, w, 1024]);
    const filter = tensor(random.floats(kernel ** 2 * 1024), [kernel, kernel, 1024, 1]);
    const b = tensor(random.floats(1024), [1024]);
    const y = ops.depthwiseConv2d(x, filter, b, options);
    const { activation, ...geometry } = { activation: undefined, ...options };
    const dy = tensor(random.floats(y.data.length), y.shape);
    const { dx } = ops.depthwiseConv2dBackward(dy, x, filter, geometry);
    for (const first of [0, 496, 992]) {
      const part = (of: Tensor, axis: number) => {
        const all = of.shape.map(() => 0);
        const end = of.shape.map((size, i) => (i === axis ? first + 32 : size));
        return ops.slice(of, { start: all.map((_, i) => (i === axis ? first : 0)), end });
      };
      const some = ops.depthwiseConv2d(part(x, 3), part(filter, 2), part(b, 0), options);
      expect(bitsOf([part(y, 3).data])).toEqual(bitsOf([some.data]));
      const back = ops.depthwiseConv2dBackward(part(dy, 3), part(x, 3), part(filter, 2), geometry);
      expect(bitsOf([part(dx, 3).data])).toEqual(bitsOf([back.dx.data]));
    }
  });

  it("applies relu and relu6 as it writes, at borders and inside", () => {
    const x = tensor(new Random(3).floats(6 * 7 * 6, -3, 3), [6, 7, 6]);
    const w = tensor(new Random(4).floats(9 * 6, -3, 3), [3, 3, 6, 1]);
    for (const stride of [1, 2]) {
      const of = (activation: "linear" | "relu" | "relu6") =>
        ops.depthwiseConv2d(x, w, null, { stride, padding: "same", activation }).data;
      const linear = [...of("linear")];
      expect([...of("relu")]).toEqual(linear.map((y) => Math.max(y, 0) + 0));
      expect([...of("relu6")]).toEqual(linear.map((y) => Math.min(Math.max(y, 0), 6) + 0));
    }
  });

  it("brings NaN to the outputs whose windows see it, and to no others", () => {
    const [h, width, c] = [7, 8, 5];
    const w = tensor(new Float32Array(9 * c).fill(1), [3, 3, c, 1]);
    for (let at = 0; at < h * width; at++) {
      const x = zeros([h, width, c]);
      x.data[at * c + (at % c)] = Number.NaN;
      const y = ops.depthwiseConv2d(x, w, null, { padding: "same", activation: "relu6" });
      const seen = [...y.data].map((v, i) => {
        const [row, column] = [Math.floor(i / c / width), Math.floor(i / c) % width];
        const sees = Math.abs(row - Math.floor(at / width)) <= 1 && Math.abs(column - (at % width)) <= 1;
        return Number.isNaN(v) === (sees && i % c === at % c);
      });
      expect(seen.every(Boolean), `NaN at pixel ${at}`).toBe(true);
      x.dispose();
      y.dispose();
    }
  });

  const x = () => zeros([1, 4, 4, 3]);
  refuses([
    [
      "wrong rank of w",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 3])),
      new ShapeError("depthwiseConv2d: w must be [KH,KW,C,M], got [3,3,3]"),
    ],
    [
      "a flat x",
      () => ops.depthwiseConv2d(zeros([4]), zeros([3, 3, 3, 1])),
      new ShapeError("depthwiseConv2d: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "wrong channel count",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 2, 1])),
      new ShapeError("depthwiseConv2d: x [1,4,4,3] has 3 channels, but w [3,3,2,1] has 2"),
    ],
    [
      "wrong bias",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 3, 2]), zeros([3])),
      new ShapeError("depthwiseConv2d: b must be [6], got [3]"),
    ],
    [
      "kernel larger than the input",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 3, 1]), null, { dilation: 2 }),
      new ShapeError(
        'depthwiseConv2d: kernel [3,3] (dilated to [5,5]) does not fit the padded input [4,4] (height 4 + padding 0); use padding: "same" or a smaller kernel',
      ),
    ],
    [
      "a stride of 0",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 3, 1]), null, { stride: 0 }),
      new ArgumentError("depthwiseConv2d: stride must be a whole number >= 1 or [vertical, horizontal], got 0"),
    ],
    [
      "negative padding",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 3, 1]), null, { padding: -1 }),
      new ArgumentError(
        'depthwiseConv2d: padding must be "valid", "same", a whole number >= 0, [vertical, horizontal] or [top, bottom, left, right], got -1',
      ),
    ],
    [
      "unknown activation",
      () => ops.depthwiseConv2d(x(), zeros([3, 3, 3, 1]), null, { activation: "tanh" as never }),
      new ArgumentError('depthwiseConv2d: activation must be one of "linear", "relu", "relu6", got "tanh"'),
    ],
    [
      "no tensor",
      () => ops.depthwiseConv2d(1 as never, zeros([3, 3, 3, 1])),
      new ArgumentError("depthwiseConv2d: x must be a Tensor, got 1"),
    ],
    [
      "disposed tensor",
      () => {
        const gone = x();
        gone.dispose();
        return ops.depthwiseConv2d(gone, zeros([3, 3, 3, 1]));
      },
      new ArgumentError("depthwiseConv2d: x was disposed"),
    ],
    [
      "wrong dy",
      () => ops.depthwiseConv2dBackward(x(), x(), zeros([3, 3, 3, 1])),
      new ShapeError("depthwiseConv2dBackward: dy must be [1,2,2,3], got [1,4,4,3]"),
    ],
  ]);
});
