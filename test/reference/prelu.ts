import type { Array64 } from "./array.ts";

/** x [...,alpha's axes], alpha -> x above 0, alpha x below. */
export function prelu(x: Array64, alpha: Array64): Array64 {
  return { shape: x.shape, data: x.data.map((v, i) => (v > 0 ? v : alpha.data[i % alpha.data.length] * v)) };
}
