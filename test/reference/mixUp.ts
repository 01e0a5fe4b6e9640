import { type Array64, at, build } from "./array.ts";

/** x [N,...]: each sample blended with its partner. */
export function mixUp(x: Array64, weights: readonly number[], partners: readonly number[]): Array64 {
  return build(x.shape, (n, ...place) => {
    return weights[n] * at(x, n, ...place) + (1 - weights[n]) * at(x, partners[n], ...place);
  });
}
