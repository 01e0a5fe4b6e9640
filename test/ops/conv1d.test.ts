import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { conv1d as twin } from "../reference/conv1d.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 50 products of values in [-1, 1): f32 rounding stays below 2^-24 * 50. */
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const anyCase = fc.record({
  n: upTo(3),
  groups: fc.constantFrom(1, 1, 1, 2),
  channels: fc.constantFrom(1, 2, 3, 4, 8),
  outputs: fc.constantFrom(1, 2, 5, 8, 9),
  kernel: upTo(5),
  extra: upTo(12, 0),
  stride: upTo(3),
  dilation: upTo(3),
  padding: fc.tuple(upTo(3, 0), upTo(3, 0)),
  seed: fc.integer(),
});

describe("conv1d", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, groups, channels, outputs, kernel, extra, seed, ...line }) => {
        const { dilation, padding } = line;
        const length = Math.max(1, dilation * (kernel - 1) + 1 - padding[0] - padding[1]) + extra;
        const random = new Random(seed);
        const input = (shape: number[]) => ({ shape, data: random.floats(shape.reduce((a, b) => a * b)) });
        checkOp({
          inputs: {
            x: input([n, length, channels * groups]),
            w: input([kernel, channels, outputs * groups]),
            b: input([outputs * groups]),
          },
          forward: (t) => ops.conv1d(t.x, t.w, t.b, { ...line, groups }),
          twin: (t) => twin(t.x, t.w, t.b, groups, line),
          backward: (dy, t) => {
            const { dx, dw, db } = ops.conv1dBackward(dy, t.x, t.w, { ...line, groups });
            return { x: dx, w: dw, b: db };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("takes a single line, and pads by name", () => {
    const w = zeros([3, 2, 5]);
    expect(ops.conv1d(zeros([9, 2]), w).shape).toEqual([7, 5]);
    expect(ops.conv1d(zeros([1, 9, 2]), w, null, { padding: "same", stride: 2 }).shape).toEqual([1, 5, 5]);
    expect(ops.conv1d(zeros([9, 2]), w, null, { padding: 2 }).shape).toEqual([11, 5]);
  });

  it("sees nothing that comes later where padding is causal", () => {
    const random = new Random(1);
    const data = random.floats(40);
    const w = tensor(random.floats(3 * 2 * 4), [3, 2, 4]);
    const run = (x: Float32Array) =>
      ops.conv1d(tensor(x, [20, 2]), w, null, { padding: "causal", dilation: 2 }).data.slice();
    const before = run(data);
    data[2 * 12] += 1;
    const after = run(data);
    const changed = [...after].flatMap((value, i) => (value === before[i] ? [] : [Math.floor(i / 4)]));
    expect(new Set(changed)).toEqual(new Set([12, 14, 16]));
  });

  it("finds what moved in time: the same values, later", () => {
    const random = new Random(2);
    const sound = new Float32Array(64 * 2);
    const w = tensor(random.floats(5 * 2 * 8), [5, 2, 8]);
    const motif = random.floats(10 * 2);
    const heard = (at: number) => {
      const x = sound.slice();
      x.set(motif, at * 2);
      const y = ops.conv1d(tensor(x, [64, 2]), w, null, { activation: "relu" });
      return { all: y.data.slice(), most: [...ops.globalMaxPool1d(y).data] };
    };
    const [early, late] = [heard(10), heard(31)];
    expect(late.most).toEqual(early.most);
    expect(late.all.slice(21 * 8)).toEqual(early.all.slice(0, 39 * 8));
  });

  it("passes NaN on to the outputs whose windows see it", () => {
    const x = zeros([8, 1]);
    x.data[4] = Number.NaN;
    const y = ops.conv1d(x, zeros([3, 1, 1]));
    expect([...y.data].map(Number.isNaN)).toEqual([false, false, true, true, true, false]);
  });

  const x = () => zeros([1, 6, 3]);
  const w = () => zeros([3, 3, 2]);
  const paddings = '"valid", "same", "causal", a whole number >= 0 or [before, after]';
  refuses([
    [
      "an image",
      () => ops.conv1d(zeros([1, 4, 4, 3]), w()),
      new ShapeError("conv1d: x must be [N,L,C] or [L,C], got [1,4,4,3]"),
    ],
    [
      "a wrong rank of w",
      () => ops.conv1d(x(), zeros([3, 3])),
      new ShapeError("conv1d: w must be [K,C/groups,O], got [3,3]"),
    ],
    [
      "wrong channels",
      () => ops.conv1d(x(), zeros([3, 2, 2])),
      new ShapeError("conv1d: x [1,1,6,3] has 3 channels, but w [1,3,2,2] with groups 1 expects 2"),
    ],
    [
      "a kernel longer than the line",
      () => ops.conv1d(x(), zeros([7, 3, 2])),
      new ShapeError(
        'conv1d: kernel [1,7] does not fit the padded input [1,6] (width 6 + padding 0); use padding: "same" or a smaller kernel',
      ),
    ],
    [
      "a pair of strides",
      () => ops.conv1d(x(), w(), null, { stride: [1, 2] as never }),
      new ArgumentError("conv1d: stride must be a whole number >= 1, got [1,2]"),
    ],
    [
      "a dilation of 0",
      () => ops.conv1d(x(), w(), null, { dilation: 0 }),
      new ArgumentError("conv1d: dilation must be a whole number >= 1, got 0"),
    ],
    [
      "negative padding",
      () => ops.conv1d(x(), w(), null, { padding: -1 }),
      new ArgumentError(`conv1d: padding must be ${paddings}, got -1`),
    ],
    [
      "unknown padding",
      () => ops.conv1d(x(), w(), null, { padding: "full" as never }),
      new ArgumentError(`conv1d: padding must be ${paddings}, got "full"`),
    ],
    [
      "an option of another name",
      () => ops.conv1d(x(), w(), null, { strides: 2 } as object),
      new ArgumentError(
        'conv1d: every option must be one of "stride", "padding", "dilation", "groups", "activation", "precision", "algorithm", "flip", got "strides"; did you mean "stride"?',
      ),
    ],
    ["a wrong bias", () => ops.conv1d(x(), w(), zeros([3])), new ShapeError("conv1d: b must be [2], got [3]")],
    [
      "a wrong dy",
      () => ops.conv1dBackward(x(), x(), w()),
      new ShapeError("conv1dBackward: dy must be [1,4,2], got [1,6,3]"),
    ],
  ]);
});
