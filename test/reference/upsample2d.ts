import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C] -> [N,H*fh,W*fw,C]. */
export function upsample2d(x: Array64, [fh, fw]: readonly [number, number]): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, h * fh, w * fw, c], (image, y, column, channel) =>
    at(x, image, Math.floor(y / fh), Math.floor(column / fw), channel),
  );
}
