/**
 * Running ops inside a model: what a layer or a loss asks of the plan that lays out memory. The counterpart of eager.ts;
 * both call the same forward and backward functions.
 */
import type { Kernels } from "../runtime/kernels.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Precision } from "./conv2d.ts";
import type { Window } from "./window.ts";

/** A buffer of a plan. Its address is known once the plan is laid out, that is, inside `run`. */
export interface Slot {
  readonly shape: Shape;
  readonly pointer: number;
  /** Something before it learns, so its gradient is wanted. */
  readonly needsGradient: boolean;
}

/** One call of kernels. */
export interface Step {
  /** The op, for those who fuse it with its neighbour. */
  readonly kind: string;
  readonly reads: readonly Slot[];
  readonly writes: readonly Slot[];
  /** Scratch that lives for this step only. */
  readonly scratchBytes?: number;
  readonly run: (scratch: number) => void;
}

/** What connects inputs to an output, for the way back. */
export interface Node {
  readonly input: Slot;
  readonly output: Slot;
  /** Parameters whose gradient `backward` accumulates. */
  readonly parameters?: readonly Parameter[];
  /** Values that `backward` reads; they are kept until then. */
  readonly keeps: readonly Slot[];
  /** Adds the steps of the way back; `dy` may be overwritten. */
  readonly backward: (dy: Slot) => void;
}

export interface Planner {
  readonly kernels: Kernels;
  /** A training step is planned: dropout drops, batch norm looks at its batch. */
  readonly training: boolean;
  /** What the model asks of layers that do not say otherwise. */
  readonly precision: Precision;
  /** Numbers that change from step to step. */
  readonly clock: { readonly seed: number; readonly iteration: number };
  /** A new buffer. */
  slot(shape: Shape): Slot;
  /** The same memory under another shape. */
  view(of: Slot, shape: Shape): Slot;
  /** Memory for the result of an elementwise op: that of `x` where nobody needs x again, else a new buffer. */
  reuse(x: Slot): Slot;
  /** A Window that kernels can read. */
  window(window: Window): Slot;
  /** A copy of parameters in the form a kernel wants, made anew when they changed. */
  packed(sources: readonly Parameter[], bytes: number, pack: (packed: number) => void): Slot;
  /** Adds a step. */
  step(step: Step): void;
  /** Tells how the output came about. In a plan that does not train, backward is never called. */
  node(node: Node): void;
  /** Lets `write` add the steps that write the gradient of x, where it is wanted. */
  gradient(x: Slot, write: (dx: Slot) => void): void;
  /** The gradient of x is what lies in dx: where the way back overwrites dy, or copies nothing. */
  handGradient(x: Slot, dx: Slot): void;
  /**
   * Takes back the last step, when it is of this kind and made `output`, and returns what it was made from: a loss that
   * fuses the softmax before it asks for the logits so. Otherwise undefined.
   */
  undo(kind: string, output: Slot): Slot | undefined;
  /** Whether gradients of this parameter are wanted. */
  learns(parameter: Parameter): boolean;
}
