/** Models described as graphs. */
import { checkOptions } from "../errors.ts";
import { symbolicTensors } from "../layers/symbolic.ts";
import type { FirstValues } from "../tensor/initializers.ts";
import { traceGraph } from "./graph.ts";
import { Model } from "./model.ts";
import { type GraphOptions, MODEL_OPTIONS } from "./options.ts";

/**
 * A model of layers that form a graph (Keras functional models).
 *
 * @throws ArgumentError where inputs and outputs do not make a graph, or a layer belongs to another model.
 * @example
 * const x = input({ shape: [32, 32, 3] });
 * const y = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" })(x);
 * const residual = model({ inputs: x, outputs: layers.add()([x, y]), seed: 1 });
 */
export function model(options: GraphOptions): Model {
  checkOptions("model", options, { inputs: true, outputs: true, ...MODEL_OPTIONS });
  return connectModel("model", options);
}

/** The same for loaders, which know the parameters' values; `op` stands in messages. */
export function connectModel(op: string, options: GraphOptions, firstValues?: FirstValues): Model {
  const { inputs, outputs, ...others } = options;
  const ends = [symbolicTensors(op, "inputs", inputs), symbolicTensors(op, "outputs", outputs)] as const;
  return new Model(op, traceGraph(op, ...ends), others, firstValues);
}
