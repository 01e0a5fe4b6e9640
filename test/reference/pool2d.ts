import { type Array64, at, build } from "./array.ts";

export interface ReferencePool {
  size: readonly [number, number];
  stride: readonly [number, number];
  padding: readonly [number, number, number, number];
  ceilMode: boolean;
  countIncludePad: boolean;
  dilation?: readonly [number, number];
}

/** x [N,H,W,C] -> [N,OH,OW,C]: collects the cells of every window, then asks for their maximum, minimum or mean. */
export function pool2d(x: Array64, kind: "max" | "min" | "avg", pool: ReferencePool): Array64 {
  const [n, h, w, c] = x.shape;
  const { size, stride, countIncludePad, dilation = [1, 1] } = pool;
  const [top, bottom, left, right] = pool.padding;
  const reach = [dilation[0] * (size[0] - 1) + 1, dilation[1] * (size[1] - 1) + 1];
  const outputs = (length: number, kernel: number, step: number, before: number, after: number) => {
    const room = (length + before + after - kernel) / step;
    if (!pool.ceilMode) return Math.floor(room) + 1;
    // The last window must begin in the input or its leading padding.
    const begun = Math.ceil(room) + 1;
    return (begun - 1) * step >= length + before ? begun - 1 : begun;
  };
  const oh = outputs(h, reach[0], stride[0], top, bottom);
  const ow = outputs(w, reach[1], stride[1], left, right);
  return build([n, oh, ow, c], (image, oy, ox, channel) => {
    const cells: number[] = [];
    let padding = 0;
    for (let iy = oy * stride[0] - top; iy < oy * stride[0] - top + reach[0]; iy += dilation[0]) {
      for (let ix = ox * stride[1] - left; ix < ox * stride[1] - left + reach[1]; ix += dilation[1]) {
        const inside = iy >= 0 && iy < h && ix >= 0 && ix < w;
        if (inside) cells.push(at(x, image, iy, ix, channel));
        else if (iy < h + bottom && ix < w + right) padding++;
      }
    }
    if (kind === "max") return Math.max(...cells);
    if (kind === "min") return Math.min(...cells);
    const count = countIncludePad ? cells.length + padding : cells.length;
    return cells.reduce((a, b) => a + b) / count;
  });
}

/** The gradient by the definition, for ties: each window gives dy to its first extreme in row-major order, or to all. */
export function extremePool2dBackward(
  dy: Array64,
  x: Array64,
  kind: "max" | "min",
  { size, stride, padding }: ReferencePool,
  ties: "first" | "all",
): Array64 {
  const dx = build(x.shape, () => 0);
  const [, h, w, channels] = x.shape;
  let next = 0;
  build(dy.shape, (image, oy, ox, c) => {
    const cells: { index: number; value: number }[] = [];
    for (let ky = 0; ky < size[0]; ky++) {
      for (let kx = 0; kx < size[1]; kx++) {
        const [iy, ix] = [oy * stride[0] - padding[0] + ky, ox * stride[1] - padding[2] + kx];
        if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
        const index = ((image * h + iy) * w + ix) * channels + c;
        cells.push({ index, value: x.data[index] });
      }
    }
    const values = cells.map((cell) => cell.value);
    const extreme = kind === "max" ? Math.max(...values) : Math.min(...values);
    const chosen = cells.filter((cell) => cell.value === extreme);
    for (const { index } of ties === "all" ? chosen : chosen.slice(0, 1)) dx.data[index] += dy.data[next];
    return next++;
  });
  return dx;
}
