// Pools, borders and images of another size.
import { ops, type Tensor, tensor } from "striate";
import { adaptivePool2d } from "../../test/reference/adaptivePool2d.ts";
import { array64 } from "../../test/reference/array.ts";
import { globalPool2d } from "../../test/reference/globalPool2d.ts";
import { lpPool2d } from "../../test/reference/lpPool2d.ts";
import { maxIndices, maxUnpool2d } from "../../test/reference/maxUnpool2d.ts";
import { pad } from "../../test/reference/pad.ts";
import { pool1d } from "../../test/reference/pool1d.ts";
import { pool2d } from "../../test/reference/pool2d.ts";
import { pool3d } from "../../test/reference/pool3d.ts";
import { resize, upsample2d } from "../../test/reference/resize.ts";
import { Random } from "../../test/support/random.ts";
import { distinct, IMAGE, LINE, type OpCase, type Shape, sizeOf, VOLUME } from "./case.ts";

const two = { poolSize: 2 };
const draw = { x: distinct };
const WINDOW = {
  size: [2, 2],
  stride: [2, 2],
  padding: [0, 0, 0, 0],
  ceilMode: false,
  countIncludePad: false,
} as const;

type Forward = (x: Tensor, options: never) => Tensor;
type Backward = (dy: Tensor, x: Tensor, options: never) => Tensor;
type Sizes = Pick<OpCase, "small" | "large">;

/** Pools of windows of two cells along each axis, or of everything. */
function pool(sizes: Sizes, forward: Forward, backward: Backward, options: unknown, twin: OpCase["twin"]): OpCase {
  return {
    ...sizes,
    draw,
    forward: ({ x }) => forward(x, options as never),
    backward: (dy, { x }) => ({ x: backward(dy, x, options as never) }),
    twin,
  };
}

const image = (forward: Forward, backward: Backward, kind: "max" | "min" | "avg") =>
  pool(IMAGE, forward, backward, two, ({ x }) => pool2d(x, kind, WINDOW));
const line = (forward: Forward, backward: Backward, kind: "max" | "avg") =>
  pool(LINE, forward, backward, two, ({ x }) => pool1d(x, kind, 2, 2, [0, 0]));
const volume = (forward: Forward, backward: Backward, kind: "max" | "avg") =>
  pool(VOLUME, forward, backward, two, ({ x }) => pool3d(x, kind, [2, 2, 2], [2, 2, 2], [0, 0, 0]));
/** Of each channel, whatever its other axes are. */
const whole = (sizes: Sizes, forward: Forward, backward: Backward, kind: "max" | "avg") =>
  pool(sizes, forward, backward, undefined, ({ x: { shape, data } }) => {
    const [n, c] = [shape[0], shape[shape.length - 1]];
    return globalPool2d({ shape: [n, sizeOf(shape) / n / c, 1, c], data }, kind);
  });
const adaptive = (forward: Forward, backward: Backward, kind: "max" | "avg") =>
  pool(IMAGE, forward, backward, 3, ({ x }) => adaptivePool2d(x, [3, 3], kind));

/** Where maxima of an image lie that unpooling goes back to. */
const places = new Map<string, Tensor>();
function indicesOf([n, h, w, c]: Shape): Tensor {
  const key = `${[n, h, w, c]}`;
  const found = places.get(key);
  if (found !== undefined) return found;
  const shape = [n, 2 * h, 2 * w, c];
  const made = maxIndices(array64(shape, new Random(9).distinct(sizeOf(shape))), [2, 2], [2, 2]);
  const indices = tensor(made.data, made.shape);
  places.set(key, indices);
  return indices;
}
const twice = ([, h, w]: Shape): [number, number] => [2 * h, 2 * w];

export const POOLS: Readonly<Record<string, OpCase>> = {
  maxPool2d: image(ops.maxPool2d, ops.maxPool2dBackward, "max"),
  minPool2d: image(ops.minPool2d, ops.minPool2dBackward, "min"),
  avgPool2d: image(ops.avgPool2d, ops.avgPool2dBackward, "avg"),
  lpPool2d: pool(IMAGE, ops.lpPool2d, ops.lpPool2dBackward, two, ({ x }) => lpPool2d(x, 2, WINDOW)),
  adaptiveAveragePool2d: adaptive(ops.adaptiveAveragePool2d, ops.adaptiveAveragePool2dBackward, "avg"),
  adaptiveMaxPool2d: adaptive(ops.adaptiveMaxPool2d, ops.adaptiveMaxPool2dBackward, "max"),
  globalMaxPool2d: whole(IMAGE, ops.globalMaxPool2d, ops.globalMaxPool2dBackward, "max"),
  globalAveragePool2d: whole(IMAGE, ops.globalAveragePool2d, ops.globalAveragePool2dBackward, "avg"),
  maxPool2dWithIndices: {
    ...IMAGE,
    draw,
    forward: ({ x }) => Object.values(ops.maxPool2dWithIndices(x, two)),
    backward: (dy, { x }) => {
      const { y, indices } = ops.maxPool2dWithIndices(x, two);
      const dx = ops.maxPool2dWithIndicesBackward(dy, x, indices);
      for (const used of [y, indices]) used.dispose();
      return { x: dx };
    },
    twin: ({ x }) => pool2d(x, "max", WINDOW),
  },
  maxUnpool2d: {
    small: { x: [2, 3, 4, 5] },
    large: { x: [1, 28, 28, 64] },
    forward: ({ x }) => ops.maxUnpool2d(x, indicesOf(x.shape), { outputSize: twice(x.shape) }),
    backward: (dy, { x }) => ({ x: ops.maxUnpool2dBackward(dy, indicesOf(x.shape)) }),
    twin: ({ x }) => {
      const indices = indicesOf(x.shape);
      return maxUnpool2d(x, array64(indices.shape, indices.data), twice(x.shape));
    },
  },
  maxPool1d: line(ops.maxPool1d, ops.maxPool1dBackward, "max"),
  avgPool1d: line(ops.avgPool1d, ops.avgPool1dBackward, "avg"),
  globalMaxPool1d: whole(LINE, ops.globalMaxPool1d, ops.globalMaxPool1dBackward, "max"),
  globalAveragePool1d: whole(LINE, ops.globalAveragePool1d, ops.globalAveragePool1dBackward, "avg"),
  maxPool3d: volume(ops.maxPool3d, ops.maxPool3dBackward, "max"),
  avgPool3d: volume(ops.avgPool3d, ops.avgPool3dBackward, "avg"),
  globalMaxPool3d: whole(VOLUME, ops.globalMaxPool3d, ops.globalMaxPool3dBackward, "max"),
  globalAveragePool3d: whole(VOLUME, ops.globalAveragePool3d, ops.globalAveragePool3dBackward, "avg"),
  pad: pool(IMAGE, ops.pad, ops.padBackward, 1, ({ x }) => pad(x, [1, 1, 1, 1], 0)),
  resize: pool(IMAGE, ops.resize, ops.resizeBackward, 9, ({ x }) => resize(x, [9, 9], "bilinear", "halfPixel")),
  upsample2d: pool(IMAGE, ops.upsample2d, ops.upsample2dBackward, 2, ({ x }) => upsample2d(x, [2, 2])),
};
