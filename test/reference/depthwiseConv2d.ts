import { type Array64, at, build } from "./array.ts";
import type { ReferenceWindow } from "./conv2d.ts";

/** x [N,H,W,C], w [KH,KW,C,M], b [C*M] -> [N,OH,OW,C*M], term by term. */
export function depthwiseConv2d(x: Array64, w: Array64, b: Array64 | null, window: ReferenceWindow): Array64 {
  const [n, h, width, c] = x.shape;
  const [kh, kw, , multiplier] = w.shape;
  const { stride, padding, dilation } = window;
  const [top, bottom, left, right] = padding;
  const oh = Math.floor((h + top + bottom - dilation[0] * (kh - 1) - 1) / stride[0]) + 1;
  const ow = Math.floor((width + left + right - dilation[1] * (kw - 1) - 1) / stride[1]) + 1;
  return build([n, oh, ow, c * multiplier], (image, oy, ox, output) => {
    const channel = Math.floor(output / multiplier);
    let sum = b === null ? 0 : at(b, output);
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        const iy = oy * stride[0] - top + ky * dilation[0];
        const ix = ox * stride[1] - left + kx * dilation[1];
        sum += at(x, image, iy, ix, channel) * at(w, ky, kx, channel, output % multiplier);
      }
    }
    return sum;
  });
}
