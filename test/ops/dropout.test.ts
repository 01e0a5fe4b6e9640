import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, full, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import seedCase from "../fixtures/seed/fc_softmax_xent_dropout.json";
import { philox, dropout as twin } from "../reference/dropout.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";
import { fnv1a } from "../support/statistics.ts";

/** One product with 1 / (1 - rate), which is rounded. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-7 };

const COUNT = 40000;
const { NaN: nan } = Number;

/** 1 where an element is kept, of `n`. */
function mask(options: ops.DropoutOptions, n = COUNT): Uint8Array {
  const [ones, kept] = [full([n], 1), new Uint8Array(n)];
  const y = ops.dropout(ones, options);
  y.data.forEach((value, i) => {
    kept[i] = value === 0 ? 0 : 1;
  });
  ones.dispose();
  y.dispose();
  return kept;
}

/** The correlation of two masks of probability 1/2, the second `lag` elements later, in standard errors. */
function correlation(a: Uint8Array, b: Uint8Array, lag = 0): number {
  let agree = 0;
  for (let i = lag; i < a.length; i++) agree += a[i - lag] === b[i] ? 1 : -1;
  return agree / Math.sqrt(a.length - lag);
}

describe("dropout", () => {
  it("equals the naive twin bit by bit, and its gradient central differences", () => {
    const anyCase = fc.record({
      n: fc.integer({ min: 1, max: 70 }),
      rate: fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9, 0.999),
      seed: fc.maxSafeNat(),
      stream: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
    fc.assert(
      fc.property(anyCase, ({ n, rate, seed, stream }) => {
        const options = { rate, seed, stream };
        checkOp({
          inputs: { x: { shape: [n], data: new Random(seed).floats(n, 1, 2) } },
          forward: ({ x }) => ops.dropout(x, options),
          twin: ({ x }) => twin(x, rate, seed, stream),
          backward: (dy, { x }) => ({ x: ops.dropoutBackward(dy, x, options) }),
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  // The known answers of Random123, the authors' library.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48],
    ],
    [Array(4).fill(0xffffffff), Array(2).fill(0xffffffff), [0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a],
    ],
  ])("draws from Philox4x32-7: counter %j", (counter, key, words) => {
    expect(philox(counter, key)).toEqual(words);
  });

  it("draws the same mask in every runtime", () => {
    expect(fnv1a(mask({ rate: 0.3, seed: 1 }))).toBe("73285dc4");
    expect(fnv1a(mask({ rate: 0.3, seed: 2 ** 40 + 1, stream: 7 }))).toBe("0e79a702");
  });

  it("draws the same mask whatever ranges it is drawn in, also in place", () => {
    const options = { rate: 0.5, seed: 3, stream: 4 };
    const x = tensor(new Random(5).floats(101, 1, 2));
    const whole = ops.dropout(x, options).data.slice();
    const anyCuts = fc.array(fc.integer({ min: 0, max: 101 }), { maxLength: 5 });
    fc.assert(
      fc.property(anyCuts, (cuts) => {
        const y = tensor(x.data.slice());
        const ends = [0, ...cuts.sort((a, b) => a - b), 101];
        for (let i = 1; i < ends.length; i++) {
          y.runtime.kernels.dropout(y.pointer, y.pointer, ends[i - 1], ends[i], 0.5, 3, 0, 4);
        }
        expect(y.data).toEqual(whole);
        y.dispose();
      }),
    );
  });

  it("drops its rate and keeps the mean", () => {
    for (const rate of [0.01, 0.25, 0.5, 0.75, 0.99]) {
      const y = ops.dropout(full([COUNT], 1), { rate, seed: 11 }).data;
      const kept = y.filter((value) => value !== 0);
      const error = Math.sqrt((rate * (1 - rate)) / COUNT);
      expect(Math.abs(kept.length / COUNT - (1 - rate))).toBeLessThan(4 * error);
      expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - rate))]));
    }
    expect(mask({ rate: 0, seed: 1 }).every((kept) => kept === 1)).toBe(true);
  });

  it("is uniform over 64 equally likely bins, in each of the 16 places of a block", () => {
    const [bins, places] = [64, 16];
    const counts = new Float64Array(bins * places);
    const bin = new Uint8Array(COUNT);
    for (let k = 1; k < bins; k++) {
      mask({ rate: k / bins, seed: 12 }).forEach((kept, i) => {
        bin[i] += kept;
      });
    }
    bin.forEach((b, i) => {
      counts[(i % places) * bins + b]++;
    });
    const expected = COUNT / bins / places;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 1008 degrees of freedom: standard deviation 45
    expect(Math.abs(chiSquare - 1008)).toBeLessThan(4 * 45);
  });

  it("draws neighbouring elements, seeds and streams independently", () => {
    const of = (seed: number, stream = 0) => mask({ rate: 0.5, seed, stream });
    const first = of(100);
    for (let lag = 1; lag <= 64; lag++)
      expect(Math.abs(correlation(first, first, lag)), `lag ${lag}`).toBeLessThan(4.5);
    const others = [of(101), of(100 + 2 ** 32), of(100, 1), of(100, 2), of(100, 2 ** 31), of(0), of(2 ** 52)];
    for (const [i, other] of others.entries()) {
      expect(Math.abs(correlation(first, other)), `mask ${i}`).toBeLessThan(4);
      for (const lag of [1, 4, 16]) expect(Math.abs(correlation(first, other, lag)), `mask ${i}`).toBeLessThan(4);
    }
  });

  it("scales as the textbook does", () => {
    const { X, dropout } = seedCase;
    const kept = X.data.map((x, i) => (dropout.mask.data[i] ? x / dropout.keep_prob : 0));
    expectClose(kept, dropout.out_inverted.data, TOLERANCE, "the fixture");
    const rate = 1 - dropout.keep_prob;
    const y = ops.dropout(tensor(X.data), { rate, seed: 1 }).data;
    y.forEach((value, i) => {
      if (value !== 0) expect(value).toBeCloseTo(X.data[i] / dropout.keep_prob, 5);
    });
  });

  it("keeps NaN, dropped or not, and makes a dropped infinity NaN", () => {
    const y = ops.dropout(full([40], nan), { rate: 0.5, seed: 1 }).data;
    expect(y.every(Number.isNaN)).toBe(true);
    const infinite = ops.dropout(full([40], Number.POSITIVE_INFINITY), { rate: 0.5, seed: 1 }).data;
    const kept = mask({ rate: 0.5, seed: 1 }, 40);
    expect([...infinite]).toEqual([...kept].map((k) => (k ? Number.POSITIVE_INFINITY : nan)));
  });

  const x = [1, 2] as const;
  refuses([
    [
      "a rate of 1",
      () => ops.dropout(zeros(x), { rate: 1, seed: 0 }),
      new ArgumentError("dropout: rate must be a number from 0 up to, but not including, 1, got 1"),
    ],
    [
      "a NaN rate",
      () => ops.dropout(zeros(x), { rate: nan, seed: 0 }),
      new ArgumentError("dropout: rate must be a number from 0 up to, but not including, 1, got NaN"),
    ],
    [
      "a fractional seed",
      () => ops.dropout(zeros(x), { rate: 0.5, seed: 0.5 }),
      new ArgumentError("dropout: seed must be a whole number from 0 to 2^53 - 1, got 0.5"),
    ],
    [
      "a negative stream",
      () => ops.dropout(zeros(x), { rate: 0.5, seed: 0, stream: -1 }),
      new ArgumentError("dropout: stream must be a whole number from 0 to 2^32 - 1, got -1"),
    ],
    [
      "a wrong dy",
      () => ops.dropoutBackward(zeros([2]), zeros([3]), { rate: 0.5, seed: 0 }),
      new ShapeError("dropoutBackward: dy must be [3], got [2]"),
    ],
  ]);
});
