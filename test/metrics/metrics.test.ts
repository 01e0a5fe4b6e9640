import { describe, expect, it } from "vitest";
import { ArgumentError, metrics, ShapeError, tensor } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { type Rows, scoreOf } from "../support/metric.ts";
import { Random } from "../support/random.ts";

/** Random probabilities with targets that they tend to. */
function drawn(rows: number, columns: number, seed: number): Rows & { hot: Float32Array } {
  const random = new Random(seed);
  const predictions = random.floats(rows * columns, 0, 1);
  const targets = Array.from({ length: rows }, () => Math.floor(random.next() * columns));
  const hot = new Float32Array(rows * columns);
  for (const [row, label] of targets.entries()) {
    hot[row * columns + label] = 1;
    predictions[row * columns + label] = (1 + predictions[row * columns + label]) / 2;
  }
  return { predictions, targets, columns, hot };
}

const one = drawn(40, 4, 1);
const two = drawn(25, 4, 2);
const rowsOf = ({ predictions, columns }: Rows) =>
  Array.from({ length: predictions.length / columns }, (_, i) => [
    ...predictions.slice(i * columns, (i + 1) * columns),
  ]);
const both = {
  predictions: [...rowsOf(one), ...rowsOf(two)],
  labels: [...(one.targets as number[]), ...(two.targets as number[])],
};

describe("metrics", () => {
  it("add up over batches, and are the same for indices and rows", () => {
    const all = { predictions: Float32Array.from(both.predictions.flat()), targets: both.labels, columns: 4 };
    const { accuracy, topKAccuracy, precision, recall, f1Score, auc, meanIoU } = metrics;
    for (const make of [
      accuracy,
      () => topKAccuracy({ k: 2 }),
      precision,
      recall,
      f1Score,
      auc,
      () => auc({ curve: "PR" }),
      meanIoU,
    ]) {
      const metric = make();
      const whole = scoreOf(metric, all);
      expect(whole).toBeGreaterThan(0);
      expect(scoreOf(metric, one, two)).toBeCloseTo(whole, 12);
      expect(scoreOf(metric, { ...one, targets: one.hot }, { ...two, targets: two.hot })).toBeCloseTo(whole, 12);
    }
  });

  it("topKAccuracy looks for the label among the largest", () => {
    for (const k of [1, 2, 3, 4]) {
      const hits = both.labels.filter((label, i) => {
        const order = [0, 1, 2, 3].sort((a, b) => both.predictions[i][b] - both.predictions[i][a]);
        return order.slice(0, k).includes(label);
      });
      expect(scoreOf(metrics.topKAccuracy({ k }), one, two)).toBe(hits.length / 65);
    }
    const nan = { predictions: Float32Array.of(Number.NaN, 0, 0), targets: [0], columns: 3 };
    expect(scoreOf(metrics.topKAccuracy({ k: 1 }), nan)).toBe(0);
  });

  it("binaryAccuracy and the categorical ones are what their names say", () => {
    const said = one.predictions.filter((p, i) => p > 0.7 === one.hot[i] > 0.5).length;
    const hot = { ...one, targets: one.hot };
    expect(scoreOf(metrics.binaryAccuracy({ threshold: 0.7 }), hot)).toBe(said / 160);
    const plain = scoreOf(metrics.accuracy(), one);
    expect(scoreOf(metrics.sparseCategoricalAccuracy(), one)).toBe(plain);
    expect(scoreOf(metrics.categoricalAccuracy(), hot)).toBe(plain);
  });

  it("precision, recall and F1 are made of the counts, of all classes or class by class", () => {
    const count = (column: number | undefined, test: (says: boolean, is: boolean) => boolean) => {
      let n = 0;
      for (const [i, row] of both.predictions.entries()) {
        for (const [c, p] of row.entries()) if (c === (column ?? c) && test(p > 0.6, both.labels[i] === c)) n++;
      }
      return n;
    };
    const of = (column?: number) => {
      const hits = count(column, (says, is) => says && is);
      const [p, r] = [hits / count(column, (says) => says), hits / count(column, (_, is) => is)];
      return { p, r, f: (2 * p * r) / (p + r) };
    };
    const options = { threshold: 0.6 };
    expect(scoreOf(metrics.precision(options), one, two)).toBeCloseTo(of().p, 12);
    expect(scoreOf(metrics.recall(options), one, two)).toBeCloseTo(of().r, 12);
    expect(scoreOf(metrics.f1Score(options), one, two)).toBeCloseTo(of().f, 12);
    const mean = [0, 1, 2, 3].reduce((sum, c) => sum + of(c).f / 4, 0);
    expect(scoreOf(metrics.f1Score({ ...options, average: "macro" }), one, two)).toBeCloseTo(mean, 12);
    const none = { predictions: Float32Array.of(0, 0), targets: Float32Array.of(0, 0), columns: 1 };
    expect(scoreOf(metrics.precision(), none)).toBe(0);
  });

  it("auc is how likely a yes gets more than a no", () => {
    const random = new Random(7);
    const targets = Float32Array.from({ length: 400 }, () => Math.round(random.next()));
    // A hundredth apart, so that 1000 thresholds tell them all apart.
    const predictions = targets.map((t) => Math.round(60 * random.next() + 30 * t) / 100);
    let [better, pairs] = [0, 0];
    for (const [i, t] of targets.entries()) {
      for (const [j, u] of targets.entries()) {
        if (t !== 1 || u !== 0) continue;
        pairs++;
        better += predictions[i] > predictions[j] ? 1 : predictions[i] === predictions[j] ? 0.5 : 0;
      }
    }
    const rows = { predictions, targets, columns: 1 };
    expect(scoreOf(metrics.auc({ numThresholds: 1000 }), rows)).toBeCloseTo(better / pairs, 10);
    expect(scoreOf(metrics.auc(), rows)).toBeCloseTo(better / pairs, 2);
    expect(scoreOf(metrics.auc(), { ...rows, targets: targets.map(() => 1) })).toBeNaN();
  });

  it("auc under precision and recall is the sum over all ways to cut ties, and 1 where all yes come first", () => {
    const random = new Random(8);
    const targets = Float32Array.from({ length: 60 }, () => (random.next() < 0.3 ? 1 : 0));
    const all = targets.reduce((sum, t) => sum + t, 0);
    const predictions = targets.map((t) => Math.round(60 * random.next() + 30 * t) / 100);
    // Down the thresholds in steps so small that precision is constant in each: of n ties with k yes a share is let in.
    let [area, positives, hits] = [0, 0, 0];
    for (const value of [...new Set(predictions)].sort((a, b) => b - a)) {
      const ties = targets.filter((_, i) => predictions[i] === value);
      const [n, k] = [ties.length, ties.reduce((sum, t) => sum + t, 0)];
      const parts = 20000;
      for (let part = 0.5; part < parts; part++) {
        const precision = (hits + (k * part) / parts) / (positives + (n * part) / parts);
        area += (precision * k) / parts;
      }
      positives += n;
      hits += k;
    }
    const rows = { predictions, targets, columns: 1 };
    expect(scoreOf(metrics.auc({ numThresholds: 1000, curve: "PR" }), rows)).toBeCloseTo(area / all, 6);
    expect(scoreOf(metrics.auc({ curve: "PR" }), { ...rows, predictions: targets })).toBe(1);
    expect(scoreOf(metrics.auc({ curve: "PR" }), { ...rows, targets: targets.map(() => 1) })).toBe(1);
    expect(scoreOf(metrics.auc({ curve: "PR" }), { ...rows, targets: targets.map(() => 0) })).toBeNaN();
  });

  it("meanIoU is the mean over classes that occur", () => {
    const predictions = Float32Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0);
    // Guesses 0 0 1 1; class 0: 1 of 2, class 1: 2 of 3, class 2 does not occur.
    expect(scoreOf(metrics.meanIoU(), { predictions, targets: [0, 1, 1, 1], columns: 3 })).toBeCloseTo(
      (1 / 2 + 2 / 3) / 2,
      12,
    );
    const binary = {
      predictions: Float32Array.of(0.9, 0.2, 0.6, 0.1),
      targets: Float32Array.of(1, 0, 0, 0),
      columns: 1,
    };
    expect(scoreOf(metrics.meanIoU(), binary)).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  });

  it("confusionMatrix counts what is taken for what", () => {
    const predictions = tensor(both.predictions);
    const expected = [0, 1, 2, 3].map((target) =>
      [0, 1, 2, 3].map(
        (guess) =>
          both.labels.filter(
            (label, i) => label === target && both.predictions[i].indexOf(Math.max(...both.predictions[i])) === guess,
          ).length,
      ),
    );
    expect(metrics.confusionMatrix(predictions, both.labels)).toEqual(expected);
    const hot = tensor(both.labels.map((label) => [0, 1, 2, 3].map((c) => Number(c === label))));
    expect(metrics.confusionMatrix(predictions, hot)).toEqual(expected);
    expect(metrics.confusionMatrix(tensor([[0.9], [0.2]]), tensor([[1], [1]]))).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  refuses([
    [
      "no best outputs",
      () => metrics.topKAccuracy({ k: 0 }),
      new ArgumentError("topKAccuracy: k must be a whole number >= 1, got 0"),
    ],
    [
      "a threshold above 1",
      () => metrics.precision({ threshold: 2 }),
      new ArgumentError("precision: threshold must lie in [0, 1], got 2"),
    ],
    [
      "an unknown average",
      () => metrics.f1Score({ average: "weighted" as never }),
      new ArgumentError('f1Score: average must be one of "micro", "macro", got "weighted"'),
    ],
    [
      "one threshold",
      () => metrics.auc({ numThresholds: 1 }),
      new ArgumentError("auc: numThresholds must be a whole number >= 2, got 1"),
    ],
    [
      "a curve that is none",
      () => metrics.auc({ curve: "pr" as "PR" }),
      new ArgumentError('auc: curve must be one of "ROC", "PR", got "pr"; did you mean "PR"?'),
    ],
    [
      "too few labels",
      () => metrics.confusionMatrix(tensor([[1, 2]]), []),
      new ShapeError("confusionMatrix: targets must hold 1 numbers, got 0"),
    ],
    [
      "a label past the end",
      () => metrics.confusionMatrix(tensor([[1, 2]]), [2]),
      new ArgumentError("confusionMatrix: targets[0] must be a class from 0 to 1, got 2"),
    ],
    [
      "no tensor",
      () => metrics.confusionMatrix([1] as never, [0]),
      new ArgumentError("confusionMatrix: predictions must be a Tensor, got [1]"),
    ],
  ]);
});
