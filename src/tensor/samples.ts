/** Samples in any of the forms that a user holds them in, and copying some of them into a batch. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Shape, sameShape, sizeOf } from "./shape.ts";
import { type NestedArray, Tensor } from "./tensor.ts";

/** Typed arrays that hold numbers, of any width. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** A tensor [N,...], a flat typed array of N samples, nested arrays, or a list with a typed array or a tensor for each sample. */
export type Samples = Tensor | NumberArray | readonly NestedArray[] | readonly (NumberArray | Tensor)[];

/** Rows of equal size that can be copied out by index. */
export class Rows {
  readonly count: number;
  readonly #size: number;
  /** All rows one after the other, or each by itself. */
  readonly #source: Values | readonly Values[];
  readonly #isList: boolean;

  /** @throws ShapeError where the data is not a whole number of samples of `sample` shape. */
  constructor(op: string, argument: string, data: Samples, sample: Shape, runtime: Runtime) {
    this.#size = sizeOf(sample);
    this.#isList = isList(data);
    if (this.#isList) {
      const list = takeList(op, argument, data as readonly unknown[], sample, runtime);
      this.#source = list;
      this.count = list.length;
      return;
    }
    const source = take(op, argument, data, sample, runtime);
    const { length } = numbersOf(source);
    this.#source = source;
    this.count = length / this.#size;
    if (length > 0 && Number.isInteger(this.count)) return;
    throw misfit(op, argument, sample, `${length} values`);
  }

  /** Copies all samples into `out`. */
  copy(out: Float32Array): void {
    this.gather(indicesOf(this.count), out);
  }

  /** Copies the samples with these indices one after the other into `out`. */
  gather(indices: ArrayLike<number>, out: Float32Array | Int32Array): void {
    const size = this.#size;
    const whole = this.#isList ? undefined : numbersOf(this.#source as Values);
    for (let row = 0; row < indices.length; row++) {
      const source = whole ?? numbersOf((this.#source as readonly Values[])[indices[row]]);
      const from = whole === undefined ? 0 : indices[row] * size;
      if (ArrayBuffer.isView(source)) out.set((source as Float32Array).subarray(from, from + size), row * size);
      else for (let i = 0; i < size; i++) out[row * size + i] = source[from + i];
    }
  }

  /** The number that stands at `index` among those of all samples. */
  at(index: number): number {
    if (!this.#isList) return numbersOf(this.#source as Values)[index];
    return numbersOf((this.#source as readonly Values[])[Math.floor(index / this.#size)])[index % this.#size];
  }
}

/** Numbers, at any later time. */
type Values = Tensor | ArrayLike<number>;

function numbersOf(source: Values): ArrayLike<number> {
  return source instanceof Tensor ? source.data : source;
}

function isList(data: unknown): boolean {
  return Array.isArray(data) && (data[0] instanceof Tensor || ArrayBuffer.isView(data[0]));
}

/** One typed array or tensor for each sample. */
function takeList(
  op: string,
  argument: string,
  data: readonly unknown[],
  sample: Shape,
  runtime: Runtime,
): readonly Values[] {
  return data.map((one, i) => {
    const name = `${argument}[${i}]`;
    const isOne = one instanceof Tensor || ArrayBuffer.isView(one);
    if (!isOne) throw new ArgumentError(`${op}: ${name} must be a typed array or a Tensor, got ${show(one)}`);
    const values = take(op, name, one as Samples, sample, runtime);
    const { length } = numbersOf(values);
    if (length === sizeOf(sample)) return values;
    throw new ShapeError(`${op}: ${name} must hold ${sizeOf(sample)} numbers, got ${length}`);
  });
}

/** 0, 1, ... count - 1. */
export function indicesOf(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** A batch [N,...sample], or one sample. */
function fits(shape: Shape, sample: Shape): boolean {
  return sameShape(shape, sample) || (shape.length === sample.length + 1 && sameShape(shape.slice(1), sample));
}

function misfit(op: string, argument: string, sample: Shape, got: string): ShapeError {
  const wanted = sample.length === 0 ? "one number per sample" : `samples of shape ${show(sample)}`;
  return new ShapeError(`${op}: ${argument} must hold ${wanted}, got ${got}`);
}

/** The data, checked, in a form that can be read by index at any later time. */
function take(op: string, argument: string, data: Samples, sample: Shape, runtime: Runtime): Values {
  if (data instanceof Tensor) {
    if (data.disposed) throw new ArgumentError(`${op}: ${argument} was disposed`);
    if (!fits(data.shape, sample)) throw misfit(op, argument, sample, show(data.shape));
    return data;
  }
  if (ArrayBuffer.isView(data) && holdsNumbers(data)) {
    // Growth of the memory detaches a view of it, such as a tensor's data.
    return data.buffer === runtime.f32.buffer ? data.slice() : data;
  }
  if (Array.isArray(data)) return flat(op, argument, data as readonly NestedArray[], sample);
  throw new ArgumentError(`${op}: ${argument} must be a Tensor, a typed array or nested arrays, got ${show(data)}`);
}

/** What BigInt64Array, BigUint64Array and DataView do not. */
function holdsNumbers(data: NumberArray): boolean {
  return data.length === 0 || typeof data[0] === "number";
}

/** Nested arrays one after the other; an array of numbers is taken as it is. */
function flat(op: string, argument: string, data: readonly NestedArray[], sample: Shape): readonly number[] {
  const shape: number[] = [];
  for (let part: NestedArray = data; Array.isArray(part); part = part[0]) shape.push(part.length);
  if (shape.length > 1 && !fits(shape, sample)) throw misfit(op, argument, sample, show(shape));
  const values: readonly unknown[] = shape.length > 1 ? (data as readonly unknown[]).flat(shape.length - 1) : data;
  const odd = values.find((value) => typeof value !== "number");
  if (odd !== undefined) throw new ArgumentError(`${op}: ${argument} must hold numbers, got ${show(odd)}`);
  if (values.length === sizeOf(shape)) return values as readonly number[];
  throw new ShapeError(`${op}: ${argument} must be regular, got ${values.length} numbers where ${show(shape)} begins`);
}
