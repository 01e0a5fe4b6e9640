// Convolutions, dense layers and products of matrices.
import { ops } from "striate";
import { conv1d } from "../../test/reference/conv1d.ts";
import { conv2d } from "../../test/reference/conv2d.ts";
import { conv2dTranspose } from "../../test/reference/conv2dTranspose.ts";
import { conv3d } from "../../test/reference/conv3d.ts";
import { dense } from "../../test/reference/dense.ts";
import { depthwiseConv2d } from "../../test/reference/depthwiseConv2d.ts";
import { dot } from "../../test/reference/dot.ts";
import { locallyConnected2d } from "../../test/reference/locallyConnected2d.ts";
import { separableConv2d } from "../../test/reference/separableConv2d.ts";
import { type OpCase, type Shapes, sizeOf } from "./case.ts";

const SAME = { padding: "same" } as const;
const WINDOW = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1] } as const;
const named = ({ dx, dw, db }: ops.Conv2dGradients) => ({ x: dx, w: dw, b: db });
/** Each pixel of x is multiplied by all of w. */
const byPixels = ({ x, w }: Shapes) => sizeOf(x.slice(0, -1)) * sizeOf(w);

export const SUMS: Readonly<Record<string, OpCase>> = {
  conv1d: {
    small: { x: [2, 11, 5], w: [3, 5, 6], b: [6] },
    large: { x: [1, 3136, 64], w: [3, 64, 64], b: [64] },
    forward: ({ x, w, b }) => ops.conv1d(x, w, b, SAME),
    backward: (dy, { x, w }) => named(ops.conv1dBackward(dy, x, w, SAME)),
    twin: ({ x, w, b }) => conv1d(x, w, b, 1, { stride: 1, padding: [1, 1], dilation: 1 }),
    macs: byPixels,
  },
  conv2d: {
    small: { x: [1, 8, 8, 16], w: [3, 3, 16, 16], b: [16] },
    large: { x: [1, 56, 56, 64], w: [3, 3, 64, 64], b: [64] },
    forward: ({ x, w, b }) => ops.conv2d(x, w, b, SAME),
    backward: (dy, { x, w }) => named(ops.conv2dBackward(dy, x, w, SAME)),
    twin: ({ x, w, b }) => conv2d(x, w, b, 1, WINDOW),
    macs: byPixels,
  },
  conv3d: {
    small: { x: [1, 4, 5, 4, 5], w: [3, 3, 3, 5, 6], b: [6] },
    large: { x: [1, 8, 28, 28, 32], w: [3, 3, 3, 32, 32], b: [32] },
    forward: ({ x, w, b }) => ops.conv3d(x, w, b, SAME),
    backward: (dy, { x, w }) => named(ops.conv3dBackward(dy, x, w, SAME)),
    twin: ({ x, w, b }) => conv3d(x, w, b, 1, { stride: [1, 1, 1], padding: [1, 1, 1], dilation: [1, 1, 1] }),
    macs: byPixels,
  },
  conv2dTranspose: {
    small: { x: [1, 5, 4, 6], w: [4, 4, 5, 6], b: [5] },
    large: { x: [1, 28, 28, 64], w: [4, 4, 64, 64], b: [64] },
    forward: ({ x, w, b }) => ops.conv2dTranspose(x, w, b, { stride: 2, padding: 1 }),
    backward: (dy, { x, w }) => named(ops.conv2dTransposeBackward(dy, x, w, { stride: 2, padding: 1 })),
    twin: ({ x, w, b }) =>
      conv2dTranspose(x, w, b, 1, {
        ...{ stride: [2, 2], padding: [1, 1, 1, 1], outputPadding: [0, 0], dilation: [1, 1] },
      }),
    macs: byPixels,
  },
  depthwiseConv2d: {
    small: { x: [2, 7, 6, 5], w: [3, 3, 5, 1], b: [5] },
    large: { x: [1, 56, 56, 64], w: [3, 3, 64, 1], b: [64] },
    forward: ({ x, w, b }) => ops.depthwiseConv2d(x, w, b, SAME),
    backward: (dy, { x, w }) => named(ops.depthwiseConv2dBackward(dy, x, w, SAME)),
    twin: ({ x, w, b }) => depthwiseConv2d(x, w, b, WINDOW),
    macs: byPixels,
  },
  separableConv2d: {
    small: { x: [2, 7, 6, 5], depthwise: [3, 3, 5, 1], pointwise: [1, 1, 5, 6], b: [6] },
    large: { x: [1, 56, 56, 64], depthwise: [3, 3, 64, 1], pointwise: [1, 1, 64, 64], b: [64] },
    forward: ({ x, depthwise, pointwise, b }) => ops.separableConv2d(x, depthwise, pointwise, b, SAME),
    backward: (dy, t) => {
      const made = ops.separableConv2dBackward(dy, t.x, t.depthwise, t.pointwise, SAME);
      return { x: made.dx, depthwise: made.ddepthwise, pointwise: made.dpointwise, b: made.db };
    },
    twin: ({ x, depthwise, pointwise, b }) => separableConv2d(x, depthwise, pointwise, b, WINDOW),
    macs: ({ x, depthwise, pointwise }) => sizeOf(x.slice(0, -1)) * (sizeOf(depthwise) + sizeOf(pointwise)),
  },
  locallyConnected2d: {
    small: { x: [2, 6, 5, 3], w: [6, 5, 3, 3, 3, 4], b: [6, 5, 4] },
    large: { x: [1, 28, 28, 16], w: [28, 28, 3, 3, 16, 16], b: [28, 28, 16] },
    forward: ({ x, w, b }) => ops.locallyConnected2d(x, w, b, SAME),
    backward: (dy, { x, w }) => named(ops.locallyConnected2dBackward(dy, x, w, SAME)),
    twin: ({ x, w, b }) => locallyConnected2d(x, w, b, WINDOW),
    macs: ({ w }) => sizeOf(w),
  },
  dense: {
    small: { x: [4, 19], w: [19, 7], b: [7] },
    large: { x: [32, 1024], w: [1024, 1000], b: [1000] },
    forward: ({ x, w, b }) => ops.dense(x, w, b),
    backward: (dy, { x, w }) => named(ops.denseBackward(dy, x, w)),
    twin: ({ x, w, b }) => dense(x, w, b),
    macs: byPixels,
  },
  dot: {
    small: { a: [2, 5, 19], b: [2, 19, 7] },
    large: { a: [8, 128, 128], b: [8, 128, 128] },
    forward: ({ a, b }) => ops.dot(a, b),
    backward: (dy, { a, b }) => {
      const { da, db } = ops.dotBackward(dy, a, b);
      return { a: da, b: db };
    },
    twin: ({ a, b }) => dot(a, b),
    macs: ({ a, b }) => sizeOf(a) * b[2],
  },
};
