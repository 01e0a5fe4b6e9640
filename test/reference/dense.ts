import { type Array64, at, build } from "./array.ts";

/** x [M,K], w [K,O], b [O] -> [M,O]. */
export function dense(x: Array64, w: Array64, b: Array64 | null): Array64 {
  const [m, k] = x.shape;
  return build([m, w.shape[1]], (row, column) => {
    let sum = b === null ? 0 : at(b, column);
    for (let i = 0; i < k; i++) sum += at(x, row, i) * at(w, i, column);
    return sum;
  });
}
