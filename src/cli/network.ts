/** Networks described in a few lines of JSON, to be trained from nothing. */
import { type Layer, layers, type Model, sequential } from "../index.ts";
import { Trouble } from "./trouble.ts";

/** Layers by their names in `layers`, alone or with options, as `{ "dense": { "units": 10 } }`. */
interface Description {
  readonly inputShape: readonly number[];
  readonly layers: readonly (string | Readonly<Record<string, object>>)[];
}

export function isDescription(json: unknown): json is Description {
  const { inputShape, layers: list } = (json ?? {}) as Partial<Description>;
  return Array.isArray(inputShape) && Array.isArray(list);
}

export function modelFromDescription(path: string, description: Description, seed: number): Model {
  const { inputShape, layers: list, ...others } = description;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new Trouble(`${path}: must hold inputShape and layers alone, got ${JSON.stringify(unknown)}`);
  try {
    return sequential({ inputShape, seed }, list.map(layerOf));
  } catch (error) {
    throw new Trouble(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

function layerOf(given: Description["layers"][number], i: number) {
  const [[name, options], ...others] = typeof given === "string" ? [[given, {}] as const] : Object.entries(given ?? {});
  const make = Object.hasOwn(layers, name)
    ? (layers as unknown as Record<string, (options: object) => Layer>)[name]
    : undefined;
  if (others.length === 0 && make !== undefined) return make(options);
  throw new Trouble(`layers[${i}] must be the name of a layer or { name: options }, got ${JSON.stringify(given)}`);
}
