/** What a layer learns or keeps: values that live as long as the model, and a place for their gradient. */
import { MemoryError, ShapeError, show } from "../errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** A penalty on the weights: l1 * sum|w| + l2 * sum w^2, as Keras has it. */
export interface Regularizer {
  /** The factor of the sum of absolute values. */
  readonly l1: number;
  /** The factor of the sum of squares. */
  readonly l2: number;
}

/** What a layer learns or keeps. */
export class Parameter {
  /** Layer and role, as in "conv2d_1/kernel". */
  readonly name: string;
  /** Sizes from the outermost axis to the innermost. */
  readonly shape: Shape;
  /** Learned by an optimizer; false for running statistics. */
  readonly learned: boolean;
  /** The penalty on it, where there is one. */
  readonly regularizer: Regularizer | undefined;
  /** Where the gradient is accumulated; 0 until a model trains. */
  gradient = 0;
  /** Counts changes, so that packed copies know when they are stale. */
  version = 0;
  readonly #runtime: Runtime;
  #pointer: number;
  #detached: Float32Array | undefined;

  constructor(
    runtime: Runtime,
    name: string,
    values: Float32Array,
    shape: Shape,
    options: { learned?: boolean; regularizer?: Regularizer } = {},
  ) {
    this.name = name;
    this.shape = shape;
    this.learned = options.learned ?? true;
    this.regularizer = options.regularizer;
    this.#runtime = runtime;
    this.#pointer = runtime.allocate(sizeOf(shape) * 4);
    this.set(values);
  }

  /** The number of values. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The address of the values, in bytes. */
  get pointer(): number {
    if (this.#pointer === 0) throw new MemoryError(`${this.name}: its values were given back`);
    return this.#pointer;
  }

  /** The values, to read. Write with `set`, or packed copies go stale. */
  get data(): Float32Array<ArrayBuffer> {
    return this.#runtime.floats(this.pointer, this.size);
  }

  /** Replaces the values. */
  set(values: ArrayLike<number>): void {
    if (values.length !== this.size) {
      throw new ShapeError(`${this.name}: ${show(this.shape)} holds ${this.size} values, got ${values.length}`);
    }
    this.data.set(values);
    this.version++;
  }

  /** The gradient that the last training step accumulated; empty before. */
  get gradientData(): Float32Array<ArrayBuffer> {
    return this.#runtime.floats(this.gradient, this.gradient === 0 ? 0 : this.size);
  }

  /** Moves the values out of linear memory, where they can be neither read nor changed until `attach` brings them back. */
  detach(): void {
    this.#detached ??= this.data.slice();
    this.#free();
  }

  /** Brings values back that `detach` moved away. */
  attach(): void {
    if (this.#pointer !== 0 || this.#detached === undefined) return;
    this.#pointer = this.#runtime.allocate(this.size * 4);
    this.data.set(this.#detached);
  }

  /** Gives the values back. */
  dispose(): void {
    this.#detached = undefined;
    this.#free();
  }

  #free(): void {
    if (this.#pointer === 0) return;
    this.#runtime.free(this.#pointer);
    this.#pointer = 0;
  }
}
