import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { mixUp as twin } from "../reference/mixUp.ts";
import { anyShape } from "../support/copies.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Two products of numbers up to 2, rounded; backward up to as many as there are samples. */
const TOLERANCE = { relative: 1e-6, absolute: 2e-6 };

describe("mixUp", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({ shape: anyShape(1, 4, 5), seed: fc.integer() });
    fc.assert(
      fc.property(anyCase, ({ shape, seed }) => {
        const random = new Random(seed);
        const [n] = shape;
        const weights = Array.from({ length: n }, () => [1, 0, 2 * random.next() - 0.5][Math.floor(3 * random.next())]);
        const partners = Array.from({ length: n }, () => Math.floor(n * random.next()));
        checkOp({
          inputs: { x: { shape, data: random.floats(shape.reduce((a, b) => a * b, 1)) } },
          forward: ({ x }) => ops.mixUp(x, { weights, partners }),
          twin: ({ x }) => twin(x, weights, partners),
          backward: (dy, { x }) => ({ x: ops.mixUpBackward(dy, x, { weights, partners }) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("takes nothing of a partner where a sample keeps all of itself, NaN neither", () => {
    const x = tensor([[Number.NaN], [2]]);
    expect([...ops.mixUp(x, { weights: [0.5, 1], partners: [1, 0] }).data]).toEqual([Number.NaN, 2]);
  });

  refuses([
    [
      "a weight too few",
      () => ops.mixUp(zeros([2, 1]), { weights: [1], partners: [0, 1] }),
      new ArgumentError("mixUp: weights must be 2 finite numbers, one for each sample, got [1]"),
    ],
    [
      "a partner that is not there",
      () => ops.mixUp(zeros([2, 1]), { weights: [1, 1], partners: [0, 2] }),
      new ArgumentError("mixUp: partners must be 2 numbers of samples, from 0 to 1, got [0,2]"),
    ],
    [
      "no weights",
      () => ops.mixUp(zeros([2, 1]), { partners: [0, 1] } as never),
      new ArgumentError("mixUp: weights must be 2 finite numbers, one for each sample, got undefined"),
    ],
    [
      "a number",
      () => ops.mixUp(zeros([]), { weights: [], partners: [] }),
      new ShapeError("mixUp: x must be [N,...], got []"),
    ],
    [
      "a wrong dy",
      () => ops.mixUpBackward(zeros([2]), zeros([1]), { weights: [1], partners: [0] }),
      new ShapeError("mixUpBackward: dy must be [1], got [2]"),
    ],
  ]);
});
