import { type Array64, at, build } from "./array.ts";
import type { ReferenceWindow } from "./conv2d.ts";

/** x [N,H,W,C], w [OH,OW,KH,KW,C,O], b [OH,OW,O] -> [N,OH,OW,O], term by term. */
export function locallyConnected2d(x: Array64, w: Array64, b: Array64 | null, window: ReferenceWindow): Array64 {
  const [oh, ow, kh, kw, channels, outputs] = w.shape;
  const { stride, padding, dilation } = window;
  return build([x.shape[0], oh, ow, outputs], (n, oy, ox, o) => {
    let sum = b === null ? 0 : at(b, oy, ox, o);
    build([kh, kw, channels], (ky, kx, c) => {
      const iy = oy * stride[0] - padding[0] + ky * dilation[0];
      const ix = ox * stride[1] - padding[2] + kx * dilation[1];
      sum += at(x, n, iy, ix, c) * at(w, oy, ox, ky, kx, c, o);
      return 0;
    });
    return sum;
  });
}
