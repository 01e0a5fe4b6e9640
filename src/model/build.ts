/** Making a model of layers: what is refused, names, and parameters. */
import { ArgumentError, show } from "../errors.ts";
import { Layer } from "../layers/layer.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";

export function checkSeed(op: string, seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new ArgumentError(`${op}: seed must be a whole number from 0 to 2^53 - 1, got ${show(seed)}`);
}

/** Throws ArgumentError unless these are layers, each once, and none belongs to a model. */
export function checkLayers(layers: readonly Layer[]): void {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new ArgumentError(`sequential: layers must hold at least one layer, got ${show(layers)}`);
  }
  for (const [i, layer] of layers.entries()) {
    if (!(layer instanceof Layer)) {
      throw new ArgumentError(`sequential: layers[${i}] must be a layer, as in layers.flatten(), got ${show(layer)}`);
    }
    if (layer.built) throw new ArgumentError(`sequential: layer ${show(layer.name)} belongs to another model already`);
    const first = layers.indexOf(layer);
    if (first < i) throw new ArgumentError(`sequential: layers[${first}] and layers[${i}] are the same layer`);
  }
}

/** Names layers that have no name: the class in lower case and a number for each kind, as in "conv2d_1". */
export function nameLayers(layers: readonly Layer[]): void {
  const counts = new Map<string, number>();
  const names = layers.map(({ name, className }) => {
    const kind = className[0].toLowerCase() + className.slice(1).replace(/2D$/, "2d");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return name === "" ? `${kind}_${counts.get(kind)}` : name;
  });
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new ArgumentError(`sequential: two layers are named ${show(twice)}`);
  for (const [i, layer] of layers.entries()) layer.name = names[i];
}

/** Makes the parameters of all layers and returns the last output shape; makes none where a layer does not fit. */
export function buildLayers(runtime: Runtime, layers: readonly Layer[], inputShape: Shape, seed: number): Shape {
  const random = new SeededRandom(seed).fork("initializers");
  let shape = inputShape;
  try {
    for (const layer of layers) shape = layer.build({ runtime, random }, shape);
    return shape;
  } catch (error) {
    for (const layer of layers) layer.unbuild();
    throw error;
  }
}
