import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import torch from "../fixtures/torch/pool2d.json";
import { adaptivePool2d as twin } from "../reference/adaptivePool2d.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

interface TorchCase {
  op: string;
  name: string;
  output_size: [number, number];
  nhwc: Record<"x" | "y" | "dy" | "dx", FixtureTensor>;
}

/** Means of up to 81 values of up to 20 in size. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-5 };

const upTo = (max: number) => fc.integer({ min: 1, max });
const of = ({ shape, data }: FixtureTensor) => tensor(data, shape);

describe.each([
  ["adaptiveAveragePool2d", "avg", ops.adaptiveAveragePool2d, ops.adaptiveAveragePool2dBackward],
  ["adaptiveMaxPool2d", "max", ops.adaptiveMaxPool2d, ops.adaptiveMaxPool2dBackward],
] as const)("%s", (op, kind, forward, backward) => {
  it("equals the naive twin, and its gradient central differences, over random sizes, larger ones too", () => {
    const sizes = fc.tuple(upTo(9), upTo(9));
    fc.assert(
      fc.property(upTo(2), sizes, sizes, upTo(9), fc.integer(), (n, [h, w], size, c, seed) => {
        checkOp({
          inputs: { x: { shape: [n, h, w, c], data: new Random(seed).distinct(n * h * w * c) } },
          forward: ({ x }) => forward(x, size),
          twin: ({ x }) => twin(x, size, kind),
          backward: (dy, { x }) => ({ x: backward(dy, x, size) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  const known = (torch as unknown as TorchCase[]).filter((c) => c.op === `adaptive_${kind}_pool2d`);
  it.each(known.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const x = of(c.nhwc.x);
    expectClose(forward(x, c.output_size).data, c.nhwc.y.data, TOLERANCE, "y");
    expectClose(backward(of(c.nhwc.dy), x, c.output_size).data, c.nhwc.dx.data, TOLERANCE, "dx");
  });

  it("takes a single image, and passes NaN on to the windows that see it", () => {
    const x = zeros([5, 1, 1]);
    x.data[1] = Number.NaN;
    const y = forward(x, [2, 1]);
    expect(y.shape).toEqual([2, 1, 1]);
    expect([...y.data]).toEqual([Number.NaN, 0]);
  });

  refuses([
    ["a flat tensor", () => forward(zeros([4]), 2), new ShapeError(`${op}: x must be [N,H,W,C] or [H,W,C], got [4]`)],
    [
      "a size of 0",
      () => forward(zeros([4, 4, 1]), 0),
      new ArgumentError(`${op}: outputSize must be a whole number >= 1 or [vertical, horizontal], got 0`),
    ],
    [
      "a fraction of the size",
      () => forward(zeros([4, 4, 1]), 2.5),
      new ArgumentError(`${op}: outputSize must be a whole number >= 1 or [vertical, horizontal], got 2.5`),
    ],
    [
      "a wrong dy",
      () => backward(zeros([4, 4, 1]), zeros([4, 4, 1]), 3),
      new ShapeError(`${op}Backward: dy must be [3,3,1], got [4,4,1]`),
    ],
  ]);
});
