import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/dense_loss_dropout.json";
import { logSoftmaxAxis, softmaxAxis, softmax as twin } from "../reference/softmax.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** exp is within 2.3 ulp, but of x - max, whose rounding (|x| up to 40: 4e-6) weighs more. */
const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("softmax", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      m: fc.integer({ min: 1, max: 5 }),
      c: fc.oneof(fc.integer({ min: 1, max: 23 }), fc.constantFrom(32, 50, 67)),
      size: fc.constantFrom(1, 10, 40),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ m, c, size, seed }) => {
        checkOp({
          inputs: { x: { shape: [m, c], data: new Random(seed).floats(m * c, -size, size) } },
          forward: ({ x }) => ops.softmax(x),
          twin: ({ x }) => twin(x),
          backward: (dy, { x }) => ({ x: ops.softmaxBackward(dy, x) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  interface SoftmaxCase {
    op: string;
    name: string;
    x: FixtureTensor;
    y: FixtureTensor;
    dy: FixtureTensor;
    dx: FixtureTensor;
  }
  const rows = (cases as unknown as (SoftmaxCase & { axis: number })[]).filter(({ op }) => /softmax$/.test(op));
  it.each(rows.map((c) => [`${c.op}, ${c.name}`, c] as const))("equals torch: %s", (_, c) => {
    const [forward, backward] =
      c.op === "softmax" ? [ops.softmax, ops.softmaxBackward] : [ops.logSoftmax, ops.logSoftmaxBackward];
    const x = tensor(c.x.data, c.x.shape);
    const { axis } = c;
    expectClose(forward(x, { axis }).data, c.y.data, TOLERANCE, "y");
    expectClose(backward(tensor(c.dy.data, c.dy.shape), x, { axis }).data, c.dx.data, TOLERANCE, "dx");
  });

  it.each(["softmax", "logSoftmax"] as const)("%s equals the naive twin along any axis", (name) => {
    const [forward, backward, reference] =
      name === "softmax"
        ? [ops.softmax, ops.softmaxBackward, softmaxAxis]
        : [ops.logSoftmax, ops.logSoftmaxBackward, logSoftmaxAxis];
    const anyCase = fc.record({
      o: fc.integer({ min: 1, max: 3 }),
      c: fc.integer({ min: 1, max: 6 }),
      i: fc.integer({ min: 1, max: 9 }),
      axis: fc.constantFrom(1, -2),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ o, c, i, axis, seed }) => {
        checkOp({
          inputs: { x: { shape: [o, c, i], data: new Random(seed).floats(o * c * i, -10, 10) } },
          forward: ({ x }) => forward(x, { axis }),
          twin: ({ x }) => reference(x),
          backward: (dy, { x }) => ({ x: backward(dy, x, { axis }) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  it("logSoftmax is finite where softmax is 0, and takes the last axis by default", () => {
    expect([...ops.logSoftmax(tensor([[1000, 0, -1000]])).data]).toEqual([0, -1000, -2000]);
    expect([...ops.logSoftmax(tensor([[-infinity, 0, 0]])).data]).toEqual([
      -infinity,
      expect.closeTo(-Math.LN2, 6),
      expect.closeTo(-Math.LN2, 6),
    ]);
    expect([...ops.logSoftmax(tensor([[nan, 0, 1]])).data]).toEqual([nan, nan, nan]);
  });

  it("takes any rank, along the last axis", () => {
    const y = ops.softmax(zeros([2, 1, 3, 5]));
    expect(y.shape).toEqual([2, 1, 3, 5]);
    expectClose(y.data, new Float32Array(30).fill(0.2), TOLERANCE);
    expect([...ops.softmax(tensor([7])).data]).toEqual([1]);
  });

  it("neither overflows nor underflows", () => {
    expect([...ops.softmax(tensor([3e38, -3e38, 3e38, 0, -200])).data]).toEqual([0.5, 0, 0.5, 0, 0]);
    expect([...ops.softmax(tensor([-3e38, -3e38])).data]).toEqual([0.5, 0.5]);
  });

  it("gives 0 for -Infinity beside numbers, NaN for rows of it, of Infinity or of NaN, and leaves other rows alone", () => {
    expect([...ops.softmax(tensor([-infinity, 1, -infinity, -infinity, 1])).data]).toEqual([0, 0.5, 0, 0, 0.5]);
    for (const bad of [-infinity, infinity, nan]) {
      for (const c of [1, 3, 4, 7]) {
        for (let at = 0; at < c; at++) {
          const row = Array.from({ length: c }, (_, i) => (i === at || bad === -infinity ? bad : i));
          const y = ops.softmax(tensor([row, row.map(() => 2)])).data;
          expect([...y.subarray(0, c)], `${bad} at ${at} of ${c}`).toEqual(row.map(() => nan));
          expectClose(
            y.subarray(c),
            row.map(() => 1 / c),
            TOLERANCE,
          );
        }
      }
    }
  });

  refuses([
    ["a scalar", () => ops.softmax(tensor(1)), new ShapeError("softmax: x must have at least one axis, got []")],
    [
      "an axis too many",
      () => ops.logSoftmax(zeros([2, 3]), { axis: 2 }),
      new ArgumentError("logSoftmax: axis must be a whole number from -2 to 1, got 2"),
    ],
    ["no tensor", () => ops.softmax([1] as never), new ArgumentError("softmax: x must be a Tensor, got [1]")],
    [
      "a wrong dy",
      () => ops.softmaxBackward(zeros([2]), zeros([3])),
      new ShapeError("softmaxBackward: dy must be [3], got [2]"),
    ],
  ]);
});
