import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/pad_resize.json";
import { depthToSpace, spaceToDepth } from "../reference/depthToSpace.ts";
import { COPIES, drawInput } from "../support/copies.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";

const anyCase = fc.record({
  cells: fc.tuple(...[2, 4, 4, 9].map((max) => fc.integer({ min: 1, max }))),
  blockSize: fc.integer({ min: 1, max: 3 }),
  mode: fc.constantFrom("DCR" as const, "CRD" as const),
  seed: fc.integer(),
});

describe("depthToSpace", () => {
  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    fc.assert(
      fc.property(anyCase, ({ cells: [n, h, w, c], blockSize, mode, seed }) => {
        const options = { blockSize, mode };
        checkOp({
          inputs: { x: drawInput([n, h, w, c * blockSize ** 2], seed) },
          forward: ({ x }) => ops.depthToSpace(x, options),
          twin: ({ x }) => depthToSpace(x, blockSize, mode),
          backward: (dy, { x }) => ({ x: ops.depthToSpaceBackward(dy, x, options) }),
          tolerance: COPIES,
          seed,
        });
      }),
    );
  });

  it("equals PyTorch's pixel_shuffle in mode CRD", () => {
    const { r, nchw } = cases.find(({ op }) => op === "pixel_shuffle") as unknown as {
      r: number;
      nchw: Record<"x" | "y", FixtureTensor>;
    };
    const x = ops.transpose(tensor(nchw.x.data, nchw.x.shape), [0, 2, 3, 1]);
    const y = ops.depthToSpace(x, { blockSize: r, mode: "CRD" });
    expect([...ops.transpose(y, [0, 3, 1, 2]).data]).toEqual(nchw.y.data.map(Math.fround));
  });

  refuses([
    [
      "channels that do not fill a block",
      () => ops.depthToSpace(zeros([2, 2, 6]), { blockSize: 2 }),
      new ShapeError("depthToSpace: the channels of x [2,2,6] must be a multiple of 4 (blockSize 2), got 6"),
    ],
    [
      "a block of nothing",
      () => ops.depthToSpace(zeros([2, 2, 4]), { blockSize: 0 }),
      new ArgumentError("depthToSpace: blockSize must be a whole number >= 1, got 0"),
    ],
    [
      "an unknown mode",
      () => ops.depthToSpace(zeros([2, 2, 4]), { blockSize: 2, mode: "crd" as never }),
      new ArgumentError('depthToSpace: mode must be one of "DCR", "CRD", got "crd"; did you mean "CRD"?'),
    ],
    [
      "a wrong dy",
      () => ops.depthToSpaceBackward(zeros([2, 2, 4]), zeros([2, 2, 4]), { blockSize: 2 }),
      new ShapeError("depthToSpaceBackward: dy must be [4,4,1], got [2,2,4]"),
    ],
  ]);
});

describe("spaceToDepth", () => {
  it("equals the naive twin, its gradient central differences, and it undoes depthToSpace", () => {
    fc.assert(
      fc.property(anyCase, ({ cells: [n, h, w, c], blockSize, mode, seed }) => {
        const options = { blockSize, mode };
        const input = drawInput([n, h * blockSize, w * blockSize, c], seed);
        checkOp({
          inputs: { x: input },
          forward: ({ x }) => ops.spaceToDepth(x, options),
          twin: ({ x }) => spaceToDepth(x, blockSize, mode),
          backward: (dy, { x }) => ({ x: ops.spaceToDepthBackward(dy, x, options) }),
          tolerance: COPIES,
          seed,
        });
        const x = tensor(input.data, input.shape);
        expect(ops.depthToSpace(ops.spaceToDepth(x, options), options).data).toEqual(x.data);
      }),
    );
  });

  refuses([
    [
      "a size that does not divide",
      () => ops.spaceToDepth(zeros([4, 6, 1]), { blockSize: 4 }),
      new ShapeError("spaceToDepth: height and width of x [4,6,1] must be multiples of blockSize 4, got 4 and 6"),
    ],
    [
      "a wrong dy",
      () => ops.spaceToDepthBackward(zeros([4, 4, 1]), zeros([4, 4, 1]), { blockSize: 2 }),
      new ShapeError("spaceToDepthBackward: dy must be [2,2,4], got [4,4,1]"),
    ],
  ]);
});
