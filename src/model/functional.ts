/** Models described as graphs. */
import { checkOptions } from "../errors.ts";
import { symbolicTensors } from "../layers/symbolic.ts";
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
  const { inputs, outputs, ...others } = options;
  const ends = [symbolicTensors("model", "inputs", inputs), symbolicTensors("model", "outputs", outputs)] as const;
  return new Model("model", traceGraph("model", ...ends), others);
}
