/** A model of layers that stand one behind the other: the simplest graph. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { Layer } from "../layers/layer.ts";
import { SymbolicTensor } from "../layers/symbolic.ts";
import { checkShape } from "../tensor/shape.ts";
import { checkFree, LayerNames, layersBetween, traceGraph } from "./graph.ts";
import { Model } from "./model.ts";
import { MODEL_OPTIONS, type SequentialOptions } from "./options.ts";

/** A layer, or a function of your own that applies several to what it is given. */
export type Block = (x: SymbolicTensor) => SymbolicTensor;

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
  checkLayers(layers);
  const names = new LayerNames("sequential");
  const x = new SymbolicTensor(inputShape, undefined);
  const y = layers.reduce((value, layer, i) => {
    if (layer instanceof Layer) names.give(layer);
    const made = layer(value);
    if (!(made instanceof SymbolicTensor)) {
      throw new ArgumentError(`sequential: layers[${i}] must return what a layer made, got ${show(made)}`);
    }
    for (const inner of layersBetween([value], [made])) names.give(inner);
    return made;
  }, x);
  return new Model("sequential", traceGraph("sequential", [x], [y]), others);
}

/** Throws ArgumentError unless these are layers, each once, or functions, and no layer belongs to a model. */
function checkLayers(layers: readonly Block[]): void {
  if (!Array.isArray(layers)) {
    throw new ArgumentError(`sequential: layers must be an array, as in [layers.flatten()], got ${show(layers)}`);
  }
  if (layers.length === 0) throw new ArgumentError("sequential: layers must hold at least one layer, got []");
  for (const [i, layer] of layers.entries()) {
    if (typeof layer !== "function") {
      throw new ArgumentError(`sequential: layers[${i}] must be a layer, as in layers.flatten(), got ${show(layer)}`);
    }
    if (!(layer instanceof Layer)) continue;
    checkFree("sequential", layer);
    const first = layers.indexOf(layer);
    if (first < i) throw new ArgumentError(`sequential: layers[${first}] and layers[${i}] are the same layer`);
  }
}
