import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, type Tensor, tensor, zeros } from "../../src/index.ts";
import type { Array64 } from "../reference/array.ts";
import { concat as twin } from "../reference/concat.ts";
import { transpose } from "../reference/transpose.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies only. The gradients' central differences are exact to 1e-9. */
const TOLERANCE = { relative: 0, absolute: 1e-7 };

describe("concat", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    const anyCase = fc.record({
      before: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
      channels: fc.array(fc.integer({ min: 1, max: 37 }), { minLength: 2, maxLength: 4 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ before, channels, seed }) => {
        const random = new Random(seed);
        const names = channels.map((_, i) => `${i}`);
        const inputs = Object.fromEntries(
          channels.map((c, i) => {
            const shape = [...before, c];
            return [names[i], { shape, data: random.floats(shape.reduce((a, b) => a * b)) }];
          }),
        );
        checkOp({
          inputs,
          forward: (xs: Record<string, Tensor>) => ops.concat(names.map((name) => xs[name])),
          twin: (xs: Record<string, Array64>) => twin(names.map((name) => xs[name])),
          backward: (dy, xs: Record<string, Tensor>) => {
            const dxs = ops.concatBackward(
              dy,
              names.map((name) => xs[name]),
            );
            return Object.fromEntries(dxs.map((dx, i) => [names[i], dx]));
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("goes along any axis", () => {
    const [a, b] = [tensor([1, 2, 3, 4], [2, 2]), tensor([5, 6], [1, 2])];
    expect(ops.concat([a, b], 0).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.integer(), (axis, seed) => {
        const random = new Random(seed);
        const input = (along: number) => {
          const shape = [2, 3, 4, 5].map((size, i) => (i === axis ? along : size));
          return { shape, data: random.floats(shape.reduce((m, n) => m * n)) };
        };
        // The axis goes to the end and back, so that the twin has to know the last one only.
        const order = [0, 1, 2, 3].map((i) => (i === axis ? 3 : i === 3 ? axis : i));
        checkOp({
          inputs: { a: input(3), b: input(1) },
          forward: ({ a, b }) => ops.concat([a, b], axis),
          twin: ({ a, b }) => transpose(twin([transpose(a, order), transpose(b, order)]), order),
          backward: (dy, { a, b }) => {
            const [da, db] = ops.concatBackward(dy, [a, b], axis - 4);
            return { a: da, b: db };
          },
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("takes the same tensor twice, and copies NaN", () => {
    const x = tensor([1, Number.NaN, 3], [3, 1]);
    expect(ops.concat([x, x]).toArray()).toEqual([
      [1, 1],
      [NaN, NaN],
      [3, 3],
    ]);
  });

  refuses([
    [
      "a single tensor",
      () => ops.concat([zeros([2, 2])]),
      new ArgumentError("concat: xs must be two or more tensors, got 1"),
    ],
    [
      "no array",
      () => ops.concat(zeros([2, 2]) as never),
      new ArgumentError("concat: xs must be two or more tensors, got Tensor"),
    ],
    [
      "another height",
      () => ops.concat([zeros([1, 4, 4, 2]), zeros([1, 2, 4, 2])]),
      new ShapeError("concat: xs[1] must be [1,4,4,C], got [1,2,4,2]"),
    ],
    [
      "another rank",
      () => ops.concat([zeros([4, 4, 2]), zeros([1, 4, 4, 2])]),
      new ShapeError("concat: xs[1] must be [4,4,C], got [1,4,4,2]"),
    ],
    ["scalars", () => ops.concat([tensor(1), tensor(2)]), new ShapeError("concat: xs[0] must be [C], got []")],
    [
      "no tensor among them",
      () => ops.concat([zeros([1]), 2 as never]),
      new ArgumentError("concat: xs[1] must be a Tensor, got 2"),
    ],
    [
      "a disposed tensor",
      () => {
        const gone = zeros([2]);
        gone.dispose();
        return ops.concat([zeros([2]), gone]);
      },
      new ArgumentError("concat: xs[1] was disposed"),
    ],
    [
      "a wrong dy",
      () => ops.concatBackward(zeros([2, 2]), [zeros([2, 1]), zeros([2, 2])]),
      new ShapeError("concatBackward: dy must be [2,3], got [2,2]"),
    ],
  ]);
});
