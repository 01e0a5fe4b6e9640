/** Checks that layers share. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import { checkInitializer, type Initializer } from "../tensor/initializers.ts";
import { ACTIVATION_NAMES, type ActivationName } from "./activation.ts";

/** `value` when it is a whole number >= 1. */
export function units(layer: string, argument: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw new ArgumentError(`${layer}: ${argument} must be a whole number >= 1, got ${show(value)}`);
}

/** Names and initializers, refused where the layer is made, not where it is first used. */
export function checkWeightOptions(
  layer: string,
  options: {
    activation?: ActivationName;
    kernelInitializer?: Initializer;
    depthwiseInitializer?: Initializer;
    biasInitializer?: Initializer;
  },
): void {
  oneOf(layer, "activation", options.activation ?? "linear", ACTIVATION_NAMES);
  for (const argument of ["kernelInitializer", "depthwiseInitializer", "biasInitializer"] as const) {
    const initializer = options[argument];
    if (initializer !== undefined) checkInitializer(layer, argument, initializer);
  }
}
