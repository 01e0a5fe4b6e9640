/** What files compute of constants alone: shapes, mostly. It is done when the file is read. */
import { type Shape, sizeOf } from "../../tensor/shape.ts";
import { type Constant, constant } from "../network/value.ts";
import type { Call } from "./call.ts";
import { isWholeType } from "./tensors.ts";

type Fold = (at: Call) => Constant;

/** A file cannot ask for more elements than this by a few bytes; what it holds may be moved and joined however large it is. */
const LARGEST = 2 ** 20;

function isWhole({ data }: Constant): boolean {
  return !(data instanceof Float32Array);
}

function filled(at: Call, shape: Shape, whole: boolean, element: (i: number) => number): Constant {
  const size = sizeOf(shape);
  const held = at.inputs.reduce((sum, one) => sum + (one?.kind === "constant" ? one.data.length : 0), 0);
  if (!(size <= Math.max(LARGEST, held))) {
    throw at.unsupported(`makes a constant of ${size} elements; more than ${LARGEST} are refused`);
  }
  const data = whole ? new Float64Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = element(i);
  return constant(shape, data);
}

function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** An element of the result at `places` comes from the place in x that `from` tells. */
function moved(at: Call, x: Constant, shape: Shape, from: (places: readonly number[]) => readonly number[]): Constant {
  const [own, to] = [stridesOf(x.shape), stridesOf(shape)];
  return filled(at, shape, isWhole(x), (i) => {
    const places = shape.map((size, axis) => Math.floor(i / to[axis]) % size);
    return x.data[from(places).reduce((sum, place, axis) => sum + place * own[axis], 0)];
  });
}

/** As numpy repeats sizes of 1. */
function broadcast(at: Call, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((one) => one !== 1) ?? 1;
    if (sizes.every((one) => one === 1 || one === size)) return size;
    throw at.unsupported(`joins constants of shapes ${JSON.stringify(shapes)}, which do not fit`);
  });
}

function elementwise(f: (...elements: number[]) => number, makesWhole?: boolean): Fold {
  return (at) => {
    const given = at.inputs.map((_, i) => at.constant(i));
    const shape = broadcast(
      at,
      given.map((one) => one.shape),
    );
    const whole = makesWhole ?? given.every(isWhole);
    const spread = given.map((one) =>
      moved(at, one, shape, (places) =>
        one.shape.map((size, axis) => (size === 1 ? 0 : places[axis + shape.length - one.shape.length])),
      ),
    );
    return filled(at, shape, whole, (i) => f(...spread.map(({ data }) => data[i])));
  };
}

function divide(at: Call): Constant {
  const isWholeDivision = isWhole(at.constant(0)) && isWhole(at.constant(1));
  return elementwise((a, b) => (isWholeDivision ? Math.trunc(a / b) : a / b))(at);
}

function cast(at: Call): Constant {
  const x = at.constant(0);
  const whole = isWholeType(at.int("to", 1));
  return filled(at, x.shape, whole, (i) => (whole ? Math.trunc(x.data[i]) : x.data[i]));
}

function gather(at: Call): Constant {
  const [x, indices] = [at.constant(0), at.constant(1)];
  const axis = at.axis(at.int("axis", 0));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const to = stridesOf(indices.shape);
  return moved(at, x, shape, (places) => {
    const inside = places.slice(axis, axis + indices.shape.length);
    const index = indices.data[inside.reduce((sum, place, i) => sum + place * to[i], 0)];
    return [...places.slice(0, axis), at.axis(index, x.shape[axis]), ...places.slice(axis + indices.shape.length)];
  });
}

function concat(at: Call): Constant {
  const parts = at.inputs.map((_, i) => at.constant(i));
  const axis = at.axis(at.int("axis", 0));
  const ends: number[] = [];
  for (const { shape } of parts) ends.push((ends[ends.length - 1] ?? 0) + shape[axis]);
  const shape = parts[0].shape.map((size, i) => (i === axis ? ends[ends.length - 1] : size));
  const to = stridesOf(shape);
  return filled(at, shape, parts.every(isWhole), (i) => {
    const places = shape.map((size, one) => Math.floor(i / to[one]) % size);
    const part = ends.findIndex((end) => places[axis] < end);
    places[axis] -= part === 0 ? 0 : ends[part - 1];
    const own = stridesOf(parts[part].shape);
    return parts[part].data[places.reduce((sum, place, one) => sum + place * own[one], 0)];
  });
}

/** Start, end and step of each axis of a shape. */
export function partsOf(at: Call, shape: Shape): { start: number; end: number; step: number }[] {
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

function slice(at: Call): Constant {
  const x = at.constant(0);
  const parts = partsOf(at, x.shape);
  const shape = parts.map(({ start, end, step }) => Math.max(Math.ceil((end - start) / step), 0));
  return moved(at, x, shape, (places) => places.map((place, axis) => parts[axis].start + place * parts[axis].step));
}

function transpose(at: Call): Constant {
  const x = at.constant(0);
  const order = at.ints("perm") ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  const shape = order.map((axis) => x.shape[axis]);
  return moved(at, x, shape, (places) => x.shape.map((_, axis) => places[order.indexOf(axis)]));
}

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

function closed(shape: Shape, size: number): Shape {
  const known = shape.filter((one) => one !== -1).reduce((product, one) => product * one, 1);
  return shape.map((one) => (one === -1 ? size / known : one));
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
  return filled(at, Array.from(at.constant(0).data), filler !== undefined && isWhole(filler), () => element);
}

function range(at: Call): Constant {
  const [start, limit, step] = [0, 1, 2].map((i) => at.constant(i).data[0]);
  const size = Math.max(Math.ceil((limit - start) / step), 0);
  return filled(at, [size], isWhole(at.constant(0)), (i) => start + i * step);
}

function expand(at: Call): Constant {
  const x = at.constant(0);
  const shape = broadcast(at, [x.shape, Array.from(at.constant(1).data)]);
  return moved(at, x, shape, (places) =>
    x.shape.map((size, axis) => (size === 1 ? 0 : places[axis + shape.length - x.shape.length])),
  );
}

/** Of all elements of a list. */
function reduction(f: (a: number, b: number) => number): Fold {
  return (at) => {
    const x = at.constant(0);
    const shape = at.int("keepdims", 1) === 1 ? x.shape.map(() => 1) : [];
    return filled(at, shape, isWhole(x), () => Array.from(x.data).reduce((a, b) => f(a, b)));
  };
}

export const FOLDS: Readonly<Record<string, Fold>> = {
  Abs: elementwise(Math.abs),
  Add: elementwise((a, b) => a + b),
  Cast: cast,
  Ceil: elementwise(Math.ceil),
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Div: divide,
  Equal: elementwise((a, b) => (a === b ? 1 : 0), true),
  Exp: elementwise(Math.exp),
  Expand: expand,
  Flatten: reshaped(flattened),
  Floor: elementwise(Math.floor),
  Gather: gather,
  Identity: (at) => at.constant(0),
  Max: elementwise(Math.max),
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
  Slice: slice,
  Sqrt: elementwise(Math.sqrt),
  Squeeze: reshaped(squeezed),
  Sub: elementwise((a, b) => a - b),
  Transpose: transpose,
  Unsqueeze: reshaped(unsqueezed),
  Where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
};
