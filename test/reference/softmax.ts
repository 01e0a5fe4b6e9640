import { type Array64, at, build } from "./array.ts";

/** x [M,C] -> e^x / sum(e^x) of each row. */
export function softmax(x: Array64): Array64 {
  const [, c] = x.shape;
  return build(x.shape, (row, column) => {
    let sum = 0;
    for (let j = 0; j < c; j++) sum += Math.exp(at(x, row, j) - at(x, row, column));
    return 1 / sum;
  });
}
