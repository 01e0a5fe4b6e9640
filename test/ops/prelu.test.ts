import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/activations.json";
import { prelu as twin } from "../reference/prelu.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** One product an element; sums of up to 30 of them. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-6 };

describe("prelu", () => {
  it("equals the naive twin, and its gradients central differences, over shapes", () => {
    const anyCase = fc.record({
      shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
      own: fc.integer({ min: 0, max: 3 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, own, seed }) => {
        const random = new Random(seed);
        const size = shape.reduce((a, b) => a * b);
        const alphaShape = shape.map((axis, i) => (i < shape.length - own ? 1 : axis));
        const alphas = alphaShape.reduce((a, b) => a * b);
        checkOp({
          inputs: {
            x: { shape, data: random.floats(size).map((x) => (Math.abs(x) < 0.01 ? 0.02 : x)) },
            alpha: { shape: alphaShape, data: random.floats(alphas) },
          },
          forward: ({ x, alpha }) => ops.prelu(x, alpha),
          twin: ({ x, alpha }) => twin(x, alpha),
          backward: (dy, { x, alpha }) => {
            const { dx, dalpha } = ops.preluBackward(dy, x, alpha);
            return { x: dx, alpha: dalpha };
          },
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 1e-5, absolute: 2e-6 },
        });
      }),
    );
  });

  it("equals torch, channels last", () => {
    type Case = Record<"op" | "x" | "a" | "y" | "dy" | "dx" | "da", FixtureTensor>;
    const c = (cases as unknown as Case[]).find(({ op }) => `${op}`.startsWith("prelu"))!;
    const [n, channels, h, w] = c.x.shape;
    const last = ({ data }: FixtureTensor) => {
      const place = (i: number) => Math.floor(i / channels);
      const from = (i: number) =>
        (Math.floor(place(i) / (h * w)) * channels + (i % channels)) * h * w + (place(i) % (h * w));
      return tensor(
        data.map((_, i) => data[from(i)]),
        [n, h, w, channels],
      );
    };
    const alpha = tensor(c.a.data);
    expectClose(ops.prelu(last(c.x), alpha).data, last(c.y).data, TOLERANCE, "y");
    const { dx, dalpha } = ops.preluBackward(last(c.dy), last(c.x), alpha);
    expectClose(dx.data, last(c.dx).data, TOLERANCE, "dx");
    expectClose(dalpha.data, c.da.data, TOLERANCE, "dalpha");
  });

  it("passes NaN on", () => {
    const [x, alpha] = [tensor([Number.NaN, 1, -1]), tensor([0, 0, 0.5])];
    expect([...ops.prelu(x, alpha).data]).toEqual([Number.NaN, 1, -0.5]);
    expect([...ops.preluBackward(tensor([1, 1, 1]), x, alpha).dalpha.data]).toEqual([Number.NaN, 0, -1]);
  });

  const rule = "alpha must have the last axes of x [2,3], shared ones before them as 1";
  refuses([
    ["slopes of another size", () => ops.prelu(zeros([2, 3]), zeros([2])), new ShapeError(`prelu: ${rule}, got [2]`)],
    [
      "channels that are shared",
      () => ops.prelu(zeros([2, 3]), zeros([2, 1])),
      new ShapeError(`prelu: ${rule}, got [2,1]`),
    ],
    ["no tensor", () => ops.prelu(1 as never, zeros([1])), new ArgumentError("prelu: x must be a Tensor, got 1")],
    [
      "a wrong dy",
      () => ops.preluBackward(zeros([3]), zeros([2, 3]), zeros([3])),
      new ShapeError("preluBackward: dy must be [2,3], got [3]"),
    ],
  ]);
});
