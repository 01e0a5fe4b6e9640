import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  type LossName,
  layers,
  ops,
  optimizers,
  regularizers,
  ShapeError,
  sequential,
  tensor,
} from "../../src/index.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { drawSamples, leavesNothing } from "../support/model.ts";

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
const { x, y, hot } = drawSamples(7, [6], 4);

/** A dense layer (with its activation as a layer of its own where `apart`) before a loss. */
function model(loss: LossName, activation: "linear" | "softmax" | "sigmoid", apart = false) {
  const stack = apart
    ? [layers.dense({ units: 4 }), layers.activation(activation)]
    : [layers.dense({ units: 4, activation })];
  const made = sequential({ inputShape: [6], seed: 2 }, stack);
  return made.compile({ optimizer: optimizers.sgd({ learningRate: 1e-9 }), loss });
}

/** The gradient of the bias behind which the loss stands: sums over the columns. */
const columnSums = (dx: ArrayLike<number>, columns: number) =>
  Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let i = column; i < dx.length; i += columns) sum += dx[i];
    return sum;
  });

describe("losses", () => {
  it.each([
    ["sparseCategoricalCrossentropy", false],
    ["sparseCategoricalCrossentropy", true],
    ["categoricalCrossentropy", false],
    ["categoricalCrossentropy", true],
  ] as const)("%s fuses the softmax before it, of a layer or by itself: %s", async (loss, apart) => {
    await leavesNothing(() => {
      const made = model(loss, "softmax", apart);
      const [w, b] = made.getWeights();
      const [rows, kernel, bias] = [tensor(x, [7, 6]), tensor(w, [6, 4]), tensor(b)];
      const logits = ops.dense(rows, kernel, bias);
      const labels = loss === "categoricalCrossentropy" ? tensor(hot, [7, 4]) : null;
      const expected = ops.softmaxCrossEntropy(logits, labels ?? [...y]);
      const { loss: value } = made.trainOnBatch(x, loss === "categoricalCrossentropy" ? hot : y);
      expect(value).toBeCloseTo(expected.loss, 6);
      expectClose(made.parameters[1].gradientData, columnSums(expected.dlogits.data, 4), TOLERANCE, "db");
      for (const used of [rows, kernel, bias, logits, expected.dlogits, labels]) used?.dispose();
      made.dispose();
    });
  });

  it("cross-entropy with softmax stays finite where a probability is 0", () => {
    using made = model("sparseCategoricalCrossentropy", "softmax");
    made.setWeights([new Float32Array(24), [0, 200, 0, 0]]);
    expect(made.trainOnBatch(x, new Uint8Array(7)).loss).toBeCloseTo(200, 3);
    expect([...made.parameters[1].gradientData]).toEqual([-1, 1, 0, 0].map((g) => expect.closeTo(g, 6)));
  });

  it("cross-entropy takes probabilities of any other making", () => {
    for (const loss of ["sparseCategoricalCrossentropy", "categoricalCrossentropy"] as const) {
      using made = model(loss, "sigmoid");
      using p = made.predict(x);
      using labels = tensor(hot, [7, 4]);
      const expected = ops.crossEntropy(p, loss === "categoricalCrossentropy" ? labels : [...y]);
      expect(made.trainOnBatch(x, loss === "categoricalCrossentropy" ? hot : y).loss).toBeCloseTo(expected.loss, 6);
      expected.dp.dispose();
    }
  });

  it("mean squared error is the mean over samples and elements, of outputs of any shape", () => {
    using made = sequential({ inputShape: [2, 3] }, [
      layers.dense({ units: 2 }),
      layers.reshape({ targetShape: [4, 1] }),
    ]);
    made.compile({
      optimizer: optimizers.sgd({ learningRate: 1e-9 }),
      loss: "meanSquaredError",
      metrics: ["accuracy"],
    });
    using p = made.predict(x);
    const targets = hot.slice(0, 28);
    const expected = [...p.data].reduce((sum, value, i) => sum + (value - targets[i]) ** 2, 0) / 28;
    expect(made.trainOnBatch(x, targets).loss).toBeCloseTo(expected, 6);
  });

  it("NaN in the samples makes the loss NaN, not an error", async () => {
    using made = model("sparseCategoricalCrossentropy", "softmax");
    const bad = x.slice();
    bad[3] = Number.NaN;
    expect(made.trainOnBatch(bad, y).loss).toBeNaN();
  });

  it("include the penalties of weights that learn, in training and in evaluation", async () => {
    const make = (penalized: boolean) => {
      const kernelRegularizer = penalized ? regularizers.l1l2({ l1: 0.1, l2: 0.3 }) : undefined;
      const biasRegularizer = penalized ? regularizers.l2(0.5) : undefined;
      const made = sequential({ inputShape: [6], seed: 1 }, [
        layers.dense({ units: 5, biasRegularizer, biasInitializer: "ones" }),
        layers.dense({ units: 4, kernelRegularizer, activation: "softmax" }),
      ]);
      return made.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    };
    using with_ = make(true);
    using without = make(false);
    const [, bias, kernel] = with_.getWeights();
    const sum = (list: Float32Array, f: (w: number) => number) => [...list].reduce((total, w) => total + f(w), 0);
    const ofKernel = sum(kernel, (w) => 0.1 * Math.abs(w) + 0.3 * w * w);
    const ofBias = sum(bias, (w) => 0.5 * w * w);
    expect(ofBias).toBe(2.5);
    const plain = await without.evaluate(x, y);
    // Once, however many batches there are.
    for (const batchSize of [2, 7]) {
      expect((await with_.evaluate(x, y, { batchSize })).loss - plain.loss).toBeCloseTo(ofKernel + ofBias, 5);
    }
    with_.layers[0].freeze();
    expect((await with_.evaluate(x, y)).loss - plain.loss).toBeCloseTo(ofKernel, 5);
    with_.layers[0].freeze(false);
    const [a, b] = [with_.trainOnBatch(x, y).loss, without.trainOnBatch(x, y).loss];
    expect(a - b).toBeCloseTo(ofKernel + ofBias, 5);
    const gradient = [...with_.parameters[2].gradientData].map((g, i) => g - without.parameters[2].gradientData[i]);
    expectClose(
      gradient,
      [...kernel].map((w) => 0.1 * Math.sign(w) + 0.6 * w),
      { relative: 1e-4, absolute: 1e-5 },
    );
  });

  const compile = (loss: string, list: Parameters<typeof sequential>[1]) => () =>
    sequential({ inputShape: [6, 6, 1] }, list).compile({ loss: loss as LossName });
  const names = [
    ...["sparseCategoricalCrossentropy", "categoricalCrossentropy", "binaryCrossentropy", "meanSquaredError"],
    ...[
      "meanAbsoluteError",
      "huber",
      "hinge",
      "squaredHinge",
      "categoricalHinge",
      "klDivergence",
      "cosineSimilarity",
      "dice",
    ],
    ...["binaryFocalCrossentropy", "categoricalFocalCrossentropy"],
  ]
    .map((name) => `"${name}"`)
    .join(", ");
  refuses([
    [
      "an unknown loss, with the nearest",
      compile("categoricalCrossEntropi", [layers.flatten()]),
      new ArgumentError(
        `compile: loss must be one of ${names}, got "categoricalCrossEntropi"; did you mean "categoricalCrossentropy"?`,
      ),
    ],
    [
      "no loss",
      () => sequential({ inputShape: [2] }, [layers.flatten()]).compile({} as never),
      new ArgumentError(`compile: loss must be one of ${names}, got undefined`),
    ],
    [
      "a loss of classes on images of one channel",
      compile("sparseCategoricalCrossentropy", [layers.maxPool2d()]),
      new ShapeError('compile: loss "sparseCategoricalCrossentropy" needs outputs of shape [...,classes], got [3,3,1]'),
    ],
    [
      "a loss of classes on a single output",
      compile("categoricalCrossentropy", [layers.flatten(), layers.dense({ units: 1 })]),
      new ShapeError('compile: loss "categoricalCrossentropy" needs outputs of shape [...,classes], got [1]'),
    ],
  ]);
});
