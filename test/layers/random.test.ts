import { describe, expect, it } from "vitest";
import { ArgumentError, type Layer, layers, loadModel, ops, optimizers, sequential, tensor } from "../../src/index.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples } from "../support/model.ts";

const SHAPE = [6, 8, 3];
const RANGE = [-1, 1] as const;
const MAKERS: Readonly<Record<string, () => Layer>> = {
  randomFlip: () => layers.randomFlip(),
  randomTranslation: () => layers.randomTranslation({ heightFactor: 0.3, widthFactor: 0.3, fillMode: "wrap" }),
  randomRotation: () => layers.randomRotation({ factor: 0.2 }),
  randomZoom: () => layers.randomZoom({ heightFactor: 0.4, widthFactor: 0.2 }),
  randomCrop: () => layers.randomCrop({ height: 5, width: 4 }),
  randomBrightness: () => layers.randomBrightness({ factor: 0.3, valueRange: RANGE }),
  randomContrast: () => layers.randomContrast({ factor: 0.5, valueRange: RANGE }),
  randomErasing: () => layers.randomErasing({ valueRange: RANGE }),
  cutout: () => layers.randomErasing({ fillValue: 0, valueRange: RANGE }),
};

const { x } = drawSamples(40, SHAPE, 3);
const image = 6 * 8 * 3;

/** What a layer makes of samples in so many training steps: behind it stands a layer that changes nothing, and learns next to nothing. */
function steps(layer: Layer, { count = 1, seed = 5, shape = SHAPE, data = x } = {}): Float32Array[] {
  const made: Float32Array[] = [];
  const look = (predictions: { data: Float32Array }) => made.push(predictions.data.slice());
  using model = sequential({ inputShape: shape, seed }, [
    layer,
    layers.depthwiseConv2d({ kernelSize: 1, depthwiseInitializer: "ones", useBias: false }),
  ]);
  const optimizer = optimizers.sgd({ learningRate: 1e-30 });
  model.compile({ optimizer, loss: "meanSquaredError", metrics: [look] });
  const [n, size] = [data.length / shape.reduce((a, b) => a * b), model.outputShape.reduce((a, b) => a * b)];
  for (let i = 0; i < count; i++) model.trainOnBatch(data, new Float32Array(n * size));
  return made;
}

describe.each(Object.entries(MAKERS))("%s", (_, make) => {
  it("draws anew for every image and step, and alike for the same seed", () => {
    const twin = new Float32Array(x.length);
    for (let i = 0; i < 40; i++) twin.set(x.subarray(0, image), i * image); // one image, forty times
    const [first, second] = steps(make(), { count: 2, data: twin });
    const size = first.length / 40;
    const images = new Set(Array.from({ length: 40 }, (_, i) => first.slice(i * size, (i + 1) * size).join()));
    expect(images.size).toBeGreaterThan(3); // there are four ways to mirror
    expect(second).not.toEqual(first);
    expect(bitsOf(steps(make(), { count: 2, data: twin }))).toEqual(bitsOf([first, second]));
    expect(steps(make(), { seed: 6, data: twin })[0]).not.toEqual(first);
  });

  it("hands gradients through: as the loss of the same step changes with what learns before it", () => {
    const at = (weight: number) => {
      using model = sequential({ inputShape: SHAPE, seed: 3 }, [
        layers.depthwiseConv2d({ kernelSize: 1, useBias: false }),
        make(),
        layers.flatten(),
        layers.dense({ units: 1, useBias: false }),
      ]);
      const [kernel, ...others] = model.getWeights();
      model.setWeights([kernel.map((_, i) => (i === 1 ? weight : 0.3)), ...others]);
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const { loss } = model.trainOnBatch(x, new Float32Array(40).fill(1));
      return { loss, gradient: model.parameters[0].gradientData[1] };
    };
    const h = 1e-2;
    const numeric = (at(0.3 + h).loss - at(0.3 - h).loss) / (2 * h);
    const { gradient } = at(0.3);
    expect(Math.abs(gradient)).toBeGreaterThan(1e-3);
    // With such small weights nothing reaches the ends of the range, and the loss, rounded to 1e-7, is quadratic in them.
    expectClose([gradient], [numeric], { relative: 1e-4, absolute: 1e-5 });
  });

  it("does nothing outside of training, and comes back from a file", () => {
    using model = sequential({ inputShape: SHAPE, seed: 1 }, [make(), layers.flatten(), layers.dense({ units: 2 })]);
    using again = loadModel(model.save());
    expect(again.layers[0].config()).toMatchObject(model.layers[0].config());
    expect(again.predict(x).data).toEqual(model.predict(x).data);
    if (model.layers[0].className === "RandomCrop") return;
    using plain = sequential({ inputShape: SHAPE, seed: 1 }, [layers.flatten(), layers.dense({ units: 2 })]);
    plain.setWeights(model.getWeights());
    expect(model.predict(x).data).toEqual(plain.predict(x).data);
    expect(model.memory({ batchSize: 40 }).predict).toBe(plain.memory({ batchSize: 40 }).predict);
  });
});

it("layers of one kind draw each for themselves", () => {
  const [twice] = steps(layers.randomBrightness({ factor: 1, valueRange: [-9, 9], name: "a" }));
  const [other] = steps(layers.randomBrightness({ factor: 1, valueRange: [-9, 9], name: "b" }));
  expect(twice).not.toEqual(other);
});

it("a stopped training goes on to the same bits", async () => {
  const y = Int32Array.from({ length: 40 }, (_, i) => i % 3);
  const make = () => {
    const all = Object.entries(MAKERS).filter(([name]) => name !== "randomCrop");
    const model = sequential({ inputShape: SHAPE, seed: 2 }, [
      ...all.map(([, one]) => one()),
      MAKERS.randomCrop(),
      layers.flatten(),
      layers.dense({ units: 3, activation: "softmax" }),
    ]);
    return model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  };
  using model = make();
  await model.fit(x, y, { epochs: 2, batchSize: 16 });
  using stopped = make();
  const controller = new AbortController();
  const onBatchEnd = ({ batch }: { batch: number }) => batch === 1 && controller.abort();
  await stopped.fit(x, y, {
    epochs: 2,
    batchSize: 16,
    signal: controller.signal,
    onBatchEnd: (r) => void onBatchEnd(r),
  });
  using again = loadModel(stopped.save({ optimizer: true }));
  await again.fit(x, y, { epochs: 2, batchSize: 16, resume: true });
  expect(bitsOf(again.getWeights())).toEqual(bitsOf(model.getWeights()));
});

describe("what is drawn, where one value alone can be", () => {
  const samples = () => tensor(x, [40, ...SHAPE]);
  const always = (factor: number) => [factor, factor] as const;

  it("randomTranslation shifts down and to the right", () => {
    const layer = layers.randomTranslation({ heightFactor: always(0.25), widthFactor: always(-0.125) });
    const moved = ops.affineTransform(samples(), [1, 0, 1, 0, 1, -1.5], { fillMode: "reflect" });
    expectClose(steps(layer)[0], moved.data, { relative: 0, absolute: 1e-6 });
  });

  it("randomRotation turns counter-clockwise: a quarter takes rows to columns", () => {
    const square = [5, 5, 3];
    const { x: data } = drawSamples(2, square, 2);
    const [turned] = steps(layers.randomRotation({ factor: always(0.25) }), { shape: square, data });
    const quarter = ops.flip(ops.transpose(tensor(data, [2, ...square]), [0, 2, 1, 3]), 1);
    expectClose(turned, quarter.data, { relative: 0, absolute: 1e-6 });
  });

  it("randomZoom sees more above 0, and both ways alike without a width", () => {
    const layer = layers.randomZoom({ heightFactor: always(-0.5), interpolation: "nearest" });
    const zoomed = ops.affineTransform(samples(), [0.5, 0, 1.75, 0, 0.5, 1.25], { interpolation: "nearest" });
    expect(steps(layer)[0]).toEqual(zoomed.data);
  });

  it("randomBrightness adds its part of the range, randomContrast takes factors from 1 - lower to 1 + upper", () => {
    const bright = layers.randomBrightness({ factor: always(0.25), valueRange: RANGE });
    expect(steps(bright)[0]).toEqual(ops.adjustBrightness(samples(), 0.5, { valueRange: RANGE }).data);
    const grey = layers.randomContrast({ factor: [1, 0], valueRange: RANGE });
    const { data } = samples();
    const means = ops.mean(samples(), { axes: [1, 2] }).data;
    steps(grey)[0].forEach((value, i) => {
      const mean = means[3 * Math.floor(i / image) + (i % 3)];
      expect(Math.abs(value - mean)).toBeLessThanOrEqual(Math.abs(data[i] - mean) + 1e-6);
      expect((value - mean) * (data[i] - mean)).toBeGreaterThanOrEqual(-1e-6);
    });
  });

  it("randomErasing takes away what scale says of an image, from all of them or from some", () => {
    const ones = new Float32Array(400 * 20 * 20).fill(1);
    const options = { shape: [20, 20, 1], data: ones };
    const [all] = steps(layers.randomErasing({ fillValue: 0, scale: [0.25, 0.25], valueRange: [0, 1] }), options);
    const erased = Array.from({ length: 400 }, (_, i) => {
      return all.subarray(i * 400, (i + 1) * 400).filter((value) => value === 0).length;
    });
    // With factor 1 the probability itself is drawn from [0, 1]: a half loses 10 x 10 pixels, or as many as a border between cells allows.
    const hit = erased.filter((count) => count > 0);
    expect(Math.abs(hit.length - 200)).toBeLessThan(4 * 10);
    expect(new Set(hit)).toEqual(new Set([100]));
    const [every] = steps(layers.randomErasing({ factor: always(1), valueRange: [0, 255] }), options);
    const changed = every.filter((value) => value !== 1);
    expect(changed.every((value) => value >= 0 && value <= 255)).toBe(true);
    // Half of the noise is below 0 and cut off there, 16 % above 255.
    const zeros = changed.filter((value) => value === 0).length / changed.length;
    expect(Math.abs(zeros - 0.5)).toBeLessThan(0.02);
  });

  it("randomFlip mirrors one way where asked", () => {
    const [first] = steps(layers.randomFlip({ mode: "vertical" }));
    const [still, mirrored] = [x, ops.flip(samples(), 1).data];
    let flipped = 0;
    for (let i = 0; i < 40; i++) {
      const part = (data: Float32Array) => data.slice(i * image, (i + 1) * image);
      const isStill = part(first).join() === part(still).join();
      if (!isStill) expect(part(first)).toEqual(part(mirrored));
      flipped += isStill ? 0 : 1;
    }
    expect(Math.abs(flipped - 20)).toBeLessThan(4 * Math.sqrt(10));
  });
});

describe("centerCrop and randomCrop", () => {
  const made = (layer: Layer, shape: readonly number[], data: Float32Array) => {
    using model = sequential({ inputShape: shape }, [layer]);
    return model.predict(data).data.slice();
  };

  it("centerCrop takes the middle, the odd cell left out behind", () => {
    const layer = layers.centerCrop({ height: 3, width: 3 });
    const middle = ops.slice(tensor(x, [40, ...SHAPE]), { start: [0, 1, 2], end: [40, 4, 5] });
    expect(made(layer, SHAPE, x)).toEqual(middle.data);
    expect(made(layers.centerCrop({ height: 6, width: 8 }), SHAPE, x)).toEqual(x);
  });

  it("centerCrop resizes the largest part of its form where an image is smaller, as randomCrop does outside of training", () => {
    const part = ops.slice(tensor(x, [40, ...SHAPE]), { start: [0, 0, 1], end: [40, 6, 7] });
    const expected = ops.resize(part, 12).data;
    expect(made(layers.centerCrop({ height: 12, width: 12 }), SHAPE, x)).toEqual(expected);
    expect(made(layers.randomCrop({ height: 12, width: 12 }), SHAPE, x)).toEqual(expected);
    expect(made(layers.randomCrop({ height: 3, width: 3 }), SHAPE, x)).toEqual(ops.resize(part, 3).data);
    expectClose(steps(layers.randomCrop({ height: 12, width: 12 }))[0], expected, { relative: 0, absolute: 0 });
  });

  it("randomCrop copies a part of each image, of all there are", () => {
    const [crops] = steps(layers.randomCrop({ height: 5, width: 7 }));
    const places = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const crop = crops.slice(i * 105, (i + 1) * 105).join();
      const whole = tensor(x.slice(i * image, (i + 1) * image), SHAPE);
      const found = [0, 1].flatMap((top) =>
        [0, 1]
          .filter((left) => {
            const part = ops.slice(whole, { start: [top, left], end: [top + 5, left + 7] });
            return part.data.join() === crop;
          })
          .map((left) => `${top} ${left}`),
      );
      expect(found).toHaveLength(1);
      places.add(found[0]);
    }
    expect(places.size).toBe(4);
  });
});

describe("options", () => {
  refuses([
    [
      "a translation of more than the image",
      () => layers.randomTranslation({ heightFactor: 1.5, widthFactor: 0 }),
      new ArgumentError("randomTranslation: heightFactor must be a number from -1 to 1 or [lower, upper], got 1.5"),
    ],
    [
      "no factor",
      () => layers.randomRotation({} as never),
      new ArgumentError("randomRotation: factor must be a number from -1 to 1 or [lower, upper], got undefined"),
    ],
    [
      "a range the wrong way round",
      () => layers.randomZoom({ heightFactor: [0.2, 0.1] }),
      new ArgumentError("randomZoom: heightFactor must be a number from -1 to 1 or [lower, upper], got [0.2,0.1]"),
    ],
    [
      "a fill mode of ops.pad",
      () => layers.randomRotation({ factor: 0.1, fillMode: "edge" as never }),
      new ArgumentError('randomRotation: fillMode must be one of "constant", "nearest", "reflect", "wrap", got "edge"'),
    ],
    [
      "a mode by Keras' spelling",
      () => layers.randomFlip({ mode: "horizontal_and_vertical" as never }),
      new ArgumentError(
        'randomFlip: mode must be one of "horizontal", "vertical", "horizontalAndVertical", got "horizontal_and_vertical"; did you mean "horizontalAndVertical"?',
      ),
    ],
    [
      "a contrast below 0",
      () => layers.randomContrast({ factor: -0.1 }),
      new ArgumentError("randomContrast: factor must be a number from 0 to 1 or [lower, upper], got -0.1"),
    ],
    [
      "a range of values that is none",
      () => layers.randomBrightness({ factor: 0.1, valueRange: [1, 1] }),
      new ArgumentError("randomBrightness: valueRange must be [low, high] such as [0, 255], got [1,1]"),
    ],
    [
      "a probability above 1",
      () => layers.randomErasing({ factor: 2 }),
      new ArgumentError("randomErasing: factor must be a number from 0 to 1 or [lower, upper], got 2"),
    ],
    [
      "text to fill with",
      () => layers.randomErasing({ fillValue: "noise" as never }),
      new ArgumentError('randomErasing: fillValue must be a finite number or null, got "noise"'),
    ],
    [
      "half a row",
      () => layers.centerCrop({ height: 2.5, width: 2 }),
      new ArgumentError("centerCrop: height must be a whole number >= 1, got 2.5"),
    ],
  ]);
});
