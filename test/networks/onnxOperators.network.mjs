// Every operator that loadOnnx knows, one by one, against onnxruntime-web.
import { describe, expect, it } from "vitest";
import { ELEMENT_OPERATIONS } from "../../src/io/onnx/elements.ts";
import { FOLDS } from "../../src/io/onnx/folding.ts";
import { IMAGE_OPERATIONS } from "../../src/io/onnx/images.ts";
import { loadOnnx } from "../../src/io/onnx/index.ts";
import { SHAPE_OPERATIONS } from "../../src/io/onnx/shapes.ts";
import { floats, integers, onnxFile } from "../support/onnx.ts";
import { channelsFirst, noise, relativeError } from "./support/compare.mjs";
import { ortRun, ortSession } from "./support/peers.mjs";

const product = (shape) => shape.reduce((a, b) => a * b, 1);
const weights = (dims, seed = 2) => floats(dims, noise(product(dims), seed));
const positive = (dims, seed = 3) =>
  floats(
    dims,
    noise(product(dims), seed).map((w) => Math.abs(w) + 0.1),
  );
const image = [1, 6, 9, 8];
/** Of f32. */
const LARGEST = 3.4028234663852886e38;

/** One node, with constants behind its inputs. */
const single = (op, attributes = {}, constants = {}, { shape = image, opset } = {}) => ({
  opset,
  inputs: { x: shape },
  constants,
  nodes: [[op, ["x", ...Object.keys(constants)], ["y"], attributes]],
  outputs: ["y"],
});

/** Several nodes; "x" is the input and "y" the output. */
const chain = (nodes, constants = {}, { shape = image, opset } = {}) => ({
  opset,
  inputs: { x: shape },
  constants,
  nodes,
  outputs: ["y"],
});

const binary = (op, constant, order = ["x", "c"], shape = image) =>
  chain([[op, order, ["y"]]], { c: constant }, { shape });
const two = (op) =>
  chain([
    ["Relu", ["x"], ["a"]],
    ["Sigmoid", ["x"], ["b"]],
    [op, ["a", "b"], ["y"]],
  ]);

const w = { w: weights([4, 6, 3, 3]), b: weights([4], 4) };
const t = { w: weights([6, 4, 3, 3]), b: weights([4], 4) };

const CASES = {
  Conv: {
    plain: single("Conv", {}, w),
    "without bias": single("Conv", {}, { w: w.w }),
    "strides and pads": single("Conv", { strides: [2, 1], pads: [1, 0, 2, 1] }, w),
    dilations: single("Conv", { dilations: [2, 2], pads: [2, 2, 2, 2] }, w),
    SAME_UPPER: single("Conv", { auto_pad: "SAME_UPPER", strides: [2, 2] }, w),
    SAME_LOWER: single("Conv", { auto_pad: "SAME_LOWER", strides: [2, 2] }, w),
    VALID: single("Conv", { auto_pad: "VALID", strides: [2, 2] }, w),
    groups: single("Conv", { group: 2 }, { w: weights([4, 3, 3, 3]), b: w.b }),
    depthwise: single("Conv", { group: 6, pads: [1, 1, 1, 1] }, { w: weights([6, 1, 3, 3]), b: weights([6]) }),
    "depthwise, two filters a channel": single("Conv", { group: 6 }, { w: weights([12, 1, 3, 3]) }),
    "1x1": single("Conv", {}, { w: weights([8, 6, 1, 1]) }),
    line: single("Conv", { pads: [1, 2], strides: [2] }, { w: weights([4, 6, 3]), b: w.b }, { shape: [1, 6, 17] }),
    volume: single("Conv", { pads: [1, 1, 1, 1, 1, 1] }, { w: weights([4, 3, 3, 3, 3]) }, { shape: [1, 3, 5, 6, 7] }),
    "one channel, batch": single("Conv", {}, { w: weights([4, 1, 5, 5]) }, { shape: [3, 1, 12, 12] }),
  },
  ConvTranspose: {
    plain: single("ConvTranspose", {}, t),
    "strides, pads and output_padding": single(
      "ConvTranspose",
      { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
      t,
    ),
    output_shape: single("ConvTranspose", { strides: [2, 2], output_shape: [18, 16] }, t),
    "output_shape, SAME_UPPER": single(
      "ConvTranspose",
      { strides: [2, 2], output_shape: [18, 16], auto_pad: "SAME_UPPER" },
      t,
    ),
    groups: single("ConvTranspose", { group: 2, strides: [2, 2] }, { w: weights([6, 2, 2, 2]) }),
    dilations: single("ConvTranspose", { dilations: [2, 1] }, t),
  },
  MaxPool: {
    plain: single("MaxPool", { kernel_shape: [2, 2] }),
    "strides and pads": single("MaxPool", { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    ceil: single("MaxPool", { kernel_shape: [2, 3], strides: [2, 2], ceil_mode: 1 }),
    SAME_UPPER: single("MaxPool", { kernel_shape: [3, 3], strides: [2, 2], auto_pad: "SAME_UPPER" }),
    line: single("MaxPool", { kernel_shape: [3], strides: [2] }, {}, { shape: [1, 6, 17] }),
    volume: single("MaxPool", { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }, {}, { shape: [1, 3, 6, 6, 8] }),
  },
  AveragePool: {
    plain: single("AveragePool", { kernel_shape: [2, 2], strides: [2, 2] }),
    pads: single("AveragePool", { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    "padding counts": single("AveragePool", { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }),
    ceil: single("AveragePool", { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
    line: single("AveragePool", { kernel_shape: [3], strides: [2] }, {}, { shape: [1, 6, 17] }),
  },
  GlobalAveragePool: {
    image: single("GlobalAveragePool"),
    line: single("GlobalAveragePool", {}, {}, { shape: [1, 6, 17] }),
  },
  GlobalMaxPool: { image: single("GlobalMaxPool") },
  LpPool: {
    plain: single("LpPool", { kernel_shape: [2, 2], strides: [2, 2] }),
    "p 1": single("LpPool", { kernel_shape: [3, 3], p: 1 }),
  },
  BatchNormalization: {
    image: single(
      "BatchNormalization",
      {},
      { s: weights([6]), o: weights([6], 5), m: weights([6], 6), v: positive([6]) },
    ),
    vector: single(
      "BatchNormalization",
      { epsilon: 1e-3 },
      { s: weights([6]), o: weights([6], 5), m: weights([6], 6), v: positive([6]) },
      { shape: [2, 6] },
    ),
    "behind a convolution": chain(
      [
        ["Conv", ["x", "w"], ["a"]],
        ["BatchNormalization", ["a", "s", "o", "m", "v"], ["b"]],
        ["Relu", ["b"], ["y"]],
      ],
      { w: w.w, s: weights([4]), o: weights([4], 5), m: weights([4], 6), v: positive([4]) },
    ),
  },
  InstanceNormalization: {
    image: single("InstanceNormalization", {}, { s: weights([6]), o: weights([6], 5) }),
    lines: single("InstanceNormalization", {}, { s: weights([6]), o: weights([6], 5) }, { shape: [2, 6, 17] }),
  },
  GroupNormalization: {
    "scale of channels (21)": single(
      "GroupNormalization",
      { num_groups: 3 },
      { s: weights([6]), o: weights([6], 5) },
      { opset: 21 },
    ),
    "scale of groups (18)": single(
      "GroupNormalization",
      { num_groups: 3 },
      { s: weights([3]), o: weights([3], 5) },
      { opset: 18 },
    ),
  },
  LRN: {
    plain: single("LRN", { size: 5, alpha: { float: 0.1 } }),
    options: single("LRN", { size: 3, alpha: 0.5, beta: 0.5, bias: { float: 2 } }),
  },
  Pad: {
    zeros: single("Pad", {}, { p: integers([8], [0, 0, 1, 2, 0, 0, 3, 0]) }),
    negative: single("Pad", {}, { p: integers([8], [0, 0, -1, 2, 0, 0, 1, -2]) }),
    reflect: single("Pad", { mode: "reflect" }, { p: integers([8], [0, 0, 1, 2, 0, 0, 3, 2]) }),
    edge: single("Pad", { mode: "edge" }, { p: integers([8], [0, 0, 1, 2, 0, 0, 3, 2]) }),
    wrap: single("Pad", { mode: "wrap" }, { p: integers([8], [0, 0, 1, 2, 0, 0, 3, 2]) }, { opset: 19 }),
    axes: chain(
      [["Pad", ["x", "p", "", "axes"], ["y"]]],
      { p: integers([4], [1, 2, 3, 0]), axes: integers([2], [2, -1]) },
      { opset: 18 },
    ),
    attribute: single("Pad", { pads: [0, 0, 1, 1, 0, 0, 1, 1] }, {}, { opset: 10 }),
    "a number": single("Pad", {}, { p: integers([8], [0, 0, 1, 2, 0, 0, 3, 0]), v: floats([], [1.5]) }),
    channels: single("Pad", {}, { p: integers([8], [0, 1, 0, 0, 0, 2, 0, 0]) }),
    "channels and rows": single("Pad", { mode: "edge" }, { p: integers([8], [0, 1, 0, 2, 0, 0, 1, 0]) }),
    features: single("Pad", {}, { p: integers([4], [0, 1, 0, -2]) }, { shape: [2, 7] }),
  },
  Resize: Object.fromEntries([
    ...["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"].flatMap((mode) => [
      [
        `linear, ${mode}`,
        chain([["Resize", ["x", "", "s"], ["y"], { mode: "linear", coordinate_transformation_mode: mode }]], {
          s: floats([4], [1, 1, 2, 3]),
        }),
      ],
    ]),
    [
      "nearest, asymmetric, floor",
      chain(
        [["Resize", ["x", "", "s"], ["y"], { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }]],
        { s: floats([4], [1, 1, 2, 2]) },
      ),
    ],
    ["nearest", chain([["Resize", ["x", "", "s"], ["y"]]], { s: floats([4], [1, 1, 2, 2]) })],
    ["sizes", chain([["Resize", ["x", "", "", "s"], ["y"], { mode: "linear" }]], { s: integers([4], [1, 6, 5, 13]) })],
    [
      "axes",
      chain(
        [["Resize", ["x", "", "s"], ["y"], { mode: "linear", axes: [3, 2] }]],
        { s: floats([2], [2, 3]) },
        { opset: 18 },
      ),
    ],
    [
      "sizes of axes",
      chain(
        [["Resize", ["x", "", "", "s"], ["y"], { mode: "linear", axes: [2, 3] }]],
        { s: integers([2], [18, 4]) },
        { opset: 18 },
      ),
    ],
    ["set 10", single("Resize", { mode: "linear" }, { s: floats([4], [1, 1, 2, 2]) }, { opset: 10 })],
  ]),
  Upsample: {
    nearest: single("Upsample", {}, { s: floats([4], [1, 1, 2, 2]) }, { opset: 9 }),
    linear: single("Upsample", { mode: "linear" }, { s: floats([4], [1, 1, 2, 2]) }, { opset: 9 }),
    attribute: single("Upsample", { scales: { floats: [1, 1, 2, 2] } }, {}, { opset: 7 }),
  },
  DepthToSpace: {
    DCR: single("DepthToSpace", { blocksize: 2 }, {}, { shape: [1, 8, 3, 4] }),
    CRD: single("DepthToSpace", { blocksize: 2, mode: "CRD" }, {}, { shape: [1, 8, 3, 4] }),
  },
  SpaceToDepth: { plain: single("SpaceToDepth", { blocksize: 2 }, {}, { shape: [1, 3, 6, 4] }) },
  Add: {
    number: binary("Add", floats([], [2])),
    channels: binary("Add", weights([6, 1, 1])),
    values: two("Add"),
    pixels: binary("Add", weights([9, 8])),
    elements: binary("Add", weights([1, 6, 9, 8])),
    features: binary("Add", weights([7]), ["x", "c"], [2, 7]),
    "opset 7 number": binary("Add", floats([1], [2])),
  },
  Sub: {
    number: binary("Sub", floats([], [2])),
    "from a number": binary("Sub", floats([], [2]), ["c", "x"]),
    channels: binary("Sub", weights([1, 6, 1, 1])),
    "from channels": binary("Sub", weights([1, 6, 1, 1]), ["c", "x"]),
    "from rows": binary("Sub", weights([9, 1]), ["c", "x"]),
    values: two("Sub"),
  },
  Mul: {
    number: binary("Mul", floats([], [2])),
    channels: binary("Mul", weights([6, 1, 1]), ["c", "x"]),
    columns: binary("Mul", weights([6, 1, 8])),
    values: two("Mul"),
    "pixels (squeeze and excite)": chain([
      ["GlobalAveragePool", ["x"], ["a"]],
      ["Sigmoid", ["a"], ["b"]],
      ["Mul", ["x", "b"], ["y"]],
    ]),
    "x sigmoid(x)": chain([
      ["Sigmoid", ["x"], ["a"]],
      ["Mul", ["x", "a"], ["y"]],
    ]),
    "hard swish in parts": chain(
      [
        ["Add", ["x", "three"], ["a"]],
        ["Clip", ["a", "zero", "six"], ["b"]],
        ["Mul", ["x", "b"], ["c"]],
        ["Div", ["c", "six"], ["y"]],
      ],
      { three: floats([], [3]), zero: floats([], [0]), six: floats([], [6]) },
    ),
    "gelu in parts": chain(
      [
        ["Div", ["x", "r"], ["a"]],
        ["Erf", ["a"], ["b"]],
        ["Add", ["b", "one"], ["c"]],
        ["Mul", ["x", "c"], ["d"]],
        ["Mul", ["d", "half"], ["y"]],
      ],
      { r: floats([], [Math.SQRT2]), one: floats([], [1]), half: floats([], [0.5]) },
    ),
    "mish in parts": chain([
      ["Softplus", ["x"], ["a"]],
      ["Tanh", ["a"], ["b"]],
      ["Mul", ["x", "b"], ["y"]],
    ]),
    "x f(x), turned": chain(
      [
        ["Sigmoid", ["x"], ["a"]],
        ["Transpose", ["a"], ["b"], { perm: [0, 2, 3, 1] }],
        ["Mul", ["x", "b"], ["c"]],
        ["Flatten", ["c"], ["y"]],
      ],
      {},
      { shape: [1, 4, 4, 4] },
    ),
    "x f(x) of another f": chain([
      ["Tanh", ["x"], ["a"]],
      ["Mul", ["x", "a"], ["y"]],
    ]),
  },
  Div: {
    number: binary("Div", floats([], [3])),
    channels: binary("Div", positive([6, 1, 1])),
    pixels: binary("Div", positive([9, 8])),
    values: two("Div"),
    "of a number": binary("Div", floats([], [3]), ["c", "x"]),
    "of channels": binary("Div", weights([6, 1, 1]), ["c", "x"]),
  },
  Sum: {
    three: chain([
      ["Relu", ["x"], ["a"]],
      ["Sigmoid", ["x"], ["b"]],
      ["Sum", ["x", "a", "b"], ["y"]],
    ]),
  },
  Mean: {
    three: chain([
      ["Relu", ["x"], ["a"]],
      ["Sigmoid", ["x"], ["b"]],
      ["Mean", ["x", "a", "b"], ["y"]],
    ]),
  },
  Max: {
    number: binary("Max", floats([], [0.25])),
    channels: binary("Max", weights([6, 1, 1])),
    pixels: binary("Max", weights([9, 8]), ["c", "x"]),
    values: two("Max"),
  },
  Min: { number: binary("Min", floats([], [0.25])), pixels: binary("Min", weights([9, 8])), values: two("Min") },
  ...Object.fromEntries(
    [
      "Relu",
      "LeakyRelu",
      "Elu",
      "Selu",
      "Celu",
      "Sigmoid",
      "HardSigmoid",
      "Tanh",
      "Softplus",
      "Softsign",
      "Neg",
      "ThresholdedRelu",
    ].map((op) => [op, { plain: single(op) }]),
  ),
  Erf: {
    "in gelu": chain(
      [
        ["Mul", ["x", "r"], ["a"]],
        ["Erf", ["a"], ["b"]],
        ["Add", ["one", "b"], ["c"]],
        ["Mul", ["c", "x"], ["d"]],
        ["Mul", ["half", "d"], ["y"]],
      ],
      { r: floats([], [Math.SQRT1_2]), one: floats([], [1]), half: floats([], [0.5]) },
    ),
  },
  "Selu with numbers of its own": { plain: single("Selu", { alpha: { float: 2 }, gamma: { float: 3 } }) },
  HardSwish: { plain: single("HardSwish", {}, {}, { opset: 14 }) },
  Mish: { plain: single("Mish", {}, {}, { opset: 18 }) },
  Gelu: {
    exact: single("Gelu", {}, {}, { opset: 20 }),
    tanh: single("Gelu", { approximate: "tanh" }, {}, { opset: 20 }),
  },
  Clip: {
    inputs: single("Clip", {}, { low: floats([], [-0.3]), high: floats([], [0.6]) }),
    "above only": chain([["Clip", ["x", "", "high"], ["y"]]], { high: floats([], [0.25]) }),
    "behind a sigmoid": chain(
      [
        ["Sigmoid", ["x"], ["a"]],
        ["Clip", ["a", "low", "high"], ["y"]],
      ],
      { low: floats([], [0.4]), high: floats([], [0.6]) },
    ),
    "behind tanh, above only": chain(
      [
        ["Tanh", ["x"], ["a"]],
        ["Clip", ["a", "", "high"], ["y"]],
      ],
      { high: floats([], [0.25]) },
    ),
    "below only": single("Clip", {}, { low: floats([], [-0.25]) }),
    "large limits": single("Clip", {}, { low: floats([], [-1e5]), high: floats([], [0.6]) }),
    "the largest numbers": chain(
      [
        ["Neg", ["x"], ["a"]],
        ["Clip", ["a", "low", "high"], ["y"]],
      ],
      { low: floats([], [-LARGEST]), high: floats([], [LARGEST]) },
    ),
    "no lower limit but the largest": single("Clip", {}, { low: floats([], [-LARGEST]), high: floats([], [0.6]) }),
    "large limits behind a sigmoid": chain(
      [
        ["Sigmoid", ["x"], ["a"]],
        ["Clip", ["a", "low", "high"], ["y"]],
      ],
      { low: floats([], [-1e5]), high: floats([], [0.6]) },
    ),
    "then minus that": chain(
      [
        ["Clip", ["x", "low", "high"], ["a"]],
        ["Neg", ["a"], ["b"]],
        ["Add", ["b", "high"], ["y"]],
      ],
      { low: floats([], [0]), high: floats([], [0.6]) },
    ),
    attributes: single("Clip", { min: { float: 0 }, max: { float: 6 } }, {}, { opset: 6 + 1 }),
  },
  PRelu: {
    number: single("PRelu", {}, { s: floats([1], [0.2]) }),
    channels: single("PRelu", {}, { s: weights([6, 1, 1]) }),
    features: single("PRelu", {}, { s: weights([7]) }, { shape: [2, 7] }),
  },
  Softmax: {
    "last axis": single("Softmax", {}, {}, { shape: [2, 10] }),
    channels: single("Softmax", { axis: 1 }),
    "as one (11)": single("Softmax", { axis: 1 }, {}, { opset: 11 }),
    "vector (11)": single("Softmax", {}, {}, { shape: [2, 10], opset: 11 }),
  },
  LogSoftmax: { vector: single("LogSoftmax", {}, {}, { shape: [2, 10] }) },
  Gemm: {
    transB: single("Gemm", { transB: 1 }, { w: weights([5, 7]), b: weights([5], 4) }, { shape: [2, 7] }),
    scaled: single(
      "Gemm",
      { alpha: 0.5, beta: { float: 2 } },
      { w: weights([7, 5]), b: weights([5], 4) },
      { shape: [2, 7] },
    ),
    "a row": single("Gemm", {}, { w: weights([7, 5]), b: weights([1, 5], 4) }, { shape: [2, 7] }),
    "plus what is computed": chain(
      [
        ["MatMul", ["x", "v"], ["a"]],
        ["Gemm", ["x", "w", "a"], ["y"], { beta: { float: 0.5 } }],
      ],
      { w: weights([7, 5]), v: weights([7, 5], 4) },
      { shape: [2, 7] },
    ),
    "of a flattened image": chain(
      [
        ["Conv", ["x", "k"], ["a"]],
        ["Flatten", ["a"], ["f"]],
        ["Gemm", ["f", "w", "b"], ["y"]],
      ],
      { k: w.w, w: weights([4 * 7 * 6, 5]), b: weights([5], 4) },
    ),
  },
  MatMul: {
    matrix: single("MatMul", {}, { w: weights([7, 5]) }, { shape: [2, 7] }),
    rows: single("MatMul", {}, { w: weights([7, 5]) }, { shape: [1, 4, 7] }),
    values: chain(
      [
        ["Transpose", ["x"], ["a"], { perm: [0, 2, 1] }],
        ["MatMul", ["x", "a"], ["y"]],
      ],
      {},
      { shape: [1, 4, 7] },
    ),
    "with bias": chain(
      [
        ["MatMul", ["x", "w"], ["a"]],
        ["Add", ["a", "b"], ["y"]],
      ],
      { w: weights([7, 5]), b: weights([5], 4) },
      { shape: [2, 7] },
    ),
  },
  Concat: {
    channels: chain([
      ["Relu", ["x"], ["a"]],
      ["Concat", ["x", "a"], ["y"], { axis: 1 }],
    ]),
    rows: chain([
      ["Relu", ["x"], ["a"]],
      ["Concat", ["x", "a"], ["y"], { axis: -2 }],
    ]),
  },
  Split: {
    equal: chain(
      [
        ["Split", ["x"], ["a", "b"], { axis: 1 }],
        ["Sub", ["a", "b"], ["y"]],
      ],
      {},
      { opset: 11 },
    ),
    sizes: chain(
      [
        ["Split", ["x", "s"], ["a", "b"], { axis: 1 }],
        ["Concat", ["b", "a"], ["y"], { axis: 1 }],
      ],
      { s: integers([2], [2, 4]) },
    ),
  },
  Slice: {
    inputs: single(
      "Slice",
      {},
      { s: integers([2], [1, -5]), e: integers([2], [5, 2 ** 31]), a: integers([2], [1, 3]), t: integers([2], [2, 1]) },
    ),
    backwards: single(
      "Slice",
      {},
      { s: integers([1], [-1]), e: integers([1], [-100]), a: integers([1], [2]), t: integers([1], [-1]) },
    ),
    attributes: single("Slice", { starts: [1], ends: [4], axes: [1] }, {}, { opset: 9 }),
  },
  Flatten: { image: single("Flatten") },
  Reshape: {
    image: single("Reshape", {}, { s: integers([3], [0, 6, -1]) }),
    "channel shuffle": chain(
      [
        ["Reshape", ["x", "a"], ["b"]],
        ["Transpose", ["b"], ["c"], { perm: [0, 2, 1, 3, 4] }],
        ["Reshape", ["c", "d"], ["y"]],
      ],
      { a: integers([5], [1, 2, 3, 9, 8]), d: integers([4], [1, 6, 9, 8]) },
    ),
    "by its own shape": chain(
      [
        ["Shape", ["x"], ["s"]],
        ["Gather", ["s", "zero"], ["n"], { axis: 0 }],
        ["Unsqueeze", ["n", "axes"], ["m"]],
        ["Concat", ["m", "rest"], ["t"], { axis: 0 }],
        ["Reshape", ["x", "t"], ["y"]],
      ],
      { zero: integers([], [0]), axes: integers([1], [0]), rest: integers([1], [-1]) },
    ),
  },
  Transpose: {
    "to the last and back": chain([
      ["Transpose", ["x"], ["a"], { perm: [0, 2, 3, 1] }],
      ["Relu", ["a"], ["b"]],
      ["Transpose", ["b"], ["y"], { perm: [0, 3, 1, 2] }],
    ]),
    rows: single("Transpose", { perm: [0, 1, 3, 2] }),
  },
  Squeeze: {
    pixels: chain(
      [
        ["GlobalAveragePool", ["x"], ["a"]],
        ["Squeeze", ["a", "axes"], ["y"]],
      ],
      { axes: integers([2], [2, 3]) },
    ),
  },
  Unsqueeze: {
    vector: chain(
      [
        ["Unsqueeze", ["x", "axes"], ["a"]],
        ["Conv", ["a", "w"], ["y"]],
      ],
      { axes: integers([2], [2, 3]), w: weights([4, 6, 1, 1]) },
      { shape: [2, 6] },
    ),
  },
  ReduceMean: {
    image: single("ReduceMean", { axes: [2, 3], keepdims: 0 }),
    kept: single("ReduceMean", { axes: [-2, -1] }),
    input: single("ReduceMean", {}, { a: integers([2], [2, 3]) }, { opset: 18 }),
    channels: single("ReduceMean", { axes: [1] }),
    "channels, gone": single("ReduceMean", { axes: [1], keepdims: 0 }),
    columns: single("ReduceMean", { axes: [-1], keepdims: 0 }),
  },
  ReduceMax: {
    image: single("ReduceMax", { axes: [2, 3], keepdims: 0 }),
    channels: single("ReduceMax", { axes: [1] }),
  },
  ReduceMin: {
    image: single("ReduceMin", { axes: [2, 3], keepdims: 0 }),
    channels: single("ReduceMin", { axes: [1] }),
  },
  ReduceSum: {
    image: single("ReduceSum", { keepdims: 0 }, { a: integers([2], [2, 3]) }),
    "channels and rows": single("ReduceSum", {}, { a: integers([2], [1, 2]) }),
    none: chain([
      ["ReduceSum", ["x"], ["a"], { noop_with_empty_axes: 1 }],
      ["Relu", ["a"], ["y"]],
    ]),
  },
  Gather: { channel: chain([["Gather", ["x", "i"], ["y"], { axis: 1 }]], { i: integers([], [2]) }) },
  Identity: {
    plain: chain([
      ["Identity", ["x"], ["a"]],
      ["Relu", ["a"], ["y"]],
    ]),
  },
  Dropout: {
    plain: chain([
      ["Dropout", ["x"], ["a"]],
      ["Relu", ["a"], ["y"]],
    ]),
  },
  Cast: {
    "to f32": chain([
      ["Cast", ["x"], ["a"], { to: 1 }],
      ["Relu", ["a"], ["y"]],
    ]),
  },
  Constant: {
    tensor: chain([
      ["Constant", [], ["c"], { value: floats([], [2]) }],
      ["Mul", ["x", "c"], ["y"]],
    ]),
    number: chain([
      ["Constant", [], ["c"], { value_float: { float: 2 } }],
      ["Mul", ["x", "c"], ["y"]],
    ]),
  },
  Shape: {
    "of the input": chain(
      [
        ["Shape", ["x"], ["s"]],
        ["Cast", ["s"], ["f"], { to: 1 }],
        ["Gather", ["f", "i"], ["c"]],
        ["Mul", ["x", "c"], ["y"]],
      ],
      { i: integers([], [2]) },
    ),
  },
};

/** Constants alone: a number that scales x. */
const folded = (nodes, constants) => chain([...nodes, ["Mul", ["x", "r"], ["y"]]], constants);
const FOLDED = {
  arithmetic: folded(
    [
      ["Add", ["a", "b"], ["c"]],
      ["Sub", ["c", "b"], ["d"]],
      ["Mul", ["d", "c"], ["e"]],
      ["Div", ["e", "b"], ["f"]],
      ["Sqrt", ["f"], ["g"]],
      ["Neg", ["g"], ["h"]],
      ["Abs", ["h"], ["i"]],
      ["Exp", ["i"], ["j"]],
      ["Reciprocal", ["j"], ["k"]],
      ["Pow", ["k", "a"], ["l"]],
      ["Max", ["l", "a"], ["m"]],
      ["Min", ["m", "b"], ["m2"]],
      ["Sum", ["m2", "a", "b"], ["m3"]],
      ["Mean", ["m3", "b"], ["n"]],
      ["ReduceSum", ["n"], ["r"], { keepdims: 0 }],
    ],
    { a: floats([3], [1, 2, 3]), b: floats([2, 1], [4, 5]) },
  ),
  "whole numbers": folded(
    [
      ["Div", ["a", "b"], ["c"]],
      ["Mod", ["a", "b"], ["d"]],
      ["Equal", ["c", "d"], ["e"]],
      ["Where", ["e", "a", "c"], ["f"]],
      ["ReduceProd", ["f"], ["g"], { keepdims: 0 }],
      ["Cast", ["g"], ["r"], { to: 1 }],
    ],
    { a: integers([3], [7, 9, 4]), b: integers([], [3]) },
  ),
  places: folded(
    [
      ["Range", ["o", "n", "s"], ["a"]],
      ["Reshape", ["a", "t"], ["b"]],
      ["Transpose", ["b"], ["c"], { perm: [1, 0] }],
      ["Slice", ["c", "s1", "e1"], ["d"]],
      ["Squeeze", ["d", "z"], ["e"]],
      ["Gather", ["e", "s"], ["f"], { axis: 0 }],
      ["Flatten", ["b"], ["g"]],
      ["ReduceMax", ["g"], ["h"], { keepdims: 0 }],
      ["ReduceMin", ["e"], ["h2"], { keepdims: 0 }],
      ["Add", ["f", "h"], ["i"]],
      ["Add", ["i", "h2"], ["i2"]],
      ["Cast", ["i2"], ["r"], { to: 1 }],
    ],
    {
      o: integers([], [0]),
      n: integers([], [6]),
      s: integers([], [1]),
      t: integers([2], [2, 3]),
      s1: integers([1], [1]),
      e1: integers([1], [2]),
      z: integers([1], [0]),
    },
  ),
  "sums over axes": folded(
    [
      ["ReduceSum", ["a", "rows"], ["b"]],
      ["ReduceSum", ["a", "columns"], ["c"], { keepdims: 0 }],
      ["ReduceMax", ["a"], ["d"], { axes: [1], keepdims: 0 }],
      ["Sub", ["c", "d"], ["e"]],
      ["ReduceProd", ["b"], ["f"], { keepdims: 0 }],
      ["ReduceProd", ["e"], ["g"], { keepdims: 0 }],
      ["Div", ["f", "g"], ["r"]],
    ],
    { a: floats([2, 3], [1, 2, 3, 4, 5, 6]), rows: integers([1], [0]), columns: integers([1], [-1]) },
  ),
  rounding: folded(
    [
      ["Floor", ["a"], ["b"]],
      ["Ceil", ["a"], ["c"]],
      ["Add", ["b", "c"], ["d"]],
      ["Expand", ["d", "t"], ["e"]],
      ["ConstantOfShape", ["t"], ["z"]],
      ["Add", ["e", "z"], ["e2"]],
      ["Identity", ["e2"], ["f"]],
      ["ReduceMax", ["f"], ["r"], { keepdims: 0 }],
    ],
    { a: floats([1], [1.5]), t: integers([2], [2, 2]) },
  ),
};

/** Of f32 sums of up to 300 products in another order. */
const TOLERANCE = 2e-6;

async function check(description) {
  const bytes = onnxFile(description);
  const [[name, shape]] = Object.entries(description.inputs);
  const sample = shape.length > 2 ? [...shape.slice(2), shape[1]] : shape.slice(1);
  const x = noise(product(shape));
  const model = loadOnnx(bytes);
  expect(model.inputShape).toEqual(sample);
  const y = model.predict(x);
  const [expected] = await ortRun(await ortSession(bytes), {
    [name]: { data: channelsFirst(x, [shape[0], ...sample]), shape },
  });
  // What the file took out of the order of images comes as the file has it.
  const isImage = String(y.shape) !== String(expected.shape);
  expect(relativeError(isImage ? channelsFirst(y.data, y.shape) : y.data, expected.data)).toBeLessThan(TOLERANCE);
  y.dispose();
  model.dispose();
}

describe.each(Object.entries(CASES))("%s", (_, cases) => {
  it.each(Object.entries(cases))("%s", (_name, description) => check(description));
});

describe("constants alone", () => {
  it.each(Object.entries(FOLDED))("%s", (_name, description) => check(description));
});

it("no operator is left out", () => {
  const known = new Set([
    ...Object.keys(IMAGE_OPERATIONS),
    ...Object.keys(ELEMENT_OPERATIONS),
    ...Object.keys(SHAPE_OPERATIONS),
  ]);
  expect([...known].filter((op) => !(op in CASES))).toEqual([]);
  const used = new Set(Object.values(FOLDED).flatMap(({ nodes }) => nodes.map(([op]) => op)));
  expect(Object.keys(FOLDS).filter((op) => !used.has(op) && !known.has(op))).toEqual([]);
});
