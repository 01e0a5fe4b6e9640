import { type Array64, at, build } from "./array.ts";

export interface ReferenceLine {
  stride: number;
  padding: readonly [number, number];
  dilation: number;
}

/** x [N,L,C], w [K,C/G,O], b [O] -> [N,OL,O], term by term. */
export function conv1d(x: Array64, w: Array64, b: Array64 | null, groups: number, line: ReferenceLine): Array64 {
  const [n, length] = x.shape;
  const [kernel, channels, outputs] = w.shape;
  const { stride, padding, dilation } = line;
  const room = length + padding[0] + padding[1] - dilation * (kernel - 1) - 1;
  return build([n, Math.floor(room / stride) + 1, outputs], (sample, t, o) => {
    const group = Math.floor(o / (outputs / groups));
    let sum = b === null ? 0 : at(b, o);
    for (let k = 0; k < kernel; k++) {
      for (let c = 0; c < channels; c++) {
        sum += at(x, sample, t * stride - padding[0] + k * dilation, group * channels + c) * at(w, k, c, o);
      }
    }
    return sum;
  });
}
