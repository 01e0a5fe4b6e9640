/** A plan laid out in memory: runs its steps and allocates nothing. */
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { layOut } from "./arena.ts";
import type { Buffer, ModelPlanner, PlannedStep } from "./planner.ts";

/** Parameters in a kernel's form, and the versions it was made from. */
interface Packed {
  readonly buffer: Buffer;
  readonly sources: readonly Parameter[];
  readonly versions: number[];
  readonly pack: (packed: number, scratch: number) => void;
}

export class Plan {
  /** Bytes of the arena. */
  readonly bytes: number;
  readonly #runtime: Runtime;
  readonly #buffers: readonly Buffer[];
  readonly #packs: readonly Packed[];
  readonly #packScratch: Buffer;
  readonly #steps: readonly PlannedStep[];
  #arena = 0;

  constructor(runtime: Runtime, planner: ModelPlanner) {
    planner.measureLives();
    this.#runtime = runtime;
    this.#steps = planner.steps;
    this.#packs = planner.packs.map(({ buffer, sources, pack }) => ({
      buffer,
      pack,
      sources: sources(),
      versions: [],
    }));
    this.#packScratch = planner.packScratch;
    this.#buffers = planner.buffers.filter((b) => b.root === b && !b.outside && b.last >= b.first);
    this.bytes = layOut(this.#buffers);
  }

  /** Takes the arena from the heap and gives every buffer its address. Until then a plan costs no memory. */
  allocate(): void {
    if (this.#arena !== 0) return;
    this.#arena = this.#runtime.allocate(this.bytes);
    for (const buffer of this.#buffers) {
      buffer.address = this.#arena + buffer.offset;
      if (buffer.constant !== undefined) this.#runtime.i32.set(buffer.constant(), buffer.address / 4);
    }
  }

  run(): void {
    for (const packed of this.#packs) refresh(packed, this.#packScratch.address);
    for (const step of this.#steps) step.run(step.scratch?.address ?? 0);
  }

  dispose(): void {
    if (this.#arena !== 0) this.#runtime.free(this.#arena);
    this.#arena = 0;
  }
}

/** Packs again what was made from parameters that changed since. */
function refresh({ buffer, sources, versions, pack }: Packed, scratch: number): void {
  let stale = false;
  for (let i = 0; i < sources.length; i++) {
    stale ||= versions[i] !== sources[i].version;
    versions[i] = sources[i].version;
  }
  if (stale) pack(buffer.address, scratch);
}
