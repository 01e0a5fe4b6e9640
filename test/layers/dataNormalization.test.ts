import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, datasets, layers, loadModel, ShapeError, sequential, tensor, zeros } from "../../src/index.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, rejects } from "../support/model.ts";
import { Random } from "../support/random.ts";

type Axis = number | number[] | null;

/** Mean and variance of what shares its indices along the kept axes (of a sample), in doubles and two passes. */
function statistics(x: Float32Array, shape: readonly number[], kept: readonly number[]) {
  const groups = new Map<string, number[]>();
  const keys = Array.from(x, (_, i) => {
    let [rest, index] = [i, [] as number[]];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index = [rest % shape[axis], ...index];
      rest = Math.floor(rest / shape[axis]);
    }
    return kept.map((axis) => index[axis]).join();
  });
  keys.forEach((key, i) => groups.set(key, [...(groups.get(key) ?? []), x[i]]));
  const of = (key: string) => {
    const group = groups.get(key) as number[];
    const mean = group.reduce((a, b) => a + b) / group.length;
    return { mean, variance: group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / group.length };
  };
  return { order: [...groups.keys()].map(of), each: keys.map(of) };
}

describe("normalization", () => {
  it("makes numbers of mean 0 and variance 1, and brings them back, whatever axes have statistics", async () => {
    const anyCase = fc.record({
      shape: fc.tuple(...[9, 3, 4, 5].map((max) => fc.integer({ min: 1, max }))),
      axis: fc.constantFrom<Axis>(-1, 3, 1, 2, null, [1, 3], [2, -1], [1, 2, 3]),
      batches: fc.integer({ min: 1, max: 4 }),
      offset: fc.constantFrom(0, 100),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ shape, axis, batches, offset, seed }) => {
        const [n, ...sample] = shape;
        const size = sample.reduce((a, b) => a * b);
        const x = new Random(seed).floats(n * size, offset - 1, offset + 2);
        const kept = (axis === null ? [] : [axis].flat().map((one) => (one < 0 ? 3 : one))) as number[];
        const { order, each } = statistics(x, shape, kept);
        const layer = layers.normalization({ axis }).adapt(tensor(x, shape));
        using model = sequential({ inputShape: sample }, [layer]);
        const [mean, variance] = model.getWeights();
        // Doubles, rounded to floats; a variance of one number is 0.
        expectClose(
          mean,
          order.map((one) => one.mean),
          { relative: 1e-7, absolute: 1e-7 },
          "mean",
        );
        expectClose(
          variance,
          order.map((one) => one.variance),
          { relative: 1e-7, absolute: 1e-9 },
          "variance",
        );
        const expected = each.map(({ mean, variance }, i) => (x[i] - mean) / Math.max(Math.sqrt(variance), 1e-7));
        const least = Math.sqrt(Math.min(...order.map((one) => one.variance)));
        const few = least < 1e-3;
        // x times factor minus mean times factor: four roundings of numbers up to (offset + 2) / deviation.
        const y = model.predict(x).data.slice();
        if (!few) expectClose(y, expected, { relative: 1e-6, absolute: (2 ** -22 * (offset + 2)) / least }, "y");
        // The same in parts, each sample asked for once.
        const parts = Array.from({ length: batches }, (_, i) => {
          const [from, to] = [i, i + 1].map((part) => Math.floor((part * n) / batches) * size);
          return { x: x.slice(from, to) };
        }).filter((part) => part.x.length > 0);
        const again = await layers.normalization({ axis }).adapt(parts, { inputShape: sample });
        using other = sequential({ inputShape: sample }, [again]);
        expect(bitsOf(other.getWeights())).toEqual(bitsOf(model.getWeights()));
        const back = layers.normalization({ axis, mean: [...mean], variance: [...variance], invert: true });
        using inverse = sequential({ inputShape: sample }, [back]);
        if (!few) expectClose(inverse.predict(y).data, x, { relative: 1e-5, absolute: 1e-5 }, "back");
      }),
    );
  });

  it("is exact where the mean is large beside the deviation", () => {
    const x = Float32Array.from({ length: 3000 }, (_, i) => 1024 + (i % 3) / 1024);
    using model = sequential({ inputShape: [1] }, [layers.normalization().adapt(x, { inputShape: [1] })]);
    const [mean, variance] = model.getWeights();
    expect(mean[0]).toBe(1024 + 1 / 1024);
    expect(variance[0]).toBeCloseTo(2 / 3 / 1024 ** 2, 12);
  });

  it("is adapted before or after a model is made, by any form of data, and comes back from a file", async () => {
    const x = new Random(1).floats(12 * 6);
    const before = layers.normalization().adapt(tensor(x, [12, 2, 3]));
    using first = sequential({ inputShape: [2, 3], seed: 1 }, [before, layers.flatten(), layers.dense({ units: 1 })]);
    const expected = first.predict(x).data.slice();
    const forms = [x, tensor(x, [12, 2, 3]), tensor(x, [12, 2, 3]).toArray() as number[][][]];
    for (const form of forms) {
      const layer = layers.normalization();
      using model = sequential({ inputShape: [2, 3], seed: 1 }, [layer, layers.flatten(), layers.dense({ units: 1 })]);
      layer.adapt([
        [
          [9, 9, 9],
          [9, 9, 8],
        ],
      ]); // forgotten
      expect(model.predict(x).data).not.toEqual(expected);
      layer.adapt(form);
      expect(model.predict(x).data).toEqual(expected);
      using again = loadModel(model.save());
      expect(again.predict(x).data).toEqual(expected);
    }
    const late = layers.normalization();
    using model = sequential({ inputShape: [2, 3], seed: 1 }, [late, layers.flatten(), layers.dense({ units: 1 })]);
    await late.adapt(datasets.batch(datasets.samples({ x }, 12), { batchSize: 5 }));
    expect(model.predict(x).data).toEqual(expected);
  });

  it("keeps its statistics in training, and hands gradients through", () => {
    const at = (weight: number) => {
      const scaled = layers.normalization({ mean: [1, -1, 0.5], variance: [4, 0.25, 1] });
      using model = sequential({ inputShape: [4, 4, 2], seed: 1 }, [
        layers.conv2d({ filters: 3, kernelSize: 1, biasInitializer: "ones" }),
        scaled,
        layers.globalAveragePool2d(),
        layers.dense({ units: 1 }),
      ]);
      const [kernel, ...others] = model.getWeights();
      kernel[1] = weight;
      model.setWeights([kernel, ...others]);
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const { loss } = model.trainOnBatch(new Random(3).floats(4 * 32), [1, 2, 3, 4]);
      expect([...scaled.parameters[1].data]).toEqual([4, 0.25, 1]);
      return { loss, gradient: model.parameters[0].gradientData[1] };
    };
    const numeric = (at(0.31).loss - at(0.29).loss) / 0.02;
    expect(Math.abs(numeric)).toBeGreaterThan(1e-2);
    // The loss is quadratic in the weight; rounded to 1e-6.
    expectClose([at(0.3).gradient], [numeric], { relative: 1e-3, absolute: 1e-4 });
  });

  it("takes one mean and variance for all channels, NaN stays in its place", () => {
    using model = sequential({ inputShape: [2, 3] }, [layers.normalization({ mean: 1, variance: 4 })]);
    expect([
      ...model.predict([
        [
          [1, 3, Number.NaN],
          [5, 1, 1],
        ],
      ]).data,
    ]).toEqual([0, 1, Number.NaN, 2, 0, 0]);
  });

  it("counts a deviation of 0 as 1e-7", () => {
    const layer = layers.normalization().adapt([[1], [1]]);
    using model = sequential({ inputShape: [1] }, [layer]);
    expect(model.predict([[1]]).data[0]).toBeCloseTo(0, 3);
  });

  const adapted = (data: unknown, options?: object) => () =>
    layers.normalization().adapt(data as never, options as never);
  refuses([
    [
      "a prediction before it knows the data",
      () => sequential({ inputShape: [2] }, [layers.normalization()]).predict([[1, 2]]),
      new ArgumentError("normalization_1: call adapt(data), or give mean and variance, before the model computes"),
    ],
    [
      "typed arrays of unknown shape",
      adapted(new Float32Array(6)),
      new ArgumentError(
        "normalization: adapt: typed arrays do not tell the shape of a sample; give { inputShape: [...] }, or adapt where the layer is part of a model",
      ),
    ],
    [
      "NaN in the data",
      adapted([[1], [Number.NaN]]),
      new ArgumentError("normalization: adapt: x must hold finite numbers, got NaN"),
    ],
    [
      "data that makes no samples",
      adapted(new Float32Array(5), { inputShape: [2] }),
      new ShapeError("normalization: adapt: x must hold samples of shape [2], got 5 values"),
    ],
    [
      "a mean alone",
      () => layers.normalization({ mean: 1 }),
      new ArgumentError("normalization: give mean and variance, or neither and call adapt(data)"),
    ],
    [
      "a negative variance",
      () => layers.normalization({ mean: 1, variance: -1 }),
      new ArgumentError("normalization: variance must be a finite number >= 0 or a list of these, got -1"),
    ],
    [
      "means for other channels",
      () => sequential({ inputShape: [3] }, [layers.normalization({ mean: [1, 2], variance: 1 })]),
      new ShapeError("normalization_1: mean must hold 3 numbers, got 2"),
    ],
    [
      "statistics of each sample",
      () => sequential({ inputShape: [3] }, [layers.normalization({ axis: 0 })]),
      new ArgumentError("normalization_1: axis must name axes of a sample, but 0 counts the samples"),
    ],
    [
      "half an axis",
      () => layers.normalization({ axis: 0.5 }),
      new ArgumentError("normalization: axis must be a whole number, a list of these or null, got 0.5"),
    ],
    [
      "a shape of the layer's data that changed",
      () => sequential({ inputShape: [3] }, [layers.normalization().adapt(zeros([2, 4]))]),
      new ShapeError("normalization_1: mean must hold 3 numbers, got 4"),
    ],
  ]);
  rejects([
    [
      "no batches",
      () => layers.normalization().adapt(() => []),
      new ArgumentError("normalization: adapt: the data holds no batch"),
    ],
    [
      "samples for batches",
      () => layers.normalization().adapt(() => [[1]] as never),
      new ArgumentError("normalization: adapt: a batch must be an object { x } of samples, got [1]"),
    ],
  ]);
});
