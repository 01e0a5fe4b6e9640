/** A model of layers that stand one behind the other: the simplest graph. */
import { checkOptions, ShapeError } from "../errors.ts";
import { SymbolicTensor } from "../layers/symbolic.ts";
import { checkShape } from "../tensor/shape.ts";
import { type Block, chained } from "./chain.ts";
import { LayerNames, traceGraph } from "./graph.ts";
import { Model } from "./model.ts";
import { MODEL_OPTIONS, type SequentialOptions } from "./options.ts";

/**
 * A model of layers that stand one behind the other.
 *
 * @param layers layers, or functions made of some: what a function returns goes to the next
 * @throws ShapeError where a layer does not fit the one before it.
 * @example
 * const model = sequential({ inputShape: [28, 28, 1], seed: 1 }, [layers.flatten(), layers.dense({ units: 10 })]);
 * model.outputShape; // [10]
 */
export function sequential(options: SequentialOptions, layers: readonly Block[]): Model {
  checkOptions("sequential", options, { inputShape: true, ...MODEL_OPTIONS });
  const { inputShape, ...others } = options;
  checkShape("sequential", "inputShape", inputShape);
  if (inputShape.length === 0) throw new ShapeError("sequential: inputShape must have at least one axis, got []");
  const x = new SymbolicTensor(inputShape, undefined);
  const y = chained("sequential", layers, x, new LayerNames("sequential"));
  return new Model("sequential", traceGraph("sequential", [x], [y]), others);
}
