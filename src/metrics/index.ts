/** Metrics by name. */
import { oneOf } from "../errors.ts";
import { accuracy } from "./accuracy.ts";
import type { Metric } from "./metric.ts";

/** Names of metrics: "accuracy" is the part of samples whose largest output is that of their class. */
export type MetricName = "accuracy";
const METRICS: Readonly<Record<MetricName, Metric>> = { accuracy };

/** The metric of this name. */
export function metric(op: string, name: MetricName): Metric {
  return METRICS[oneOf(op, "metrics", name, Object.keys(METRICS) as MetricName[])];
}
