/** Describing a graph before there is a model: what flows between layers, as shapes alone. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { checkShape, type Shape } from "../tensor/shape.ts";
import type { Layer } from "./layer.ts";

/** Where a symbolic tensor comes from. */
export interface SymbolicSource {
  readonly layer: Layer;
  readonly inputs: readonly SymbolicTensor[];
}

let made = 0;

/** The input of a graph, or what a layer makes of others. Get one from `input({ shape })`, or by calling a layer. */
export class SymbolicTensor {
  /** Of one sample, without the batch axis. */
  readonly shape: Shape;
  /** Undefined for an input. @internal */
  readonly source: SymbolicSource | undefined;
  /** Of an input; "" where it has none. */
  readonly name: string;
  /** Grows from one to the next: a graph computes its values in the order in which they were described. @internal */
  readonly order: number;

  /** What messages call it. @internal */
  get [Symbol.toStringTag](): string {
    return "SymbolicTensor";
  }

  constructor(shape: Shape, source: SymbolicSource | undefined, name = "") {
    this.shape = [...shape];
    this.source = source;
    this.name = name;
    this.order = made++;
  }
}

/** What `input` takes. */
export interface GraphInputOptions {
  /** Of one sample, without the batch: [H,W,C] for images. */
  shape: Shape;
  /** Default: "input_1", "input_2", ... */
  name?: string;
}

/**
 * An input of a graph (Keras Input).
 *
 * @throws ShapeError for a shape without axes.
 * @example
 * const x = input({ shape: [32, 32, 3] });
 * const y = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" })(x); // [32,32,3]
 */
export function input(options: GraphInputOptions): SymbolicTensor {
  checkOptions("input", options, { shape: true, name: true });
  const { shape, name = "" } = options;
  checkShape("input", "shape", shape);
  if (shape.length === 0) throw new ShapeError("input: shape must have at least one axis, got []");
  if (typeof name !== "string") throw new ArgumentError(`input: name must be a string, got ${show(name)}`);
  return new SymbolicTensor(shape, undefined, name);
}

/** One symbolic tensor or several, as a list; throws ArgumentError for anything else. */
export function symbolicTensors(
  op: string,
  argument: string,
  given: SymbolicTensor | readonly SymbolicTensor[],
): readonly SymbolicTensor[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const odd = list.find((one) => !(one instanceof SymbolicTensor));
  if (list.length > 0 && odd === undefined) return list as readonly SymbolicTensor[];
  const got = list.length === 0 ? "[]" : show(odd);
  throw new ArgumentError(
    `${op}: ${argument} must be what input() or a layer called with one returns, or an array of these, got ${got}`,
  );
}
