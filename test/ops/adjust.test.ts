import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { adjustBrightness, adjustContrast } from "../reference/adjust.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** A product and a sum of numbers up to 3 each; the mean is one of doubles, rounded. Backward the same with a mean of dy. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-6 };

const KINDS = {
  adjustBrightness: [ops.adjustBrightness, ops.adjustBrightnessBackward, adjustBrightness],
  adjustContrast: [ops.adjustContrast, ops.adjustContrastBackward, adjustContrast],
} as const;

describe.each(["adjustBrightness", "adjustContrast"] as const)("%s", (name) => {
  const [forward, backward, twin] = KINDS[name];

  it("equals the naive twin, and its gradient central differences, over random shapes", () => {
    const anyCase = fc.record({
      shape: fc.tuple(...[3, 5, 6, 18].map((max) => fc.integer({ min: 1, max }))),
      amounts: fc.array(fc.constantFrom(0, 0.3, 1, 1.75, -0.5), { minLength: 3, maxLength: 3 }),
      valueRange: fc.constantFrom(undefined, [-0.905, 0.605] as const),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, amounts, valueRange, seed }) => {
        const each = amounts.slice(0, shape[0]);
        const range = valueRange ?? ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const);
        const data = new Random(seed).distinct(shape.reduce((a, b) => a * b)).map((v) => v % 1);
        // A central difference must not cross an end of the range.
        const results = twin({ shape, data: Float64Array.from(data) }, each, range).data;
        const unlimited = twin({ shape, data: Float64Array.from(data) }, each, [-100, 100]).data;
        fc.pre(results.every((_, i) => range.every((end) => Math.abs(unlimited[i] - end) > 1e-3)));
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => forward(x, each, { valueRange }),
          twin: ({ x }) => twin(x, each, range),
          backward: (dy, { x }) => ({ x: backward(dy, x, each, { valueRange }) }),
          tolerance: TOLERANCE,
          seed,
        });
      }),
    );
  });

  it("takes one amount for all, and an image without a batch", () => {
    const x = tensor(new Random(2).floats(2 * 3 * 4 * 3), [2, 3, 4, 3]);
    expect(forward(x, 0.5).data).toEqual(forward(x, [0.5, 0.5]).data);
    const one = tensor(x.data.slice(0, 36), [3, 4, 3]);
    expect(forward(one, 0.5).shape).toEqual([3, 4, 3]);
    expect(forward(one, [0.5]).data).toEqual(forward(x, 0.5).data.slice(0, 36));
  });

  const argument = name === "adjustBrightness" ? "delta" : "factor";
  refuses([
    [
      "an amount too few",
      () => forward(zeros([2, 1, 1, 1]), [1]),
      new ArgumentError(`${name}: ${argument} must be a finite number, or 2 of these, one for each image, got [1]`),
    ],
    [
      "an infinite amount",
      () => forward(zeros([1, 1, 1]), Number.POSITIVE_INFINITY),
      new ArgumentError(
        `${name}: ${argument} must be a finite number, or 1 of these, one for each image, got Infinity`,
      ),
    ],
    [
      "a range from high to low",
      () => forward(zeros([1, 1, 1]), 1, { valueRange: [1, 0] }),
      new ArgumentError(`${name}: valueRange must be [low, high] such as [0, 255], got [1,0]`),
    ],
    ["a flat tensor", () => forward(zeros([4]), 1), new ShapeError(`${name}: x must be [N,H,W,C] or [H,W,C], got [4]`)],
    [
      "a wrong dy",
      () => backward(zeros([1, 1, 1]), zeros([1, 2, 1]), 1),
      new ShapeError(`${name}Backward: dy must be [1,2,1], got [1,1,1]`),
    ],
  ]);
});

it("NaN stays NaN: in its pixel by brightness, in its channel by contrast", () => {
  const x = tensor([Number.NaN, 1, 5, 2], [1, 2, 2]);
  const options = { valueRange: [0, 3] } as const;
  expect([...ops.adjustBrightness(x, 1, options).data]).toEqual([Number.NaN, 2, 3, 3]);
  expect([...ops.adjustContrast(x, 2, options).data]).toEqual([Number.NaN, 0.5, Number.NaN, 2.5]);
});
