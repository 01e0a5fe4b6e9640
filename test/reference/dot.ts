import { type Array64, at, build } from "./array.ts";

/** a [...,M,K], b [...,K,N] -> [...,M,N]; sizes of 1 in front are repeated. */
export function dot(a: Array64, b: Array64): Array64 {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = (x: Array64) => ({
    shape: [...Array<number>(rank - x.shape.length).fill(1), ...x.shape],
    data: x.data,
  });
  const [left, right] = [padded(a), padded(b)];
  const front = left.shape.slice(0, -2).map((n, axis) => Math.max(n, right.shape[axis]));
  const k = left.shape[rank - 1];
  return build([...front, left.shape[rank - 2], right.shape[rank - 1]], (...index) => {
    const [row, column] = index.slice(-2);
    const of = (x: Array64) => index.slice(0, -2).map((i, axis) => (x.shape[axis] === 1 ? 0 : i));
    let sum = 0;
    for (let i = 0; i < k; i++) sum += at(left, ...of(left), row, i) * at(right, ...of(right), i, column);
    return sum;
  });
}
