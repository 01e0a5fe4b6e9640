import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/index.ts";
import { SeededRandom } from "../../src/tensor/random.ts";
import { refuses } from "../support/invalid.ts";
import { fnv1a, moments } from "../support/statistics.ts";

const COUNT = 100000;
const draws = (make: () => number, count = COUNT) => Float64Array.from({ length: count }, make);

describe("SeededRandom", () => {
  it("gives the same bits in every runtime", () => {
    const random = new SeededRandom(1);
    expect(fnv1a(Uint32Array.from({ length: 1000 }, () => random.bits()))).toBe("c0bec8cb");
    expect(fnv1a(draws(() => random.normal(), 1000))).toBe("b4ab1d6c");
    expect(fnv1a(random.permutation(1000))).toBe("fe4a9505");
    expect(fnv1a(Uint32Array.of(random.fork("a").bits(), random.fork(7).bits()))).toBe("fcd07060");
  });

  it("computes xoshiro128**", () => {
    // The first outputs from state [1,2,3,4], as of the rand_xoshiro crate's reference vector.
    const random = new SeededRandom([1, 2, 3, 4]);
    const known = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849];
    expect(known.map(() => random.bits())).toEqual(known);
  });

  it("is uniform: mean, variance, and 256 equally full bins", () => {
    const random = new SeededRandom(2);
    const values = draws(() => random.uniform());
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(chiSquare(values, 256)).toBeLessThan(340); // 255 degrees of freedom: 0.03 % lie above
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
  });

  it("is normal: four moments", () => {
    const random = new SeededRandom(3);
    const { mean, variance, skewness, kurtosis } = moments(draws(() => random.normal()));
    expect(Math.abs(mean)).toBeLessThan(0.015); // 4 standard errors and more, each
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
    expect(Math.abs(skewness)).toBeLessThan(0.04);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.08);
  });

  it("draws whole numbers without bias", () => {
    const random = new SeededRandom(4);
    const values = draws(() => random.integer(3));
    expect(chiSquare(values, 3, 3)).toBeLessThan(18);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it("permutes: each number once, every order as likely", () => {
    const random = new SeededRandom(5);
    expect([...random.permutation(257)].sort((a, b) => a - b)).toEqual(Array.from({ length: 257 }, (_, i) => i));
    const orders = draws(() => [...random.permutation(3)].reduce((code, n) => code * 3 + n, 0), 60000);
    const counts = [...new Set(orders)].map((order) => orders.filter((o) => o === order).length);
    expect(counts.length).toBe(6);
    for (const count of counts) expect(Math.abs(count - 10000)).toBeLessThan(450);
    expect(random.permutation(0).length).toBe(0);
  });

  it("forks by label and not by what was drawn", () => {
    const random = new SeededRandom(6);
    const before = random.fork("shuffle").bits();
    random.uniform();
    expect(random.fork("shuffle").bits()).toBe(before);
    const others = [
      random.fork("dropout"),
      random.fork(1),
      random.fork("1"),
      random.fork("a").fork("b"),
      random.fork("ab"),
      random.fork(2 ** 32 + 1),
      new SeededRandom(7),
      new SeededRandom(6 + 2 ** 32),
    ].map((r) => r.bits());
    expect(new Set([...others, before]).size).toBe(9);
  });

  it("forks streams that do not correlate", () => {
    const random = new SeededRandom(8);
    for (const [a, b] of [
      [random.fork(0), random.fork(1)],
      [new SeededRandom(0), new SeededRandom(1)],
    ]) {
      const { mean } = moments(draws(() => (a.uniform() - 0.5) * (b.uniform() - 0.5) * 12));
      expect(Math.abs(mean)).toBeLessThan(0.015); // the standard error is 0.003
    }
  });

  it.each([
    ["uniform", 1, (x: number) => x],
    ["the arcsine distribution", 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    ["a cubic", 2, (x: number) => x * x * (3 - 2 * x)],
  ])("draws from a beta distribution: %s", (_, shape, cumulative) => {
    const random = new SeededRandom(9);
    const values = draws(() => random.beta(shape)).sort();
    const farthest = values.reduce((most, x, i) => Math.max(most, Math.abs(cumulative(x) - i / values.length)), 0);
    expect(farthest).toBeLessThan(1.95 / Math.sqrt(values.length)); // Kolmogorov and Smirnov, at one in a thousand
  });

  it("draws betas of shapes so small that nearly all are 0 or 1, half of them each", () => {
    const random = new SeededRandom(10);
    const values = draws(() => random.beta(1e-3));
    expect(values.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.abs(moments(values).mean - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(values.length));
  });

  const domain = "random: seed must be a whole number from 0 to 2^53 - 1";
  refuses([
    ["a fractional seed", () => new SeededRandom(0.5), new ArgumentError(`${domain}, got 0.5`)],
    ["a negative seed", () => new SeededRandom(-1), new ArgumentError(`${domain}, got -1`)],
    ["a NaN seed", () => new SeededRandom(Number.NaN), new ArgumentError(`${domain}, got NaN`)],
    [
      "no numbers to draw from",
      () => new SeededRandom(1).integer(0),
      new ArgumentError("random: n must be a whole number from 1 to 2^32, got 0"),
    ],
  ]);
});

function chiSquare(values: Float64Array, bins: number, range = 1): number {
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.floor((value / range) * bins)]++;
  const expected = values.length / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
