// Every operation of graph models that loadKeras knows, one by one, against TensorFlow.js.
import { describe, expect, it } from "vitest";
import { FOLDS } from "../../src/io/keras/graphFolding.ts";
import { TENSORFLOW_OPERATIONS } from "../../src/io/keras/graphOperations.ts";
import { loadKeras } from "../../src/io/keras/index.ts";
import { noise, relativeError } from "./support/compare.mjs";
import { tfjsModel, tfjsRun, useBackend } from "./support/peers.mjs";

await useBackend("cpu");

const product = (shape) => shape.reduce((a, b) => a * b, 1);
const IMAGE = [9, 8, 6];

const text = (s) => ({ s: btoa(s) });
const texts = (...list) => ({ list: { s: list.map((s) => btoa(s)) } });
const ints = (...list) => ({ list: { i: list.map(String) } });
const weights = (shape, seed = 2) => ({ shape, dtype: "float32", data: noise(product(shape), seed) });
const positive = (shape) => ({ ...weights(shape), data: weights(shape).data.map((w) => Math.abs(w) + 0.1) });
const number = (x) => ({ shape: [], dtype: "float32", data: Float32Array.of(x) });
const whole = (shape, ...list) => ({ shape, dtype: "int32", data: Int32Array.from(list) });

/** One node: its attributes, and the constants behind its input "x" (or around it, in the order of `inputs`). */
const node = (attr, constants = {}, { shape = IMAGE, inputs = ["x", ...Object.keys(constants)] } = {}) => ({
  attr,
  constants,
  shape,
  inputs,
});
const T = { T: { type: "DT_FLOAT" } };
const plain = (shape) => node(T, {}, { shape });

const window = {
  strides: ints(1, 2, 2, 1),
  padding: text("SAME"),
  data_format: text("NHWC"),
  dilations: ints(1, 1, 1, 1),
};
const valid = { ...window, strides: ints(1, 1, 1, 1), padding: text("VALID") };
const pool = { ...window, ksize: ints(1, 3, 3, 1) };
const kernel = { w: weights([3, 3, 6, 4]) };
const fused = (...names) => ({ ...valid, fused_ops: texts("BiasAdd", ...names), num_args: { i: "1" } });
const bias = { b: weights([4], 4) };
const deep = { w: weights([3, 3, 6, 2]) };

const convolutions = {
  plain: node(window, kernel),
  valid: node(valid, kernel),
  dilated: node({ ...valid, dilations: ints(1, 2, 2, 1) }, kernel),
  explicit: node({ ...valid, padding: text("EXPLICIT"), explicit_paddings: ints(0, 0, 1, 2, 0, 1, 0, 0) }, kernel),
};
const matrix = { w: weights([7, 5]) };
const products = {
  plain: node({ transpose_a: { b: false }, transpose_b: { b: false } }, matrix, { shape: [7] }),
  transposed: node({ transpose_a: { b: false }, transpose_b: { b: true } }, { w: weights([5, 7]) }, { shape: [7] }),
};
const sums = (values) => ({
  number: node(T, { c: number(2) }),
  "to a number": node(T, { c: number(2) }, { inputs: ["c", "x"] }),
  channels: node(T, { c: weights([6]) }),
  pixels: node(T, { c: weights([9, 8, 1]) }),
  elements: node(T, { c: weights([1, 9, 8, 6]) }, { inputs: ["c", "x"] }),
  ...values,
});
const limits = {
  number: node(T, { c: number(0.25) }),
  "of a number": node(T, { c: number(0.25) }, { inputs: ["c", "x"] }),
  pixels: node(T, { c: weights([9, 8, 1]) }),
};
const normal = {
  plain: node(
    { epsilon: { f: 0.01 }, is_training: { b: false }, data_format: text("NHWC") },
    { s: weights([6]), o: weights([6], 4), m: weights([6], 5), v: positive([6]) },
  ),
};
const means = {
  image: node({ keep_dims: { b: false } }, { a: whole([2], 1, 2) }),
  kept: node({ keep_dims: { b: true } }, { a: whole([2], -3, -2) }),
  channels: node({ keep_dims: { b: true } }, { a: whole([1], 3) }),
  "columns, gone": node({ keep_dims: { b: false } }, { a: whole([1], -2) }),
};
const grids = {
  corners: node({ align_corners: { b: true }, half_pixel_centers: { b: false } }, { s: whole([2], 13, 20) }),
  "half pixels": node({ align_corners: { b: false }, half_pixel_centers: { b: true } }, { s: whole([2], 18, 16) }),
  old: node({ align_corners: { b: false }, half_pixel_centers: { b: false } }, { s: whole([2], 18, 16) }),
};
const masks = (masked) => ({
  begin_mask: { i: "0" },
  end_mask: { i: "0" },
  shrink_axis_mask: { i: "0" },
  ellipsis_mask: { i: "0" },
  new_axis_mask: { i: "0" },
  ...masked,
});

const CASES = {
  Add: sums(),
  AddV2: sums(),
  AvgPool: { same: node(pool), valid: node({ ...pool, padding: text("VALID") }) },
  BiasAdd: { plain: node({ data_format: text("NHWC") }, { b: weights([6]) }) },
  ClipByValue: { plain: node(T, { low: number(-0.5), high: number(0.25) }) },
  ConcatV2: {
    twice: node({ N: { i: "2" } }, { axis: whole([], 3) }, { inputs: ["x", "x", "axis"] }),
    rows: node({ N: { i: "2" } }, { axis: whole([], 1) }, { inputs: ["x", "x", "axis"] }),
  },
  Conv2D: convolutions,
  Conv2DBackpropInput: {
    same: node(window, { s: whole([4], 1, 18, 16, 4), w: weights([3, 3, 4, 6]) }, { inputs: ["s", "w", "x"] }),
  },
  DepthToSpace: { plain: node({ block_size: { i: "2" }, data_format: text("NHWC") }, {}, { shape: [3, 4, 8] }) },
  DepthwiseConv2d: {},
  DepthwiseConv2dNative: { same: node(window, deep), valid: node(valid, deep) },
  Elu: { plain: plain() },
  ExpandDims: { vector: node(T, { a: whole([], 1) }, { shape: [7] }) },
  FusedBatchNorm: normal,
  FusedBatchNormV2: normal,
  FusedBatchNormV3: normal,
  FusedDepthwiseConv2dNative: { relu6: node(fused("Relu6"), { ...deep, b: weights([12], 4) }) },
  Identity: { plain: plain() },
  LRN: { plain: node({ depth_radius: { i: "2" }, bias: { f: 1 }, alpha: { f: 0.1 }, beta: { f: 0.5 } }) },
  LeakyRelu: { alpha: node({ alpha: { f: 0.1 } }) },
  LogSoftmax: { vector: plain([7]) },
  MatMul: products,
  Max: means,
  MaxPool: { same: node(pool), valid: node({ ...pool, padding: text("VALID") }) },
  Maximum: limits,
  Mean: means,
  Min: means,
  Minimum: limits,
  MirrorPad: {
    reflect: node({ mode: text("REFLECT") }, { p: whole([4, 2], 0, 0, 1, 2, 3, 0, 0, 0) }),
    symmetric: node({ mode: text("SYMMETRIC") }, { p: whole([4, 2], 0, 0, 1, 2, 3, 0, 0, 0) }),
  },
  Mul: sums(),
  Neg: { plain: plain() },
  Pad: { zeros: node(T, { p: whole([4, 2], 0, 0, 1, 2, 3, 0, 0, 0) }) },
  PadV2: {
    zeros: node(T, { p: whole([4, 2], 0, 0, 1, 2, 3, 0, 0, 0), v: number(0) }),
    number: node(T, { p: whole([4, 2], 0, 0, 1, 2, 3, 0, 0, 0), v: number(1.5) }),
    channels: node(T, { p: whole([4, 2], 0, 0, 0, 0, 0, 0, 1, 2), v: number(0) }),
  },
  Prelu: { channels: node(T, { a: weights([6]) }) },
  RealDiv: {
    number: node(T, { c: number(3) }),
    channels: node(T, { c: positive([6]) }),
    "of elements": node(T, { c: weights([9, 8, 6]) }, { inputs: ["c", "x"] }),
  },
  Relu: { plain: plain() },
  Relu6: { plain: plain() },
  Reshape: { flat: node(T, { s: whole([2], -1, 432) }), image: node(T, { s: whole([4], -1, 8, 9, 6) }) },
  ResizeBilinear: grids,
  ResizeNearestNeighbor: { "half pixels": grids["half pixels"], old: grids.old },
  Selu: { plain: plain() },
  Shape: {},
  Sigmoid: { plain: plain() },
  Slice: { plain: node(T, { s: whole([4], 0, 1, 2, 0), n: whole([4], -1, 5, 3, -1) }) },
  Softmax: { vector: plain([7]) },
  Softplus: { plain: plain() },
  SpaceToDepth: {},
  Squeeze: {
    listed: node({ squeeze_dims: ints(1, 2) }, {}, { shape: [1, 1, 6] }),
    all: node({ squeeze_dims: ints(-3) }, {}, { shape: [1, 5, 6] }),
  },
  StopGradient: {},
  StridedSlice: {
    open: node(masks({ begin_mask: { i: "9" }, end_mask: { i: "9" } }), {
      b: whole([4], 0, 1, 2, 0),
      e: whole([4], 0, 7, 8, 0),
      s: whole([4], 1, 2, 1, 1),
    }),
    shrinking: node(masks({ begin_mask: { i: "9" }, end_mask: { i: "9" }, shrink_axis_mask: { i: "4" } }), {
      b: whole([4], 0, 1, 2, 0),
      e: whole([4], 0, 7, 3, 0),
      s: whole([4], 1, 1, 1, 1),
    }),
  },
  Sub: sums(),
  Sum: means,
  Tanh: { plain: plain() },
  Transpose: { plain: node(T, { p: whole([4], 0, 3, 1, 2) }) },
  _FusedConv2D: {
    bias: node(fused(), { ...kernel, ...bias }),
    ...Object.fromEntries(
      ["Relu", "Relu6", "Elu", "Sigmoid"].map((name) => [name, node(fused(name), { ...kernel, ...bias })]),
    ),
    LeakyRelu: node({ ...fused("LeakyRelu"), leakyrelu_alpha: { f: 0.1 } }, { ...kernel, ...bias }),
    Prelu: node({ ...fused("Prelu"), num_args: { i: "2" } }, { ...kernel, ...bias, a: weights([4], 6) }),
  },
  _FusedMatMul: {
    relu: node(
      { ...fused("Relu"), transpose_a: { b: false }, transpose_b: { b: false } },
      { ...matrix, b: weights([5], 4) },
      { shape: [7] },
    ),
  },
};

/** Operations that TensorFlow.js lists nowhere or cannot run alone. */
const UNTRIED = ["DepthwiseConv2d", "Shape", "SpaceToDepth", "StopGradient"];

function modelJson(op, { attr, constants, shape, inputs }) {
  const dim = [-1, ...shape].map((size) => ({ size: String(size) }));
  const placeholder = {
    name: "x",
    op: "Placeholder",
    attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } },
  };
  const consts = Object.entries(constants).map(([name, constant]) => ({
    name,
    op: "Const",
    attr: { dtype: { type: constant.dtype === "int32" ? "DT_INT32" : "DT_FLOAT" } },
  }));
  const entries = Object.entries(constants).map(([name, constant]) => ({
    name,
    shape: constant.shape,
    dtype: constant.dtype,
  }));
  return {
    format: "graph-model",
    modelTopology: {
      node: [placeholder, ...consts, { name: "y", op, input: inputs, attr: { ...T, ...attr } }],
      versions: {},
    },
    weightsManifest: [{ paths: ["weights.bin"], weights: entries }],
  };
}

/** What loadKeras and TensorFlow.js make of a sample of this shape. */
async function compare(json, file, sample) {
  const own = await loadKeras(JSON.parse(JSON.stringify(json)), file);
  const shape = [1, ...sample];
  const x = noise(product(shape));
  const y = own.predict(x);
  const [expected] = tfjsRun(await tfjsModel(json, [file]), x, shape);
  expect(y.shape).toEqual(expected.shape);
  expect(relativeError(y.data, expected.data)).toBeLessThan(3e-6);
  y.dispose();
  own.dispose();
}

describe.each(Object.entries(CASES).filter(([op]) => !UNTRIED.includes(op)))("%s", (op, cases) => {
  it.each(Object.entries(cases))("%s", async (_name, described) => {
    const json = modelJson(op, described);
    const file = await new Blob(Object.values(described.constants).map(({ data }) => data)).arrayBuffer();
    // An identity is no layer, and a model has one at least.
    const behind = op === "Identity" ? { name: "z", op: "Relu", input: ["y"], attr: T } : undefined;
    if (behind !== undefined) json.modelTopology.node.push(behind);
    await compare(json, file, described.shape);
  });
});

/** Weights that hold what the graph computes from constants: a shape, and numbers that scale x. */
const FOLDED = {
  "the shape of x, in parts": {
    nodes: [
      ["Shape", ["x"], "s", {}],
      ["StridedSlice", ["s", "zero", "one", "one"], "n", masks({ shrink_axis_mask: { i: "1" } })],
      ["StridedSlice", ["s", "one", "four", "one"], "t", masks()],
      ["Prod", ["t", "zero"], "p", { keep_dims: { b: false } }],
      ["Pack", ["n", "p"], "to", { axis: { i: "0" } }],
      ["Reshape", ["x", "to"], "y", {}],
    ],
    constants: { zero: whole([1], 0), one: whole([1], 1), four: whole([1], 4) },
  },
  "a batch norm in parts": {
    nodes: [
      ["AddV2", ["variance", "epsilon"], "a", {}],
      ["Rsqrt", ["a"], "b", {}],
      ["Mul", ["b", "gamma"], "c", {}],
      ["Mul", ["mean", "c"], "d", {}],
      ["Sub", ["beta", "d"], "e", {}],
      ["Mul", ["x", "c"], "f", {}],
      ["AddV2", ["f", "e"], "y", {}],
    ],
    constants: {
      ...{ variance: positive([6]), epsilon: number(0.01) },
      ...{ gamma: weights([6], 4), mean: weights([6], 5), beta: weights([6], 6) },
    },
  },
  "places and numbers": {
    nodes: [
      ["Range", ["zero", "six", "one"], "a", {}],
      ["ExpandDims", ["a", "zero"], "b", {}],
      ["ConcatV2", ["b", "b", "zero"], "c", { N: { i: "2" } }],
      ["Transpose", ["c", "turned"], "d", {}],
      ["GatherV2", ["d", "one", "zero"], "e", {}],
      ["Max", ["e", "zeros"], "f", { keep_dims: { b: false } }],
      ["Fill", ["two", "half"], "g", {}],
      ["Sum", ["g", "zeros"], "h", { keep_dims: { b: false } }],
      ["Cast", ["f"], "i", { SrcT: { type: "DT_INT32" }, DstT: { type: "DT_FLOAT" } }],
      ["RealDiv", ["i", "h"], "j", {}],
      ["Neg", ["j"], "k", {}],
      ["Maximum", ["k", "half"], "l", {}],
      ["Minimum", ["l", "h"], "m", {}],
      ["Sqrt", ["m"], "n", {}],
      ["Min", ["a", "zeros"], "o", { keep_dims: { b: false } }],
      ["FloorDiv", ["six", "five"], "p", {}],
      ["AddV2", ["o", "p"], "q", {}],
      ["Cast", ["q"], "r", { SrcT: { type: "DT_INT32" }, DstT: { type: "DT_FLOAT" } }],
      ["Mul", ["n", "r"], "s", {}],
      ["Squeeze", ["s"], "t", {}],
      ["Mul", ["x", "t"], "y", {}],
    ],
    constants: {
      ...{ zero: whole([], 0), one: whole([], 1), five: whole([], 5), six: whole([], 6) },
      ...{ zeros: whole([1], 0), two: whole([1], 2), turned: whole([2], 1, 0), half: number(0.5) },
    },
  },
};

describe("constants alone", () => {
  it.each(Object.entries(FOLDED))("%s", async (_name, { nodes, constants }) => {
    const json = modelJson("Identity", node({}, constants));
    json.modelTopology.node.pop();
    for (const [op, input, name, attr] of nodes)
      json.modelTopology.node.push({ name, op, input, attr: { ...T, ...attr } });
    const file = await new Blob(Object.values(constants).map(({ data }) => data)).arrayBuffer();
    await compare(json, file, IMAGE);
  });
});

it("no operation is left out", () => {
  const used = Object.values(FOLDED).flatMap(({ nodes }) => nodes.map(([op]) => op));
  expect(Object.keys(FOLDS).filter((op) => !used.includes(op) && !(op in CASES))).toEqual([]);
  expect(TENSORFLOW_OPERATIONS.filter((op) => !(op in CASES))).toEqual([]);
});
