import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/dense_loss_dropout.json";
import { softmax as twin } from "../reference/softmax.ts";
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
  // The case over the channels of NCHW normalises another axis than the last.
  const rows = (cases as unknown as SoftmaxCase[]).filter((c) => c.op === "softmax" && c.x.shape.length === 2);
  it.each(rows.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const x = tensor(c.x.data, c.x.shape);
    expectClose(ops.softmax(x).data, c.y.data, TOLERANCE, "y");
    expectClose(ops.softmaxBackward(tensor(c.dy.data, c.dy.shape), x).data, c.dx.data, TOLERANCE, "dx");
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
    ["no tensor", () => ops.softmax([1] as never), new ArgumentError("softmax: x must be a Tensor, got [1]")],
    [
      "a wrong dy",
      () => ops.softmaxBackward(zeros([2]), zeros([3])),
      new ShapeError("softmaxBackward: dy must be [3], got [2]"),
    ],
  ]);
});
