/** What `compile` takes, resolved: names become optimizers, losses and metrics. */
import { ArgumentError, show } from "../errors.ts";
import { loss as lossByName } from "../losses/registry.ts";
import type { Metric } from "../metrics/metric.ts";
import { metric } from "../metrics/registry.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import { optimizer as optimizerByName } from "../optimizers/registry.ts";
import type { Graph } from "./graph.ts";
import type { CompileOptions } from "./options.ts";
import type { Compiled } from "./trainer.ts";

/** @throws ArgumentError for an unknown name, or a graph that cannot train; ShapeError where the loss does not fit the output. */
export function compiledOf(options: CompileOptions, { inputs, outputs, shapes }: Graph): Compiled {
  if (inputs.length > 1 || outputs.length > 1) {
    throw new ArgumentError(
      `compile: training takes a model with one input and one output, this one has ${inputs.length} and ${outputs.length}`,
    );
  }
  const { optimizer = "adam", metrics = [] } = options;
  const loss = lossByName("compile", options.loss);
  loss.check(shapes[outputs[0]]);
  if (!Array.isArray(metrics)) {
    throw new ArgumentError(`compile: metrics must be an array of names, got ${show(metrics)}`);
  }
  return {
    optimizer: optimizer instanceof Optimizer ? optimizer : optimizerByName("compile", optimizer),
    loss,
    metrics: named(metrics.map((given) => metric("compile", given))),
  };
}

/** Throws ArgumentError where two metrics would have one place in the scores. */
function named(metrics: readonly Metric[]): readonly Metric[] {
  const names = ["loss", ...metrics.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return metrics;
  throw new ArgumentError(
    `compile: metrics must have names of their own, got ${show(twice)} twice; give one of them a name`,
  );
}
