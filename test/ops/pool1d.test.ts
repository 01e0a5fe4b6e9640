import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { array64 } from "../reference/array.ts";
import { pool1d as twin } from "../reference/pool1d.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Maxima are copies, means sums of up to 40 values of up to 10 in size. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const anyCase = fc
  .record({
    n: upTo(3),
    channels: fc.constantFrom(1, 2, 3, 4, 7, 16, 19),
    poolSize: upTo(5),
    stride: upTo(4),
    padding: fc.tuple(upTo(2, 0), upTo(2, 0)),
    extra: upTo(9, 0),
    countIncludePad: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ padding, ...rest }) => {
    const less = padding.map((p) => Math.min(p, rest.poolSize - 1)) as [number, number];
    return { ...rest, padding: less, length: Math.max(1, rest.poolSize - less[0] - less[1]) + rest.extra };
  });

describe.each([
  ["max", ops.maxPool1d, ops.maxPool1dBackward],
  ["avg", ops.avgPool1d, ops.avgPool1dBackward],
] as const)("%sPool1d", (kind, forward, backward) => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, length, channels, poolSize, stride, padding, countIncludePad, seed }) => {
        const options = { poolSize, stride, padding, ...(kind === "avg" && { countIncludePad }) };
        const shape = [n, length, channels];
        checkOp({
          inputs: { x: { shape, data: new Random(seed).distinct(n * length * channels) } },
          forward: ({ x }) => forward(x, options),
          twin: ({ x }) => twin(x, kind, poolSize, stride, padding, countIncludePad),
          backward: (dy, { x }) => ({ x: backward(dy, x, options) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("takes the stride from poolSize, and a single line; passes NaN on", () => {
    expect(forward(zeros([9, 2]), { poolSize: 3 }).shape).toEqual([3, 2]);
    const y = forward(tensor([1, Number.NaN, 3, 4], [4, 1]), { poolSize: 2 });
    expect([...y.data]).toEqual([Number.NaN, kind === "max" ? 4 : 3.5]);
  });

  const op = `${kind}Pool1d`;
  refuses([
    [
      "an image",
      () => forward(zeros([1, 4, 4, 3]), { poolSize: 2 }),
      new ShapeError(`${op}: x must be [N,L,C] or [L,C], got [1,4,4,3]`),
    ],
    [
      "a pair for poolSize",
      () => forward(zeros([4, 3]), { poolSize: [1, 2] as never }),
      new ArgumentError(`${op}: poolSize must be a whole number >= 1, got [1,2]`),
    ],
    [
      "a fractional poolSize",
      () => forward(zeros([4, 3]), { poolSize: 1.5 }),
      new ArgumentError(`${op}: poolSize must be a whole number >= 1, got 1.5`),
    ],
    [
      "no options",
      () => forward(zeros([4, 3]), undefined as never),
      new ArgumentError(`${op}: options must be an object such as { poolSize: ... }, got undefined`),
    ],
    [
      "a window longer than the line",
      () => forward(zeros([4, 3]), { poolSize: 5 }),
      new ShapeError(
        `${op}: kernel [1,5] does not fit the padded input [1,4] (width 4 + padding 0); use padding: "same" or a smaller kernel`,
      ),
    ],
    [
      "a wrong dy",
      () => backward(zeros([4, 3]), zeros([4, 3]), { poolSize: 2 }),
      new ShapeError(`${op}Backward: dy must be [2,3], got [4,3]`),
    ],
  ]);
});

describe.each([
  ["globalMaxPool1d", "max", ops.globalMaxPool1d, ops.globalMaxPool1dBackward],
  ["globalAveragePool1d", "avg", ops.globalAveragePool1d, ops.globalAveragePool1dBackward],
] as const)("%s", (op, kind, forward, backward) => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(fc.tuple(upTo(3), upTo(40), upTo(20)), fc.integer(), ([n, length, c], seed) => {
        checkOp({
          inputs: { x: { shape: [n, length, c], data: new Random(seed).distinct(n * length * c) } },
          forward: ({ x }) => forward(x),
          twin: ({ x }) => array64([n, c], twin(x, kind, length, 1, [0, 0]).data),
          backward: (dy, { x }) => ({ x: backward(dy, x) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  refuses([
    [
      "an image",
      () => forward(zeros([1, 4, 4, 3])),
      new ShapeError(`${op}: x must be [N,L,C] or [L,C], got [1,4,4,3]`),
    ],
    [
      "a wrong dy",
      () => backward(zeros([2, 3]), zeros([1, 4, 3])),
      new ShapeError(`${op}Backward: dy must be [1,3], got [2,3]`),
    ],
  ]);
});
