/** A model of layers that stand one behind the other: the simplest graph. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { Layer } from "../layers/layer.ts";
import { SymbolicTensor } from "../layers/symbolic.ts";
import { checkShape } from "../tensor/shape.ts";
import { checkFree, nameLayers, traceGraph } from "./graph.ts";
import { Model } from "./model.ts";
import { MODEL_OPTIONS, type SequentialOptions } from "./options.ts";

/**
 * A model of layers that stand one behind the other.
 *
 * @throws ShapeError where a layer does not fit the one before it.
 * @example
 * const model = sequential({ inputShape: [28, 28, 1], seed: 1 }, [layers.flatten(), layers.dense({ units: 10 })]);
 * model.outputShape; // [10]
 */
export function sequential(options: SequentialOptions, layers: readonly Layer[]): Model {
  checkOptions("sequential", options, { inputShape: true, ...MODEL_OPTIONS });
  const { inputShape, ...others } = options;
  checkShape("sequential", "inputShape", inputShape);
  if (inputShape.length === 0) throw new ShapeError("sequential: inputShape must have at least one axis, got []");
  checkLayers(layers);
  nameLayers("sequential", layers);
  const x = new SymbolicTensor(inputShape, undefined);
  const y = layers.reduce((value, layer) => layer.connect(value), x);
  return new Model("sequential", traceGraph("sequential", [x], [y]), others);
}

/** Throws ArgumentError unless these are layers, each once, and none belongs to a model. */
function checkLayers(layers: readonly Layer[]): void {
  if (!Array.isArray(layers)) {
    throw new ArgumentError(`sequential: layers must be an array, as in [layers.flatten()], got ${show(layers)}`);
  }
  if (layers.length === 0) throw new ArgumentError("sequential: layers must hold at least one layer, got []");
  for (const [i, layer] of layers.entries()) {
    if (!(layer instanceof Layer)) {
      throw new ArgumentError(`sequential: layers[${i}] must be a layer, as in layers.flatten(), got ${show(layer)}`);
    }
    checkFree("sequential", layer);
    const first = layers.indexOf(layer);
    if (first < i) throw new ArgumentError(`sequential: layers[${first}] and layers[${i}] are the same layer`);
  }
}
