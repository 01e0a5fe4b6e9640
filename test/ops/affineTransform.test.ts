import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { affineTransform as twin } from "../reference/affineTransform.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** A mean of four numbers below 1, by shares that are rounded to f32. */
const TOLERANCE = { relative: 1e-5, absolute: 2e-6 };
/**
 * A sum of at most 13 * 13 such products, all of them where they come from beyond the border: each is rounded, and so is each partial
 * sum, by 2^-24 of something of the order of 1.
 */
const GRADIENT_TOLERANCE = { relative: 1e-5, absolute: 13 * 13 * 2 ** -24 };

const MODES = ["constant", "nearest", "reflect", "wrap"] as const;

/** A turn by `angle` about the middle, `scale` times as far apart, then a shift. */
function turn(angle: number, scale: number, [right, down]: readonly number[], [h, w]: readonly number[]): ops.Affine {
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const [x, y] = [(w - 1) / 2, (h - 1) / 2];
  return [cos, -sin, x - cos * x + sin * y + right, sin, cos, y - sin * x - cos * y + down];
}

const anyTransform = fc.oneof(
  fc.record({
    angle: fc.double({ min: -4, max: 4, noNaN: true }),
    scale: fc.constantFrom(0.3, 0.9, 1, 2),
    shift: fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })),
  }),
  fc.record({
    angle: fc.constant(0),
    scale: fc.constantFrom(1, 1, 0, -1),
    shift: fc.tuple(fc.integer({ min: -30, max: 30 }), fc.constantFrom(0, 0.5, -1.25, 40)),
  }),
);

describe("affineTransform", () => {
  it("equals the naive twin, and its gradient central differences, over random transforms", () => {
    const anyCase = fc.record({
      shape: fc.tuple(...[2, 8, 13, 9].map((max) => fc.integer({ min: 1, max }))),
      size: fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 })),
      turns: fc.array(anyTransform, { minLength: 2, maxLength: 2 }),
      mode: fc.constantFrom(...MODES),
      interpolation: fc.constantFrom("nearest" as const, "bilinear" as const),
      value: fc.constantFrom(0, -2.5),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, size, turns, mode, interpolation, value, seed }) => {
        const [n, h, w] = shape;
        const transforms = turns.slice(0, n).map(({ angle, scale, shift }) => turn(angle, scale, shift, [h, w]));
        const options = { size, fillMode: mode, fillValue: value, interpolation };
        checkOp({
          inputs: { x: { shape, data: new Random(seed).floats(shape.reduce((a, b) => a * b)) } },
          forward: ({ x }) => ops.affineTransform(x, transforms, options),
          twin: ({ x }) => twin(x, transforms, size, { mode, value, interpolation }),
          backward: (dy, { x }) => ({ x: ops.affineTransformBackward(dy, x, transforms, options) }),
          tolerance: TOLERANCE,
          gradientTolerance: GRADIENT_TOLERANCE,
          seed,
        });
      }),
      { numRuns: 300 },
    );
  });

  it.each([1, 2, 3, 4, 6])("copies by whole cells, as flip and slice do, %i channels", (c) => {
    const x = tensor(new Random(c).floats(7 * 9 * c), [1, 7, 9, c]);
    for (const interpolation of ["nearest", "bilinear"] as const) {
      const mirrored = ops.affineTransform(x, [-1, 0, 8, 0, 1, 0], { interpolation });
      expect(mirrored.data).toEqual(ops.flip(x, 2).data);
      const upsideDown = ops.affineTransform(x, [1, 0, 0, 0, -1, 6], { interpolation });
      expect(upsideDown.data).toEqual(ops.flip(x, 1).data);
      const part = ops.affineTransform(x, [1, 0, 2, 0, 1, 3], { interpolation, size: [4, 5] });
      expect(part.data).toEqual(ops.slice(x, { start: [0, 3, 2], end: [1, 7, 7] }).data);
      const same = ops.affineTransform(x, [1, 0, 0, 0, 1, 0], { interpolation });
      expect(same.data).toEqual(x.data);
    }
  });

  it.each([
    ["constant", [9, 9, 9, 1, 2, 3, 9, 9]],
    ["nearest", [1, 1, 1, 1, 2, 3, 3, 3]],
    ["reflect", [3, 2, 1, 1, 2, 3, 3, 2]],
    ["wrap", [1, 2, 3, 1, 2, 3, 1, 2]],
  ] as const)("fills what lies outside: %s", (fillMode, row) => {
    const x = tensor([1, 2, 3], [1, 3, 1]);
    const y = ops.affineTransform(x, [1, 0, -3, 0, 1, 0], { size: [1, 8], fillMode, fillValue: 9 });
    expect([...y.data]).toEqual(row);
  });

  it("turns counter-clockwise for a positive angle, as Keras does", () => {
    const x = tensor([0, 0, 0, 0, 0, 1, 0, 0, 0], [3, 3, 1]); // right of the middle
    const y = ops.affineTransform(x, turn(Math.PI / 2, 1, [0, 0], [3, 3]));
    expect(y.data[1]).toBeCloseTo(1, 6); // above it
  });

  it("reads and writes nothing that is not its own, however far it looks", () => {
    const x = tensor(new Random(1).floats(2 * 5 * 6 * 3), [2, 5, 6, 3]);
    for (const far of [1e9, -1e9, 1e300, -1e300]) {
      for (const fillMode of MODES) {
        const y = ops.affineTransform(x, [1, far, 0, far, 1, far], { fillMode, interpolation: "nearest" });
        expect(y.data.every(Number.isFinite)).toBe(true);
        y.dispose(); // looks at the guard zones
        ops.affineTransformBackward(x, x, [1, far, 0, far, 1, far], { fillMode }).dispose();
      }
    }
    x.dispose();
  });

  it("spreads NaN to what looks at it alone", () => {
    const x = tensor([1, Number.NaN, 3, 4, 5], [1, 5, 1]);
    const y = ops.affineTransform(x, [1, 0, 0.5, 0, 1, 0], { fillMode: "nearest" });
    expect([...y.data]).toEqual([Number.NaN, Number.NaN, 3.5, 4.5, 5]);
  });

  const x = () => zeros([2, 3, 3, 1]);
  refuses([
    [
      "a matrix of five numbers",
      () => ops.affineTransform(x(), [1, 0, 0, 0, 1] as never),
      new ArgumentError(
        "affineTransform: transforms must be [a0, a1, a2, b0, b1, b2], finite numbers, or 2 of these, one for each image, got [1,0,0,0,1]",
      ),
    ],
    [
      "a transform too few",
      () => ops.affineTransform(x(), [[1, 0, 0, 0, 1, 0]]),
      new ArgumentError(
        "affineTransform: transforms must be [a0, a1, a2, b0, b1, b2], finite numbers, or 2 of these, one for each image, got [[1,0,0,0,1,0]]",
      ),
    ],
    [
      "NaN in a transform",
      () => ops.affineTransform(zeros([1, 1, 1]), [1, 0, Number.NaN, 0, 1, 0]),
      new ArgumentError(
        "affineTransform: transforms must be [a0, a1, a2, b0, b1, b2], finite numbers, or 1 of these, one for each image, got [1,0,NaN,0,1,0]",
      ),
    ],
    [
      "another fill mode",
      () => ops.affineTransform(x(), [1, 0, 0, 0, 1, 0], { fillMode: "mirror" as never }),
      new ArgumentError(
        'affineTransform: fillMode must be one of "constant", "nearest", "reflect", "wrap", got "mirror"',
      ),
    ],
    [
      "a flat tensor",
      () => ops.affineTransform(zeros([4]), [1, 0, 0, 0, 1, 0]),
      new ShapeError("affineTransform: x must be [N,H,W,C] or [H,W,C], got [4]"),
    ],
    [
      "a wrong dy",
      () => ops.affineTransformBackward(x(), x(), [1, 0, 0, 0, 1, 0], { size: 2 }),
      new ShapeError("affineTransformBackward: dy must be [2,2,2,1], got [2,3,3,1]"),
    ],
  ]);
});
