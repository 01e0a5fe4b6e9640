import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { separableConv2d as twin } from "../reference/separableConv2d.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 9 * 15 products of values in [-1, 1). */
const TOLERANCE = { relative: 1e-5, absolute: 2e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const pairOf = (max: number, min = 1) => fc.tuple(upTo(max, min), upTo(max, min));
const anyCase = fc.record({
  n: upTo(2),
  channels: fc.constantFrom(1, 2, 3, 4, 5),
  multiplier: upTo(3),
  outputs: fc.constantFrom(1, 3, 8, 9),
  kernel: pairOf(3),
  extra: pairOf(5, 0),
  stride: pairOf(3),
  dilation: pairOf(2),
  padding: fc.tuple(...[0, 0, 0, 0].map(() => upTo(2, 0))),
  seed: fc.integer(),
});

describe("separableConv2d", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, channels, multiplier, outputs, kernel, extra, seed, ...options }) => {
        const { stride, dilation } = options;
        const padding = options.padding as [number, number, number, number];
        const [h, w] = [0, 1].map((i) => {
          const reach = dilation[i] * (kernel[i] - 1) + 1;
          return Math.max(1, reach - padding[2 * i] - padding[2 * i + 1]) + extra[i];
        });
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        const window = { stride, dilation, padding };
        checkOp({
          inputs: {
            x: input([n, h, w, channels]),
            depthwise: input([...kernel, channels, multiplier]),
            pointwise: input([1, 1, channels * multiplier, outputs]),
            b: input([outputs]),
          },
          forward: (t) => ops.separableConv2d(t.x, t.depthwise, t.pointwise, t.b, window),
          twin: (t) => twin(t.x, t.depthwise, t.pointwise, t.b, window),
          backward: (dy, t) => {
            const made = ops.separableConv2dBackward(dy, t.x, t.depthwise, t.pointwise, window);
            return { x: made.dx, depthwise: made.ddepthwise, pointwise: made.dpointwise, b: made.db };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 60 },
    );
  });

  it("applies the activation once, at the end, and passes NaN on", () => {
    const x = tensor([-1, 2, Number.NaN], [1, 3, 1]);
    const one = () => tensor([-1], [1, 1, 1, 1]);
    expect([...ops.separableConv2d(x, one(), one(), null, { activation: "relu" }).data]).toEqual([0, 2, Number.NaN]);
  });

  const x = () => zeros([1, 4, 4, 3]);
  const [depthwise, pointwise] = [() => zeros([3, 3, 3, 2]), () => zeros([1, 1, 6, 5])];
  refuses([
    [
      "wrong channels of the depthwise part",
      () => ops.separableConv2d(x(), zeros([3, 3, 2, 1]), pointwise()),
      new ShapeError("separableConv2d: x [1,4,4,3] has 3 channels, but w [3,3,2,1] has 2"),
    ],
    [
      "wrong channels of the pointwise part",
      () => ops.separableConv2d(x(), depthwise(), zeros([1, 1, 3, 5])),
      new ShapeError("separableConv2d: pointwise must be [1,1,6,O], got [1,1,3,5]"),
    ],
    [
      "a wrong bias",
      () => ops.separableConv2d(x(), depthwise(), pointwise(), zeros([6])),
      new ShapeError("separableConv2d: b must be [5], got [6]"),
    ],
    [
      "groups",
      () => ops.separableConv2d(x(), depthwise(), pointwise(), null, { groups: 3 } as object),
      new ArgumentError(
        'separableConv2d: every option must be one of "stride", "padding", "dilation", "activation", got "groups"',
      ),
    ],
    [
      "no tensor",
      () => ops.separableConv2d(x(), depthwise(), 1 as never),
      new ArgumentError("separableConv2d: pointwise must be a Tensor, got 1"),
    ],
    [
      "a wrong dy",
      () => ops.separableConv2dBackward(x(), x(), depthwise(), pointwise()),
      new ShapeError("separableConv2dBackward: dy must be [1,2,2,5], got [1,4,4,3]"),
    ],
  ]);
});
