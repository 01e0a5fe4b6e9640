/** Activations in a plan: what a convolution writes along, what runs in place behind it, and the layer of its own. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import { backwardActivation, forwardActivation, inferActivation } from "../ops/activation.ts";
import {
  ACTIVATIONS,
  type ActivationOptions,
  isLimited,
  type ActivationName as OpActivationName,
} from "../ops/activationKinds.ts";
import { ACCUMULATE, FUSED_ACTIVATIONS, FUSED_NAMES, type FusedActivation } from "../ops/gemm.ts";
import type { Planner, Slot, Tail } from "../ops/planned.ts";
import { backwardSoftmax, forwardSoftmax, inferSoftmax, type SoftmaxOptions } from "../ops/softmax.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";

/** Every name that a layer's `activation` may have. */
export type ActivationName = OpActivationName | "softmax" | "logSoftmax";

export const ACTIVATION_NAMES: readonly ActivationName[] = /* @__PURE__ */ activationNames();

function activationNames(): readonly ActivationName[] {
  return [...(Object.keys(ACTIVATIONS) as OpActivationName[]), "softmax", "logSoftmax"];
}

/** The activation that a kernel can apply as it writes; "linear" where another has to follow. */
export function fusedActivation(name: ActivationName = "linear"): FusedActivation {
  return name in FUSED_ACTIVATIONS ? (name as FusedActivation) : "linear";
}

/** Adds the activation that was not fused, in place where it can be. */
export function planRemainingActivation(planner: Planner, x: Slot, name: ActivationName = "linear"): Slot {
  return name in FUSED_ACTIVATIONS ? x : planActivation(planner, x, name);
}

/** What a kernel is told of its tail. */
export function epilogueOf({ activation, accumulate }: Tail): number {
  return accumulate ? activation | ACCUMULATE : activation;
}

/** The gradient before a fused activation whose result is y. */
export function planFusedBackward(planner: Planner, dy: Slot, y: Slot, activation: number): Slot {
  if (activation === 0) return dy;
  const name = FUSED_NAMES.find((n) => FUSED_ACTIVATIONS[n] === activation);
  const plan = inferActivation("activation", y.shape, name ?? "linear");
  const dx = planner.reuse(dy);
  planner.step({
    kind: "activationBackward",
    reads: [dy, y],
    writes: [dx],
    run: () => {
      backwardActivation(planner.kernels, { dy: dy.pointer, value: y.pointer, dx: dx.pointer }, plan);
    },
  });
  return dx;
}

/** Adds an activation of its own. */
export function planActivation(
  planner: Planner,
  x: Slot,
  name: ActivationName,
  options: ActivationOptions & SoftmaxOptions = {},
): Slot {
  if (name === "linear") return x;
  if (name === "softmax" || name === "logSoftmax") return planSoftmax(planner, x, name, options);
  if (!isLimited(name, options) && takenOver(planner, x, name)) return x;
  const plan = inferActivation("activation", x.shape, name, options);
  return planner.op({
    kind: name,
    inputs: [x],
    inPlace: true,
    backwardReads: plan.reads === "x" ? "inputs" : "output",
    forward: ({ y }) => forwardActivation(planner.kernels, { x: x.pointer, y: y.pointer }, plan),
    backward: ({ y, dy, dxs: [dx] }) => {
      const value = plan.reads === "x" ? x : y;
      backwardActivation(planner.kernels, { dy: dy.pointer, value: value.pointer, dx: dx.pointer }, plan);
    },
  });
}

/** Lets the step that made x apply the activation as it writes, where it can. */
function takenOver(planner: Planner, x: Slot, name: OpActivationName): boolean {
  const tail = name in FUSED_ACTIVATIONS ? planner.tailOf(x) : undefined;
  if (tail === undefined || tail.activation !== 0) return false;
  // The gradient of a sum goes to both sides of it, from behind the activation: that needs a step of its own.
  if (tail.accumulate && x.needsGradient) return false;
  tail.activation = FUSED_ACTIVATIONS[name as FusedActivation];
  if (x.needsGradient) planner.keep(x);
  return true;
}

function planSoftmax(planner: Planner, x: Slot, name: "softmax" | "logSoftmax", options: SoftmaxOptions): Slot {
  const plan = inferSoftmax(name, x.shape, options, name === "logSoftmax");
  return planner.op({
    // Losses fuse one along the last axis.
    kind: plan.inner === 1 ? name : `${name}Axis`,
    inputs: [x],
    inPlace: true,
    backwardReads: "output",
    forward: ({ y }) => forwardSoftmax(planner.kernels, { x: x.pointer, y: y.pointer }, plan),
    backward: ({ y, dy, dxs: [dx] }) => {
      backwardSoftmax(planner.kernels, { dy: dy.pointer, y: y.pointer, dx: dx.pointer }, plan);
    },
  });
}

/** What `activation` takes. */
export interface ActivationLayerOptions extends LayerOptions, ActivationOptions, SoftmaxOptions {
  /** Its name. */
  activation: ActivationName;
}

const OPTIONS = {
  activation: true,
  negativeSlope: true,
  alpha: true,
  maxValue: true,
  threshold: true,
  axis: true,
} as const;

export class Activation extends Layer<ActivationLayerOptions> {
  readonly className = "Activation";

  constructor(options: ActivationLayerOptions) {
    super(options);
    checkLayerOptions("activation", options, OPTIONS);
    const name = oneOf("activation", "activation", options.activation, ACTIVATION_NAMES);
    if (name !== "softmax" && name !== "logSoftmax") inferActivation("activation", [1], name, options);
  }

  protected infer(input: Shape): Shape {
    const { activation: name, axis } = this.options;
    if (name !== "softmax" && name !== "logSoftmax") return input;
    const sample = [1, ...input];
    inferSoftmax(this.name, sample, this.options);
    if (axis !== 0 && axis !== -sample.length) return input;
    throw new ArgumentError(`${this.name}: axis must be one of a sample, but ${show(axis)} counts the samples`);
  }

  plan(planner: Planner, x: Slot): Slot {
    return planActivation(planner, x, this.options.activation, this.options);
  }
}

/**
 * An activation as a layer (Keras Activation, ReLU, LeakyReLU, ELU, Softmax).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.activation("relu")(x); // [28,28,1]
 * const z = layers.activation({ activation: "leakyRelu", negativeSlope: 0.1 })(y); // [28,28,1]
 */
export function activation(options: ActivationName | ActivationLayerOptions): Layer {
  return new Activation(typeof options === "object" && options !== null ? options : { activation: options });
}
