import { type Array64, build } from "./array.ts";
import { pool2d, type ReferencePool } from "./pool2d.ts";

/** x [N,H,W,C] -> [N,OH,OW,C]: (sum of |x|^p)^(1/p), by means of padding that counts. */
export function lpPool2d(x: Array64, p: number, pool: Omit<ReferencePool, "ceilMode" | "countIncludePad">): Array64 {
  const powers = { shape: x.shape, data: x.data.map((v) => Math.abs(v) ** p) };
  const means = pool2d(powers, "avg", { ...pool, ceilMode: false, countIncludePad: true });
  const cells = pool.size[0] * pool.size[1];
  let next = 0;
  return build(means.shape, () => (means.data[next++] * cells) ** (1 / p));
}
