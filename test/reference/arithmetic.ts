import { type Array64, at, build } from "./array.ts";

const OPERATIONS = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  minimum: Math.min,
  maximum: Math.max,
};

/** a op b; an axis of size 1, or one that is missing in front, is repeated. */
export function arithmetic(kind: keyof typeof OPERATIONS, a: Array64, b: Array64): Array64 {
  const rank = Math.max(a.shape.length, b.shape.length);
  const sizeOf = ({ shape }: Array64, axis: number) => shape[axis - rank + shape.length] ?? 1;
  const repeated = (x: Array64, index: number[]) =>
    at(x, ...index.slice(rank - x.shape.length).map((i, axis) => (x.shape[axis] === 1 ? 0 : i)));
  const shape = Array.from({ length: rank }, (_, axis) => Math.max(sizeOf(a, axis), sizeOf(b, axis)));
  return build(shape, (...index) => OPERATIONS[kind](repeated(a, index), repeated(b, index)));
}
