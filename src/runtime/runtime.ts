/** A runtime: one binary over one linear memory, and the heap in it. */
import { ArgumentError, checkOptions, MemoryError, show, UnsupportedError } from "../errors.ts";
import { detectFeatures, type Features } from "./features.ts";
import { Heap } from "./heap.ts";
import type { Kernels } from "./kernels.ts";
import { instantiate, loadModule } from "./load.ts";

const PAGE = 65536;
/** Kernels compute offsets in signed 32-bit integers, so that is as far as memory may reach. */
const LARGEST_LIMIT = 2 ** 31;
/** A NaN that no kernel computes: what guard zones and fresh blocks are filled with when guards are on. */
const CANARY = 0x7fa5a5a5;

/** What `init` takes. */
export interface InitOptions {
  /** Use the binary whose results are the same bits on every machine. Default false. */
  deterministic?: boolean;
  /** The most bytes the linear memory may grow to. Default and largest: 2 GiB. */
  memoryLimit?: number;
  /** For tests of kernels: bytes of canary around every block, checked when it is freed. Default 0. */
  guard?: number;
}

/** What the linear memory holds. */
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
  readonly #memory: WebAssembly.Memory;
  readonly #heap: Heap;
  readonly #limit: number;
  readonly #guard: number;
  #f32: Float32Array<ArrayBuffer>;
  #i32: Int32Array<ArrayBuffer>;

  constructor(module: WebAssembly.Module, features: Features, limit: number, guard: number) {
    this.#memory = new WebAssembly.Memory({ initial: 16, maximum: Math.floor(limit / PAGE) });
    this.kernels = instantiate(module, this.#memory);
    this.features = features;
    Object.defineProperty(this, "kernels", { enumerable: false }); // console.log of a tensor or model has no use for them
    this.#limit = limit;
    this.#guard = guard;
    this.#heap = new Heap(this.kernels.heapBase(), (end) => this.#reach(end));
    this.#f32 = new Float32Array(this.#memory.buffer as ArrayBuffer);
    this.#i32 = new Int32Array(this.#memory.buffer as ArrayBuffer);
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
let latest: { key: string; runtime: Promise<Runtime> } | undefined;

/**
 * Loads the kernels: the fastest binary this host runs, or the bit-exact one. Call it once before anything else; again with
 * the same options it returns the same runtime, with others it makes a new one current (what the old one owns stays valid).
 *
 * @throws UnsupportedError where the host has no WebAssembly SIMD or forbids compiling.
 * @throws ArgumentError for a memoryLimit that is not a whole number of bytes from 1 MiB to 2 GiB.
 * @example
 * const runtime = await init();
 * console.assert(runtime.features.simd);
 */
export async function init(options: InitOptions = {}): Promise<Runtime> {
  checkOptions("init", options, { deterministic: true, memoryLimit: true, guard: true });
  const { deterministic = false, memoryLimit = LARGEST_LIMIT, guard = 0 } = options;
  if (!Number.isInteger(memoryLimit) || memoryLimit < 2 ** 20 || memoryLimit > LARGEST_LIMIT) {
    throw new ArgumentError(
      `init: memoryLimit must be a whole number of bytes from 2^20 to 2^31, got ${show(memoryLimit)}`,
    );
  }
  if (!Number.isInteger(guard) || guard < 0 || guard % 64 !== 0) {
    throw new ArgumentError(`init: guard must be a multiple of 64, got ${show(guard)}`);
  }
  if (typeof WebAssembly === "undefined") throw new UnsupportedError("init: this host has no WebAssembly");
  const features = detectFeatures(deterministic);
  if (!features.simd)
    throw new UnsupportedError("init: this host's WebAssembly has no SIMD (128-bit), which striate needs");
  const key = `${features.binary} ${memoryLimit} ${guard}`;
  if (latest?.key !== key) {
    const runtime = loadModule(features.binary).then((module) => new Runtime(module, features, memoryLimit, guard));
    latest = { key, runtime };
  }
  const asked = latest;
  try {
    current = await asked.runtime;
  } catch (error) {
    if (latest === asked) latest = undefined;
    throw error;
  }
  return current;
}

/** The runtime that `init` made current. */
export function currentRuntime(caller: string): Runtime {
  if (current === undefined) throw new UnsupportedError(`${caller}: call "await init()" first`);
  return current;
}
