import { type Array64, at, build } from "./array.ts";

type Arithmetic = "add" | "sub" | "mul" | "div" | "minimum" | "maximum";

const OPERATIONS: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  minimum: Math.min,
  maximum: Math.max,
};

/** a op b; an axis of size 1, or one that is missing in front, is repeated. */
export function arithmetic(kind: Arithmetic, a: Array64, b: Array64): Array64 {
  const rank = Math.max(a.shape.length, b.shape.length);
  const sizeOf = ({ shape }: Array64, axis: number) => shape[axis - rank + shape.length] ?? 1;
  const repeated = (x: Array64, index: number[]) =>
    at(x, ...index.slice(rank - x.shape.length).map((i, axis) => (x.shape[axis] === 1 ? 0 : i)));
  const shape = Array.from({ length: rank }, (_, axis) => Math.max(sizeOf(a, axis), sizeOf(b, axis)));
  return build(shape, (...index) => OPERATIONS[kind](repeated(a, index), repeated(b, index)));
}
