/** TensorFlow's operations whose inputs are constants. */
import { type Shape, sizeOf } from "../../tensor/shape.ts";
import { closed, quotient } from "../network/folding.ts";
import { type Constant, constant } from "../network/value.ts";
import type { Call } from "./graphCall.ts";

type Fold = (at: Call) => Constant;

const elementwise =
  (f: (...elements: number[]) => number): Fold =>
  (at) =>
    at.fold.elementwise(constantsOf(at), f);

function constantsOf(at: Call): Constant[] {
  return at.inputs.map((_, i) => at.constant(i));
}

const divide: Fold = (at) => at.fold.elementwise(constantsOf(at), quotient(at.constant(0), at.constant(1)));

function under(x: Constant, shape: Shape): Constant {
  return constant(shape, x.data);
}

/** Constants of one shape as one along a new axis. */
function pack(at: Call): Constant {
  const axis = at.axis(at.attributes.number("axis", 0), at.constant(0).shape.length + 1);
  const parts = constantsOf(at).map((x) => under(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]));
  return at.fold.concatenated(parts, axis);
}

function concat(at: Call): Constant {
  const parts = constantsOf(at).slice(0, -1);
  return at.fold.concatenated(parts, at.axis(at.numbers(parts.length)[0], parts[0].shape.length));
}

function gather(at: Call): Constant {
  const [axis = 0] = at.inputs.length > 2 ? at.numbers(2) : [];
  return at.fold.gathered(at.constant(0), at.constant(1), at.axis(axis, at.constant(0).shape.length));
}

function stridedSlice(at: Call): Constant {
  const { parts, left } = at.stridedParts(at.constant(0).shape);
  const part = at.fold.sliced(at.constant(0), parts);
  return under(
    part,
    part.shape.filter((_, axis) => left(axis)),
  );
}

function range(at: Call): Constant {
  const [start, limit, step] = [0, 1, 2].map((i) => at.numbers(i)[0]);
  return at.fold.range(start, limit, step, true);
}

const reduction =
  (f: (a: number, b: number) => number): Fold =>
  (at) => {
    const x = at.constant(0);
    const along = at.numbers(1).map((axis) => at.axis(axis, x.shape.length));
    return at.fold.reduced(x, f, along, at.attributes.flag("keep_dims"));
  };

export const FOLDS: Readonly<Record<string, Fold>> = {
  Add: elementwise((a, b) => a + b),
  AddV2: elementwise((a, b) => a + b),
  Cast: (at) => at.constant(0),
  ConcatV2: concat,
  ExpandDims: (at) => under(at.constant(0), at.withAxis(at.constant(0).shape)),
  Fill: (at) => at.fold.filled(at.numbers(0), false, () => at.numbers(1)[0]),
  FloorDiv: elementwise((a, b) => Math.floor(a / b)),
  GatherV2: gather,
  Max: reduction(Math.max),
  Maximum: elementwise(Math.max),
  Min: reduction(Math.min),
  Minimum: elementwise(Math.min),
  Mul: elementwise((a, b) => a * b),
  Neg: elementwise((a) => -a),
  Pack: pack,
  Prod: reduction((a, b) => a * b),
  Range: range,
  RealDiv: divide,
  Reshape: (at) => under(at.constant(0), closed(at.numbers(1), sizeOf(at.constant(0).shape))),
  Rsqrt: elementwise((a) => 1 / Math.sqrt(a)),
  Sqrt: elementwise(Math.sqrt),
  Squeeze: (at) => under(at.constant(0), at.withoutAxes(at.constant(0).shape, 0)),
  StridedSlice: stridedSlice,
  Sub: elementwise((a, b) => a - b),
  Sum: reduction((a, b) => a + b),
  Transpose: (at) => at.fold.transposed(at.constant(0), at.numbers(1)),
};
