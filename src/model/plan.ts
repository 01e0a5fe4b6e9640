/** A plan laid out in memory: runs its steps and allocates nothing. */
import { blockBytes } from "../runtime/heap.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { layOut } from "./arena.ts";
import type { Buffer } from "./buffer.ts";
import { type PackedBlock, type PackedWeights, packedBytes, refresh } from "./packedWeights.ts";
import type { ModelPlanner, Packed, PlannedStep } from "./planner.ts";

interface HeldPacking extends Packed {
  readonly block: PackedBlock;
}

export class Plan {
  /** Bytes of the heap that it takes: its arena, and its packed weights, which it may share with other plans. */
  readonly bytes: number;
  readonly #runtime: Runtime;
  readonly #weights: PackedWeights;
  readonly #buffers: readonly Buffer[];
  readonly #packs: readonly Packed[];
  readonly #packScratch: Buffer;
  readonly #steps: readonly PlannedStep[];
  readonly #arenaBytes: number;
  readonly #held: HeldPacking[] = [];
  #arena = 0;

  constructor(runtime: Runtime, weights: PackedWeights, planner: ModelPlanner) {
    planner.measureLives();
    this.#runtime = runtime;
    this.#weights = weights;
    this.#steps = planner.steps;
    this.#packs = planner.packs;
    this.#packScratch = planner.packScratch;
    this.#buffers = planner.buffers.filter((b) => b.root === b && !b.outside && b.last >= b.first);
    this.#arenaBytes = layOut(this.#buffers);
    this.bytes = blockBytes(this.#arenaBytes) + packedBytes(this.#packs);
  }

  /**
   * Takes its memory from the heap, gives every buffer its address and packs the weights. Until then a plan costs no
   * memory. Where that is more than there is, it keeps nothing.
   *
   * @param isDetached parameters are not in linear memory: each comes there only to be packed
   */
  allocate(isDetached = false): void {
    if (this.#arena !== 0) return;
    try {
      this.#arena = this.#runtime.allocate(this.#arenaBytes);
      for (const buffer of this.#buffers) buffer.address = this.#arena + buffer.offset;
      for (const { constant, address } of this.#buffers) {
        if (constant !== undefined) this.#runtime.i32.set(constant(), address / 4);
      }
      for (const packed of this.#packs) this.#hold(packed, isDetached);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  run(): void {
    for (const { block, pack } of this.#held) refresh(block, pack, this.#packScratch.address);
    for (const step of this.#steps) step.run(step.scratch?.address ?? 0);
  }

  dispose(): void {
    for (const { block } of this.#held) this.#weights.release(block);
    this.#held.length = 0;
    if (this.#arena !== 0) this.#runtime.free(this.#arena);
    this.#arena = 0;
  }

  #hold(packed: Packed, isDetached: boolean): void {
    const block = this.#weights.acquire(packed);
    this.#held.push({ ...packed, block });
    packed.buffer.address = block.pointer;
    if (isDetached) for (const parameter of block.sources) parameter.attach();
    refresh(block, packed.pack, this.#packScratch.address);
    if (isDetached) for (const parameter of block.sources) parameter.detach();
  }
}
