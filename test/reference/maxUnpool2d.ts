import { type Array64, array64, at, build } from "./array.ts";

/** The pixel of the first maximum of each window of x [N,H,W,C], without padding. */
export function maxIndices(
  x: Array64,
  [kh, kw]: readonly [number, number],
  [sh, sw]: readonly [number, number],
): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, Math.floor((h - kh) / sh) + 1, Math.floor((w - kw) / sw) + 1, c], (image, oy, ox, channel) => {
    let best = -1;
    for (let iy = oy * sh; iy < oy * sh + kh; iy++) {
      for (let ix = ox * sw; ix < ox * sw + kw; ix++) {
        const pixel = iy * w + ix;
        const value = (p: number) => at(x, image, Math.floor(p / w), p % w, channel);
        if (best < 0 || value(pixel) > value(best)) best = pixel;
      }
    }
    return best;
  });
}

/** x, indices [N,OH,OW,C] -> [N,H,W,C]. */
export function maxUnpool2d(x: Array64, indices: Array64, [h, w]: readonly [number, number]): Array64 {
  const [n, , , c] = x.shape;
  const y = array64([n, h, w, c]);
  build(x.shape, (image, oy, ox, channel) => {
    y.data[(image * h * w + at(indices, image, oy, ox, channel)) * c + channel] += at(x, image, oy, ox, channel);
    return 0;
  });
  return y;
}
