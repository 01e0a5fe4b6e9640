// Arithmetic, sums over axes, and elements in another order.
import { ops } from "striate";
import { arithmetic } from "../../test/reference/arithmetic.ts";
import { concat } from "../../test/reference/concat.ts";
import { depthToSpace, spaceToDepth } from "../../test/reference/depthToSpace.ts";
import { flip } from "../../test/reference/flip.ts";
import { reduce } from "../../test/reference/reduce.ts";
import { rescale } from "../../test/reference/rescale.ts";
import { reshape } from "../../test/reference/reshape.ts";
import { slice } from "../../test/reference/slice.ts";
import { transpose } from "../../test/reference/transpose.ts";
import { distinct, IMAGE, type OpCase, ROWS, type Shape, unary } from "./case.ts";

const PAIR = {
  small: { a: [2, 7, 6, 5], b: [2, 7, 6, 5] },
  large: { a: [1, 56, 56, 64], b: [1, 56, 56, 64] },
} as const;
const binary = (kind: Parameters<typeof arithmetic>[0]): OpCase => ({
  ...PAIR,
  draw: { a: distinct, b: (random, shape) => distinct(random, shape).map((x) => x + 0.0025 + 0.5 * Math.sign(x)) },
  forward: ({ a, b }) => ops[kind](a, b),
  backward: (dy, { a, b }) => {
    const { da, db } = ops[`${kind}Backward`](dy, a, b);
    return { a: da, b: db };
  },
  twin: ({ a, b }) => arithmetic(kind, a, b),
});

const reduced = (kind: "sum" | "mean" | "max" | "min"): OpCase =>
  unary(
    ROWS,
    (x) => ops[kind](x, { axes: 1 }),
    (dy, x) => ops[`${kind}Backward`](dy, x, { axes: 1 }),
    (x) => reduce(kind, x, [1], false),
    distinct,
  );

const halves = (shape: Shape) => ({ end: shape.map((n) => Math.ceil(n / 2)) });
const inner = (shape: Shape) => [shape[0], shape.slice(1).reduce((a, b) => a * b, 1)];

export const MOVES: Readonly<Record<string, OpCase>> = {
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  minimum: binary("minimum"),
  maximum: binary("maximum"),
  sum: reduced("sum"),
  mean: reduced("mean"),
  max: reduced("max"),
  min: reduced("min"),
  rescale: unary(
    IMAGE,
    (x) => ops.rescale(x, { scale: 1 / 3, offset: 0.1 }),
    (dy, x) => ops.rescaleBackward(dy, x, { scale: 1 / 3, offset: 0.1 }),
    (x) => rescale(x, 1 / 3, 0.1),
  ),
  concat: {
    ...PAIR,
    forward: ({ a, b }) => ops.concat([a, b]),
    backward: (dy, { a, b }) => {
      const [da, db] = ops.concatBackward(dy, [a, b]);
      return { a: da, b: db };
    },
    twin: ({ a, b }) => concat([a, b]),
  },
  split: {
    ...IMAGE,
    forward: ({ x }) => ops.split(x, [1, x.shape[3] - 1]),
    twin: ({ x }) => slice(x, { end: [...x.shape.slice(0, 3), 1] }),
  },
  slice: unary(
    IMAGE,
    (x) => ops.slice(x, halves(x.shape)),
    (dy, x) => ops.sliceBackward(dy, x, halves(x.shape)),
    (x) => slice(x, halves(x.shape)),
  ),
  flip: unary(
    IMAGE,
    (x) => ops.flip(x, 2),
    (dy, x) => ops.flipBackward(dy, x, 2),
    (x) => flip(x, [2]),
  ),
  transpose: unary(
    IMAGE,
    (x) => ops.transpose(x, [0, 3, 1, 2]),
    (dy, x) => ops.transposeBackward(dy, x, [0, 3, 1, 2]),
    (x) => transpose(x, [0, 3, 1, 2]),
  ),
  reshape: unary(
    IMAGE,
    (x) => ops.reshape(x, inner(x.shape)),
    (dy, x) => ops.reshape(dy, x.shape),
    (x) => reshape(x, inner(x.shape)),
  ),
  flatten: unary(
    IMAGE,
    (x) => ops.flatten(x),
    (dy, x) => ops.reshape(dy, x.shape),
    (x) => reshape(x, inner(x.shape)),
  ),
  depthToSpace: unary(
    { small: { x: [2, 3, 4, 12] }, large: IMAGE.large },
    (x) => ops.depthToSpace(x, { blockSize: 2 }),
    (dy, x) => ops.depthToSpaceBackward(dy, x, { blockSize: 2 }),
    (x) => depthToSpace(x, 2, "DCR"),
  ),
  spaceToDepth: unary(
    { small: { x: [2, 4, 6, 3] }, large: IMAGE.large },
    (x) => ops.spaceToDepth(x, { blockSize: 2 }),
    (dy, x) => ops.spaceToDepthBackward(dy, x, { blockSize: 2 }),
    (x) => spaceToDepth(x, 2, "DCR"),
  ),
};
