import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { array64 } from "../reference/array.ts";
import { pool3d as twin } from "../reference/pool3d.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Maxima are copies, means sums of up to 27 values of up to 20 in size. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-5 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const three = (max: number, min = 1) => fc.tuple(upTo(max, min), upTo(max, min), upTo(max, min));
const anyCase = fc.record({
  n: upTo(2),
  c: upTo(6),
  poolSize: three(3),
  stride: three(3),
  extra: three(3, 0),
  padded: fc.boolean(),
  seed: fc.integer(),
});

describe.each([
  ["max", ops.maxPool3d, ops.maxPool3dBackward],
  ["avg", ops.avgPool3d, ops.avgPool3dBackward],
] as const)("%sPool3d", (kind, forward, backward) => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, c, poolSize, stride, extra, padded, seed }) => {
        const padding = poolSize.map((size) => (padded && size > 1 ? 1 : 0)) as [number, number, number];
        const shape = [n, ...poolSize.map((size, a) => size + extra[a]), c];
        const options = { poolSize, stride, padding };
        checkOp({
          inputs: { x: { shape, data: new Random(seed).distinct(shape.reduce((a, b) => a * b)) } },
          forward: ({ x }) => forward(x, options),
          twin: ({ x }) => twin(x, kind, poolSize, stride, padding),
          backward: (dy, { x }) => ({ x: backward(dy, x, options) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
      { numRuns: 60 },
    );
  });

  it("takes the stride from poolSize, a single volume and same padding; passes NaN on", () => {
    expect(forward(zeros([4, 6, 9, 2]), { poolSize: [1, 2, 3] }).shape).toEqual([4, 3, 3, 2]);
    expect(forward(zeros([1, 5, 5, 5, 2]), { poolSize: 2, padding: "same" }).shape).toEqual([1, 3, 3, 3, 2]);
    expect([...forward(tensor([1, Number.NaN], [2, 1, 1, 1]), { poolSize: [2, 1, 1] }).data]).toEqual([Number.NaN]);
  });

  const op = `${kind}Pool3d`;
  const wanted = "must be a whole number >= 1 or [depth, vertical, horizontal]";
  refuses([
    [
      "a row",
      () => forward(zeros([4]), { poolSize: 2 }),
      new ShapeError(`${op}: x must be [N,D,H,W,C] or [D,H,W,C], got [4]`),
    ],
    [
      "a fractional poolSize",
      () => forward(zeros([4, 4, 4, 1]), { poolSize: 1.5 }),
      new ArgumentError(`${op}: poolSize ${wanted}, got 1.5`),
    ],
    [
      "a pair of strides",
      () => forward(zeros([4, 4, 4, 1]), { poolSize: 2, stride: [1, 2] as never }),
      new ArgumentError(`${op}: stride ${wanted}, got [1,2]`),
    ],
    [
      "a window deeper than the volume",
      () => forward(zeros([1, 4, 4, 1]), { poolSize: 2 }),
      new ShapeError(
        `${op}: kernel [2,1] does not fit the padded input [1,4] (height 1 + padding 0); use padding: "same" or a smaller kernel`,
      ),
    ],
    [
      "a wrong dy",
      () => backward(zeros([4, 4, 4, 1]), zeros([4, 4, 4, 1]), { poolSize: 2 }),
      new ShapeError(`${op}Backward: dy must be [2,2,2,1], got [4,4,4,1]`),
    ],
  ]);
});

it("maxPool3dBackward gives equal maxima's gradient to the first", () => {
  const x = tensor(new Float32Array(8).fill(1), [2, 2, 2, 1]);
  expect([...ops.maxPool3dBackward(tensor([5], [1, 1, 1, 1]), x, { poolSize: 2 }).data]).toEqual([
    5, 0, 0, 0, 0, 0, 0, 0,
  ]);
});

describe.each([
  ["max", ops.globalMaxPool3d, ops.globalMaxPool3dBackward],
  ["average", ops.globalAveragePool3d, ops.globalAveragePool3dBackward],
] as const)("global %s pool of volumes", (name, forward, backward) => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(upTo(3), three(5), upTo(6), fc.integer(), (n, volume, c, seed) => {
        const shape = [n, ...volume, c];
        checkOp({
          inputs: { x: { shape, data: new Random(seed).distinct(shape.reduce((a, b) => a * b)) } },
          forward: ({ x }) => forward(x),
          twin: ({ x }) => array64([n, c], twin(x, name === "max" ? "max" : "avg", volume, [1, 1, 1], [0, 0, 0]).data),
          backward: (dy, { x }) => ({ x: backward(dy, x) }),
          tolerance: { relative: 1e-6, absolute: 1e-5 },
          seed,
        });
      }),
      { numRuns: 60 },
    );
  });

  it("takes a single volume, and passes NaN on", () => {
    const y = forward(tensor([1, Number.NaN, 3, 4], [2, 1, 1, 2]));
    expect([...y.data]).toEqual([name === "max" ? 3 : 2, Number.NaN]);
  });

  const op = name === "max" ? "globalMaxPool3d" : "globalAveragePool3d";
  refuses([
    ["a row", () => forward(zeros([4])), new ShapeError(`${op}: x must be [N,D,H,W,C] or [D,H,W,C], got [4]`)],
    [
      "a gradient of another shape",
      () => backward(zeros([1, 3]), zeros([1, 2, 2, 2, 4])),
      new ShapeError(`${op}Backward: dy must be [1,4], got [1,3]`),
    ],
  ]);
});
