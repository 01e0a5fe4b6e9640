/** A runtime: one binary over one linear memory, and the heap in it; the second module joins it where a program needs that. */
import { MemoryError, UnsupportedError } from "../errors.ts";
import { extraOfProgram } from "./extra.ts";
import { type Binary, type Features, toldBy } from "./features.ts";
import { Heap } from "./heap.ts";
import type { Kernels } from "./kernels.ts";
import { instantiate, type Label } from "./load.ts";

const PAGE = 65536;
/** Kernels compute offsets in signed 32-bit integers, so that is as far as memory may reach. */
export const LARGEST_LIMIT: number = 2 ** 31;
/** A NaN that no kernel computes: what guard zones and fresh blocks are filled with when guards are on. */
const CANARY = 0x7fa5a5a5;

/** Bytes of linear memory. */
export interface MemoryReport {
  /** Bytes of the blocks in use. */
  readonly used: number;
  /** The most that was in use at once. */
  readonly peak: number;
  /** Blocks in use. */
  readonly blocks: number;
  /** Bytes of linear memory: it grows and never shrinks. */
  readonly reserved: number;
  /** Where growth ends. */
  readonly limit: number;
}

/** The kernels over their linear memory, as `init` loaded them. */
export class Runtime {
  /** @internal */
  readonly kernels: Kernels;
  /** What this host can do, and which binary runs. */
  readonly features: Features;
  readonly #label: Label<Binary>;
  readonly #memory: WebAssembly.Memory;
  readonly #heap: Heap;
  readonly #limit: number;
  readonly #guard: number;
  #f32: Float32Array<ArrayBuffer>;
  #i32: Int32Array<ArrayBuffer>;

  constructor(module: WebAssembly.Module, features: Features, limit: number, guard: number) {
    this.#memory = new WebAssembly.Memory({ initial: 16, maximum: Math.floor(limit / PAGE) });
    const { kernels, ...label } = instantiate(module, this.#memory);
    this.kernels = kernels;
    this.#label = label;
    this.features = toldBy(label.file, features);
    Object.defineProperty(this, "kernels", { enumerable: false }); // console.log of a tensor or model has no use for them
    this.#limit = limit;
    this.#guard = guard;
    this.#heap = new Heap(this.kernels.heapBase(), (end) => this.#reach(end));
    this.#f32 = new Float32Array(this.#memory.buffer as ArrayBuffer);
    this.#i32 = new Int32Array(this.#memory.buffer as ArrayBuffer);
  }

  /** Adds the kernels of the second module, where the program has a use for them. @internal */
  addExtra(module: WebAssembly.Module | undefined): void {
    if (module !== undefined) this.kernels.extra = extraOfProgram()?.(module, this.#memory, this.#label);
  }

  /** All of linear memory as floats; derived anew after growth, so do not keep it. */
  get f32(): Float32Array<ArrayBuffer> {
    if (this.#f32.buffer !== this.#memory.buffer) this.#f32 = new Float32Array(this.#memory.buffer as ArrayBuffer);
    return this.#f32;
  }

  /** All of linear memory as 32-bit integers; derived anew after growth. */
  get i32(): Int32Array<ArrayBuffer> {
    if (this.#i32.buffer !== this.#memory.buffer) this.#i32 = new Int32Array(this.#memory.buffer as ArrayBuffer);
    return this.#i32;
  }

  /** `length` floats at `pointer`, as a view. */
  floats(pointer: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer as ArrayBuffer, pointer, length);
  }

  /** `length` bytes at `pointer`, as a view. */
  bytes(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer as ArrayBuffer, pointer, length);
  }

  /** Bytes in use, reserved, and the limit. */
  memory(): MemoryReport {
    const { used, peak, blocks } = this.#heap;
    return { used, peak, blocks, reserved: this.#memory.buffer.byteLength, limit: this.#limit };
  }

  /** A block of `bytes` bytes, 64-byte aligned; its content is undefined. Throws MemoryError past the limit. */
  allocate(bytes: number): number {
    if (this.#guard === 0) return this.#heap.allocate(bytes);
    const block = this.#heap.allocate(this.#guarded(bytes));
    const size = this.#heap.sizeOf(block);
    this.i32.fill(CANARY, block / 4, (block + size) / 4);
    this.i32[block / 4] = bytes;
    return block + this.#guard;
  }

  /** Gives a block back; with guards on, throws MemoryError when something wrote around it. */
  free(pointer: number): void {
    if (this.#guard > 0) this.checkGuard(pointer);
    this.#heap.free(pointer - this.#guard);
  }

  /** Throws MemoryError when the guard zones around a block were written to; does nothing where guards are off. */
  checkGuard(pointer: number): void {
    if (this.#guard === 0) return;
    const block = (pointer - this.#guard) / 4;
    const bytes = this.i32[block];
    const end = block + this.#heap.sizeOf(pointer - this.#guard) / 4;
    for (let i = block + 1; i < end; i++) {
      const isGuard = i < pointer / 4 || i * 4 >= pointer + bytes;
      if (isGuard && this.i32[i] !== CANARY) {
        throw new MemoryError(`heap: a write ${i * 4 - pointer} bytes into a block of ${bytes} bytes`);
      }
    }
  }

  /** Lends a block for the time of `use`. */
  withScratch<T>(bytes: number, use: (pointer: number) => T): T {
    const pointer = this.allocate(bytes);
    try {
      return use(pointer);
    } finally {
      this.free(pointer);
    }
  }

  #guarded(bytes: number): number {
    return bytes + 2 * this.#guard;
  }

  #reach(end: number): void {
    const have = this.#memory.buffer.byteLength;
    if (end <= have) return;
    const needed = `${end} bytes needed, ${have} reserved`;
    if (end > this.#limit) {
      const help = this.#limit < LARGEST_LIMIT ? "raise memoryLimit in init" : "striate reaches no further";
      throw new MemoryError(`memory: the limit of ${this.#limit} bytes is reached (${needed}); ${help}`);
    }
    try {
      this.#memory.grow(Math.ceil((end - have) / PAGE));
    } catch (cause) {
      throw new MemoryError(`memory: this host gives no more memory (${needed})`, { cause });
    }
  }
}

let current: Runtime | undefined;

/** What currentRuntime returns from now on. */
export function makeCurrent(runtime: Runtime): void {
  current = runtime;
}

/** The runtime that `init` made current. */
export function currentRuntime(caller: string): Runtime {
  if (current === undefined) throw new UnsupportedError(`${caller}: call "await init()" first`);
  return current;
}
