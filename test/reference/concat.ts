import { type Array64, at, build } from "./array.ts";

/** [...,C0], [...,C1], ... -> [...,C0+C1+...]. */
export function concat(xs: readonly Array64[]): Array64 {
  const last = xs[0].shape.length - 1;
  const channels = xs.map((x) => x.shape[last]);
  const shape = [...xs[0].shape.slice(0, -1), channels.reduce((a, b) => a + b)];
  return build(shape, (...index) => {
    const before = index.slice(0, last);
    let c = index[last];
    let i = 0;
    while (c >= channels[i]) c -= channels[i++];
    return at(xs[i], ...before, c);
  });
}
