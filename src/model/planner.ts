/**
 * Plans a model: layers and the loss add their steps once; liveness then decides which buffers share room, and the plan
 * runs in one arena, allocating nothing.
 */
import type { Precision } from "../ops/conv2d.ts";
import type { Ability, Node, Packing, PlannedOp, Planner, Slot, Step, Tail } from "../ops/planned.ts";
import { type Window, windowFields } from "../ops/window.ts";
import type { Kernels } from "../runtime/kernels.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { Buffer, PACKING } from "./buffer.ts";
import type { PackedWeights } from "./packedWeights.ts";
import { planOp } from "./plannedOp.ts";

/** Numbers that change from step to step; the model owns and advances them. */
export interface Clock {
  seed: number;
  iteration: number;
}

/** A copy of parameters in a kernel's form. */
export interface Packed extends Packing {
  readonly buffer: Buffer;
}

export interface PlannedStep extends Step {
  readonly scratch: Buffer | undefined;
}

/** What a planner needs to know of a model. */
export interface PlannedModel {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly precision: Precision;
  readonly weights: PackedWeights;
}

export class ModelPlanner implements Planner {
  readonly runtime: Runtime;
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
  /** Scratch of the packings, shared by all, one after the other. */
  readonly packScratch: Buffer;

  /** @param learning the parameters that a training step learns; empty where none is planned. */
  constructor(model: PlannedModel, training: boolean, learning: ReadonlySet<Parameter>) {
    this.runtime = model.runtime;
    this.kernels = model.runtime.kernels;
    this.clock = model.clock;
    this.precision = model.precision;
    this.training = training;
    this.#learning = learning;
    this.packScratch = this.#add(new Buffer(this.runtime, [], 0));
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
    made.touch(PACKING);
    return made;
  }

  /** Plans what reads xs and makes y, which `readers` will read. */
  consume(xs: readonly Slot[], plan: () => Slot, readers: number): Slot {
    const y = plan();
    for (const x of xs) (x as Buffer).root.readers--;
    (y as Buffer).root.readers += readers;
    return y;
  }

  slot(shape: Shape): Buffer {
    return this.#add(new Buffer(this.runtime, shape, sizeOf(shape) * 4));
  }

  view(of: Slot, shape: Shape): Buffer {
    const made = this.#add(new Buffer(this.runtime, shape, sizeOf(shape) * 4, of as Buffer));
    made.needsGradient = of.needsGradient;
    return made;
  }

  reuse(x: Slot): Buffer {
    const { kept, readers } = (x as Buffer).root;
    return kept || readers > 1 ? this.slot(x.shape) : this.view(x, x.shape);
  }

  window(window: Window, output?: Slot): Buffer {
    const made = this.constants(windowFields(window));
    made.constant = () => windowFields(window, (output as Buffer | undefined)?.pixel);
    return made;
  }

  constants(values: readonly number[]): Buffer {
    const made = this.#add(new Buffer(this.runtime, [], values.length * 4));
    made.constant = () => values;
    made.persist();
    return made;
  }

  packed(packing: Packing): Buffer {
    const buffer = this.#add(new Buffer(this.runtime, [], packing.bytes));
    buffer.outside = true;
    this.packs.push({ ...packing, buffer });
    return buffer;
  }

  op(op: PlannedOp): Slot {
    return planOp(this, op);
  }

  step(step: Step): void {
    const bytes = step.scratchBytes ?? 0;
    const scratch = bytes > 0 ? this.#add(new Buffer(this.runtime, [], bytes)) : undefined;
    this.#steps.push({ ...step, scratch });
  }

  node(node: Node): void {
    const wanted = node.inputs.some((x) => x.needsGradient) || (node.parameters ?? []).some((p) => this.learns(p));
    (node.output as Buffer).needsGradient = wanted;
    if (!wanted) return;
    for (const kept of node.keeps) this.keep(kept);
    this.#nodes.push(node);
  }

  keep(x: Slot): void {
    (x as Buffer).root.kept = true;
  }

  learns(parameter: Parameter): boolean {
    return this.#learning.has(parameter);
  }

  gradient(x: Slot, write: (dx: Slot) => void): void {
    if (!x.needsGradient) return;
    const dx = this.slot(x.shape);
    write(dx);
    this.#addGradient(x, dx);
  }

  handGradient(x: Slot, dx: Slot): void {
    if (x.needsGradient) this.#addGradient(x, this.view(dx, x.shape));
  }

  /** The gradient of a value is the sum of what its readers give. */
  #addGradient(x: Slot, dx: Buffer): void {
    const before = this.#gradients.get(x);
    if (before === undefined) {
      dx.root.readers++;
      this.#gradients.set(x, dx);
      return;
    }
    const sum = this.reuse(before);
    const size = sizeOf(x.shape);
    this.step({
      kind: "add",
      reads: [before, dx],
      writes: [sum],
      run: () => this.kernels.add(before.pointer, dx.pointer, sum.pointer, size),
    });
    before.root.readers--;
    sum.root.readers++;
    this.#gradients.set(x, sum);
  }

  undo(kind: string, output: Slot): Step | undefined {
    const step = this.#steps.at(-1);
    const { readers, kept } = (output as Buffer).root;
    const hasNode = this.#nodes.at(-1)?.output === output;
    // Its own way back may keep it; that is taken back too.
    if (step?.kind !== kind || step.writes[0] !== output || readers > 1 || (kept && !hasNode)) return undefined;
    this.#steps.pop();
    if (hasNode) this.#nodes.pop();
    return step;
  }

  tailOf(x: Slot, ability?: Ability): Tail | undefined {
    const maker = this.#makerOf(x);
    const { tail, writes } = this.#steps[maker] ?? {};
    if (tail === undefined || writes === undefined) return undefined;
    if (!(x as Buffer).isFree || this.#isReadAfter(maker, x)) return undefined;
    if (ability === undefined) return tail;
    const [made] = writes; // of which x may be a view with other channels
    return tail.abilities.includes(ability) && made.shape.at(-1) === x.shape.at(-1) ? tail : undefined;
  }

  accumulate(a: Slot, b: Slot): Slot | undefined {
    // The later of the two adds to the other, which is there by then.
    const [early, late] = (this.#makerOf(a) < this.#makerOf(b) ? [a, b] : [b, a]) as [Buffer, Buffer];
    const tail = this.tailOf(late, "accumulate");
    if (tail === undefined || tail.accumulate || tail.activation !== 0 || late.root === early.root) return undefined;
    // From the step that made the later one on, nobody may need the earlier one as it was.
    if (!early.isFree || this.#isReadAfter(this.#makerOf(late) - 1, early)) return undefined;
    tail.accumulate = true;
    early.root.readers += late.root.readers;
    late.root.moveInto(early.root, 0);
    return this.view(late, late.shape);
  }

  place(x: Slot, y: Slot, first: number): boolean {
    const buffer = x as Buffer;
    const tail = this.tailOf(x, "slice");
    if (tail === undefined || tail.accumulate || buffer.root !== buffer) return false;
    (y as Buffer).root.readers += buffer.readers;
    buffer.moveInto(y as Buffer, first * 4);
    buffer.pixel = y.shape[y.shape.length - 1];
    return true;
  }

  /** The last step that wrote into the memory of x; -1 where none did. */
  #makerOf(x: Slot): number {
    const { root } = x as Buffer;
    return this.#steps.findLastIndex(({ writes }) => writes.some((y) => (y as Buffer).root === root));
  }

  #isReadAfter(step: number, x: Slot): boolean {
    const { root } = x as Buffer;
    return this.#steps.slice(step + 1).some(({ reads }) => reads.some((y) => (y as Buffer).root === root));
  }

  /** Adds the way back, from the output of the loss's input to the first layer that learns. */
  backward(): void {
    for (const node of this.#nodes.toReversed()) {
      const dy = this.#gradients.get(node.output);
      if (dy === undefined) continue;
      node.backward(dy);
      dy.root.readers--;
    }
  }

  /** Counts lives: from the first step that touches a buffer to the last. */
  measureLives(): void {
    this.#steps.forEach((step, index) => {
      for (const slot of [...step.reads, ...step.writes]) (slot as Buffer).touch(index);
      step.scratch?.touch(index);
    });
    for (const { scratchBytes } of this.packs) {
      this.packScratch.bytes = Math.max(this.packScratch.bytes, scratchBytes?.() ?? 0);
    }
    if (this.packScratch.bytes > 0) this.packScratch.touch(PACKING);
  }

  #add(buffer: Buffer): Buffer {
    this.buffers.push(buffer);
    return buffer;
  }
}
