import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import torch from "../fixtures/torch/pool2d.json";
import { array64 } from "../reference/array.ts";
import { maxIndices, maxUnpool2d as twin } from "../reference/maxUnpool2d.ts";
import { pool2d } from "../reference/pool2d.ts";
import { expectClose } from "../support/close.ts";
import { type FixtureTensor, nhwc } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies, and sums of a few of them. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-6 };

const upTo = (max: number, min = 1) => fc.integer({ min, max });
const pairOf = (max: number) => fc.tuple(upTo(max), upTo(max));
const anyCase = fc.record({
  n: upTo(2),
  c: upTo(9),
  size: pairOf(3),
  stride: pairOf(3),
  extra: pairOf(5),
  seed: fc.integer(),
});

describe("maxPool2dWithIndices", () => {
  it("equals the naive twins, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ n, c, size, stride, extra, seed }) => {
        const shape = [n, size[0] + extra[0], size[1] + extra[1], c];
        const data = new Random(seed).distinct(shape.reduce((a, b) => a * b));
        const options = { poolSize: size, stride };
        const reference = { size, stride, padding: [0, 0, 0, 0] as const, ceilMode: false, countIncludePad: false };
        const image = tensor(data, shape);
        const { y, indices } = ops.maxPool2dWithIndices(image, options);
        expect([...indices.data]).toEqual([...maxIndices(array64(shape, data), size, stride).data]);
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => {
            const made = ops.maxPool2dWithIndices(x, options);
            made.indices.dispose();
            return made.y;
          },
          twin: ({ x }) => pool2d(x, "max", reference),
          backward: (dy, { x }) => ({ x: ops.maxPool2dWithIndicesBackward(dy, x, indices) }),
          tolerance: TOLERANCE,
          seed,
        });
        for (const one of [image, y, indices]) one.dispose();
      }),
    );
  });

  const known = torch.filter((c) => c.op === "max_pool2d") as unknown as {
    name: string;
    kernel: [number, number];
    stride: [number, number];
    padding: [number, number];
    dilation: [number, number];
    ceil_mode: boolean;
    nchw: Record<"x" | "y" | "idx_hw", FixtureTensor>;
  }[];
  it.each(known.map((c) => [c.name, c] as const))("equals torch: %s", (_, c) => {
    const { kernel: poolSize, stride, padding, dilation, ceil_mode: ceilMode } = c;
    const { y, indices } = ops.maxPool2dWithIndices(nhwc(c.nchw.x), { poolSize, stride, padding, dilation, ceilMode });
    expectClose(y.data, nhwc(c.nchw.y).data, TOLERANCE, "y");
    expect([...indices.data]).toEqual([...nhwc(c.nchw.idx_hw).data]);
  });

  it("points to the first maximum, or the first NaN, also where all is -Infinity", () => {
    const at = (data: number[]) => [...ops.maxPool2dWithIndices(tensor(data, [2, 2, 1]), { poolSize: 2 }).indices.data];
    expect(at([1, 3, 3, 2])).toEqual([1]);
    expect(at([9, Number.NaN, 3, Number.NaN])).toEqual([1]);
    expect(at([1, 1, 1, 1].map(() => -Infinity))).toEqual([0]);
  });

  refuses([
    [
      "a fractional poolSize",
      () => ops.maxPool2dWithIndices(zeros([4, 4, 1]), { poolSize: 1.5 }),
      new ArgumentError(
        "maxPool2dWithIndices: poolSize must be a whole number >= 1 or [vertical, horizontal], got 1.5",
      ),
    ],
    [
      "indices of another shape",
      () => ops.maxPool2dWithIndicesBackward(zeros([2, 2, 1]), zeros([4, 4, 1]), zeros([1, 2, 1])),
      new ShapeError("maxPool2dWithIndicesBackward: indices must be [2,2,1], got [1,2,1]"),
    ],
  ]);
});

describe("maxUnpool2d", () => {
  it("equals the naive twin, and its gradient central differences, also where windows overlap", () => {
    fc.assert(
      fc.property(anyCase, ({ n, c, size, stride, extra, seed }) => {
        const random = new Random(seed);
        const shape = [n, size[0] + extra[0], size[1] + extra[1], c];
        const image = array64(shape, random.distinct(shape.reduce((a, b) => a * b)));
        const indices = maxIndices(image, size, stride);
        const given = tensor(indices.data, indices.shape);
        const outputSize = [shape[1], shape[2]] as [number, number];
        checkOp({
          inputs: { x: { shape: indices.shape, data: random.floats(indices.data.length) } },
          forward: ({ x }) => ops.maxUnpool2d(x, given, { outputSize }),
          twin: ({ x }) => twin(x, indices, outputSize),
          backward: (dy) => ({ x: ops.maxUnpool2dBackward(dy, given) }),
          tolerance: TOLERANCE,
          seed,
        });
        given.dispose();
      }),
    );
  });

  const x = () => zeros([2, 2, 1]);
  refuses([
    [
      "indices of another shape",
      () => ops.maxUnpool2d(x(), zeros([2, 1, 1]), { outputSize: 4 }),
      new ShapeError("maxUnpool2d: indices must be [2,2,1], got [2,1,1]"),
    ],
    [
      "an index outside",
      () => ops.maxUnpool2d(x(), tensor([0, 1, 2, 16], [2, 2, 1]), { outputSize: 4 }),
      new ArgumentError("maxUnpool2d: indices must be whole numbers from 0 to 15, got 16"),
    ],
    [
      "an index that is no pixel",
      () => ops.maxUnpool2d(x(), tensor([0, 0.5, 2, 3], [2, 2, 1]), { outputSize: 4 }),
      new ArgumentError("maxUnpool2d: indices must be whole numbers from 0 to 15, got 0.5"),
    ],
    [
      "no options",
      () => ops.maxUnpool2d(x(), x(), undefined as never),
      new ArgumentError("maxUnpool2d: options must be an object such as { outputSize: ... }, got undefined"),
    ],
    [
      "dy of other channels",
      () => ops.maxUnpool2dBackward(zeros([4, 4, 2]), x()),
      new ShapeError("maxUnpool2dBackward: indices must be [2,2,2], got [2,2,1]"),
    ],
  ]);
});
