/** Layers models: a topology of Keras' layers and a weight for each of their parameters. */
import { FormatError, show } from "../../errors.ts";
import { connectModel } from "../../model/functional.ts";
import type { Model } from "../../model/model.ts";
import type { ModelOptions } from "../../model/options.ts";
import { type FirstValues, initialize } from "../../tensor/initializers.ts";
import { SeededRandom } from "../../tensor/random.ts";
import { sameShape } from "../../tensor/shape.ts";
import type { InputShapes } from "../network/inputShapes.ts";
import { type ImportedLayer, type SavedNetwork, Topology } from "./topology.ts";
import type { Weight } from "./weights.ts";

/** What model.json calls its modelTopology. */
export interface LayersTopology {
  readonly keras_version?: string;
  readonly model_config: SavedNetwork;
}

export function layersModel(
  file: string,
  { keras_version = "", model_config }: LayersTopology,
  weights: ReadonlyMap<string, Weight>,
  inputShapes: InputShapes | undefined,
  options: ModelOptions,
): Model {
  const topology = new Topology(file, keras_version, inputShapes);
  const { inputs, outputs, layers } = topology.network(model_config);
  return connectModel(file, { inputs, outputs, ...options }, valuesFrom(file, weights, layers));
}

/** Parameters by the names that Keras gives weights: "conv1/kernel", at times with names of models in front or ":0" behind. */
function valuesFrom(file: string, weights: ReadonlyMap<string, Weight>, layers: readonly ImportedLayer[]): FirstValues {
  const names = [...weights.keys()].map((name) => ({ name, plain: name.replace(/:0$/, "") }));
  const byPath = new Map(layers.map((imported) => [imported.path, imported]));
  const owners = new Map<string, string>();
  const checkOwner = (weight: string, path: string) => {
    const owner = owners.get(weight) ?? path;
    owners.set(weight, path);
    if (owner === path) return;
    throw new FormatError(
      `${file}: weight ${show(weight)} is all there is for ${show(owner)} and ${show(path)}; layers in nested models need names that differ`,
    );
  };
  return (parameter, shape, initializer) => {
    const at = parameter.lastIndexOf("/");
    const [path, role] = [parameter.slice(0, at), parameter.slice(at + 1)];
    const own = path.slice(path.lastIndexOf("/") + 1);
    const roles = role === "depthwise_kernel" ? [role, "kernel"] : [role];
    const found = [path, own]
      .flatMap((layer) => roles.map((r) => `${layer}/${r}`))
      .flatMap((wanted) => names.filter(({ plain }) => plain === wanted || plain.endsWith(`/${wanted}`)))[0];
    const weight = weights.get(found?.name ?? "");
    if (weight !== undefined) checkOwner(found.name, path);
    if (weight !== undefined && sameShape(weight.shape, shape)) return weight.data as Float32Array;
    if (weight !== undefined) {
      throw new FormatError(`${file}: weight ${show(found.name)} must be ${show(shape)}, got ${show(weight.shape)}`);
    }
    const { center, scale } = byPath.get(path)?.config ?? {};
    const isFixed = (role === "gamma" && scale === false) || (role === "beta" && center === false);
    if (isFixed) return initialize(initializer, shape, new SeededRandom(0));
    throw new FormatError(`${file}: there is no weight ${show(`${own}/${role}`)} of shape ${show(shape)}`);
  };
}
