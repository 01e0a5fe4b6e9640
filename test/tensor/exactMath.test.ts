import { describe, expect, it } from "vitest";
import { cos, exp, ln, pow, powInt } from "../../src/tensor/exactMath.ts";
import { Random } from "../support/random.ts";

/** Math.log and Math.cos are themselves within an ulp (2.2e-16) or so. */
const RELATIVE = 1e-15;

const random = new Random(1);
const many = (low: number, high: number) => Array.from({ length: 10000 }, () => low + (high - low) * random.next());

function worst(xs: number[], f: (x: number) => number, expected: (x: number) => number, absolute = 0): number {
  return Math.max(...xs.map((x) => Math.abs(f(x) - expected(x)) / (absolute || Math.abs(expected(x)) || 1)));
}

describe("ln", () => {
  it("is Math.log over all magnitudes", () => {
    const xs = many(-1074, 1023).map((e) => 2 ** e);
    expect(worst([...xs, ...many(0, 1), ...many(1, 10)], ln, Math.log)).toBeLessThan(RELATIVE);
  });

  it("keeps its relative accuracy around 1", () => {
    expect(worst([...many(0.99, 1.01), 1 + 2 ** -52, 1 - 2 ** -53], ln, Math.log)).toBeLessThan(RELATIVE);
    expect(ln(1)).toBe(0);
  });

  it("is right at the ends", () => {
    const ends = [0, -0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(ends.map(ln)).toEqual(ends.map(Math.log));
    expect(ln(Number.MIN_VALUE)).toBeCloseTo(Math.log(Number.MIN_VALUE), 12);
    expect(ln(Number.MAX_VALUE)).toBeCloseTo(Math.log(Number.MAX_VALUE), 12);
  });
});

describe("cos", () => {
  it("is Math.cos over a few turns and far out", () => {
    expect(worst(many(-10, 10), cos, Math.cos, 1)).toBeLessThan(RELATIVE);
    expect(worst(many(-1e6, 1e6), cos, Math.cos, 1)).toBeLessThan(RELATIVE);
  });

  it("keeps its relative accuracy around its zeros", () => {
    const zeros = [Math.PI / 2, -Math.PI / 2, 1.5 * Math.PI, 2.5 * Math.PI];
    expect(worst(zeros, cos, Math.cos)).toBeLessThan(RELATIVE);
    expect([cos(0), cos(-0), cos(Math.PI), cos(2 * Math.PI)]).toEqual([1, 1, -1, 1]);
  });

  it("has no value at infinity", () => {
    expect([cos(Number.POSITIVE_INFINITY), cos(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("exp", () => {
  it("is Math.exp over all magnitudes", () => {
    expect(worst([...many(-708, 709), ...many(-1, 1)], exp, Math.exp)).toBeLessThan(RELATIVE);
    expect([exp(0), exp(-0), exp(-1000), exp(1000)]).toEqual([1, 1, 0, Number.POSITIVE_INFINITY]);
    expect([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN].map(exp)).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expect(exp(-740)).toBeCloseTo(Math.exp(-740), 300);
  });
});

describe("pow", () => {
  it("is the power for any exponent, and powInt for whole ones", () => {
    const exponents = many(-30, 30);
    for (const base of [0.9, 0.5, 3, 1e-3]) {
      expect(
        worst(
          exponents,
          (x) => pow(base, x),
          (x) => base ** x,
        ),
      ).toBeLessThan(2e-14);
      expect(pow(base, 7)).toBe(powInt(base, 7));
    }
  });
});

describe("powInt", () => {
  it("is the product", () => {
    expect([powInt(2, 10), powInt(-3, 3), powInt(2, -2), powInt(7, 0), powInt(0, 5)]).toEqual([1024, -27, 0.25, 1, 0]);
    expect(powInt(0.999, 1000)).toBeCloseTo(0.999 ** 1000, 13);
  });
});
