import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  type Loss,
  type LossFunction,
  layers,
  loadModel,
  losses,
  type Model,
  metrics,
  ops,
  optimizers,
  ShapeError,
  sequential,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples, hotRows, leavesNothing } from "../support/model.ts";
import { Random } from "../support/random.ts";

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
const still = () => optimizers.sgd({ learningRate: 1e-30 });
type Activation = Parameters<typeof layers.activation>[0];

/** A dense layer, or a 1x1 convolution over images, before a loss. */
function model(inputShape: readonly number[], activation: Activation, loss: Loss | LossFunction, classes = 3): Model {
  const isImage = inputShape.length === 3;
  const layer = isImage ? layers.conv2d({ filters: classes, kernelSize: 1 }) : layers.dense({ units: classes });
  const made = sequential({ inputShape, seed: 2 }, [layer, layers.activation(activation)]);
  return made.compile({ optimizer: still(), loss });
}

/** Sums over all rows of a gradient: that of the bias. */
const columnSums = (dx: Tensor) => {
  const columns = dx.shape[dx.shape.length - 1];
  return Array.from({ length: columns }, (_, c) =>
    dx.data.filter((__, i) => i % columns === c).reduce((a, b) => a + b),
  );
};

const shapes = { vectors: [5], images: [2, 3, 4] };
const values = (count: number) => new Random(3).floats(count, 0.05, 0.95);

describe("losses with options", () => {
  const { hinge, squaredHinge, meanAbsoluteError, klDivergence, cosineSimilarity, dice } = losses;
  const cases: [string, Activation, Loss, (x: Tensor, t: Tensor) => ops.LossResult][] = [
    ["huber", "linear", losses.huber({ delta: 0.3 }), (x, t) => ops.huber(x, t, { delta: 0.3 })],
    ["hinge", "linear", hinge(), ops.hinge],
    ["squaredHinge", "linear", squaredHinge(), ops.squaredHinge],
    ["meanAbsoluteError", "linear", meanAbsoluteError(), ops.meanAbsoluteError],
    ["klDivergence", "softmax", klDivergence(), ops.klDivergence],
    ["categoricalHinge", "linear", losses.categoricalHinge(), ops.categoricalHinge],
    ["cosineSimilarity", "linear", cosineSimilarity(), ops.cosineSimilarity],
    ["dice", "sigmoid", dice(), ops.dice],
    ["binaryCrossentropy", "sigmoid", losses.binaryCrossentropy(), ops.binaryCrossentropy],
    [
      "binaryCrossentropy of logits",
      "linear",
      losses.binaryCrossentropy({ fromLogits: true }),
      (x, t) => ops.binaryCrossentropy(x, t, { fromLogits: true }),
    ],
    [
      "binaryFocalCrossentropy",
      "sigmoid",
      losses.binaryFocalCrossentropy({ gamma: 1 }),
      (x, t) => ops.binaryFocalCrossentropy(x, t, { gamma: 1 }),
    ],
    [
      "categoricalFocalCrossentropy",
      "softmax",
      losses.categoricalFocalCrossentropy(),
      ops.categoricalFocalCrossentropy,
    ],
  ];
  describe.each(Object.entries(shapes))("over %s", (_, inputShape) => {
    it.each(cases)("%s is its op, in value and gradient", async (__, activation, loss, op) => {
      await leavesNothing(() => {
        const made = model(inputShape, activation, loss);
        const size = inputShape.reduce((a, b) => a * b);
        const x = new Random(1).floats(4 * size);
        const y = made.predict(x);
        const targets = tensor(values(y.size), y.shape);
        const { loss: value, dx } = op(y, targets);
        expect(made.trainOnBatch(x, targets).loss).toBeCloseTo(value, 5);
        // Behind the activation, as the bias sees it.
        const logits =
          activation === "softmax"
            ? ops.softmaxBackward(dx, logitsOf(y))
            : activation === "sigmoid"
              ? ops.activationBackward(dx, logitsOf(y, "sigmoid"), "sigmoid")
              : dx;
        expectClose(made.parameters[1].gradientData, columnSums(logits), { relative: 1e-4, absolute: 1e-5 }, "db");
        made.dispose();
        for (const used of [y, targets, dx, logits, ...lent.splice(0)]) used.dispose();
      });
    });
  });

  /** Logits that give these probabilities. */
  const lent: Tensor[] = [];
  const logitsOf = (p: Tensor, kind = "softmax") => {
    const data = p.data.map((v) => (kind === "softmax" ? Math.log(v) : Math.log(v / (1 - v))));
    const made = tensor(data, p.shape);
    lent.push(made);
    return made;
  };

  it("cross-entropies take an index or a row for each place of an image", async () => {
    const x = new Random(1).floats(4 * 24);
    const labels = Int32Array.from({ length: 24 }, (_, i) => i % 3);
    const sparse = model(shapes.images, "softmax", losses.sparseCategoricalCrossentropy());
    const dense = model(shapes.images, "softmax", losses.categoricalCrossentropy());
    using p = sparse.predict(x);
    const expected = labels.reduce((sum, label, i) => sum - Math.log(p.data[3 * i + label]), 0) / 24;
    expect(sparse.trainOnBatch(x, labels).loss).toBeCloseTo(expected, 5);
    expect(dense.trainOnBatch(x, hotRows(labels, 3)).loss).toBeCloseTo(expected, 5);
    expectClose(dense.parameters[1].gradientData, sparse.parameters[1].gradientData, TOLERANCE);
    // Weights belong to samples: the first of four.
    const sampleWeight = [3, 1, 0, 2];
    const each = Array.from({ length: 4 }, (_, n) =>
      labels.slice(6 * n, 6 * n + 6).reduce((sum, label, i) => sum - Math.log(p.data[3 * (6 * n + i) + label]) / 6, 0),
    );
    const weighted = each.reduce((sum, loss, n) => sum + (loss * sampleWeight[n]) / 4, 0);
    expect(sparse.trainOnBatch(x, labels, { sampleWeight }).loss).toBeCloseTo(weighted, 5);
    for (const made of [sparse, dense]) made.dispose();
  });

  it("fromLogits is the same as a softmax at the end", () => {
    const { x, y } = drawSamples(6, [5], 3);
    using fused = model([5], "softmax", losses.sparseCategoricalCrossentropy());
    using bare = model([5], "linear", losses.sparseCategoricalCrossentropy({ fromLogits: true }));
    expect(bare.trainOnBatch(x, y).loss).toBe(fused.trainOnBatch(x, y).loss);
    expect(bitsOf([bare.parameters[0].gradientData])).toEqual(bitsOf([fused.parameters[0].gradientData]));
  });

  it("labelSmoothing gives a share of each target to all classes", () => {
    const { x, hot } = drawSamples(6, [5], 3);
    const smooth = (classes: number) => hot.map((t) => t * 0.8 + 0.2 / classes);
    for (const make of [losses.categoricalCrossentropy, losses.categoricalFocalCrossentropy]) {
      using plain = model([5], "softmax", make());
      using smoothed = model([5], "softmax", make({ labelSmoothing: 0.2 }));
      expect(smoothed.trainOnBatch(x, hot).loss).toBeCloseTo(plain.trainOnBatch(x, smooth(3)).loss, 6);
    }
    using plain = model([5], "sigmoid", losses.binaryCrossentropy());
    using smoothed = model([5], "sigmoid", losses.binaryCrossentropy({ labelSmoothing: 0.2 }));
    expect(smoothed.trainOnBatch(x, hot).loss).toBeCloseTo(plain.trainOnBatch(x, smooth(2)).loss, 6);
  });

  it("a sigmoid is fused, and metrics see its probabilities", () => {
    const { x, hot } = drawSamples(30, [5], 3);
    using made = sequential({ inputShape: [5], seed: 2 }, [layers.dense({ units: 3, activation: "sigmoid" })]);
    made.compile({ optimizer: still(), loss: "binaryCrossentropy", metrics: ["binaryAccuracy", "precision", "auc"] });
    using p = made.predict(x);
    const scores = made.trainOnBatch(x, hot);
    const right = p.data.filter((value, i) => value > 0.5 === hot[i] > 0.5).length;
    expect(scores.binaryAccuracy).toBe(right / 90);
    const said = p.data.filter((value) => value > 0.5).length;
    const hits = p.data.filter((value, i) => value > 0.5 && hot[i] > 0.5).length;
    expect(scores.precision).toBe(hits / said);
  });

  it("class weights choose by 0.5 where there is one output", () => {
    using made = model([2], "sigmoid", losses.binaryCrossentropy(), 1);
    const [x, y] = [Float32Array.of(1, 2, -1, 0.5), [1, 0]];
    const each = [0, 1].map((i) => made.trainOnBatch(x.slice(2 * i, 2 * i + 2), [y[i]]).loss);
    const weighted = made.trainOnBatch(x, y, { classWeight: { 1: 5 } }).loss;
    expect(weighted).toBeCloseTo((5 * each[0] + each[1]) / 2, 5);
  });

  it("sample weights are those of the samples in any order", async () => {
    const { x, y } = drawSamples(9, [5], 3);
    const sampleWeight = Float32Array.from({ length: 9 }, (_, i) => i);
    using made = model([5], "softmax", losses.sparseCategoricalCrossentropy());
    const each = Array.from({ length: 9 }, (_, i) => made.trainOnBatch(x.slice(5 * i, 5 * i + 5), [y[i]]).loss);
    const history = await made.fit(x, y, { batchSize: 4, sampleWeight });
    expect(history.loss[0]).toBeCloseTo(each.reduce((sum, loss, i) => sum + loss * i, 0) / 9, 5);
  });

  it("come back from a file with their options", () => {
    using made = model([5], "linear", losses.huber({ delta: 2 }));
    made.compile({
      loss: losses.huber({ delta: 2 }),
      metrics: ["accuracy", metrics.topKAccuracy({ k: 2, name: "top2" })],
    });
    using again = loadModel(made.save({ optimizer: true }));
    const { loss, metrics: kept } = again.trainer("test").compiled;
    expect([loss.name, loss.config]).toEqual(["huber", { delta: 2 }]);
    expect(kept.map(({ name, made: how }) => [name, how])).toEqual([
      ["accuracy", { metric: "accuracy", config: {} }],
      ["top2", { metric: "topKAccuracy", config: { k: 2, name: "top2" } }],
    ]);
  });

  refuses([
    [
      "an option that does not exist",
      () => losses.huber({ beta: 1 } as never),
      new ArgumentError('huber: every option must be one of "delta", got "beta"; did you mean "delta"?'),
    ],
    ["a delta of 0", () => losses.huber({ delta: 0 }), new ArgumentError("huber: delta must be a number > 0, got 0")],
    [
      "all of a target given away",
      () => losses.categoricalCrossentropy({ labelSmoothing: 1 }),
      new ArgumentError("categoricalCrossentropy: labelSmoothing must be a number in [0, 1), got 1"),
    ],
    [
      "class weights for images",
      () => {
        using made = model(shapes.images, "softmax", losses.categoricalCrossentropy());
        made.trainOnBatch(new Float32Array(24), new Float32Array(18), { classWeight: { 0: 2 } });
      },
      new ArgumentError("trainOnBatch: classWeight needs a class per sample, but outputs are [2,3,3]"),
    ],
    [
      "too few sample weights",
      () => {
        using made = model([5], "softmax", losses.sparseCategoricalCrossentropy());
        made.trainOnBatch(new Float32Array(10), [0, 1], { sampleWeight: [1] });
      },
      new ShapeError("trainOnBatch: sampleWeight must hold 2 numbers, one per sample, got 1"),
    ],
    [
      "a negative sample weight",
      () => {
        using made = model([5], "softmax", losses.sparseCategoricalCrossentropy());
        made.trainOnBatch(new Float32Array(10), [0, 1], { sampleWeight: [1, -1] });
      },
      new ArgumentError("trainOnBatch: sampleWeight[1] must be a number >= 0, got -1"),
    ],
    [
      "a class past the end in an image",
      () => {
        using made = model(shapes.images, "softmax", losses.sparseCategoricalCrossentropy());
        made.trainOnBatch(new Float32Array(24), [0, 1, 2, 3, 0, 0]);
      },
      new ArgumentError("trainOnBatch: y[3] must be a class from 0 to 2, got 3"),
    ],
  ]);
});

describe("functions of the user's own", () => {
  const { x, hot } = drawSamples(6, [5], 3);
  // The example of docs/custom-losses.md.
  const pull = (predictions: Tensor, targets: Tensor) => {
    const error = ops.meanSquaredError(predictions, targets);
    const angle = ops.cosineSimilarity(predictions, targets);
    return { loss: error.loss + angle.loss, dx: ops.add(error.dx, angle.dx) };
  };
  const largestError = (predictions: Tensor, targets: Tensor) =>
    Math.max(...predictions.data.map((p, i) => Math.abs(p - targets.data[i])));

  it("train as losses, and score as metrics", async () => {
    await leavesNothing(async () => {
      const made = model([5], "tanh", pull);
      made.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: pull, metrics: [largestError] });
      const before = await made.evaluate(x, hot);
      const p = made.predict(x);
      expect(before.largestError).toBeCloseTo(largestError(p, { data: hot } as never), 6);
      p.dispose();
      const history = await made.fit(x, hot, { epochs: 20, batchSize: 3 });
      expect(history.loss[19]).toBeLessThan(before.loss);
      const { loss } = await made.evaluate(x, hot);
      expect(loss).toBeLessThan(before.loss - 0.1);
      made.dispose();
    });
  });

  it("have the gradient that they give", () => {
    using own = model([5], "tanh", (p: Tensor, t: Tensor) => ops.meanSquaredError(p, t));
    using built = model([5], "tanh", losses.meanSquaredError());
    expect(own.trainOnBatch(x, hot).loss).toBeCloseTo(built.trainOnBatch(x, hot).loss, 6);
    expectClose(own.parameters[0].gradientData, built.parameters[0].gradientData, TOLERANCE);
  });

  const train = (loss: LossFunction, options = {}) => {
    using made = model([5], "tanh", loss);
    made.trainOnBatch(x, hot, options);
  };
  refuses([
    [
      "a loss that is no number",
      () =>
        train(function own(p) {
          return { loss: p, dx: p } as never;
        }),
      new ArgumentError("own: loss must be a number, got Tensor"),
    ],
    [
      "no gradient",
      () =>
        train(function own() {
          return { loss: 1 } as never;
        }),
      new ArgumentError("own: dx must be a Tensor, got undefined"),
    ],
    [
      "a gradient of another shape",
      () =>
        train(function own() {
          return { loss: 1, dx: tensor([1]) };
        }),
      new ShapeError("own: dx must be [6,3], got [1]"),
    ],
    [
      "weights for it",
      () => train(pull, { classWeight: { 0: 2 } }),
      new ArgumentError('trainOnBatch: the loss "pull" is a function of your own, which sees no weights'),
    ],
    [
      "a file for it",
      () => {
        using made = model([5], "tanh", pull);
        made.save({ optimizer: true });
      },
      new ArgumentError('save: a file cannot hold the loss "pull", a function of your own; save without the optimizer'),
    ],
    [
      "a file for a metric",
      () => {
        using made = model([5], "tanh", losses.meanSquaredError());
        made.compile({ loss: "meanSquaredError", metrics: [largestError] }).save({ optimizer: true });
      },
      new ArgumentError(
        'save: a file cannot hold the metric "largestError", a function of your own; save without the optimizer',
      ),
    ],
    [
      "a metric that is no number",
      () => {
        using made = model([5], "tanh", losses.meanSquaredError());
        made.compile({
          loss: "meanSquaredError",
          metrics: [
            function own() {
              return "good" as never;
            },
          ],
        });
        made.trainOnBatch(x, hot);
      },
      new ArgumentError('own: must return a number, got "good"'),
    ],
    [
      "two metrics of one name",
      () => {
        using made = model([5], "tanh", losses.meanSquaredError());
        made.compile({ loss: "meanSquaredError", metrics: ["auc", metrics.auc({ numThresholds: 10 })] });
      },
      new ArgumentError('compile: metrics must have names of their own, got "auc" twice; give one of them a name'),
    ],
  ]);
});
