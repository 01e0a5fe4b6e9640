import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import torch from "../fixtures/torch/pad_resize.json";
import { pad as twin } from "../reference/pad.ts";
import { expectClose } from "../support/close.ts";
import { type FixtureTensor, nhwc } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Copies only. The gradient's central differences are exact to 1e-9. */
const TOLERANCE = { relative: 0, absolute: 1e-7 };

const side = fc.integer({ min: 0, max: 3 });

describe("pad", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      shape: fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 5 }))),
      sides: fc.tuple(side, side, side, side),
      value: fc.constantFrom(0, -1.5, 3),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, sides, value, seed }) => {
        const data = new Random(seed).floats(shape.reduce((a, b) => a * b));
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => ops.pad(x, sides, { value }),
          twin: ({ x }) => twin(x, sides, value),
          backward: (dy, { x }) => ({ x: ops.padBackward(dy, x, sides, { value }) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  it.each(["edge", "reflect", "symmetric", "wrap"] as const)("%s borders, and cropping, likewise", (mode) => {
    const least = mode === "reflect" ? 2 : 1;
    const anySide = fc.integer({ min: -1, max: 3 });
    const anyCase = fc.record({
      shape: fc.tuple(...[1, least, least, 1].map((min) => fc.integer({ min, max: 6 }))),
      sides: fc.tuple(anySide, anySide, anySide, anySide),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, sides: drawn, seed }) => {
        const most = (n: number) => ({ edge: 3, reflect: n - 1, symmetric: n, wrap: n })[mode];
        const sides = drawn.map((side, i) => Math.min(side, most(shape[1 + (i >> 1)]))) as [
          number,
          number,
          number,
          number,
        ];
        for (const axis of [0, 1]) if (shape[1 + axis] + sides[2 * axis] + sides[2 * axis + 1] < 1) return;
        checkOp({
          inputs: { x: { shape, data: new Random(seed).floats(shape.reduce((a, b) => a * b)) } },
          forward: ({ x }) => ops.pad(x, sides, { mode }),
          twin: ({ x }) => twin(x, sides, 0, mode),
          backward: (dy, { x }) => ({ x: ops.padBackward(dy, x, sides, { mode }) }),
          tolerance: { relative: 1e-6, absolute: 1e-6 },
        });
      }),
    );
  });

  const modes = { constant: "constant", reflect: "reflect", replicate: "edge", circular: "wrap" } as const;
  const known = torch.filter((c) => c.op === "pad") as unknown as {
    mode: keyof typeof modes;
    pad_LRTB: [number, number, number, number];
    value: number | null;
    nchw: Record<"x" | "y" | "dy" | "dx", FixtureTensor>;
  }[];
  it.each(known.map((c) => [`${c.mode} ${c.pad_LRTB}`, c] as const))("equals torch: %s", (_, c) => {
    const [left, right, top, bottom] = c.pad_LRTB;
    const [x, dy] = [nhwc(c.nchw.x), nhwc(c.nchw.dy)];
    const options = { mode: modes[c.mode], value: c.value ?? 0 };
    const y = ops.pad(x, [top, bottom, left, right], options);
    expectClose(y.data, nhwc(c.nchw.y).data, TOLERANCE, "y");
    const dx = ops.padBackward(dy, x, [top, bottom, left, right], options);
    expectClose(dx.data, nhwc(c.nchw.dx).data, { relative: 1e-6, absolute: 1e-6 }, "dx");
  });

  it("names borders as numpy does", () => {
    const row = tensor([1, 2, 3], [1, 3, 1]);
    const padded = (mode: "edge" | "reflect" | "symmetric" | "wrap") => [...ops.pad(row, [0, 0, 2, 2], { mode }).data];
    expect(padded("edge")).toEqual([1, 1, 1, 2, 3, 3, 3]);
    expect(padded("reflect")).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(padded("symmetric")).toEqual([2, 1, 1, 2, 3, 3, 2]);
    expect(padded("wrap")).toEqual([2, 3, 1, 2, 3, 1, 2]);
  });

  it("adds the border's gradient to that of the cells it was made of", () => {
    const dy = tensor([1, 10, 100, 1000, 10000], [1, 5, 1]);
    expect([...ops.padBackward(dy, zeros([1, 3, 1]), [0, 0, 1, 1], { mode: "reflect" }).data]).toEqual([
      10, 10101, 1000,
    ]);
    expect([...ops.padBackward(zeros([1, 1, 1]), zeros([1, 3, 1]), [0, 0, -1, -1]).data]).toEqual([0, 0, 0]);
  });

  it("cuts off by negative sides, and adds at others", () => {
    const x = tensor([1, 2, 3, 4, 5, 6], [2, 3, 1]);
    expect(ops.pad(x, [0, -1, -1, 1], { value: 9 }).toArray()).toEqual([[[2], [3], [9]]]);
  });

  it("takes a single image, and a number or a pair of sides", () => {
    expect(ops.pad(zeros([2, 3, 1]), 1).shape).toEqual([4, 5, 1]);
    expect(ops.pad(zeros([2, 3, 1]), [1, 2]).shape).toEqual([4, 7, 1]);
  });

  it("copies NaN", () => {
    expect([...ops.pad(tensor([Number.NaN], [1, 1, 1]), [0, 0, 1, 0]).data]).toEqual([0, Number.NaN]);
  });

  const wanted = "a whole number, [vertical, horizontal] or [top, bottom, left, right]";
  refuses([
    ["a flat tensor", () => ops.pad(zeros([4]), 1), new ShapeError("pad: x must be [N,H,W,C] or [H,W,C], got [4]")],
    [
      "sides that leave nothing",
      () => ops.pad(zeros([4, 4, 1]), -2),
      new ShapeError("pad: sides -2 leave nothing of x [4,4,1]"),
    ],
    [
      "a reflection wider than the image",
      () => ops.pad(zeros([1, 4, 5, 1]), [4, 1], { mode: "reflect" }),
      new ShapeError('pad: mode "reflect" can add up to 3 cells to a side of 4, got 4'),
    ],
    [
      "an unknown mode",
      () => ops.pad(zeros([4, 4, 1]), 1, { mode: "replicate" as never }),
      new ArgumentError(
        'pad: mode must be one of "constant", "edge", "reflect", "symmetric", "wrap", got "replicate"; did you mean "reflect"?',
      ),
    ],
    [
      "fractional sides",
      () => ops.pad(zeros([1, 1, 1]), [0.5, 1]),
      new ArgumentError(`pad: sides must be ${wanted}, got [0.5,1]`),
    ],
    [
      "three sides",
      () => ops.pad(zeros([1, 1, 1]), [1, 1, 1] as never),
      new ArgumentError(`pad: sides must be ${wanted}, got [1,1,1]`),
    ],
    [
      "a wrong value",
      () => ops.pad(zeros([1, 1, 1]), 1, { value: "0" as never }),
      new ArgumentError('pad: value must be a number, got "0"'),
    ],
    ["no tensor", () => ops.pad([1, 2] as never, 1), new ArgumentError("pad: x must be a Tensor, got [1,2]")],
    [
      "a wrong dy",
      () => ops.padBackward(zeros([1, 1, 1]), zeros([1, 1, 1]), 1),
      new ShapeError("padBackward: dy must be [3,3,1], got [1,1,1]"),
    ],
  ]);
});
