/** Metrics by name. */
import { oneOf } from "../errors.ts";
import { accuracy } from "./accuracy.ts";
import type { Metric } from "./metric.ts";

export type MetricName = "accuracy";
const METRICS: Readonly<Record<MetricName, Metric>> = { accuracy };

/** The metric of this name. */
export function metric(op: string, name: MetricName): Metric {
  return METRICS[oneOf(op, "metrics", name, Object.keys(METRICS) as MetricName[])];
}
