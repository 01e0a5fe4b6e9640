/** Tensors: a shape and a block of linear memory. */
import { ArgumentError, MemoryError, ShapeError, show } from "../errors.ts";
import { currentRuntime, type Runtime } from "../runtime/runtime.ts";
import { checkShape, type Shape, sizeOf } from "./shape.ts";

/** A number, or arrays of equal length in arrays. */
export type NestedArray = number | readonly NestedArray[];

/** Frees the block of a tensor that was garbage collected without `dispose`: the safety net, not the rule. */
const forgotten = new FinalizationRegistry<{ runtime: Runtime; pointer: number }>(({ runtime, pointer }) => {
  runtime.free(pointer);
});

/** The tensors made since the innermost `scope` began; undefined outside any scope. */
let scoped: Set<Tensor> | undefined;

/** Elements that a tensor shows of itself. */
const SHOWN = 8;

/** A dense f32 array in linear memory. Made by `tensor`, `zeros` and the ops; given back by `dispose`, `using` or `scope`. */
export class Tensor {
  /** Sizes from the outermost axis to the innermost. */
  readonly shape: Shape;
  /** Whose memory it lies in. */
  readonly runtime: Runtime;
  readonly #pointer: number;
  #disposed = false;

  constructor(runtime: Runtime, shape: Shape) {
    this.runtime = runtime;
    this.shape = Object.freeze([...shape]);
    this.#pointer = runtime.allocate(sizeOf(shape) * 4);
    forgotten.register(this, { runtime, pointer: this.#pointer }, this);
    scoped?.add(this);
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The address of the first element, in bytes. Throws MemoryError after dispose. */
  get pointer(): number {
    if (this.#disposed) throw new MemoryError(`tensor [${this.shape}]: used after dispose`);
    return this.#pointer;
  }

  /** The elements, zero-copy. The view is derived anew at each call, since growth of the memory detaches old ones. */
  get data(): Float32Array<ArrayBuffer> {
    return this.runtime.floats(this.pointer, this.size);
  }

  /** Whether the memory was given back. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** The elements as nested arrays. */
  toArray(): NestedArray {
    const data = this.data;
    let at = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.shape.length ? data[at++] : Array.from({ length: this.shape[axis] }, () => nest(axis + 1));
    return nest(0);
  }

  /** For people: the shape and the first elements, to six digits. */
  toString(): string {
    const name = `Tensor [${this.shape}]`;
    if (this.#disposed) return `${name}, disposed`;
    const first = Array.from(this.data.subarray(0, SHOWN), (value) => `${Number(value.toPrecision(6))}`);
    return `${name} ${first.join(", ")}${this.size > SHOWN ? ", ..." : ""}`;
  }

  /** Gives the memory back; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    scoped?.delete(this);
    this.runtime.free(this.#pointer);
  }

  /** What messages call it. @internal */
  get [Symbol.toStringTag](): string {
    return "Tensor";
  }

  /** For `using`: the same as dispose. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

// What console.log asks for in Node, Deno and Bun.
Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: Tensor.prototype.toString });

/**
 * A tensor with a copy of `data`.
 *
 * @param data numbers, nested arrays of them, or a typed array.
 * @param shape may be left out for nested arrays, and means one axis for a flat one.
 * @throws ShapeError where the data does not fill the shape, or nested arrays are ragged.
 * @example
 * const x = tensor([[1, 2], [3, 4]]); // [2,2]
 * const image = tensor(new Uint8Array(784), [28, 28, 1]); // [28,28,1]
 */
export function tensor(data: NestedArray | ArrayLike<number>, shape?: Shape): Tensor {
  const runtime = currentRuntime("tensor");
  const own = shapeOfData(data);
  const wanted = shape ?? own;
  checkShape("tensor", "shape", wanted);
  if (sizeOf(wanted) !== sizeOf(own)) {
    throw new ShapeError(`tensor: shape ${show(wanted)} holds ${sizeOf(wanted)} elements, but data has ${sizeOf(own)}`);
  }
  // Making the tensor may grow the memory, which detaches a view such as another tensor's data.
  const lies = ArrayBuffer.isView(data) && data.buffer === runtime.f32.buffer;
  const source = lies ? (data as Float32Array).slice() : data;
  const made = new Tensor(runtime, wanted);
  if (ArrayBuffer.isView(source)) made.data.set(source as Float32Array);
  else fill(made.data, source as NestedArray, own, 0, 0);
  return made;
}

/** A tensor with a copy of what lies in memory. */
export function copyOf(runtime: Runtime, pointer: number, shape: Shape): Tensor {
  const made = new Tensor(runtime, shape);
  made.data.set(runtime.floats(pointer, made.size));
  return made;
}

/** A tensor of zeros. */
export function zeros(shape: Shape): Tensor {
  return filled("zeros", shape, 0);
}

/**
 * A tensor of one value.
 *
 * @example
 * full([2], 0.5).toArray(); // [0.5, 0.5]
 */
export function full(shape: Shape, value: number): Tensor {
  return filled("full", shape, value);
}

function filled(op: string, shape: Shape, value: number): Tensor {
  checkShape(op, "shape", shape);
  const made = new Tensor(currentRuntime(op), shape);
  made.data.fill(value);
  return made;
}

/**
 * Runs `body` and disposes every tensor made in it, except those it returns (a tensor, or an array or plain object of them).
 *
 * @example
 * const x = tensor([-3, 4]);
 * const y = scope(() => ops.relu(ops.add(x, x))); // only y is left of the two
 */
export function scope<T>(body: () => T): T {
  if (typeof body !== "function") throw new ArgumentError(`scope: body must be a function, got ${show(body)}`);
  const outer = scoped;
  const inner = new Set<Tensor>();
  scoped = inner;
  let kept = new Set<Tensor>();
  try {
    const result = body();
    if (result instanceof Promise) throw new ArgumentError("scope: body must be synchronous, got a promise");
    kept = new Set(tensorsIn(result));
    return result;
  } finally {
    scoped = outer;
    for (const made of inner) {
      if (kept.has(made)) outer?.add(made);
      else made.dispose();
    }
  }
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  const plain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? Object.values(value as object).flatMap(tensorsIn) : [];
}

function shapeOfData(data: NestedArray | ArrayLike<number>): Shape {
  if (typeof data === "number") return [];
  if (ArrayBuffer.isView(data)) return [(data as Float32Array).length];
  if (!Array.isArray(data))
    throw new ArgumentError(`tensor: data must be numbers, arrays or a typed array, got ${show(data)}`);
  if (data.length === 0) throw new ShapeError("tensor: data must not be empty, got []");
  return Array.isArray(data[0]) ? [data.length, ...shapeOfData(data[0])] : [data.length];
}

/** Copies nested arrays in row-major order and checks that they are as regular as the first of each level says. */
function fill(out: Float32Array, data: NestedArray, shape: Shape, axis: number, at: number): number {
  if (axis === shape.length) {
    if (typeof data !== "number") throw new ShapeError(`tensor: data must be regular, got ${show(data)} among numbers`);
    out[at] = data;
    return at + 1;
  }
  if (!Array.isArray(data) || data.length !== shape[axis]) {
    const got = Array.isArray(data) ? `${data.length}` : show(data);
    throw new ShapeError(
      `tensor: data must be regular, got ${got} where ${shape[axis]} elements stand on axis ${axis}`,
    );
  }
  for (const part of data) at = fill(out, part, shape, axis + 1, at);
  return at;
}
