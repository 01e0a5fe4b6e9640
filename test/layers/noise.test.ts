import { describe, expect, it } from "vitest";
import { ArgumentError, type Layer, layers, sequential } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples } from "../support/model.ts";

const SHAPE = [4, 6, 3];
const MAKERS: Readonly<Record<string, (amount: number) => Layer>> = {
  dropout: (rate) => layers.dropout({ rate }),
  spatialDropout2d: (rate) => layers.spatialDropout2d({ rate }),
  alphaDropout: (rate) => layers.alphaDropout({ rate }),
  gaussianDropout: (rate) => layers.gaussianDropout({ rate }),
  gaussianNoise: (stddev) => layers.gaussianNoise({ stddev }),
};

/** The losses of a few steps with a layer in the middle, and the prediction before them. */
function train(layer: Layer | undefined) {
  using made = sequential({ inputShape: SHAPE, seed: 4 }, [
    layers.conv2d({ filters: 3, kernelSize: 3, name: "conv" }),
    ...(layer === undefined ? [] : [layer]),
    layers.flatten(),
    layers.dense({ units: 3, activation: "softmax", name: "head" }),
  ]);
  made.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  const { x, y } = drawSamples(8, SHAPE, 3);
  using predicted = made.predict(x);
  const bits = bitsOf([predicted.data]);
  return { bits, losses: [0, 1, 2].map(() => made.trainOnBatch(x, y).loss) };
}

describe("layers that are random in training", () => {
  it.each(Object.entries(MAKERS))("%s acts in training alone, and alike for the same seed", (_, make) => {
    const plain = train(undefined);
    const [first, second, none] = [train(make(0.5)), train(make(0.5)), train(make(0))];
    expect(first.bits).toEqual(plain.bits);
    expect(first).toEqual(second);
    expect(first.losses).not.toEqual(plain.losses);
    expect(none).toEqual(plain);
  });

  it("spatialDropout1d drops channels of rows whole", () => {
    const { x } = drawSamples(1, [5, 4], 2);
    using made = sequential({ inputShape: [5, 4], seed: 1 }, [
      layers.spatialDropout1d({ rate: 0.5 }),
      layers.flatten(),
      layers.dense({ units: 1, kernelInitializer: "ones" }),
    ]);
    made.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    // The output is the sum of the channels that are left, twice as large; which they are, the mask decides.
    const sums = [0, 1, 2, 3].map((c) => [0, 1, 2, 3, 4].reduce((sum, row) => sum + x[4 * row + c], 0));
    const possible = Array.from({ length: 16 }, (_, mask) => {
      const left = sums.reduce((sum, value, c) => (mask & (1 << c) ? sum + value : sum), 0);
      return (2 * left) ** 2;
    });
    const { loss } = made.trainOnBatch(x, [0]);
    expect(Math.min(...possible.map((value) => Math.abs(value - loss)))).toBeLessThan(1e-4);
  });

  refuses([
    [
      "a rate of 1",
      () => layers.spatialDropout2d({ rate: 1 }),
      new ArgumentError("spatialDropout2d: rate must be a number from 0 up to, but not including, 1, got 1"),
    ],
    [
      "a negative deviation",
      () => layers.gaussianNoise({ stddev: -1 }),
      new ArgumentError("gaussianNoise: stddev must be a finite number >= 0, got -1"),
    ],
    [
      "a rate where a deviation belongs",
      () => layers.gaussianNoise({ rate: 1 } as never),
      new ArgumentError(
        'gaussianNoise: every option must be one of "stddev", "name", "trainable", got "rate"; did you mean "name"?',
      ),
    ],
  ]);
});
