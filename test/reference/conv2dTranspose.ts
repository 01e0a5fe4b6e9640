import { type Array64, array64, at, build } from "./array.ts";

export interface ReferenceTranspose {
  stride: readonly [number, number];
  padding: readonly [number, number, number, number];
  outputPadding: readonly [number, number];
  dilation: readonly [number, number];
}

/** x [N,H,W,C], w [KH,KW,O/G,C], b [O] -> [N,OH,OW,O]: each pixel, times w, is added where its window lies. */
export function conv2dTranspose(
  x: Array64,
  w: Array64,
  b: Array64 | null,
  groups: number,
  { stride, padding, outputPadding, dilation }: ReferenceTranspose,
): Array64 {
  const [n, h, wide, c] = x.shape;
  const [kh, kw, perGroup] = w.shape;
  const [top, bottom, left, right] = padding;
  const oh = (h - 1) * stride[0] + dilation[0] * (kh - 1) + 1 - top - bottom + outputPadding[0];
  const ow = (wide - 1) * stride[1] + dilation[1] * (kw - 1) + 1 - left - right + outputPadding[1];
  const outputs = perGroup * groups;
  const y = build([n, oh, ow, outputs], (_n, _y, _x, o) => (b === null ? 0 : at(b, o)));
  build([n, h, wide, c, kh, kw, perGroup], (image, iy, ix, channel, ky, kx, j) => {
    const oy = iy * stride[0] - top + ky * dilation[0];
    const ox = ix * stride[1] - left + kx * dilation[1];
    const o = Math.floor(channel / (c / groups)) * perGroup + j;
    if (oy < 0 || oy >= oh || ox < 0 || ox >= ow) return 0;
    y.data[((image * oh + oy) * ow + ox) * outputs + o] += at(x, image, iy, ix, channel) * at(w, ky, kx, j, channel);
    return 0;
  });
  return array64(y.shape, y.data);
}
