/** Layers one behind the other. */
import { ArgumentError, show } from "../errors.ts";
import { Layer } from "../layers/layer.ts";
import { SymbolicTensor } from "../layers/symbolic.ts";
import { checkFree, type LayerNames, layersBetween } from "./graph.ts";

/** A layer, or a function of your own that applies several to what it is given. */
export type Block = (x: SymbolicTensor) => SymbolicTensor;

/** What comes of x; layers without a name get theirs on the way, so that messages can use it. */
export function chained(op: string, layers: readonly Block[], x: SymbolicTensor, names: LayerNames): SymbolicTensor {
  checkLayers(op, layers);
  return layers.reduce((value, layer, i) => {
    if (layer instanceof Layer) names.give(layer);
    const made = layer(value);
    if (!(made instanceof SymbolicTensor)) {
      throw new ArgumentError(`${op}: layers[${i}] must return what a layer made, got ${show(made)}`);
    }
    for (const inner of layersBetween([value], [made])) names.give(inner);
    return made;
  }, x);
}

/** Throws ArgumentError unless these are layers, each once, or functions, and no layer belongs to a model. */
function checkLayers(op: string, layers: readonly Block[]): void {
  if (!Array.isArray(layers)) {
    throw new ArgumentError(`${op}: layers must be an array, as in [layers.flatten()], got ${show(layers)}`);
  }
  if (layers.length === 0) throw new ArgumentError(`${op}: layers must hold at least one layer, got []`);
  for (const [i, layer] of layers.entries()) {
    if (typeof layer !== "function") {
      throw new ArgumentError(`${op}: layers[${i}] must be a layer, as in layers.flatten(), got ${show(layer)}`);
    }
    if (!(layer instanceof Layer)) continue;
    checkFree(op, layer);
    const first = layers.indexOf(layer);
    if (first < i) throw new ArgumentError(`${op}: layers[${first}] and layers[${i}] are the same layer`);
  }
}
