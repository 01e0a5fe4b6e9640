import { type Array64, at, build } from "./array.ts";

/** x [M,C] -> x / max(|x|, 1e-6), the length |x| that of each row. */
export function unitNorm(x: Array64): Array64 {
  return build(x.shape, (row, column) => {
    let sum = 0;
    for (let c = 0; c < x.shape[1]; c++) sum += at(x, row, c) ** 2;
    return at(x, row, column) / Math.max(Math.sqrt(sum), 1e-6);
  });
}
