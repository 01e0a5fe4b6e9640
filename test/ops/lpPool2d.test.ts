import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import torch from "../fixtures/torch/pool2d.json";
import { lpPool2d as twin } from "../reference/lpPool2d.ts";
import { expectClose } from "../support/close.ts";
import { type FixtureTensor, nhwc } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 9 squares below 4, and roots. */
const TOLERANCE = { relative: 2e-6, absolute: 2e-6 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const pairOf = (max: number) => fc.tuple(upTo(max), upTo(max));

describe("lpPool2d", () => {
  it.each([1, 2] as const)("of p = %i equals the naive twin, and its gradient central differences", (p) => {
    const anyCase = fc.record({
      n: upTo(2),
      c: upTo(9),
      size: pairOf(3),
      stride: pairOf(3),
      extra: pairOf(5),
      padded: fc.boolean(),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ n, c, size, stride, extra, padded, seed }) => {
        const shape = [n, size[0] + extra[0], size[1] + extra[1], c];
        const random = new Random(seed);
        // Away from 0, where the norm has a kink.
        const data = random
          .floats(
            shape.reduce((a, b) => a * b),
            0.1,
            2,
          )
          .map((v) => (random.next() < 0.5 ? v : -v));
        const padding = (padded ? [size[0] - 1, 0, 0, size[1] - 1] : [0, 0, 0, 0]) as [number, number, number, number];
        const options = { poolSize: size, stride, padding, p };
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => ops.lpPool2d(x, options),
          twin: ({ x }) => twin(x, p, { size, stride, padding }),
          backward: (dy, { x }) => ({ x: ops.lpPool2dBackward(dy, x, options) }),
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 1e-5, absolute: 1e-5 },
          seed,
        });
      }),
    );
  });

  it("equals torch", () => {
    const known = torch.find(({ op }) => op === "lp_pool2d") as unknown as {
      kernel: [number, number];
      stride: [number, number];
      nchw: Record<"x" | "y" | "dy" | "dx", FixtureTensor>;
    };
    // The fixture pools |x| + 0.1.
    const raw = nhwc(known.nchw.x).data;
    const x = tensor(
      raw.map((v) => Math.abs(v) + 0.1),
      nhwc(known.nchw.x).shape,
    );
    const options = { poolSize: known.kernel, stride: known.stride };
    expectClose(ops.lpPool2d(x, options).data, nhwc(known.nchw.y).data, TOLERANCE, "y");
    const dx = ops.lpPool2dBackward(nhwc(known.nchw.dy), x, options);
    expectClose(
      dx.data.map((g, i) => g * Math.sign(raw[i])),
      nhwc(known.nchw.dx).data,
      TOLERANCE,
      "dx",
    );
  });

  it("gives zeros no gradient, and passes NaN on", () => {
    const x = zeros([2, 2, 1]);
    for (const p of [1, 2] as const) {
      expect([...ops.lpPool2dBackward(tensor([1], [1, 1, 1]), x, { poolSize: 2, p }).data]).toEqual([0, 0, 0, 0]);
    }
    x.data[2] = Number.NaN;
    expect([...ops.lpPool2d(x, { poolSize: 2 }).data]).toEqual([Number.NaN]);
  });

  const x = () => zeros([1, 4, 4, 3]);
  refuses([
    [
      "another p",
      () => ops.lpPool2d(x(), { poolSize: 2, p: 3 as never }),
      new ArgumentError("lpPool2d: p must be 1 or 2 (use maxPool2d for infinity), got 3"),
    ],
    [
      "dilation",
      () => ops.lpPool2d(x(), { poolSize: 2, dilation: 2 } as never),
      new ArgumentError(
        'lpPool2d: every option must be one of "p", "poolSize", "stride", "padding", "ceilMode", got "dilation"',
      ),
    ],
    [
      "a fractional poolSize",
      () => ops.lpPool2d(x(), { poolSize: 1.5 }),
      new ArgumentError("lpPool2d: poolSize must be a whole number >= 1 or [vertical, horizontal], got 1.5"),
    ],
    [
      "a wrong dy",
      () => ops.lpPool2dBackward(x(), x(), { poolSize: 2 }),
      new ShapeError("lpPool2dBackward: dy must be [1,2,2,3], got [1,4,4,3]"),
    ],
  ]);
});
