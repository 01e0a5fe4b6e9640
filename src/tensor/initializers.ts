/** How weights begin: Keras' initializers, by its definitions. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import { SeededRandom } from "./random.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** Variance of each weight = scale / fan: Glorot & Bengio 2010, He et al. 2015 (arXiv 1502.01852), LeCun et al. 1998. */
const SCALED: Readonly<Record<ScaledName, { scale: number; fan: "average" | "in"; normal: boolean }>> = {
  glorotUniform: { scale: 1, fan: "average", normal: false },
  glorotNormal: { scale: 1, fan: "average", normal: true },
  heUniform: { scale: 2, fan: "in", normal: false },
  heNormal: { scale: 2, fan: "in", normal: true },
  lecunUniform: { scale: 1, fan: "in", normal: false },
  lecunNormal: { scale: 1, fan: "in", normal: true },
};

/** The standard deviation of a standard normal cut off at +-2; Keras divides by it. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

/** Initializers whose variance follows from the shape of the weights. */
export type ScaledName = "glorotUniform" | "glorotNormal" | "heUniform" | "heNormal" | "lecunUniform" | "lecunNormal";

/** Names of initializers. */
export type InitializerName = ScaledName | "zeros" | "ones" | "randomUniform" | "randomNormal" | "constant";

/** The names of all initializers. */
export const INITIALIZERS: readonly InitializerName[] = /* @__PURE__ */ initializerNames();

function initializerNames(): readonly InitializerName[] {
  return [...(Object.keys(SCALED) as ScaledName[]), "zeros", "ones", "randomUniform", "randomNormal", "constant"];
}

/** Options of each kind, with Keras' defaults. */
const DEFAULTS: Readonly<Partial<Record<InitializerName, Readonly<Record<string, number>>>>> = {
  randomUniform: { min: -0.05, max: 0.05 },
  randomNormal: { mean: 0, stddev: 0.05 },
  constant: { value: 0 },
};

/** An initializer by name, or with options. */
export type Initializer =
  | InitializerName
  | { readonly name: ScaledName | "zeros" | "ones" }
  /** Uniform in [min, max). Default [-0.05, 0.05). */
  | { readonly name: "randomUniform"; readonly min?: number; readonly max?: number }
  /** Normal, not cut off. Default mean 0, stddev 0.05. */
  | { readonly name: "randomNormal"; readonly mean?: number; readonly stddev?: number }
  /** Default 0. */
  | { readonly name: "constant"; readonly value?: number };

/** Tells what a parameter of this name and shape begins with. */
export type FirstValues = (name: string, shape: Shape, initializer: Initializer) => Float32Array;

/** What the initializers draw from a seed; each parameter from a stream of its own. */
export function drawnFrom(seed: number): FirstValues {
  const random = new SeededRandom(seed).fork("initializers");
  return (name, shape, initializer) => initialize(initializer, shape, random.fork(name));
}

/** An initializer whose name is known and whose options are complete. */
export interface CheckedInitializer {
  readonly name: InitializerName;
  readonly options: Readonly<Record<string, number>>;
}

/**
 * Name and options of an initializer; `op` and `argument` for the message.
 *
 * @throws ArgumentError for an unknown name, an option that the initializer does not have, or one that is not a finite number.
 */
export function checkInitializer(op: string, argument: string, initializer: Initializer): CheckedInitializer {
  const isObject = typeof initializer === "object" && initializer !== null;
  const { name: given, ...options } = isObject ? initializer : { name: initializer };
  const name = oneOf(op, argument, given, INITIALIZERS);
  const defaults = DEFAULTS[name] ?? {};
  for (const [option, value] of Object.entries<unknown>(options)) {
    if (!(option in defaults)) {
      const known = Object.keys(defaults);
      const has = known.length === 0 ? "no options" : known.join(", ");
      throw new ArgumentError(`${op}: ${argument} "${name}" has ${has}, got ${show(option)}`);
    }
    if (!Number.isFinite(value)) {
      throw new ArgumentError(`${op}: ${argument} "${name}": ${option} must be a finite number, got ${show(value)}`);
    }
  }
  return { name, options: { ...defaults, ...options } };
}

/**
 * First values of weights of `shape`: the same for the same seed in every runtime.
 *
 * Scaled ones draw from +-sqrt(3 scale / fan), or from a normal of variance scale / fan that is cut off at two standard
 * deviations and widened so that the variance holds.
 *
 * @param shape dense [in,out], convolution [KH,KW,C,O], depthwise [KH,KW,C,M]
 * @throws ArgumentError as checkInitializer.
 */
export function initialize(initializer: Initializer, shape: Shape, random: SeededRandom): Float32Array<ArrayBuffer> {
  const { name, options } = checkInitializer("initialize", "initializer", initializer);
  const made = new Float32Array(sizeOf(shape));
  const draw = drawing(name, options, shape, random);
  for (let i = 0; i < made.length; i++) made[i] = draw();
  return made;
}

/**
 * How many inputs a unit sees and how many outputs an input reaches, as Keras counts: [in,out] for a matrix; a kernel has
 * its window times its last two sizes; a vector counts both ways.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * shape[shape.length - 2], fanOut: window * shape[shape.length - 1] };
}

function drawing(
  name: InitializerName,
  options: Readonly<Record<string, number>>,
  shape: Shape,
  random: SeededRandom,
): () => number {
  if (name === "zeros") return () => 0;
  if (name === "ones") return () => 1;
  if (name === "constant") return () => options.value;
  if (name === "randomUniform") return () => options.min + (options.max - options.min) * random.uniform();
  if (name === "randomNormal") return () => options.mean + options.stddev * random.normal();
  const { scale, fan, normal } = SCALED[name];
  const { fanIn, fanOut } = fans(shape);
  const variance = scale / Math.max(1, fan === "in" ? fanIn : (fanIn + fanOut) / 2);
  if (normal) {
    const deviation = Math.sqrt(variance) / TRUNCATED_DEVIATION;
    return () => deviation * truncatedNormal(random);
  }
  const limit = Math.sqrt(3 * variance);
  return () => limit * (2 * random.uniform() - 1);
}

/** Draws again what lies outside two standard deviations. */
function truncatedNormal(random: SeededRandom): number {
  let value = random.normal();
  while (Math.abs(value) > 2) value = random.normal();
  return value;
}
