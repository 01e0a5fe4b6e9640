/** Weights in the form that kernels want: packed once, and shared by all plans of a model that want them alike. */
import type { Packing } from "../ops/planned.ts";
import { blockBytes } from "../runtime/heap.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";

/** What a plan holds of one packing. */
export interface PackedBlock {
  readonly pointer: number;
  readonly sources: readonly Parameter[];
  /** Of the sources, when they were packed. */
  readonly versions: number[];
  plans: number;
}

export class PackedWeights {
  readonly #runtime: Runtime;
  readonly #blocks = new Map<string, PackedBlock>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The block for this packing, made when no plan holds it yet. Give it back with `release`. */
  acquire(packing: Packing): PackedBlock {
    const sources = packing.sources();
    const key = keyOf(packing, sources);
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = { pointer: this.#runtime.allocate(packing.bytes), sources, versions: [], plans: 0 };
      this.#blocks.set(key, block);
    }
    block.plans++;
    return block;
  }

  release(block: PackedBlock): void {
    block.plans--;
    if (block.plans > 0) return;
    this.#runtime.free(block.pointer);
    for (const [key, one] of this.#blocks) if (one === block) this.#blocks.delete(key);
  }
}

/** Bytes of the heap that these packings take when nobody holds them. */
export function packedBytes(packings: readonly Packing[]): number {
  const blocks = new Map(packings.map((packing) => [keyOf(packing, packing.sources()), blockBytes(packing.bytes)]));
  return [...blocks.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Packs again what was made from parameters that changed since. */
export function refresh({ pointer, sources, versions }: PackedBlock, pack: Packing["pack"], scratch: number): void {
  let stale = false;
  for (let i = 0; i < sources.length; i++) {
    stale ||= versions[i] !== sources[i].version;
    versions[i] = sources[i].version;
  }
  if (stale) pack(pointer, scratch);
}

/** Names of parameters are unique in a model. */
function keyOf({ layout, bytes }: Packing, sources: readonly Parameter[]): string {
  return [layout, bytes, ...sources.map(({ name }) => name)].join(" ");
}
