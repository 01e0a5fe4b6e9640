import type { Array64 } from "./array.ts";
import { conv2d, type ReferenceWindow } from "./conv2d.ts";
import { depthwiseConv2d } from "./depthwiseConv2d.ts";

/** x [N,H,W,C], depthwise [KH,KW,C,M], pointwise [1,1,C*M,O], b [O] -> [N,OH,OW,O]. */
export function separableConv2d(
  x: Array64,
  depthwise: Array64,
  pointwise: Array64,
  b: Array64 | null,
  window: ReferenceWindow,
): Array64 {
  const middle = depthwiseConv2d(x, depthwise, null, window);
  return conv2d(middle, pointwise, b, 1, { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] });
}
