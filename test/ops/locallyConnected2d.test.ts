import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { locallyConnected2d as twin } from "../reference/locallyConnected2d.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 60 products of values in [-1, 1). */
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const pairOf = (max: number, min = 1) => fc.tuple(upTo(max, min), upTo(max, min));
const anyCase = fc.record({
  n: upTo(3),
  channels: upTo(6),
  outputs: fc.constantFrom(1, 2, 4, 5, 9),
  kernel: pairOf(3),
  extra: pairOf(4, 0),
  stride: pairOf(3),
  dilation: pairOf(2),
  padding: fc.tuple(...[0, 0, 0, 0].map(() => upTo(2, 0))),
  bias: fc.boolean(),
  seed: fc.integer(),
});

describe("locallyConnected2d", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, channels, outputs, kernel, extra, bias, seed, ...options }) => {
        const { stride, dilation } = options;
        const padding = options.padding as [number, number, number, number];
        const size = [0, 1].map((i) => {
          const reach = dilation[i] * (kernel[i] - 1) + 1;
          return Math.max(1, reach - padding[2 * i] - padding[2 * i + 1]) + extra[i];
        });
        const out = size.map((length, i) => {
          const room = length + padding[2 * i] + padding[2 * i + 1] - dilation[i] * (kernel[i] - 1) - 1;
          return Math.floor(room / stride[i]) + 1;
        });
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        const window = { stride, dilation, padding };
        checkOp({
          inputs: {
            x: input([n, ...size, channels]),
            w: input([...out, ...kernel, channels, outputs]),
            b: input([...out, outputs]),
          },
          forward: (t) => ops.locallyConnected2d(t.x, t.w, bias ? t.b : null, window),
          twin: (t) => twin(t.x, t.w, bias ? t.b : null, window),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.locallyConnected2dBackward(dy, t.x, t.w, window);
            if (bias) return { x: dx, w: dw, b: db };
            db.dispose();
            return { x: dx, w: dw };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 80 },
    );
  });

  it("is conv2d where all positions have the same filters; takes a single image; passes NaN on", () => {
    const random = new Random(2);
    const x = tensor(random.floats(5 * 4 * 3), [5, 4, 3]);
    const w = random.floats(2 * 2 * 3 * 5);
    const repeated = new Float32Array(12 * w.length);
    for (let i = 0; i < 12; i++) repeated.set(w, i * w.length);
    const expected = ops.conv2d(x, tensor(w, [2, 2, 3, 5]));
    const y = ops.locallyConnected2d(x, tensor(repeated, [4, 3, 2, 2, 3, 5]));
    expect(y.shape).toEqual([4, 3, 5]);
    expectClose(y.data, expected.data, TOLERANCE);
    x.data[0] = Number.NaN;
    const seen = [...ops.locallyConnected2d(x, zeros([4, 3, 2, 2, 3, 5])).data].map(Number.isNaN);
    expect(seen.indexOf(false)).toBe(5);
    expect(seen.lastIndexOf(true)).toBe(4);
  });

  const x = () => zeros([1, 4, 4, 3]);
  const w = () => zeros([3, 3, 2, 2, 3, 5]);
  refuses([
    [
      "a flat x",
      () => ops.locallyConnected2d(zeros([4]), w()),
      new ShapeError("locallyConnected2d: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "the w of conv2d",
      () => ops.locallyConnected2d(x(), zeros([2, 2, 3, 5])),
      new ShapeError("locallyConnected2d: w must be [OH,OW,KH,KW,C,O], got [2,2,3,5]"),
    ],
    [
      "filters for other positions",
      () => ops.locallyConnected2d(x(), w(), null, { stride: 2 }),
      new ShapeError("locallyConnected2d: w must be [2,2,2,2,3,5] for x [1,4,4,3], got [3,3,2,2,3,5]"),
    ],
    [
      "a shared bias",
      () => ops.locallyConnected2d(x(), w(), zeros([5])),
      new ShapeError("locallyConnected2d: b must be [3,3,5], got [5]"),
    ],
    [
      "groups",
      () => ops.locallyConnected2d(x(), w(), null, { groups: 3 } as object),
      new ArgumentError(
        'locallyConnected2d: every option must be one of "stride", "padding", "dilation", got "groups"',
      ),
    ],
    [
      "a wrong dy",
      () => ops.locallyConnected2dBackward(x(), x(), w()),
      new ShapeError("locallyConnected2dBackward: dy must be [1,3,3,5], got [1,4,4,3]"),
    ],
  ]);
});
