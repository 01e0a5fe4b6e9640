/** Metrics by name, and from files. */
import { checkCalled, oneOf } from "../errors.ts";
import { customMetric, type MetricFunction } from "./custom.ts";
import type * as metrics from "./index.ts";
import {
  accuracy,
  auc,
  binaryAccuracy,
  categoricalAccuracy,
  f1Score,
  meanIoU,
  precision,
  recall,
  sparseCategoricalAccuracy,
  topKAccuracy,
} from "./index.ts";
import type { Metric } from "./metric.ts";

/** Metrics by name. */
export type MetricName = Exclude<keyof typeof metrics, "confusionMatrix">;
const METRICS: Readonly<Record<MetricName, (options?: object) => Metric>> = {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  topKAccuracy,
  precision,
  recall,
  f1Score,
  auc,
  meanIoU,
};

/** The metric of this name with these options, the one given, or a function made one. */
export function metric(op: string, given: MetricName | Metric | MetricFunction, options: object = {}): Metric {
  checkCalled(op, "metrics", given, "metrics", METRICS);
  if (typeof given === "function") return customMetric(given);
  if (typeof given === "object" && typeof given?.add === "function") return given;
  return METRICS[oneOf(op, "metrics", given, Object.keys(METRICS) as MetricName[])](options);
}
