/**
 * Running ops inside a model: what a layer or a loss asks of the plan that lays out memory. The counterpart of eager.ts;
 * both call the same forward and backward functions.
 */
import type { Kernels } from "../runtime/kernels.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Precision } from "./conv2d.ts";
import type { Window } from "./window.ts";

/** A buffer of a plan: an input, a result or a gradient. Its numbers exist while steps run, that is, inside `forward` and `backward`. */
export interface Slot {
  /** With the batch: sizes from the outermost axis to the innermost. */
  readonly shape: Shape;
  /** The address of the first element, in bytes. */
  readonly pointer: number;
  /** The elements, zero-copy; a view that is derived anew at each access. */
  readonly data: Float32Array;
  /** Something before it learns, so its gradient is wanted. */
  readonly needsGradient: boolean;
}

/** One op of a layer, forward and backward, as `Planner.op` takes it. */
export interface PlannedOp {
  /** Its name. */
  readonly kind: string;
  /** What it reads. */
  readonly inputs: readonly Slot[];
  /** The shape of the result. Default: that of the first input. */
  readonly output?: Shape;
  /** Parameters to whose gradients `backward` adds. Default none. */
  readonly parameters?: readonly Parameter[];
  /** What `forward` writes beside the result and `backward` reads: a mask, a mean. From `Planner.slot`. Default none. */
  readonly saves?: readonly Slot[];
  /** What `backward` reads beside dy, `saves` and parameters; the rest may be overwritten by then. Default "all". */
  readonly backwardReads?: "all" | "inputs" | "output" | "nothing";
  /** The result may lie where the first input lay, and the gradient of a single input where dy lay: each element is read before it is written. */
  readonly inPlace?: boolean;
  /** Bytes of memory lent to `forward`. Default 0. */
  readonly scratchBytes?: number;
  /** Bytes of memory lent to `backward`. Default 0. */
  readonly backwardScratchBytes?: number;
  /** Computes the result, y, and what is saved. `scratch` is the address of the memory lent. */
  readonly forward: (at: { readonly y: Slot; readonly scratch: number }) => void;
  /**
   * Given dy, the gradient of the result, writes those of the inputs, dxs, and adds to `parameter.gradientData` of the
   * parameters. Where a gradient is not wanted its data is empty.
   */
  readonly backward: (at: {
    readonly y: Slot;
    readonly dy: Slot;
    readonly dxs: readonly Slot[];
    readonly scratch: number;
  }) => void;
}

/** Something a step can take over from the layers behind it, so that they need no step of their own. */
export type Ability =
  /** A factor and a shift per channel, folded into its weights. */
  | "fold"
  /** To add its result to what lies in its output. */
  | "accumulate"
  /** To write channels that are part of wider pixels. */
  | "slice";

/** What a step has taken over. Layers behind it set this while the plan is made; the step reads it when it runs. */
export interface Tail {
  readonly abilities: readonly Ability[];
  /** y = x * scale + shift per channel, before anything else. */
  fold?: Fold;
  /** y += result. Set by `Planner.accumulate`. */
  accumulate?: boolean;
  /** Of FUSED_ACTIVATIONS, after everything else; 0 for none. */
  activation: number;
}

/** A factor and a shift per channel that follow from parameters. */
export interface Fold {
  readonly parameters: readonly Parameter[];
  /** What `write` needs behind the scale and the shift. */
  readonly scratchBytes: number;
  /** Writes scale [C], then shift [C]. */
  readonly write: (at: number) => void;
}

/** One call of kernels. */
export interface Step {
  /** The op, for those who fuse it with its neighbour. */
  readonly kind: string;
  readonly reads: readonly Slot[];
  readonly writes: readonly Slot[];
  /** Scratch that lives for this step only. */
  readonly scratchBytes?: number;
  readonly tail?: Tail;
  /** Of a pad by zeros: top, bottom, left, right. */
  readonly sides?: readonly [number, number, number, number];
  readonly run: (scratch: number) => void;
}

/** What connects inputs to an output, for the way back. */
export interface Node {
  readonly inputs: readonly Slot[];
  readonly output: Slot;
  /** Parameters whose gradient `backward` accumulates. */
  readonly parameters?: readonly Parameter[];
  /** Values that `backward` reads; they are kept until then. */
  readonly keeps: readonly Slot[];
  /** Adds the steps of the way back. dy may have other readers: `reuse(dy)` tells where a result may lie. */
  readonly backward: (dy: Slot) => void;
}

/** Parameters in the form that a kernel wants. */
export interface Packing {
  /** How they lie: packings of the same parameters in the same layout are equal. */
  readonly layout: string;
  readonly bytes: number;
  /** Looked at whenever the plan runs: what these changed is packed anew. */
  readonly sources: () => readonly Parameter[];
  /** Asked when the plan is complete. */
  readonly scratchBytes?: () => number;
  readonly pack: (packed: number, scratch: number) => void;
}

/** What a model is for the layers that plan themselves in it. */
export interface Planner {
  /** A training step is planned: dropout drops, batch norm looks at its batch. */
  readonly training: boolean;
  /** Numbers that change from step to step: what is random in a layer follows from them. */
  readonly clock: { readonly seed: number; readonly iteration: number };
  /** Adds an op and its way back; returns the result. */
  op(op: PlannedOp): Slot;
  /** A new buffer. */
  slot(shape: Shape): Slot;

  // What follows is for the layers here: kernels, and steps that do the work of their neighbours.

  /** @internal */
  readonly runtime: Runtime;
  /** @internal */
  readonly kernels: Kernels;
  /** What the model asks of layers that do not say otherwise. @internal */
  readonly precision: Precision;
  /** The same memory under another shape. @internal */
  view(of: Slot, shape: Shape): Slot;
  /** Memory for the result of an elementwise op: that of `x` where nobody needs x again, else a new buffer. @internal */
  reuse(x: Slot): Slot;
  /** A Window that kernels can read; `output` is what the op writes. @internal */
  window(window: Window, output?: Slot): Slot;
  /** Whole numbers that kernels can read. @internal */
  constants(values: readonly number[]): Slot;
  /** A copy of parameters in the form a kernel wants, made anew when they changed. @internal */
  packed(packing: Packing): Slot;
  /** Adds a step. @internal */
  step(step: Step): void;
  /** Tells how the output came about. In a plan that does not train, backward is never called. @internal */
  node(node: Node): void;
  /** Lets `write` add the steps that write the gradient of x, where it is wanted. @internal */
  gradient(x: Slot, write: (dx: Slot) => void): void;
  /** The gradient of x is what lies in dx: where the way back overwrites dy, or copies nothing. @internal */
  handGradient(x: Slot, dx: Slot): void;
  /** Keeps a value until the way back has read it. @internal */
  keep(x: Slot): void;
  /**
   * Takes back the last step, when it is of this kind and made `output`, which nobody else reads; returns it. A loss that
   * fuses the softmax before it finds the logits so, and a convolution the image without its padding. Otherwise undefined.
   *
   * @internal
   */
  undo(kind: string, output: Slot): Step | undefined;
  /** The tail of the step that made x, when it has this ability (or any tail will do) and nobody else reads x. @internal */
  tailOf(x: Slot, ability?: Ability): Tail | undefined;
  /**
   * Makes the step that made one of the two add to the other, in its place; returns the sum, or undefined where none can.
   *
   * @internal
   */
  accumulate(a: Slot, b: Slot): Slot | undefined;
  /** Makes the step that made x write into the pixels of `y`, from channel `first` on. False where it cannot. @internal */
  place(x: Slot, y: Slot, first: number): boolean;
  /** Whether gradients of this parameter are wanted. @internal */
  learns(parameter: Parameter): boolean;
}
