/** ONNX operators whose inputs are constants. */
import { type Shape, sizeOf } from "../../tensor/shape.ts";
import { closed, isWhole, type Part, quotient } from "../network/folding.ts";
import { type Constant, constant } from "../network/value.ts";
import type { Call } from "./call.ts";
import { isWholeType } from "./tensors.ts";

type Fold = (at: Call) => Constant;

const elementwise =
  (f: (...elements: number[]) => number, makesWhole?: boolean): Fold =>
  (at) =>
    at.fold.elementwise(constantsOf(at), f, makesWhole);

function constantsOf(at: Call): Constant[] {
  return at.inputs.map((_, i) => at.constant(i));
}

function cast(at: Call): Constant {
  const whole = isWholeType(at.int("to", 1));
  return at.fold.elementwise([at.constant(0)], whole ? Math.trunc : (x) => x, whole);
}

/** Start, end and step of each axis of a shape. */
export function partsOf(at: Call, shape: Shape): Part[] {
  const starts = at.listed("starts", 1) ?? [];
  const ends = at.listed("ends", 2) ?? [];
  const axes = (at.listed("axes", 3) ?? starts.map((_, i) => i)).map((axis) => at.axis(axis, shape.length));
  const steps = at.has(4) ? Array.from(at.constant(4).data) : starts.map(() => 1);
  return shape.map((size, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return { start: 0, end: size, step: 1 };
    const [start, end] = [starts[i], ends[i]].map((place) =>
      place < 0 ? Math.max(place + size, -1) : Math.min(place, size),
    );
    return { start: Math.max(Math.min(start, steps[i] < 0 ? size - 1 : size), 0), end, step: steps[i] };
  });
}

/** The same elements under another shape. */
function reshaped(shapeOf: (at: Call, shape: Shape) => Shape): Fold {
  return (at) => {
    const x = at.constant(0);
    return constant(shapeOf(at, x.shape), x.data);
  };
}

/** 0 keeps the size of the input, -1 takes what is left. */
export function reshapedTo(at: Call, from: Shape): number[] {
  const asked = at.listed("shape", 1) ?? [];
  const keepsZero = at.int("allowzero", 0) === 1;
  return asked.map((size, axis) => (size === 0 && !keepsZero ? from[axis] : size));
}

export function squeezed(at: Call, shape: Shape): Shape {
  const axes = at.listed("axes", 1)?.map((axis) => at.axis(axis, shape.length));
  return shape.filter((size, axis) => !(axes === undefined ? size === 1 : axes.includes(axis)));
}

export function unsqueezed(at: Call, shape: Shape): Shape {
  const axes = at.listed("axes", 1) ?? [];
  const rank = shape.length + axes.length;
  const added = axes.map((axis) => at.axis(axis, rank));
  const left = [...shape];
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : (left.shift() as number)));
}

export function flattened(at: Call, shape: Shape): Shape {
  const axis = at.axis(at.int("axis", 1), shape.length);
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
}

function constantOfShape(at: Call): Constant {
  const filler = at.tensor("value");
  const element = filler?.data[0] ?? 0;
  return at.fold.filled(Array.from(at.constant(0).data), filler !== undefined && isWhole(filler), () => element);
}

function range(at: Call): Constant {
  const [start, limit, step] = [0, 1, 2].map((i) => at.constant(i).data[0]);
  return at.fold.range(start, limit, step, isWhole(at.constant(0)));
}

const reduction =
  (f: (a: number, b: number) => number): Fold =>
  (at) =>
    at.fold.reduced(at.constant(0), f, axesOf(at, 0), at.int("keepdims", 1) === 1);

/** Of a reduction; where it names none, all from `first` on, unless the node says that there are none then. */
export function axesOf(at: Call, first: number): number[] {
  const named = at.listed("axes", 1);
  if (named !== undefined && named.length > 0) return named.map((axis) => at.axis(axis));
  if (at.int("noop_with_empty_axes", 0) === 1) return [];
  return Array.from({ length: at.rank(0) - first }, (_, i) => i + first);
}

export const FOLDS: Readonly<Record<string, Fold>> = {
  Abs: elementwise(Math.abs),
  Add: elementwise((a, b) => a + b),
  Cast: cast,
  Ceil: elementwise(Math.ceil),
  Concat: (at) => at.fold.concatenated(constantsOf(at), at.axis(at.int("axis", 0))),
  ConstantOfShape: constantOfShape,
  Div: (at) => at.fold.elementwise(constantsOf(at), quotient(at.constant(0), at.constant(1))),
  Equal: elementwise((a, b) => (a === b ? 1 : 0), true),
  Exp: elementwise(Math.exp),
  Expand: (at) => at.fold.expanded(at.constant(0), Array.from(at.constant(1).data)),
  Flatten: reshaped(flattened),
  Floor: elementwise(Math.floor),
  Gather: (at) => at.fold.gathered(at.constant(0), at.constant(1), at.axis(at.int("axis", 0))),
  Identity: (at) => at.constant(0),
  Max: elementwise(Math.max),
  Mean: elementwise((...all) => all.reduce((a, b) => a + b) / all.length, false),
  Min: elementwise(Math.min),
  Mod: elementwise((a, b) => a - b * Math.floor(a / b)),
  Mul: elementwise((a, b) => a * b),
  Neg: elementwise((a) => -a),
  Pow: elementwise((a, b) => a ** b),
  Range: range,
  Reciprocal: elementwise((a) => 1 / a, false),
  ReduceMax: reduction(Math.max),
  ReduceMin: reduction(Math.min),
  ReduceProd: reduction((a, b) => a * b),
  ReduceSum: reduction((a, b) => a + b),
  Reshape: reshaped((at, from) => closed(reshapedTo(at, from), sizeOf(from))),
  Slice: (at) => at.fold.sliced(at.constant(0), partsOf(at, at.constant(0).shape)),
  Sqrt: elementwise(Math.sqrt),
  Squeeze: reshaped(squeezed),
  Sub: elementwise((a, b) => a - b),
  Sum: elementwise((...all) => all.reduce((a, b) => a + b)),
  Transpose: (at) => at.fold.transposed(at.constant(0), orderOf(at)),
  Unsqueeze: reshaped(unsqueezed),
  Where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
};

/** Of a transposition; without one, all axes backwards. */
export function orderOf(at: Call): number[] {
  const rank = at.rank(0);
  return at.ints("perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
}
