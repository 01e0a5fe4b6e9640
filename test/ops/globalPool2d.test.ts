import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ops, ShapeError, type Tensor, tensor, zeros } from "../../src/index.ts";
import torch from "../fixtures/torch/pool2d.json";
import { globalPool2d as twin } from "../reference/globalPool2d.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

const cases = torch as unknown as { name: string; nhwc: Record<"x" | "y" | "dy" | "dx", FixtureTensor> }[];
const nan = Number.NaN;

/** Means of up to 36 values of up to 22 in size; gradients are copies or quotients of dy. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-5 };
const GRADIENT = { relative: 1e-6, absolute: 1e-6 };

describe.each([
  ["globalMaxPool2d", "max", ops.globalMaxPool2d, ops.globalMaxPool2dBackward, "adaptive_max_1x1"],
  ["globalAveragePool2d", "avg", ops.globalAveragePool2d, ops.globalAveragePool2dBackward, "adaptive_avg_1x1"],
] as const)("%s", (op, kind, forward, backward, adaptive) => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const shapes = fc.tuple(...[3, 6, 6, 40].map((max) => fc.integer({ min: 1, max })));
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const [n, h, w, c] = shape;
        checkOp({
          inputs: { x: { shape, data: new Random(seed).distinct(n * h * w * c) } },
          forward: ({ x }) => forward(x),
          twin: ({ x }) => twin(x, kind),
          backward: (dy, { x }) => ({ x: backward(dy, x) }),
          tolerance: TOLERANCE,
          gradientTolerance: GRADIENT,
          seed,
        });
      }),
    );
  });

  // The kernels have a path of their own for these.
  it.each([
    [4, 5, 512],
    [2, 7, 1024],
    [3, 3, 513],
  ])("equals the naive twin for %i x %i x %i, NaN too", (h, w, c) => {
    const shape = [2, h, w, c];
    const data = new Random(1).distinct(2 * h * w * c).map((v) => v / 10);
    const poisoned = data.slice();
    for (let i = 0; i < c; i += 7) poisoned[((i % (h * w)) + h * w) * c + i] = nan;
    for (const values of [data, poisoned]) {
      checkOp({
        inputs: { x: { shape, data: values } },
        forward: ({ x }) => forward(x),
        twin: ({ x }) => twin(x, kind),
        ...(values === data && { backward: (dy: Tensor, { x }: { x: Tensor }) => ({ x: backward(dy, x) }) }),
        tolerance: TOLERANCE,
        gradientTolerance: GRADIENT,
      });
    }
  });

  it("equals torch", () => {
    const { nhwc } = cases.find(({ name }) => name === adaptive)!;
    const { shape, data } = nhwc.y;
    const flat = [shape[0], shape[3]];
    const x = tensor(nhwc.x.data, nhwc.x.shape);
    const y = forward(x);
    expect(y.shape).toEqual(flat);
    expectClose(y.data, data, TOLERANCE, "y");
    expectClose(backward(tensor(nhwc.dy.data, flat), x).data, nhwc.dx.data, GRADIENT, "dx");
  });

  // Row by row the error is 6e-6; one running sum of the 262,144 pixels would be off by more than 1e-3.
  it("keeps the sum of a large image accurate", () => {
    const x = tensor(new Float32Array(512 * 512 * 4).fill(0.1), [512, 512, 4]);
    expectClose(forward(x).data, [0.1, 0.1, 0.1, 0.1], { relative: 1e-5, absolute: 0 });
  });

  it("passes NaN on, and takes a single image", () => {
    const x = tensor([1, 2, 3, nan, 5, 6, 7, 8], [2, 2, 2]);
    expect([...forward(x).data]).toEqual([kind === "max" ? 7 : 4, nan]);
  });

  refuses([
    ["a flat tensor", () => forward(zeros([4])), new ShapeError(`${op}: x must be [N,H,W,C] or [H,W,C], got [4]`)],
    [
      "a wrong dy",
      () => backward(zeros([1, 2, 2, 3]), zeros([1, 2, 2, 3])),
      new ShapeError(`${op}Backward: dy must be [1,3], got [1,2,2,3]`),
    ],
  ]);
});
