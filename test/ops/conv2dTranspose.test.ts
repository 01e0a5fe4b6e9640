import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import torch from "../fixtures/torch/conv_transpose2d.json";
import { conv2dTranspose as twin } from "../reference/conv2dTranspose.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 200 products of values in [-1, 1); Winograd's F(4x4), which 3x3 at stride 1 may take, costs about a digit. */
const TOLERANCE = { relative: 2e-5, absolute: 6e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const pairOf = (max: number, min = 1) => fc.tuple(upTo(max, min), upTo(max, min));
const anyCase = fc
  .record({
    n: upTo(2),
    groups: fc.constantFrom(1, 1, 1, 2, 3),
    channels: fc.constantFrom(1, 2, 4, 5, 8),
    outputs: fc.constantFrom(1, 2, 3, 5, 8, 9),
    size: pairOf(6),
    kernel: fc.oneof(pairOf(4), fc.constant<[number, number]>([3, 3])),
    stride: fc.oneof(pairOf(4), fc.constant<[number, number]>([1, 1])),
    dilation: fc.oneof(pairOf(2), fc.constant<[number, number]>([1, 1])),
    padding: fc.tuple(...[0, 0, 0, 0].map(() => upTo(2, 0))),
    more: pairOf(3, 0),
    bias: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ more, ...rest }) => {
    const outputPadding = more.map((m, axis) => Math.min(m, rest.stride[axis] - 1)) as [number, number];
    const least = [0, 1].map((i) => (rest.size[i] - 1) * rest.stride[i] + rest.dilation[i] * (rest.kernel[i] - 1));
    const padding = rest.padding.map((p, side) => Math.min(p, Math.floor(least[side >> 1] / 2)));
    return { ...rest, outputPadding, padding: padding as [number, number, number, number] };
  });

describe("conv2dTranspose", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, groups, channels, outputs, size, kernel, bias, seed, ...geometry }) => {
        const { stride, padding, outputPadding, dilation } = geometry;
        const window = { stride, padding, outputPadding, dilation };
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        checkOp({
          inputs: {
            x: input([n, ...size, channels * groups]),
            w: input([...kernel, outputs, channels * groups]),
            b: input([outputs * groups]),
          },
          forward: (t) => ops.conv2dTranspose(t.x, t.w, bias ? t.b : null, { ...window, groups }),
          twin: (t) => twin(t.x, t.w, bias ? t.b : null, groups, window),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.conv2dTransposeBackward(dy, t.x, t.w, { ...window, groups });
            if (bias) return { x: dx, w: dw, b: db };
            db.dispose();
            return { x: dx, w: dw };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 150 },
    );
  });

  const of = (t: FixtureTensor) => tensor(t.data, t.shape);
  it.each(torch.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const options = {
      stride: c.stride as [number, number],
      padding: c.padding as [number, number],
      outputPadding: c.output_padding as [number, number],
      dilation: c.dilation as [number, number],
      groups: c.groups,
    };
    const { b, db } = c.nchw as { b: FixtureTensor | null; db: FixtureTensor | null };
    const [x, w, dy] = [of(c.nhwc.x), of(c.nhwc.w), of(c.nhwc.dy)];
    const y = ops.conv2dTranspose(x, w, b === null ? null : of(b), options);
    expect(y.shape).toEqual(c.nhwc.y.shape);
    expectClose(y.data, c.nhwc.y.data, TOLERANCE, "y");
    const gradients = ops.conv2dTransposeBackward(dy, x, w, options);
    expectClose(gradients.dx.data, c.nhwc.dx.data, TOLERANCE, "dx");
    expectClose(gradients.dw.data, c.nhwc.dw.data, TOLERANCE, "dw");
    if (db !== null) expectClose(gradients.db.data, db.data, TOLERANCE, "db");
  });

  it("is the adjoint of conv2d: <conv2d(x, w), z> = <x, conv2dTranspose(z, w)>", () => {
    const random = new Random(4);
    const x = tensor(random.floats(2 * 7 * 8 * 3), [2, 7, 8, 3]);
    const w = tensor(random.floats(3 * 3 * 3 * 5), [3, 3, 3, 5]);
    const y = ops.conv2d(x, w, null, { stride: 2, padding: 1 });
    const z = tensor(random.floats(y.size), y.shape);
    const back = ops.conv2dTranspose(z, w, null, { stride: 2, padding: 1, outputPadding: [0, 1] });
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    expect(back.shape).toEqual(x.shape);
    expect(dot(x.data, back.data)).toBeCloseTo(dot(y.data, z.data), 3);
  });

  it("applies bias and activation everywhere, also where no tap reaches", () => {
    const x = tensor([1, -2], [1, 2, 1]);
    const w = tensor([3], [1, 1, 1, 1]);
    const run = (activation: "linear" | "relu" | "relu6") => [
      ...ops.conv2dTranspose(x, w, tensor([4], [1]), { stride: [1, 2], outputPadding: [0, 1], activation }).data,
    ];
    expect(run("linear")).toEqual([7, 4, -2, 4]);
    expect(run("relu")).toEqual([7, 4, 0, 4]);
    expect(run("relu6")).toEqual([6, 4, 0, 4]);
  });

  it('makes images stride times as large by "same", as Keras has it, and takes a single image', () => {
    for (const kernel of [1, 2, 3, 4, 5]) {
      const w = zeros([kernel, kernel, 2, 3]);
      expect(ops.conv2dTranspose(zeros([4, 5, 3]), w, null, { stride: [2, 3], padding: "same" }).shape).toEqual([
        8, 15, 2,
      ]);
    }
    const ones = tensor(new Float32Array(9).fill(1), [3, 3, 1, 1]);
    const y = ops.conv2dTranspose(tensor([1, 1, 1, 1], [2, 2, 1]), ones, null, { stride: 2, padding: "same" });
    // keras.layers.Conv2DTranspose(1, 3, 2, "same", kernel_initializer="ones") of ones: the window goes over the end.
    expect([...y.data]).toEqual([1, 1, 2, 1, 1, 1, 2, 1, 2, 2, 4, 2, 1, 1, 2, 1]);
  });

  it("passes NaN on to the window of its pixel alone", () => {
    const x = zeros([3, 3, 1]);
    x.data[4] = Number.NaN;
    const y = ops.conv2dTranspose(x, zeros([2, 2, 1, 1]), null, { stride: 2 });
    const seen = [...y.data].flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
    expect(seen).toEqual([14, 15, 20, 21]);
  });

  const x = () => zeros([1, 4, 4, 3]);
  const w = () => zeros([3, 3, 2, 3]);
  refuses([
    [
      "a flat x",
      () => ops.conv2dTranspose(zeros([4]), w()),
      new ShapeError("conv2dTranspose: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "a wrong rank of w",
      () => ops.conv2dTranspose(x(), zeros([3, 3])),
      new ShapeError("conv2dTranspose: w must be [KH,KW,O/groups,C], got [3,3]"),
    ],
    [
      "the w of conv2d",
      () => ops.conv2dTranspose(x(), zeros([3, 3, 3, 2])),
      new ShapeError("conv2dTranspose: x [1,4,4,3] has 3 channels, but w [3,3,3,2] has 2"),
    ],
    [
      "groups that do not divide",
      () => ops.conv2dTranspose(x(), w(), null, { groups: 2 }),
      new ShapeError("conv2dTranspose: x [1,4,4,3] has 3 channels, which 2 groups do not divide"),
    ],
    [
      "no groups",
      () => ops.conv2dTranspose(x(), w(), null, { groups: 0 }),
      new ArgumentError("conv2dTranspose: groups must be a whole number >= 1, got 0"),
    ],
    [
      "a wrong bias",
      () => ops.conv2dTranspose(x(), w(), zeros([3])),
      new ShapeError("conv2dTranspose: b must be [2], got [3]"),
    ],
    [
      "outputPadding of a whole stride",
      () => ops.conv2dTranspose(x(), w(), null, { stride: 2, outputPadding: 2 }),
      new ArgumentError("conv2dTranspose: outputPadding must be less than the stride [2,2], got 2"),
    ],
    [
      'outputPadding with "same"',
      () => ops.conv2dTranspose(x(), w(), null, { stride: 2, padding: "same", outputPadding: 1 }),
      new ArgumentError(
        'conv2dTranspose: outputPadding needs padding in numbers, since "same" makes y stride times as large as x',
      ),
    ],
    [
      "padding that leaves nothing",
      () => ops.conv2dTranspose(x(), w(), null, { padding: [3, 1] }),
      new ShapeError("conv2dTranspose: padding [3,1] leaves nothing of the output [6,6]"),
    ],
    [
      "a stride of 0",
      () => ops.conv2dTranspose(x(), w(), null, { stride: 0 }),
      new ArgumentError("conv2dTranspose: stride must be a whole number >= 1 or [vertical, horizontal], got 0"),
    ],
    [
      "an algorithm",
      () => ops.conv2dTranspose(x(), w(), null, { algorithm: "gemm" } as object),
      new ArgumentError(
        'conv2dTranspose: every option must be one of "stride", "padding", "dilation", "groups", "activation", "precision", "flip", "outputPadding", got "algorithm"',
      ),
    ],
    [
      "a wrong dy",
      () => ops.conv2dTransposeBackward(x(), x(), w()),
      new ShapeError("conv2dTransposeBackward: dy must be [1,6,6,2], got [1,4,4,3]"),
    ],
  ]);
});
