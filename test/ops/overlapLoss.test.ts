import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { array64 } from "../reference/array.ts";
import { categoricalHinge, cosineSimilarity, dice } from "../reference/overlapLoss.ts";
import { refuses } from "../support/invalid.ts";
import { lossOf, scaled } from "../support/lossCase.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

const twins = { cosineSimilarity, dice, categoricalHinge };

/** Sums of up to 36 terms, then a quotient of them. */
const TOLERANCE = { relative: 3e-6, absolute: 2e-6 };
/** Central differences of a short vector's direction: the second derivative is large. */
const GRADIENT = { relative: 2e-5, absolute: 1e-5 };

function hotRows(rows: number, classes: number, random: Random): Float32Array {
  const labels = Array.from({ length: rows }, () => Math.floor(random.next() * classes));
  return Float32Array.from({ length: rows * classes }, (_, i) =>
    i % classes === labels[Math.floor(i / classes)] ? 1 : 0,
  );
}

describe("overlapLoss", () => {
  const anyCase = fc.record({
    m: fc.integer({ min: 1, max: 4 }),
    p: fc.integer({ min: 1, max: 4 }),
    c: fc.integer({ min: 2, max: 9 }),
    weighted: fc.boolean(),
    seed: fc.integer(),
  });
  it.each(Object.keys(twins) as (keyof typeof twins)[])(
    "%s equals the naive twin, and its gradient central differences",
    (name) => {
      fc.assert(
        fc.property(anyCase, ({ m, p, c, weighted, seed }) => {
          const random = new Random(seed);
          const shape = [m, p, c];
          const low = name === "dice" ? 0 : 0.1;
          const isHinge = name === "categoricalHinge";
          const values = isHinge ? hotRows(m * p, c, random) : random.floats(m * p * c, low, 1);
          const targets = tensor(values, shape);
          const weights = weighted ? random.floats(m, 0, 2) : new Float32Array(m).fill(1);
          const options = { weights: weighted ? tensor(weights) : null };
          const sign = random.next() < 0.5 && name !== "dice" ? -1 : 1;
          // The hinge has kinks where the best two wrong classes are equal, where the best is 0 (as (1 - t) x of the right one is),
          // and where the right one leads by 1: values 0.013 apart, none of them near 0, keep away from all.
          const x = isHinge ? random.distinct(m * p * c).map((v) => 1.3 * v + 0.005) : random.floats(m * p * c, 0.1, 1);
          checkOp({
            inputs: { x: { shape, data: x.map((v) => sign * v) } },
            forward: ({ x }) => lossOf(ops[name](x, targets, options) as never),
            twin: ({ x }) => array64([1], [twins[name](x, array64(shape, values), array64([m], weights))]),
            backward: (dy, { x }) => ({ x: scaled(ops[name](x, targets, options).dx, dy) }),
            tolerance: TOLERANCE,
            gradientTolerance: GRADIENT,
          });
          targets.dispose();
          options.weights?.dispose();
        }),
      );
    },
  );

  it("categoricalHinge is 0, as is its gradient, where the right class leads by 1", () => {
    const { loss, dx } = ops.categoricalHinge(tensor([[0, 2.5, 1, -3]]), tensor([[0, 1, 0, 0]]));
    expect(loss).toBe(0);
    expect([...dx.data].map(Math.abs)).toEqual([0, 0, 0, 0]);
    const equal = ops.categoricalHinge(tensor([[1, 1, 1]]), tensor([[0, 1, 0]]));
    expect(equal.loss).toBe(1);
    expect([...equal.dx.data]).toEqual([1, -1, 0]);
    expect(ops.categoricalHinge(tensor([[1, Number.NaN]]), tensor([[1, 0]])).loss).toBeNaN();
  });

  it("is least where both agree", () => {
    const x = tensor([[3, 4]]);
    const same = ops.cosineSimilarity(x, tensor([[6, 8]]));
    expect(same.loss).toBeCloseTo(-1, 6);
    for (const slope of same.dx.data) expect(slope).toBeCloseTo(0, 6);
    expect(ops.cosineSimilarity(x, tensor([[-4, 3]])).loss).toBeCloseTo(0, 6);
    const mask = tensor([[0, 1, 1, 0]]);
    expect(ops.dice(mask, mask).loss).toBe(0);
    expect(ops.dice(zeros([1, 4]), mask).loss).toBeCloseTo(1, 6);
    expect(ops.dice(zeros([1, 4]), zeros([1, 4])).loss).toBe(0);
  });

  it("stays finite for vectors without a length, and passes NaN on", () => {
    const none = ops.cosineSimilarity(zeros([1, 3]), tensor([[1, 2, 3]]));
    expect(Math.abs(none.loss)).toBe(0);
    expect([...none.dx.data].every(Number.isFinite)).toBe(true);
    const bad = tensor([
      [1, Number.NaN],
      [1, 2],
    ]);
    expect(
      ops.cosineSimilarity(
        bad,
        tensor([
          [1, 1],
          [1, 1],
        ]),
      ).loss,
    ).toBeNaN();
    expect(
      ops.dice(
        bad,
        tensor([
          [1, 1],
          [1, 1],
        ]),
      ).loss,
    ).toBeNaN();
  });

  refuses([
    [
      "targets of another shape",
      () => ops.dice(zeros([2, 3]), zeros([3, 2])),
      new ShapeError("dice: targets must be [2,3], got [3,2]"),
    ],
    [
      "a single axis",
      () => ops.cosineSimilarity(zeros([3]), zeros([3])),
      new ShapeError("cosineSimilarity: x must have two axes or more, got [3]"),
    ],
    [
      "weights of another shape",
      () => ops.dice(zeros([2, 3]), zeros([2, 3]), { weights: zeros([3]) }),
      new ShapeError("dice: weights must be [2], got [3]"),
    ],
    ["no tensor", () => ops.dice(1 as never, zeros([1, 1])), new ArgumentError("dice: x must be a Tensor, got 1")],
  ]);
});
