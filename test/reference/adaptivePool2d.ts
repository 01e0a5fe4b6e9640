import { type Array64, at, build } from "./array.ts";

/** x [N,H,W,C] -> [N,OH,OW,C]: the maximum or the mean of the cells from floor(i H / OH) to ceil((i + 1) H / OH). */
export function adaptivePool2d(x: Array64, [oh, ow]: readonly [number, number], kind: "max" | "avg"): Array64 {
  const [n, h, w, c] = x.shape;
  return build([n, oh, ow, c], (image, oy, ox, channel) => {
    const cells: number[] = [];
    for (let iy = Math.floor((oy * h) / oh); iy < ((oy + 1) * h) / oh; iy++) {
      for (let ix = Math.floor((ox * w) / ow); ix < ((ox + 1) * w) / ow; ix++)
        cells.push(at(x, image, iy, ix, channel));
    }
    return kind === "max" ? Math.max(...cells) : cells.reduce((a, b) => a + b) / cells.length;
  });
}
