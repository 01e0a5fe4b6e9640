/** The buffers of a plan: how long each lives, and whose memory it has. */
import type { Slot } from "../ops/planned.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tenant } from "./arena.ts";

/** Parameters are packed before the first step. */
export const PACKING = -1;

/** A buffer: a place in the arena, or outside of it (the tensor that predict reads or writes). */
export class Buffer implements Slot, Tenant {
  readonly shape: Shape;
  readonly #runtime: Runtime;
  bytes: number;
  needsGradient = false;
  first: number = Number.POSITIVE_INFINITY;
  last: number = Number.NEGATIVE_INFINITY;
  offset = 0;
  /** Read again on the way back, or owned by the caller: must not be overwritten. */
  kept = false;
  /** How many are still to read what lies here, the one that is being planned included. */
  readers = 0;
  /** The address; the arena sets it, or the caller where the buffer is outside. */
  address = 0;
  /** Not in the arena: packed weights, and what belongs to the caller. */
  outside = false;
  /** What the buffer holds from the start; it then lives as long as the plan. */
  constant: (() => readonly number[]) | undefined;
  /** Floats from pixel to pixel, where these are wider than its own channels. */
  pixel: number | undefined;
  #base: Buffer | undefined;
  #place = 0;

  constructor(runtime: Runtime, shape: Shape, bytes: number, base?: Buffer) {
    this.#runtime = runtime;
    this.shape = shape;
    this.bytes = bytes;
    this.#base = base;
  }

  /** The buffer whose memory this is; itself unless it is a view. */
  get root(): Buffer {
    return this.#base?.root ?? this;
  }

  get pointer(): number {
    return this.#base === undefined ? this.address : this.#base.pointer + this.#place;
  }

  get data(): Float32Array<ArrayBuffer> {
    return this.#runtime.floats(this.pointer, sizeOf(this.shape));
  }

  /** Is all of the memory this one's, and no one's after the next reader? */
  get isFree(): boolean {
    const { kept, readers, bytes } = this.root;
    return !kept && readers <= 1 && bytes === this.bytes;
  }

  /** Becomes a view of another buffer, from a byte on. */
  moveInto(base: Buffer, place: number): void {
    this.#base = base;
    this.#place = place;
  }

  /** Extends the life of the memory to a step. */
  touch(step: number): void {
    const root = this.root;
    root.first = Math.min(root.first, step);
    root.last = Math.max(root.last, step);
  }

  /** Makes the memory live as long as the plan. */
  persist(): void {
    this.touch(PACKING);
    this.touch(Number.POSITIVE_INFINITY);
  }
}
