/**
 * Plans a model: layers and the loss add their steps once; liveness then decides which buffers share room, and the plan
 * runs in one arena, allocating nothing.
 */
import type { Precision } from "../ops/conv2d.ts";
import type { Node, Planner, Slot, Step } from "../ops/planned.ts";
import { WINDOW_BYTES, type Window, windowFields } from "../ops/window.ts";
import type { Kernels } from "../runtime/kernels.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tenant } from "./arena.ts";

/** Numbers that change from step to step; the model owns and advances them. */
export interface Clock {
  seed: number;
  iteration: number;
}

/** A buffer: a place in the arena, or outside of it (the tensor that predict reads or writes). */
export class Buffer implements Slot, Tenant {
  readonly shape: Shape;
  readonly bytes: number;
  needsGradient = false;
  first: number = Number.POSITIVE_INFINITY;
  last: number = Number.NEGATIVE_INFINITY;
  offset = 0;
  /** Read again on the way back, or owned by the caller: must not be overwritten. */
  kept = false;
  /** The address; the arena sets it, or the caller where the buffer is outside. */
  address = 0;
  /** Not in the arena. */
  outside = false;
  /** What the buffer holds from the start; it then lives as long as the plan. */
  constant: readonly number[] | undefined;
  readonly #base: Buffer | undefined;

  constructor(shape: Shape, bytes: number, base?: Buffer) {
    this.shape = shape;
    this.bytes = bytes;
    this.#base = base?.root;
  }

  /** The buffer whose memory this is; itself unless it is a view. */
  get root(): Buffer {
    return this.#base ?? this;
  }

  get pointer(): number {
    return this.root.address;
  }

  /** Extends the life of the memory to a step. */
  touch(step: number): void {
    const root = this.root;
    root.first = Math.min(root.first, step);
    root.last = Math.max(root.last, step);
  }

  /** Makes the memory live as long as the plan. */
  persist(): void {
    this.touch(0);
    this.touch(Number.POSITIVE_INFINITY);
  }
}

/** A copy of parameters in a kernel's form, and the versions it was made from. */
export interface Packed {
  readonly buffer: Buffer;
  readonly sources: readonly Parameter[];
  readonly versions: number[];
  readonly pack: (packed: number) => void;
}

export interface PlannedStep extends Step {
  readonly scratch: Buffer | undefined;
}

/** What a planner needs to know of a model. */
export interface PlannedModel {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly precision: Precision;
}

export class ModelPlanner implements Planner {
  readonly kernels: Kernels;
  readonly training: boolean;
  readonly clock: Clock;
  readonly precision: Precision;
  readonly buffers: Buffer[] = [];
  readonly packs: Packed[] = [];
  readonly #learning: ReadonlySet<Parameter>;
  readonly #steps: PlannedStep[] = [];
  readonly #nodes: Node[] = [];
  readonly #gradients = new Map<Slot, Buffer>();

  /** @param learning the parameters that a training step learns; empty where none is planned. */
  constructor(model: PlannedModel, training: boolean, learning: ReadonlySet<Parameter>) {
    this.kernels = model.runtime.kernels;
    this.clock = model.clock;
    this.precision = model.precision;
    this.training = training;
    this.#learning = learning;
  }

  get steps(): readonly PlannedStep[] {
    return this.#steps;
  }

  /** A buffer that is not in the arena: the caller sets its address before each run. */
  outside(shape: Shape): Buffer {
    const made = this.slot(shape);
    made.outside = true;
    made.kept = true;
    return made;
  }

  /** A buffer that is filled before each run. */
  filled(shape: Shape): Buffer {
    const made = this.slot(shape);
    made.touch(0);
    return made;
  }

  slot(shape: Shape): Buffer {
    return this.#add(new Buffer(shape, sizeOf(shape) * 4));
  }

  view(of: Slot, shape: Shape): Buffer {
    const made = this.#add(new Buffer(shape, sizeOf(shape) * 4, of as Buffer));
    made.needsGradient = of.needsGradient;
    return made;
  }

  reuse(x: Slot): Buffer {
    return (x as Buffer).root.kept ? this.slot(x.shape) : this.view(x, x.shape);
  }

  window(window: Window): Buffer {
    const made = this.#add(new Buffer([], WINDOW_BYTES));
    made.constant = windowFields(window);
    made.persist();
    return made;
  }

  packed(sources: readonly Parameter[], bytes: number, pack: (packed: number) => void): Buffer {
    const buffer = this.#add(new Buffer([], bytes));
    buffer.persist();
    this.packs.push({ buffer, sources, versions: sources.map(() => -1), pack });
    return buffer;
  }

  step(step: Step): void {
    const bytes = step.scratchBytes ?? 0;
    const scratch = bytes > 0 ? this.#add(new Buffer([], bytes)) : undefined;
    this.#steps.push({ ...step, scratch });
  }

  node(node: Node): void {
    const wanted = node.input.needsGradient || (node.parameters ?? []).some((p) => this.learns(p));
    (node.output as Buffer).needsGradient = wanted;
    if (!wanted) return;
    for (const kept of node.keeps) (kept as Buffer).root.kept = true;
    this.#nodes.push(node);
  }

  learns(parameter: Parameter): boolean {
    return this.#learning.has(parameter);
  }

  gradient(x: Slot, write: (dx: Slot) => void): void {
    if (!x.needsGradient) return;
    const dx = this.slot(x.shape);
    this.#gradients.set(x, dx);
    write(dx);
  }

  handGradient(x: Slot, dx: Slot): void {
    if (x.needsGradient) this.#gradients.set(x, this.view(dx, x.shape));
  }

  undo(kind: string, output: Slot): Slot | undefined {
    const step = this.#steps.at(-1);
    if (step?.kind !== kind || step.writes[0] !== output) return undefined;
    this.#steps.pop();
    if (this.#nodes.at(-1)?.output === output) this.#nodes.pop();
    return step.reads[0];
  }

  /** Adds the way back, from the output of the loss's input to the first layer that learns. */
  backward(): void {
    for (const node of this.#nodes.toReversed()) {
      const dy = this.#gradients.get(node.output);
      if (dy !== undefined) node.backward(dy);
    }
  }

  /** Counts lives: from the first step that touches a buffer to the last. */
  measureLives(): void {
    this.#steps.forEach((step, index) => {
      for (const slot of [...step.reads, ...step.writes]) (slot as Buffer).touch(index);
      step.scratch?.touch(index);
    });
  }

  #add(buffer: Buffer): Buffer {
    this.buffers.push(buffer);
    return buffer;
  }
}
