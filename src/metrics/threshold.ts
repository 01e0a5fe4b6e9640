/** Metrics that count outputs above a threshold, class by class: precision, recall, F1; and over all thresholds, AUC. */
import { ArgumentError, checkOptions, oneOf, show } from "../errors.ts";
import { ln } from "../tensor/exactMath.ts";
import type { Metric, MetricInput, MetricOptions } from "./metric.ts";

/** What `precision`, `recall` and `f1Score` take. */
export interface ThresholdOptions extends MetricOptions {
  /** Outputs above it say yes. Default 0.5. */
  threshold?: number;
  /** Over the counts of all classes together, or the mean over classes. Default "micro". */
  average?: "micro" | "macro";
}

/** Throws ArgumentError unless `threshold` lies in [0, 1]. */
export function checkThreshold(op: string, threshold: number): void {
  if (threshold >= 0 && threshold <= 1) return;
  throw new ArgumentError(`${op}: threshold must lie in [0, 1], got ${show(threshold)}`);
}

/** Whether the target says yes to an output. */
function isPositive({ targets, columns, kind }: MetricInput, row: number, column: number): boolean {
  return kind === "indices" ? targets[row] === column : targets[row * columns + column] > 0.5;
}

/** A metric of true positives, false positives and false negatives, three sums a class. */
function counted(
  metric: string,
  options: ThresholdOptions,
  score: (hits: number, wrong: number, missed: number) => number,
): Metric {
  checkOptions(metric, options, { name: true, threshold: true, average: true });
  const { threshold = 0.5, average = "micro" } = options;
  checkThreshold(metric, threshold);
  oneOf(metric, "average", average, ["micro", "macro"]);
  return {
    name: options.name ?? metric,
    made: { metric, config: { ...options } },
    wants: () => "probabilities",
    size: (columns) => 3 * columns,
    add(sums, input) {
      const { predictions, rows, columns } = input;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const says = predictions[row * columns + column] > threshold;
          const is = isPositive(input, row, column);
          if (says || is) sums[3 * column + (says && is ? 0 : says ? 1 : 2)]++;
        }
      }
    },
    value(sums) {
      const classes = sums.length / 3;
      const column = (c: number) => [sums[3 * c], sums[3 * c + 1], sums[3 * c + 2]] as const;
      if (average === "macro") {
        let total = 0;
        for (let c = 0; c < classes; c++) total += score(...column(c));
        return total / classes;
      }
      const all = [0, 0, 0];
      for (let c = 0; c < classes; c++) for (const [i, count] of column(c).entries()) all[i] += count;
      return score(all[0], all[1], all[2]);
    },
  };
}

/** 0 where there is nothing to divide, as in Keras. */
function part(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

/**
 * Of the outputs that say yes, the fraction that should.
 *
 * @example
 * const metric = metrics.precision(); // for model.compile({ metrics: [metric] })
 */
export function precision(options: ThresholdOptions = {}): Metric {
  return counted("precision", options, (hits, wrong) => part(hits, hits + wrong));
}

/**
 * Of the outputs that should say yes, the fraction that does.
 *
 * @example
 * const metric = metrics.recall(); // for model.compile({ metrics: [metric] })
 */
export function recall(options: ThresholdOptions = {}): Metric {
  return counted("recall", options, (hits, _, missed) => part(hits, hits + missed));
}

/**
 * The harmonic mean of precision and recall.
 *
 * @example
 * const metric = metrics.f1Score({ average: "macro" }); // for model.compile({ metrics: [metric] })
 */
export function f1Score(options: ThresholdOptions = {}): Metric {
  return counted("f1Score", options, (hits, wrong, missed) => part(2 * hits, 2 * hits + wrong + missed));
}

/** What `auc` takes. */
export interface AucOptions extends MetricOptions {
  /** Thresholds, spread evenly over [0, 1]. Default 200. */
  numThresholds?: number;
  /** "ROC": recall against the share of false alarms. "PR": precision against recall. Default "ROC". */
  curve?: "ROC" | "PR";
}

/** Of the outputs between two thresholds: how many say no and how many yes there, and of those above both. */
type Area = (no: number, yes: number, noAbove: number, yesAbove: number) => number;

/** Times all no and all yes: a trapezoid. */
const underRoc: Area = (no, yes, _, yesAbove) => no * (yesAbove + yes / 2);

/** Times all yes. Between two thresholds the yes among the outputs grow in a line with them (Davis & Goadrich 2006). */
const underPrecision: Area = (no, yes, noAbove, yesAbove) => {
  if (yes === 0) return 0;
  const [here, above] = [no + yes, noAbove + yesAbove];
  const slope = yes / here;
  const bend = above === 0 ? 0 : (yesAbove - slope * above) * ln(1 + here / above);
  return slope * (yes + bend);
};

/**
 * The area under a curve over all thresholds, by Keras' rules between two of them. Under the receiver operating characteristic it
 * is how likely a yes gets a larger output than a no; under precision and recall it looks at the rarer yes alone. Over all
 * outputs together; NaN where no target says yes or, for "ROC", all do.
 *
 * @example
 * const metric = metrics.auc({ curve: "PR" }); // for model.compile({ metrics: [metric] })
 */
export function auc(options: AucOptions = {}): Metric {
  checkOptions("auc", options, { name: true, numThresholds: true, curve: true });
  const { numThresholds: n = 200, curve = "ROC" } = options;
  oneOf("auc", "curve", curve, ["ROC", "PR"]);
  if (!Number.isInteger(n) || n < 2) {
    throw new ArgumentError(`auc: numThresholds must be a whole number >= 2, got ${show(n)}`);
  }
  return {
    name: options.name ?? "auc",
    made: { metric: "auc", config: { ...options } },
    wants: () => "probabilities",
    // Histograms of the outputs, those of no and those of yes: in place i what i thresholds lie below.
    size: () => 2 * n,
    add(sums, input) {
      const { predictions, rows, columns } = input;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const below = Math.ceil(predictions[row * columns + column] * (n - 1));
          const place = Math.min(Math.max(below, 1), n - 1);
          sums[(isPositive(input, row, column) ? n : 0) + (Number.isNaN(place) ? 1 : place)]++;
        }
      }
    },
    value(sums) {
      let [no, yes, area] = [0, 0, 0];
      const under = curve === "ROC" ? underRoc : underPrecision;
      for (let i = n - 1; i > 0; i--) {
        area += under(sums[i], sums[n + i], no, yes);
        no += sums[i];
        yes += sums[n + i];
      }
      return area / (curve === "ROC" ? no * yes : yes);
    },
  };
}
