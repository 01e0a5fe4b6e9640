import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { forwardArithmetic, inferArithmetic } from "../../src/ops/arithmetic.ts";
import { arithmetic } from "../reference/arithmetic.ts";
import { anyShape } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** One rounding of the result. */
const TOLERANCE = { relative: 2e-7, absolute: 1e-7 };

/**
 * A gradient takes three roundings of each term; terms, of which as many are summed as the result has elements, are at most the
 * largest operand times 4 (a quotient divides by 0.5, twice).
 */
const gradientTolerance = (size: number) => ({
  relative: 1e-6,
  absolute: 1e-6 + 3 * 2 ** -24 * 4 * (size / 200 + 0.5) * size,
});

const KINDS = {
  add: [ops.add, ops.addBackward],
  sub: [ops.sub, ops.subBackward],
  mul: [ops.mul, ops.mulBackward],
  div: [ops.div, ops.divBackward],
  minimum: [ops.minimum, ops.minimumBackward],
  maximum: [ops.maximum, ops.maximumBackward],
} as const;

/** Two shapes that fit: some sizes of one or the other are 1, and some axes are missing in front. */
const anyPair = anyShape(0, 4, 5).chain((shape) =>
  fc.record({
    sides: fc.tuple(...shape.map(() => fc.constantFrom("both", "both", "a", "b"))),
    shape: fc.constant(shape),
    missing: fc.record({ of: fc.constantFrom("a", "b"), count: fc.nat(shape.length) }),
    seed: fc.integer(),
  }),
);

describe.each(["add", "sub", "mul", "div", "minimum", "maximum"] as const)("%s", (kind) => {
  const [forward, backward] = KINDS[kind];

  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyPair, ({ sides, shape, missing, seed }) => {
        const random = new Random(seed);
        const input = (name: "a" | "b") => {
          const own = shape.map((n, axis) => (sides[axis] === "both" || sides[axis] === name ? n : 1));
          const kept = own.slice(missing.of === name ? missing.count : 0);
          // Apart from 0, by which a quotient divides, and from each other, where an extreme has its kink.
          const data = random.distinct(kept.reduce((m, n) => m * n, 1)).map((v) => v + Math.sign(v || 1) * 0.5);
          return { shape: kept, data: name === "a" ? data : data.map((v) => v + 0.0031) };
        };
        checkOp({
          inputs: { a: input("a"), b: input("b") },
          forward: ({ a, b }) => forward(a, b),
          twin: ({ a, b }) => arithmetic(kind, a, b),
          backward: (dy, { a, b }) => {
            const { da, db } = backward(dy, a, b);
            return { a: da, b: db };
          },
          tolerance: TOLERANCE,
          gradientTolerance: gradientTolerance(shape.reduce((m, n) => m * n, 1)),
          seed,
        });
      }),
    );
  });

  it("passes NaN on", () => {
    const [a, b] = [tensor([1, Number.NaN, 3, 4, 5]), tensor([Number.NaN, 1, 3, 3, 3])];
    expect([...forward(a, b).data].map(Number.isNaN)).toEqual([true, true, false, false, false]);
  });

  it("writes over an operand that is not repeated", () => {
    const [a, b] = [tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 5]), tensor([3, 4], [2, 1])];
    const expected = [...forward(a, b).data];
    const plan = inferArithmetic(kind, kind, a.shape, b.shape);
    forwardArithmetic(a.runtime.kernels, { a: a.pointer, b: b.pointer, y: a.pointer }, plan);
    expect([...a.data]).toEqual(expected);
  });

  refuses([
    [
      "shapes that do not fit",
      () => forward(zeros([2, 3]), zeros([3, 2])),
      new ShapeError(`${kind}: b must fit a [2,3], with equal sizes or 1 from the last axis on, got [3,2]`),
    ],
    ["no tensor", () => forward(1 as never, zeros([1])), new ArgumentError(`${kind}: a must be a Tensor, got 1`)],
    [
      "a disposed tensor",
      () => {
        const gone = zeros([2]);
        gone.dispose();
        return forward(zeros([2]), gone);
      },
      new ArgumentError(`${kind}: b was disposed`),
    ],
    [
      "a wrong dy",
      () => backward(zeros([1]), zeros([2]), zeros([2])),
      new ShapeError(`${kind}Backward: dy must be [2], got [1]`),
    ],
  ]);
});

describe("of equal extremes", () => {
  it("the first operand takes the gradient", () => {
    for (const backward of [ops.minimumBackward, ops.maximumBackward]) {
      const { da, db } = backward(tensor([7]), tensor([2]), tensor([2]));
      expect([da.data[0], db.data[0]]).toEqual([7, 0]);
    }
  });
});
