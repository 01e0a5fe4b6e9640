import { type Array64, at, build } from "./array.ts";

export interface ReferenceWindow {
  stride: readonly [number, number];
  padding: readonly [number, number, number, number];
  dilation: readonly [number, number];
}

/** x [N,H,W,C], w [KH,KW,C/G,O], b [O] -> [N,OH,OW,O], term by term. */
export function conv2d(x: Array64, w: Array64, b: Array64 | null, groups: number, window: ReferenceWindow): Array64 {
  const [n, h, width] = x.shape;
  const [kh, kw, channels, outputs] = w.shape;
  const { stride, padding, dilation } = window;
  const [top, bottom, left, right] = padding;
  const oh = Math.floor((h + top + bottom - dilation[0] * (kh - 1) - 1) / stride[0]) + 1;
  const ow = Math.floor((width + left + right - dilation[1] * (kw - 1) - 1) / stride[1]) + 1;
  return build([n, oh, ow, outputs], (image, oy, ox, o) => {
    const group = Math.floor(o / (outputs / groups));
    let sum = b === null ? 0 : at(b, o);
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        for (let c = 0; c < channels; c++) {
          const iy = oy * stride[0] - top + ky * dilation[0];
          const ix = ox * stride[1] - left + kx * dilation[1];
          sum += at(x, image, iy, ix, group * channels + c) * at(w, ky, kx, c, o);
        }
      }
    }
    return sum;
  });
}
