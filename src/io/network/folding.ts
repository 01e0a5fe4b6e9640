/** What files compute of constants alone: shapes, mostly. It is done when the file is read. */
import { UnsupportedError } from "../../errors.ts";
import { type Shape, sizeOf } from "../../tensor/shape.ts";
import { type Constant, constant } from "./value.ts";

/** How many elements a file may still make: what it asks for by a few bytes cannot take all memory, or all time. */
export interface Budget {
  left: number;
}

/** Enough for the shapes of any network, and for moving all weights, of which the file holds so many elements, a few times. */
export function budgetFor(elements: number): Budget {
  return { left: 2 ** 20 + 4 * elements };
}

/** Of an axis: from start, up to end, which is left out. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export function isWhole({ data }: Constant): boolean {
  return !(data instanceof Float32Array);
}

/** Computes with constants in the name of a node; whole numbers stay exact. */
export class Folding {
  readonly #node: string;
  readonly #budget: Budget;

  /** The node as messages name it. */
  constructor(node: string, budget: Budget) {
    this.#node = node;
    this.#budget = budget;
  }

  filled(shape: Shape, whole: boolean, element: (i: number) => number): Constant {
    const size = sizeOf(shape);
    if (!(size <= this.#budget.left)) {
      throw new UnsupportedError(
        `${this.#node} makes a constant of ${size} elements; a file as small as this may make ${this.#budget.left} more`,
      );
    }
    this.#budget.left -= size;
    const data = whole ? new Float64Array(size) : new Float32Array(size);
    for (let i = 0; i < size; i++) data[i] = element(i);
    return constant(shape, data);
  }

  /** f of elements, with sizes of 1 repeated as numpy does. */
  elementwise(given: readonly Constant[], f: (...elements: number[]) => number, makesWhole?: boolean): Constant {
    const shape = this.#broadcast(given.map((one) => one.shape));
    const spread = given.map((one) => this.expanded(one, shape));
    return this.filled(shape, makesWhole ?? given.every(isWhole), (i) => f(...spread.map(({ data }) => data[i])));
  }

  /** x with its sizes of 1 repeated. */
  expanded(x: Constant, to: Shape): Constant {
    const shape = this.#broadcast([x.shape, to]);
    if (shape.length === x.shape.length && sizeOf(shape) === x.data.length) return x;
    return this.#moved(x, shape, (places) =>
      x.shape.map((size, axis) => (size === 1 ? 0 : places[axis + shape.length - x.shape.length])),
    );
  }

  /** What stands at these places along the axis; they count from the end where negative. */
  gathered(x: Constant, indices: Constant, axis: number): Constant {
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    const to = stridesOf(indices.shape);
    return this.#moved(x, shape, (places) => {
      const inside = places.slice(axis, axis + indices.shape.length);
      const index = indices.data[inside.reduce((sum, place, i) => sum + place * to[i], 0)];
      const place = index < 0 ? index + x.shape[axis] : index;
      return [...places.slice(0, axis), place, ...places.slice(axis + indices.shape.length)];
    });
  }

  concatenated(parts: readonly Constant[], axis: number): Constant {
    const ends: number[] = [];
    for (const { shape } of parts) ends.push((ends[ends.length - 1] ?? 0) + shape[axis]);
    const shape = parts[0].shape.map((size, i) => (i === axis ? ends[ends.length - 1] : size));
    const to = stridesOf(shape);
    const own = parts.map((part) => stridesOf(part.shape));
    return this.filled(shape, parts.every(isWhole), (i) => {
      const places = shape.map((size, one) => Math.floor(i / to[one]) % size);
      const part = ends.findIndex((end) => places[axis] < end);
      places[axis] -= part === 0 ? 0 : ends[part - 1];
      return parts[part].data[places.reduce((sum, place, one) => sum + place * own[part][one], 0)];
    });
  }

  sliced(x: Constant, parts: readonly Part[]): Constant {
    const shape = parts.map(({ start, end, step }) => Math.max(Math.ceil((end - start) / step), 0));
    return this.#moved(x, shape, (places) => places.map((place, axis) => parts[axis].start + place * parts[axis].step));
  }

  transposed(x: Constant, order: readonly number[]): Constant {
    const shape = order.map((axis) => x.shape[axis]);
    return this.#moved(x, shape, (places) => x.shape.map((_, axis) => places[order.indexOf(axis)]));
  }

  range(start: number, limit: number, step: number, whole: boolean): Constant {
    const size = Math.max(Math.ceil((limit - start) / step), 0);
    return this.filled([size], whole, (i) => start + i * step);
  }

  /** f over the elements along axes, one after the other; with `keep`, the axes stay with a size of 1. */
  reduced(x: Constant, f: (a: number, b: number) => number, along: readonly number[], keep: boolean): Constant {
    const axes = x.shape.map((_, axis) => axis);
    const left = axes.filter((axis) => !along.includes(axis));
    const { data } = this.transposed(x, [...left, ...axes.filter((axis) => along.includes(axis))]);
    const count = sizeOf(x.shape) / sizeOf(left.map((axis) => x.shape[axis]));
    const shape = keep
      ? x.shape.map((size, axis) => (along.includes(axis) ? 1 : size))
      : left.map((axis) => x.shape[axis]);
    return this.filled(shape, isWhole(x), (i) => {
      let sum = data[i * count];
      for (let j = 1; j < count; j++) sum = f(sum, data[i * count + j]);
      return sum;
    });
  }

  /** An element of the result at `places` comes from the place in x that `from` tells. */
  #moved(x: Constant, shape: Shape, from: (places: readonly number[]) => readonly number[]): Constant {
    const [own, to] = [stridesOf(x.shape), stridesOf(shape)];
    return this.filled(shape, isWhole(x), (i) => {
      const places = shape.map((size, axis) => Math.floor(i / to[axis]) % size);
      return x.data[from(places).reduce((sum, place, axis) => sum + place * own[axis], 0)];
    });
  }

  #broadcast(shapes: readonly Shape[]): Shape {
    const rank = Math.max(...shapes.map((shape) => shape.length));
    return Array.from({ length: rank }, (_, axis) => {
      const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
      const size = sizes.find((one) => one !== 1) ?? 1;
      if (sizes.every((one) => one === 1 || one === size)) return size;
      throw new UnsupportedError(`${this.#node} joins constants of shapes ${JSON.stringify(shapes)}, which do not fit`);
    });
  }
}

function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** a / b, without its fraction where both are whole. */
export function quotient(a: Constant, b: Constant): (a: number, b: number) => number {
  const isWholeDivision = isWhole(a) && isWhole(b);
  return (p, q) => (isWholeDivision ? Math.trunc(p / q) : p / q);
}

/** The shape with its one -1 resolved, for so many elements. */
export function closed(shape: Shape, size: number): Shape {
  const known = shape.filter((one) => one !== -1).reduce((product, one) => product * one, 1);
  return shape.map((one) => (one === -1 ? size / known : one));
}
