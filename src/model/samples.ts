/** Samples in any of the forms that a user holds them in, and copying some of them into a batch. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { type NestedArray, Tensor } from "../tensor/tensor.ts";

/** A tensor [N,...], a flat typed array of N samples, or nested arrays. */
export type Samples = Tensor | Float32Array | Float64Array | Uint8Array | Int32Array | readonly NestedArray[];

/** Rows of equal size that can be copied out by index. */
export class Rows {
  readonly count: number;
  readonly #size: number;
  readonly #source: Tensor | ArrayLike<number>;

  /** @throws ShapeError where the data is not a whole number of samples of `sample` shape. */
  constructor(op: string, argument: string, data: Samples, sample: Shape) {
    this.#size = sizeOf(sample);
    this.#source = flat(op, argument, data);
    const length = data instanceof Tensor ? data.size : (this.#source as ArrayLike<number>).length;
    this.count = length / this.#size;
    const rightShape = !(data instanceof Tensor) || fits(data.shape, sample);
    if (length === 0 || !Number.isInteger(this.count) || !rightShape) {
      const got = data instanceof Tensor ? show(data.shape) : `${length} values`;
      throw new ShapeError(`${op}: ${argument} must hold samples of shape ${show(sample)}, got ${got}`);
    }
  }

  /** Copies the samples with these indices one after the other into `out`. */
  gather(indices: ArrayLike<number>, out: Float32Array | Int32Array): void {
    const size = this.#size;
    const source = this.#source instanceof Tensor ? this.#source.data : this.#source;
    for (let row = 0; row < indices.length; row++) {
      const from = indices[row] * size;
      if (ArrayBuffer.isView(source)) out.set((source as Float32Array).subarray(from, from + size), row * size);
      else for (let i = 0; i < size; i++) out[row * size + i] = source[from + i];
    }
  }
}

/** A batch [N,...sample], or one sample. */
function fits(shape: Shape, sample: Shape): boolean {
  const tail = shape.slice(shape.length - sample.length);
  return shape.length - sample.length <= 1 && tail.every((n, i) => n === sample[i]) && tail.length === sample.length;
}

function flat(op: string, argument: string, data: Samples): Tensor | ArrayLike<number> {
  if (data instanceof Tensor) {
    if (data.disposed) throw new ArgumentError(`${op}: ${argument} was disposed`);
    return data;
  }
  if (ArrayBuffer.isView(data)) return data as Float32Array;
  if (Array.isArray(data)) return (data as readonly unknown[]).flat(20) as number[];
  throw new ArgumentError(`${op}: ${argument} must be a Tensor, a typed array or nested arrays, got ${show(data)}`);
}
