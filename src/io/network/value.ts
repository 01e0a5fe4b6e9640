/** What flows through a network that is being imported: values of samples, and constants. */
import type { SymbolicTensor } from "../../layers/symbolic.ts";
import type { Shape } from "../../tensor/shape.ts";
import { type Curve, IDENTITY, isIdentity } from "./curve.ts";

/** Known when the file is read: weights, and what shapes are computed with. */
export interface Constant {
  readonly kind: "constant";
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Computed for each sample. */
export interface Value {
  readonly kind: "value";
  /** The node that made it. */
  readonly node: string;
  /** What is computed of it is `curve`, and not yet done. */
  readonly x: SymbolicTensor;
  readonly curve: Curve;
  /** The file has channels behind the batch, [N,C,H,W]; `x` has them last, without the batch: [H,W,C]. */
  readonly channelsFirst: boolean;
  /** The value of which this one, [N,C*H*W], is the flattened form: a dense layer behind can look at that in its own order. */
  readonly flatOf?: Value;
}

export type Operand = Value | Constant;

export function constant(shape: Shape, data: ArrayLike<number>): Constant {
  return { kind: "constant", shape, data };
}

export function value(x: SymbolicTensor, channelsFirst = false): Value {
  return { kind: "value", node: x.source?.layer.name ?? x.name, x, curve: IDENTITY, channelsFirst };
}

/** Whether nothing is left to be done. */
export function isComputed({ curve }: Value): boolean {
  return isIdentity(curve);
}

/** The shape in the file's order of axes; the batch, whose size is open, counts as 1. */
export function shapeOf(operand: Operand): Shape {
  if (operand.kind === "constant") return operand.shape;
  const { x, channelsFirst } = operand;
  return channelsFirst ? [1, x.shape[x.shape.length - 1], ...x.shape.slice(0, -1)] : [1, ...x.shape];
}

/** The shape as what files compute with. */
export function shapeAsConstant(operand: Operand): Constant {
  const shape = shapeOf(operand);
  return constant([shape.length], Float64Array.from(shape));
}

/** The axis of x, with the batch, that is the file's axis. */
export function storedAxis({ x, channelsFirst }: Value, axis: number): number {
  const rank = x.shape.length + 1;
  const along = axis < 0 ? axis + rank : axis;
  if (!channelsFirst || along === 0) return along;
  return along === 1 ? rank - 1 : along - 1;
}

/** The result of a layer over images: in the layout of the value that it came from. */
export function like(given: Value, x: SymbolicTensor): Value {
  return value(x, given.channelsFirst);
}
