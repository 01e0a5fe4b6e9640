import { type Array64, at, build } from "./array.ts";

export type Three = readonly [number, number, number];

export interface ReferenceVolume {
  stride: Three;
  /** On both ends of each axis. */
  padding: Three;
  dilation: Three;
}

/** x [N,D,H,W,C], w [KD,KH,KW,C/G,O], b [O] -> [N,OD,OH,OW,O], term by term. */
export function conv3d(x: Array64, w: Array64, b: Array64 | null, groups: number, volume: ReferenceVolume): Array64 {
  const { stride, padding, dilation } = volume;
  const [kd, kh, kw, channels, outputs] = w.shape;
  const sizes = [0, 1, 2].map((a) => {
    const room = x.shape[1 + a] + 2 * padding[a] - dilation[a] * (w.shape[a] - 1) - 1;
    return Math.floor(room / stride[a]) + 1;
  });
  return build([x.shape[0], ...sizes, outputs], (n, oz, oy, ox, o) => {
    const first = Math.floor(o / (outputs / groups)) * channels;
    let sum = b === null ? 0 : at(b, o);
    build([kd, kh, kw, channels], (kz, ky, kx, c) => {
      const iz = oz * stride[0] - padding[0] + kz * dilation[0];
      const iy = oy * stride[1] - padding[1] + ky * dilation[1];
      const ix = ox * stride[2] - padding[2] + kx * dilation[2];
      sum += at(x, n, iz, iy, ix, first + c) * at(w, kz, ky, kx, c, o);
      return 0;
    });
    return sum;
  });
}
