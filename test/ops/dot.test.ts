import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { dot } from "../reference/dot.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of at most 20 products below 1, or of 20 times 9 where a matrix is repeated. */
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

describe("dot", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    const size = (max: number) => fc.integer({ min: 1, max });
    const anyCase = fc.record({
      matrix: fc.tuple(size(9), size(20), size(19)),
      front: fc.array(fc.record({ size: size(3), of: fc.constantFrom("both", "a", "b") }), { maxLength: 2 }),
      missing: fc.constantFrom("", "a", "b"),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ matrix: [m, k, n], front, missing, seed }) => {
        const random = new Random(seed);
        const input = (name: "a" | "b", rows: number, columns: number) => {
          const own = front.map(({ size, of }) => (of === "both" || of === name ? size : 1));
          const shape = [...(missing === name ? [] : own), rows, columns];
          return { shape, data: random.floats(shape.reduce((x, y) => x * y)) };
        };
        checkOp({
          inputs: { a: input("a", m, k), b: input("b", k, n) },
          forward: ({ a, b }) => ops.dot(a, b),
          twin: ({ a, b }) => dot(a, b),
          backward: (dy, { a, b }) => {
            const { da, db } = ops.dotBackward(dy, a, b);
            return { a: da, b: db };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("keeps NaN in its row and column", () => {
    const y = ops.dot(tensor([1, Number.NaN, 3, 4], [2, 2]), tensor([1, 0, 0, 1], [2, 2]));
    expect([...y.data]).toEqual([NaN, NaN, 3, 4]);
  });

  refuses([
    ["a row", () => ops.dot(zeros([3]), zeros([3, 2])), new ShapeError("dot: a must be [...,M,K], got [3]")],
    [
      "other inner sizes",
      () => ops.dot(zeros([2, 3]), zeros([2, 3])),
      new ShapeError("dot: b must be [...,3,N] beside a [2,3], got [2,3]"),
    ],
    [
      "another number of matrices",
      () => ops.dot(zeros([2, 2, 3]), zeros([3, 3, 2])),
      new ShapeError("dot: b must fit a [2,2,3], with equal sizes or 1 in front of the matrix, got [3,3,2]"),
    ],
    [
      "a wrong dy",
      () => ops.dotBackward(zeros([2, 3]), zeros([2, 3]), zeros([3, 2])),
      new ShapeError("dotBackward: dy must be [2,2], got [2,3]"),
    ],
  ]);
});
