import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/conv2d.json";
import { type Array64, at, build } from "../reference/array.ts";
import { conv2d as twin } from "../reference/conv2d.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 200 products of values in [-1, 1): f32 rounding stays below 2^-24 * 200. */
const TOLERANCE = { relative: 1e-5, absolute: 2e-5 };

const anyCase = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 1, 1, 2, 3),
  channels: fc.constantFrom(1, 2, 3, 4, 5, 8),
  outputs: fc.constantFrom(1, 2, 3, 5, 8, 9),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  extra: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  padding: fc.tuple(...[0, 0, 0, 0].map(() => fc.integer({ min: 0, max: 2 }))) as fc.Arbitrary<
    [number, number, number, number]
  >,
  bias: fc.boolean(),
  seed: fc.integer(),
});

describe("conv2d", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, groups, channels, outputs, kernel, extra, stride, dilation, padding, bias, seed }) => {
        const random = new Random(seed);
        const [h, w] = [0, 1].map((i) => {
          const reach = dilation[i] * (kernel[i] - 1) + 1;
          return Math.max(1, reach - padding[2 * i] - padding[2 * i + 1]) + extra[i];
        });
        const shapes = {
          x: [n, h, w, channels * groups],
          w: [...kernel, channels, outputs * groups],
          b: [outputs * groups],
        };
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        const options = { stride, dilation, padding, groups };
        checkOp({
          inputs: { x: input(shapes.x), w: input(shapes.w), b: input(shapes.b) },
          forward: (t) => ops.conv2d(t.x, t.w, bias ? t.b : null, options),
          twin: (t) => twin(t.x, t.w, bias ? t.b : null, groups, { stride, dilation, padding }),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.conv2dBackward(dy, t.x, t.w, options);
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

  const biasOf = (c: { nchw: object }) => (c.nchw as { b: FixtureTensor | null }).b;
  const dbOf = (c: { nchw: object }) => (c.nchw as { db: FixtureTensor | null }).db;

  for (const c of cases.filter((one) => !one.depthwise)) {
    it(`equals torch: ${c.name}`, () => {
      const of = (t: FixtureTensor) => tensor(t.data, t.shape);
      const options = {
        stride: c.stride as [number, number],
        padding: c.padding as [number, number],
        dilation: c.dilation as [number, number],
        groups: c.groups,
      };
      const bias = biasOf(c);
      const [x, w, dy] = [of(c.nhwc.x), of(c.nhwc.w), of(c.nhwc.dy)];
      const y = ops.conv2d(x, w, bias === null ? null : of(bias), options);
      expect(y.shape).toEqual(c.nhwc.y.shape);
      expectClose(y.data, c.nhwc.y.data, TOLERANCE, "y");
      const { dx, dw, db } = ops.conv2dBackward(dy, x, w, options);
      expectClose(dx.data, c.nhwc.dx.data, TOLERANCE, "dx");
      expectClose(dw.data, c.nhwc.dw.data, TOLERANCE, "dw");
      const expectedDb = dbOf(c);
      if (expectedDb !== null) expectClose(db.data, expectedDb.data, TOLERANCE, "db");
    });
  }

  it("applies relu and relu6 as it writes, and passes NaN on", () => {
    const x = tensor([-1, 4, 7, Number.NaN], [1, 1, 4, 1]);
    const w = tensor([1], [1, 1, 1, 1]);
    expect([...ops.conv2d(x, w, null, { activation: "relu" }).data]).toEqual([0, 4, 7, Number.NaN]);
    expect([...ops.conv2d(x, w, null, { activation: "relu6" }).data]).toEqual([0, 4, 6, Number.NaN]);
  });

  it("turns the filter around with flip: the convolution of mathematics, and its gradients", () => {
    const x = tensor([0, 0, 1, 0, 0], [1, 5, 1]);
    const w = tensor([1, 2, 3], [1, 3, 1, 1]);
    // An impulse makes the filter appear as it is; cross-correlation shows it turned around.
    expect([...ops.conv2d(x, w, null, { flip: true }).data]).toEqual([1, 2, 3]);
    expect([...ops.conv2d(x, w).data]).toEqual([3, 2, 1]);
    fc.assert(
      fc.property(anyCase, ({ n, groups, channels, outputs, kernel, stride, seed }) => {
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        const turned = ({ shape, data }: Array64) =>
          build(shape, (ky, kx, c, o) => at({ shape, data }, shape[0] - 1 - ky, shape[1] - 1 - kx, c, o));
        checkOp({
          inputs: { x: input([n, 5, 6, channels * groups]), w: input([...kernel, channels, outputs * groups]) },
          forward: (t) => ops.conv2d(t.x, t.w, null, { stride, groups, flip: true }),
          twin: (t) => twin(t.x, turned(t.w), null, groups, { stride, dilation: [1, 1], padding: [0, 0, 0, 0] }),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.conv2dBackward(dy, t.x, t.w, { stride, groups, flip: true });
            db.dispose();
            return { x: dx, w: dw };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 50 },
    );
  });

  const x = () => zeros([1, 4, 4, 3]);
  refuses([
    [
      "a flip that is no truth value",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), null, { flip: 1 as never }),
      new ArgumentError("conv2d: flip must be true or false, got 1"),
    ],
    [
      "kernel larger than the input",
      () => ops.conv2d(x(), zeros([5, 5, 3, 2])),
      new ShapeError(
        'conv2d: kernel [5,5] does not fit the padded input [4,4] (height 4 + padding 0); use padding: "same" or a smaller kernel',
      ),
    ],
    [
      "wrong rank of w",
      () => ops.conv2d(x(), zeros([3, 3, 3])),
      new ShapeError("conv2d: w must be [KH,KW,C/groups,O], got [3,3,3]"),
    ],
    [
      "wrong channel count",
      () => ops.conv2d(x(), zeros([3, 3, 2, 2])),
      new ShapeError("conv2d: x [1,4,4,3] has 3 channels, but w [3,3,2,2] with groups 1 expects 2"),
    ],
    [
      "NaN stride",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), null, { stride: Number.NaN }),
      new ArgumentError("conv2d: stride must be a whole number >= 1 or [vertical, horizontal], got NaN"),
    ],
    [
      "fractional stride",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), null, { stride: 1.5 }),
      new ArgumentError("conv2d: stride must be a whole number >= 1 or [vertical, horizontal], got 1.5"),
    ],
    [
      "negative padding",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), null, { padding: -1 }),
      new ArgumentError(
        'conv2d: padding must be "valid", "same", a whole number >= 0, [vertical, horizontal] or [top, bottom, left, right], got -1',
      ),
    ],
    [
      "an option of another name",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), null, { strides: 2 } as object),
      new ArgumentError(
        'conv2d: every option must be one of "stride", "padding", "dilation", "groups", "activation", "precision", "algorithm", "flip", got "strides"; did you mean "stride"?',
      ),
    ],
    [
      "unknown activation",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), null, { activation: "rellu" as "relu" }),
      new ArgumentError(
        'conv2d: activation must be one of "linear", "relu", "relu6", got "rellu"; did you mean "relu"?',
      ),
    ],
    [
      "wrong bias",
      () => ops.conv2d(x(), zeros([3, 3, 3, 2]), zeros([3])),
      new ShapeError("conv2d: b must be [2], got [3]"),
    ],
    [
      "disposed tensor",
      () => {
        const gone = x();
        gone.dispose();
        return ops.conv2d(gone, zeros([3, 3, 3, 2]));
      },
      new ArgumentError("conv2d: x was disposed"),
    ],
    [
      "wrong dy",
      () => ops.conv2dBackward(zeros([1, 4, 4, 2]), x(), zeros([3, 3, 3, 2])),
      new ShapeError("conv2dBackward: dy must be [1,2,2,2], got [1,4,4,2]"),
    ],
  ]);
});
