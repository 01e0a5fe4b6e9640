import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { conv3d as twin } from "../reference/conv3d.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 200 products of values in [-1, 1); Winograd's F(4x4) costs about a digit. */
const TOLERANCE = { relative: 2e-5, absolute: 6e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const three = (max: number, min = 1) => fc.tuple(upTo(max, min), upTo(max, min), upTo(max, min));
const anyCase = fc.record({
  n: upTo(2),
  groups: fc.constantFrom(1, 1, 1, 2, 4),
  channels: fc.constantFrom(1, 2, 3, 4),
  outputs: fc.constantFrom(1, 2, 5, 8),
  kernel: fc.oneof(three(3), fc.constant<[number, number, number]>([2, 3, 3])),
  extra: three(3, 0),
  stride: fc.oneof(three(3), fc.constant<[number, number, number]>([1, 1, 1])),
  dilation: fc.oneof(three(2), fc.constant<[number, number, number]>([1, 1, 1])),
  padding: three(2, 0),
  bias: fc.boolean(),
  seed: fc.integer(),
});

describe("conv3d", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, groups, channels, outputs, kernel, extra, bias, seed, ...volume }) => {
        const { stride, padding, dilation } = volume;
        const size = [0, 1, 2].map((a) => Math.max(1, dilation[a] * (kernel[a] - 1) + 1 - 2 * padding[a]) + extra[a]);
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        const options = { stride, padding, dilation, groups };
        checkOp({
          inputs: {
            x: input([n, ...size, channels * groups]),
            w: input([...kernel, channels, outputs * groups]),
            b: input([outputs * groups]),
          },
          forward: (t) => ops.conv3d(t.x, t.w, bias ? t.b : null, options),
          twin: (t) => twin(t.x, t.w, bias ? t.b : null, groups, { stride, padding, dilation }),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.conv3dBackward(dy, t.x, t.w, options);
            if (bias) return { x: dx, w: dw, b: db };
            db.dispose();
            return { x: dx, w: dw };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 60 },
    );
  });

  it("is conv2d where there is one frame, and takes a single volume", () => {
    const random = new Random(1);
    const x = tensor(random.floats(7 * 8 * 3), [1, 7, 8, 3]);
    const w = tensor(random.floats(9 * 3 * 5), [3, 3, 3, 5]);
    const [volume, filter] = [tensor(x.data, [1, 1, 7, 8, 3]), tensor(w.data, [1, 3, 3, 3, 5])];
    const expected = ops.conv2d(x, w, null, { padding: 1 });
    const y = ops.conv3d(volume, filter, null, { padding: [0, 1, 1] });
    expect(y.shape).toEqual([1, 1, 7, 8, 5]);
    expectClose(y.data, expected.data, TOLERANCE);
    expect(ops.conv3d(zeros([5, 4, 4, 3]), zeros([3, 3, 3, 3, 2]), null, { padding: "same", stride: 2 }).shape).toEqual(
      [3, 2, 2, 2],
    );
  });

  it("applies the activation once, at the end, also where frames see padding alone", () => {
    const x = tensor([3, -5], [2, 1, 1, 1]);
    const w = tensor([1, 1], [2, 1, 1, 1, 1]);
    const options = { padding: [2, 0, 0], activation: "relu" } as const;
    expect([...ops.conv3d(x, w, tensor([1], [1]), options).data]).toEqual([1, 4, 0, 0, 1]);
  });

  it("passes NaN on to the outputs whose windows see it", () => {
    const x = zeros([4, 1, 1, 1]);
    x.data[1] = Number.NaN;
    const y = ops.conv3d(x, zeros([2, 1, 1, 1, 1]));
    expect([...y.data].map(Number.isNaN)).toEqual([true, true, false]);
  });

  const x = () => zeros([1, 4, 4, 4, 3]);
  const w = () => zeros([3, 3, 3, 3, 2]);
  refuses([
    ["a row", () => ops.conv3d(zeros([4]), w()), new ShapeError("conv3d: x must be [N,D,H,W,C] or [D,H,W,C], got [4]")],
    [
      "a wrong rank of w",
      () => ops.conv3d(x(), zeros([3, 3, 3, 2])),
      new ShapeError("conv3d: w must be [KD,KH,KW,C/groups,O], got [3,3,3,2]"),
    ],
    [
      "wrong channels",
      () => ops.conv3d(x(), zeros([3, 3, 3, 2, 2])),
      new ShapeError("conv3d: x [4,4,3] has 3 channels, but w [3,3,2,2] with groups 1 expects 2"),
    ],
    [
      "a kernel deeper than the volume",
      () => ops.conv3d(x(), zeros([5, 3, 3, 3, 2])),
      new ShapeError("conv3d: kernel [5,3,3] does not fit the depth 4 + padding 0"),
    ],
    [
      "a pair of strides",
      () => ops.conv3d(x(), w(), null, { stride: [1, 2] as never }),
      new ArgumentError("conv3d: stride must be a whole number >= 1 or [depth, vertical, horizontal], got [1,2]"),
    ],
    [
      "negative padding",
      () => ops.conv3d(x(), w(), null, { padding: -1 }),
      new ArgumentError(
        'conv3d: padding must be "valid", "same", a whole number >= 0 or [depth, vertical, horizontal], got -1',
      ),
    ],
    [
      "an algorithm",
      () => ops.conv3d(x(), w(), null, { algorithm: "gemm" } as object),
      new ArgumentError(
        'conv3d: every option must be one of "stride", "padding", "dilation", "groups", "activation", "precision", got "algorithm"',
      ),
    ],
    ["a wrong bias", () => ops.conv3d(x(), w(), zeros([3])), new ShapeError("conv3d: b must be [2], got [3]")],
    [
      "a wrong dy",
      () => ops.conv3dBackward(x(), x(), w()),
      new ShapeError("conv3dBackward: dy must be [1,2,2,2,2], got [1,4,4,4,3]"),
    ],
  ]);
});
