import { type Array64, at, build } from "./array.ts";

/** x [O,C,I] -> e^x / sum(e^x) along C. */
export function softmaxAxis(x: Array64): Array64 {
  return build(x.shape, (outer, column, inner) => {
    let sum = 0;
    for (let j = 0; j < x.shape[1]; j++) sum += Math.exp(at(x, outer, j, inner) - at(x, outer, column, inner));
    return 1 / sum;
  });
}

/** x [O,C,I] -> its logarithm. */
export function logSoftmaxAxis(x: Array64): Array64 {
  const y = softmaxAxis(x);
  return { shape: y.shape, data: y.data.map(Math.log) };
}

/** x [M,C] -> e^x / sum(e^x) of each row. */
export function softmax(x: Array64): Array64 {
  const [, c] = x.shape;
  return build(x.shape, (row, column) => {
    let sum = 0;
    for (let j = 0; j < c; j++) sum += Math.exp(at(x, row, j) - at(x, row, column));
    return 1 / sum;
  });
}
