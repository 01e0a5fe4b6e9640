/** Running one op outside a model: outputs on the heap, scratch lent for the time of the call. */
import { ArgumentError, show } from "../errors.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { currentRuntime, type Runtime } from "../runtime/runtime.ts";
import type { Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Window, windowFields } from "./window.ts";

/** What the body of an eager op may ask for. */
export class Eager {
  readonly kernels: Kernels;
  readonly #runtime: Runtime;
  readonly #lent: number[] = [];
  readonly #made: Tensor[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.kernels = runtime.kernels;
  }

  /** A new tensor; its content is undefined. */
  output(shape: Shape): Tensor {
    const made = new Tensor(this.#runtime, shape);
    this.#made.push(made);
    return made;
  }

  /** A new tensor of zeros, for what kernels accumulate into. */
  zeros(shape: Shape): Tensor {
    const made = this.output(shape);
    made.data.fill(0);
    return made;
  }

  /** Scratch of `bytes` bytes, given back when the op ends. */
  scratch(bytes: number): number {
    const pointer = this.#runtime.allocate(bytes);
    this.#lent.push(pointer);
    return pointer;
  }

  /** A Window that kernels can read, given back when the op ends. */
  window(window: Window): number {
    return this.constants(windowFields(window));
  }

  /** Whole numbers that kernels can read, given back when the op ends. */
  constants(values: readonly number[]): number {
    const pointer = this.scratch(values.length * 4);
    this.#runtime.i32.set(values, pointer / 4);
    return pointer;
  }

  /** Gives the scratch back; after a failure also the outputs. */
  end(failed: boolean): void {
    for (const pointer of this.#lent) this.#runtime.free(pointer);
    if (failed) for (const made of this.#made) made.dispose();
  }
}

/** Runs `body` over tensors of one runtime. Named inputs that are not tensors, or are disposed, are refused. */
export function eager<T>(op: string, inputs: Readonly<Record<string, Tensor | null>>, body: (run: Eager) => T): T {
  const run = new Eager(commonRuntime(op, inputs));
  let failed = true;
  try {
    const result = body(run);
    failed = false;
    return result;
  } finally {
    run.end(failed);
  }
}

/** The shape of an input, or an ArgumentError where it is no tensor. */
export function shapeOf(op: string, argument: string, input: Tensor): Shape {
  if (input instanceof Tensor) return input.shape;
  throw new ArgumentError(`${op}: ${argument} must be a Tensor, got ${show(input)}`);
}

function commonRuntime(op: string, inputs: Readonly<Record<string, Tensor | null>>): Runtime {
  let runtime: Runtime | undefined;
  for (const [argument, input] of Object.entries(inputs)) {
    if (input === null) continue;
    shapeOf(op, argument, input);
    if (input.disposed) throw new ArgumentError(`${op}: ${argument} was disposed`);
    runtime ??= input.runtime;
    if (input.runtime !== runtime)
      throw new ArgumentError(`${op}: ${argument} belongs to another runtime than the rest`);
  }
  return runtime ?? currentRuntime(op);
}
