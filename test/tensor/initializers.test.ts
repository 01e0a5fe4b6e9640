import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/index.ts";
import { fans, INITIALIZERS, type Initializer, initialize } from "../../src/tensor/initializers.ts";
import { SeededRandom } from "../../src/tensor/random.ts";
import { refuses } from "../support/invalid.ts";
import { fnv1a, moments } from "../support/statistics.ts";

const make = (initializer: Initializer, shape: number[], seed = 1) =>
  initialize(initializer, shape, new SeededRandom(seed));

describe("fans", () => {
  it.each([
    ["a bias", [7], 7, 7],
    ["a dense matrix", [20, 30], 20, 30],
    ["a convolution", [3, 5, 4, 8], 60, 120],
    ["a depthwise filter", [3, 3, 16, 2], 144, 18],
    ["a scalar", [], 1, 1],
  ])("of %s", (_, shape, fanIn, fanOut) => {
    expect(fans(shape)).toEqual({ fanIn, fanOut });
  });
});

describe("initialize", () => {
  const shape = [3, 3, 40, 80]; // fan in 360, fan out 720, 28,800 weights
  it.each([
    ["glorotUniform", 1 / 540, Math.sqrt(3 / 540)],
    ["glorotNormal", 1 / 540, (2 * Math.sqrt(1 / 540)) / 0.8796256610342398],
    ["heUniform", 2 / 360, Math.sqrt(6 / 360)],
    ["heNormal", 2 / 360, (2 * Math.sqrt(2 / 360)) / 0.8796256610342398],
    ["lecunUniform", 1 / 360, Math.sqrt(3 / 360)],
    ["lecunNormal", 1 / 360, (2 * Math.sqrt(1 / 360)) / 0.8796256610342398],
    ["randomUniform", 0.1 ** 2 / 12, 0.05],
    ["randomNormal", 0.05 ** 2, 0.05 * 6],
  ] as const)("%s: mean 0, its variance, its bound", (name, variance, bound) => {
    const values = make(name, shape);
    const got = moments(values);
    expect(Math.abs(got.mean)).toBeLessThan(0.03 * Math.sqrt(variance)); // 5 standard errors
    expect(got.variance / variance).toBeGreaterThan(0.96);
    expect(got.variance / variance).toBeLessThan(1.04);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    if (name !== "randomNormal") expect(largest).toBeGreaterThan(0.99 * bound);
  });

  it("takes options", () => {
    expect(make("zeros", [2])).toEqual(Float32Array.of(0, 0));
    expect(make("ones", [2])).toEqual(Float32Array.of(1, 1));
    expect(make({ name: "constant", value: 0.5 }, [3])).toEqual(Float32Array.of(0.5, 0.5, 0.5));
    expect(make("constant", [1])).toEqual(Float32Array.of(0));
    const uniform = make({ name: "randomUniform", min: 3, max: 5 }, [10000]);
    expect(moments(uniform).mean).toBeCloseTo(4, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(3);
    const normal = make({ name: "randomNormal", mean: -1, stddev: 2 }, [10000]);
    expect(Math.abs(moments(normal).mean + 1)).toBeLessThan(0.1);
    expect(make({ name: "heNormal" }, [4, 4])).toEqual(make("heNormal", [4, 4]));
  });

  it("gives the same bits for the same seed, in every runtime, and others for another", () => {
    const all = INITIALIZERS.map((name) => [name, fnv1a(make(name, [3, 3, 5, 7]))]);
    expect(Object.fromEntries(all)).toEqual({
      glorotUniform: "5158dcb1",
      glorotNormal: "1a1a3ea2",
      heUniform: "89dff881",
      heNormal: "d8778634",
      lecunUniform: "f13ce27d",
      lecunNormal: "1f684cbd",
      zeros: "6e52e835",
      ones: "f6295888",
      randomUniform: "b5117a65",
      randomNormal: "f1b73690",
      constant: "6e52e835",
    });
    expect(make("glorotUniform", [3, 3], 1)).not.toEqual(make("glorotUniform", [3, 3], 2));
  });

  const known = INITIALIZERS.map((name) => `"${name}"`).join(", ");
  refuses([
    [
      "an unknown name",
      () => make("glorotuniform" as never, [1]),
      new ArgumentError(
        `initialize: initializer must be one of ${known}, got "glorotuniform"; did you mean "glorotUniform"?`,
      ),
    ],
    [
      "no name",
      () => make({} as never, [1]),
      new ArgumentError(`initialize: initializer must be one of ${known}, got undefined`),
    ],
    [
      "an unknown option",
      () => make({ name: "randomNormal", deviation: 1 } as never, [1]),
      new ArgumentError('initialize: initializer "randomNormal" has mean, stddev, got "deviation"'),
    ],
    [
      "an option where there is none",
      () => make({ name: "ones", value: 1 } as never, [1]),
      new ArgumentError('initialize: initializer "ones" has no options, got "value"'),
    ],
    [
      "an infinite option",
      () => make({ name: "constant", value: Number.POSITIVE_INFINITY }, [1]),
      new ArgumentError('initialize: initializer "constant": value must be a finite number, got Infinity'),
    ],
  ]);
});
