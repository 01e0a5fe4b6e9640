/**
 * A heap over a range of linear memory. Its bookkeeping lives on the JavaScript side, so that no stray kernel write can
 * corrupt it, and it never touches the memory itself (except the guard zones, where a test asks for them).
 *
 * Best fit over a list of free ranges sorted by address; neighbours merge when freed. Addresses are multiples of 64,
 * a cache line.
 */
import { MemoryError } from "../errors.ts";

const ALIGNMENT = 64;

interface Range {
  start: number;
  size: number;
}

export class Heap {
  readonly #start: number;
  #end: number;
  readonly #free: Range[] = [];
  readonly #sizes = new Map<number, number>();
  readonly #grow: (end: number) => void;
  #used = 0;
  #peak = 0;

  /** @param grow makes the memory reach at least to `end`, or throws a MemoryError. */
  constructor(start: number, grow: (end: number) => void) {
    this.#start = align(start);
    this.#end = this.#start;
    this.#grow = grow;
  }

  /** Bytes in use, rounded up to whole blocks. */
  get used(): number {
    return this.#used;
  }

  /** The most bytes that were ever in use at once. */
  get peak(): number {
    return this.#peak;
  }

  /** How many blocks are in use. */
  get blocks(): number {
    return this.#sizes.size;
  }

  /** The address of a block of at least `bytes` bytes; its content is undefined. */
  allocate(bytes: number): number {
    const size = blockBytes(bytes);
    const address = this.#takeFree(size) ?? this.#extend(size);
    this.#sizes.set(address, size);
    this.#used += size;
    this.#peak = Math.max(this.#peak, this.#used);
    return address;
  }

  /** Gives a block back. */
  free(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new MemoryError(`heap: free of ${address}, which is not an allocated block`);
    this.#sizes.delete(address);
    this.#used -= size;
    this.#insertFree({ start: address, size });
  }

  /** The bytes of an allocated block. */
  sizeOf(address: number): number {
    return this.#sizes.get(address) ?? 0;
  }

  #takeFree(size: number): number | undefined {
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const fits = this.#free[i].size >= size;
      if (fits && (best < 0 || this.#free[i].size < this.#free[best].size)) best = i;
    }
    if (best < 0) return undefined;
    const range = this.#free[best];
    const address = range.start;
    range.start += size;
    range.size -= size;
    if (range.size === 0) this.#free.splice(best, 1);
    return address;
  }

  #extend(size: number): number {
    const last = this.#free.at(-1);
    const reuse = last !== undefined && last.start + last.size === this.#end ? last : undefined;
    const address = reuse?.start ?? this.#end;
    this.#grow(address + size);
    if (reuse !== undefined) this.#free.pop();
    this.#end = address + size;
    return address;
  }

  #insertFree(range: Range): void {
    let i = this.#free.length;
    while (i > 0 && this.#free[i - 1].start > range.start) i--;
    const before = this.#free[i - 1];
    const after = this.#free[i];
    const joinsBefore = before !== undefined && before.start + before.size === range.start;
    const joinsAfter = after !== undefined && range.start + range.size === after.start;
    if (joinsBefore) {
      before.size += range.size;
      if (joinsAfter) {
        before.size += after.size;
        this.#free.splice(i, 1);
      }
    } else if (joinsAfter) {
      after.start = range.start;
      after.size += range.size;
    } else {
      this.#free.splice(i, 0, range);
    }
  }
}

/** What a block of `bytes` takes of the heap. */
export function blockBytes(bytes: number): number {
  return align(Math.max(bytes, 1));
}

function align(n: number): number {
  return Math.ceil(n / ALIGNMENT) * ALIGNMENT;
}
