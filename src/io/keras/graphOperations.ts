/** TensorFlow's operations as layers. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import type { ActivationLayerOptions } from "../../layers/index.ts";
import * as layers from "../../layers/index.ts";
import type { Builder, MergeName } from "../network/builder.ts";
import { called, clamped, rescaled } from "../network/curve.ts";
import * as operations from "../network/operations.ts";
import { type Constant, type Operand, shapeOf, type Value, value } from "../network/value.ts";
import type { WalkNode } from "../network/walk.ts";
import type { Attributes } from "./attributes.ts";

export interface Node extends WalkNode {
  readonly attributes: Attributes;
}

type Inputs = readonly (Operand | undefined)[];
type Operation = (at: Call) => Operand;

/** One node, and what it is given. */
class Call {
  readonly b: Builder;
  readonly node: Node;
  readonly #inputs: Inputs;

  constructor(b: Builder, node: Node, inputs: Inputs) {
    this.b = b;
    this.node = node;
    this.#inputs = inputs;
  }

  get name(): string {
    return this.node.name;
  }
  get attributes(): Attributes {
    return this.node.attributes;
  }
  get inputs(): Inputs {
    return this.#inputs;
  }

  value(i: number): Value {
    const given = this.#inputs[i];
    if (given?.kind === "value") return given;
    throw new FormatError(
      `${this.b.file}: input ${i} of ${show(this.name)} must come from an input, got ${show(given?.kind)}`,
    );
  }

  constant(i: number): Constant {
    const given = this.#inputs[i];
    if (given?.kind === "constant") return given;
    throw new UnsupportedError(`${this.b.file}: input ${i} of ${show(this.name)} (${this.node.op}) must be a constant`);
  }

  /** Whole numbers: axes, sizes, shapes. */
  numbers(i: number): number[] {
    return Array.from(this.constant(i).data);
  }

  /** Strides and their like, [1,h,w,1]. */
  window(name: string): number[] {
    const list = this.attributes.numbers(name);
    return list.length === 4 ? list.slice(1, 3) : [1, 1];
  }

  padding(): operations.WindowPadding {
    const name = this.attributes.text("padding", "VALID");
    if (name !== "EXPLICIT") return name === "SAME" ? "same" : "valid";
    const [, , top, bottom, left, right] = this.attributes.numbers("explicit_paddings");
    return [
      [top, bottom],
      [left, right],
    ];
  }

  geometry(): operations.WindowGeometry {
    if (this.attributes.text("data_format", "NHWC") !== "NHWC") {
      throw new UnsupportedError(`${this.b.file}: ${show(this.name)} must have data_format NHWC`);
    }
    return { strides: this.window("strides"), padding: this.padding(), dilations: this.window("dilations") };
  }
}

/** What is fused into a convolution or a product behind its bias. */
const FUSED: Readonly<Record<string, (y: Value, at: Call) => Value>> = {
  Relu: (y) => ({ ...y, curve: clamped(y.curve, 0, Number.POSITIVE_INFINITY) }),
  Relu6: (y) => ({ ...y, curve: clamped(y.curve, 0, 6) }),
  Elu: call({ activation: "elu" }),
  LeakyRelu: (y, at) => leaky(y, at.attributes.number("leakyrelu_alpha", 0.2)),
  Sigmoid: call({ activation: "sigmoid" }),
  Tanh: call({ activation: "tanh" }),
  Prelu: (y, at) => prelu(at, y, at.constant(3)),
};

function call(f: ActivationLayerOptions): (y: Value) => Value {
  return (y) => ({ ...y, curve: called(y.curve, f) });
}

function leaky(y: Value, negativeSlope: number): Value {
  return call({ activation: "leakyRelu", negativeSlope })(y);
}

function prelu({ b, name }: Call, given: Value, alpha: Constant): Value {
  const x = b.computed(given);
  const axes = x.shape.length;
  const isPerChannel = alpha.data.length === x.shape[axes - 1];
  const sharedAxes = isPerChannel ? Array.from({ length: axes - 1 }, (_, i) => i + 1) : [];
  return value(b.apply(name, (options) => layers.prelu({ ...options, sharedAxes }), x, { alpha: alpha.data }));
}

/** Bias and activation of the fused operations, in the order of the list. */
function fused(at: Call): { bias: Constant | undefined; behind: (y: Value) => Value } {
  const [first, ...rest] = at.attributes.texts("fused_ops");
  if (first !== undefined && first !== "BiasAdd") {
    throw new UnsupportedError(`${at.b.file}: ${show(at.name)} fuses ${show(first)}; only BiasAdd can come first`);
  }
  const behind = (y: Value) =>
    rest.reduce((grown, name) => {
      const grow = Object.hasOwn(FUSED, name) ? FUSED[name] : undefined;
      if (grow !== undefined) return grow(grown, at);
      throw new UnsupportedError(`${at.b.file}: ${show(at.name)} fuses ${show(name)}`);
    }, y);
  return { bias: first === undefined ? undefined : at.constant(2), behind };
}

function conv2d(at: Call): Value {
  const { bias, behind } = fused(at);
  const kernel = at.constant(1);
  const channels = shapeOf(at.value(0))[3];
  const groups = channels / kernel.shape[2];
  return behind(operations.convolve(at.b, at.name, at.value(0), { kernel, bias, groups }, at.geometry()));
}

function depthwiseConv2d(at: Call): Value {
  const { bias, behind } = fused(at);
  return behind(operations.convolveDepthwise(at.b, at.name, at.value(0), at.constant(1), bias, at.geometry()));
}

/** The sizes of the result come first, then the kernel [KH,KW,O,C], then the image. */
function conv2dTranspose(at: Call): Value {
  const kernel = at.constant(1);
  const geometry = at.geometry();
  const [, ...sizes] = at.numbers(0);
  const [, ...from] = shapeOf(at.value(2));
  const over = [0, 1].map((i) => (from[i] - 1) * geometry.strides[i] + kernel.shape[i] - sizes[i]);
  const padding = over.map((cells): [number, number] => [
    Math.floor(Math.max(cells, 0) / 2),
    Math.ceil(Math.max(cells, 0) / 2),
  ]);
  const outputPadding = over.map((cells) => Math.max(-cells, 0));
  return operations.convolveTransposed(at.b, at.name, at.value(2), { kernel }, { ...geometry, padding, outputPadding });
}

function matMul(at: Call): Value {
  const { bias, behind } = fused(at);
  if (at.attributes.flag("transpose_a"))
    throw new UnsupportedError(`${at.b.file}: ${show(at.name)} transposes its input`);
  const matrix = at.constant(1);
  const isTransposed = at.attributes.flag("transpose_b");
  return behind(operations.dense(at.b, at.name, at.value(0), isTransposed ? transposed(matrix) : matrix, bias));
}

/** [I,O] of [O,I]. */
function transposed({ shape: [rows, columns], data }: Constant): Constant {
  const turned = Float32Array.from(
    { length: rows * columns },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)],
  );
  return { kind: "constant", shape: [columns, rows], data: turned };
}

function batchNorm(at: Call): Value {
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => at.constant(i).data);
  const epsilon = at.attributes.number("epsilon", 1e-3);
  return value(at.b.normalize(at.name, at.b.computed(at.value(0)), { scale, offset, mean, variance, epsilon }));
}

const pool =
  (kind: "max" | "average"): Operation =>
  (at) =>
    operations.pool(at.b, at.name, kind, at.value(0), {
      ...at.geometry(),
      dilations: undefined,
      poolSize: at.window("ksize"),
    });

const reduction =
  (kind: "max" | "average"): Operation =>
  (at) =>
    operations.reduce(at.b, at.name, kind, at.value(0), at.numbers(1), at.attributes.flag("keep_dims"));

const merge =
  (kind: MergeName): Operation =>
  (at) => {
    const [a, b] = at.inputs as readonly Operand[];
    return at.b.merge(at.name, kind, a, b);
  };

/** Division by numbers is a product. */
function divide(at: Call): Operand {
  const divisor = at.constant(1);
  const reciprocal = { ...divisor, data: Float32Array.from(divisor.data, (d) => 1 / d) };
  return at.b.merge(at.name, "mul", at.value(0), reciprocal);
}

/** With a number a limit of the curve. */
const extreme =
  (kind: "maximum" | "minimum"): Operation =>
  (at) => {
    const [a, b] = at.inputs as readonly Operand[];
    const [given, other] = a.kind === "value" ? [a, b] : [b as Value, a];
    if (other.kind !== "constant" || other.data.length !== 1) return at.b.merge(at.name, kind, a, b);
    const limit = other.data[0];
    const limits =
      kind === "maximum" ? ([limit, Number.POSITIVE_INFINITY] as const) : ([Number.NEGATIVE_INFINITY, limit] as const);
    return { ...given, curve: clamped(given.curve, ...limits) };
  };

/** The axis stands last. */
function concat(at: Call): Operand {
  const last = at.inputs.length - 1;
  const values = at.inputs.slice(0, -1).map((_, i) => at.value(i));
  return operations.concatenate(at.b, at.name, values, at.numbers(last)[0]);
}

function squeeze(at: Call): Operand {
  const shape = shapeOf(at.value(0));
  const listed = at.attributes.numbers("squeeze_dims").map((axis) => (axis < 0 ? axis + shape.length : axis));
  const isLeft = (size: number, axis: number) =>
    axis === 0 || !(listed.length > 0 ? listed.includes(axis) : size === 1);
  return operations.reshape(at.b, at.name, at.value(0), shape.filter(isLeft));
}

function expandDims(at: Call): Operand {
  const shape = [...shapeOf(at.value(0))];
  const [axis] = at.numbers(1);
  shape.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, 1);
  return operations.reshape(at.b, at.name, at.value(0), shape);
}

const pad =
  (modeOf: (at: Call) => "constant" | "reflect" | "symmetric"): Operation =>
  (at) => {
    const sizes = at.numbers(1);
    const pairs = shapeOf(at.value(0)).map((_, axis) => [sizes[2 * axis], sizes[2 * axis + 1]] as const);
    return operations.pad(at.b, at.name, at.value(0), pairs, modeOf(at));
  };

function zeros(at: Call): "constant" {
  const value = at.inputs.length > 2 ? at.numbers(2)[0] : 0;
  if (value === 0) return "constant";
  throw new UnsupportedError(`${at.b.file}: ${show(at.name)} pads with ${value}; only zeros can be`);
}

const resize =
  (interpolation: "bilinear" | "nearest"): Operation =>
  (at) => {
    const { attributes } = at;
    const grid = attributes.flag("half_pixel_centers") ? "halfPixel" : "asymmetric";
    const coordinates = attributes.flag("align_corners") ? "alignCorners" : grid;
    return operations.resize(at.b, at.name, at.value(0), at.numbers(1), { interpolation, coordinates });
  };

const blocks =
  (make: typeof layers.depthToSpace): Operation =>
  (at) => {
    const blockSize = at.attributes.number("block_size", 2);
    return operations.imageLayer(at.b, at.name, at.value(0), (options) => make({ ...options, blockSize }));
  };

/** TensorFlow counts to both sides, and its alpha is not divided. */
function localResponseNorm(at: Call): Operand {
  const { attributes } = at;
  const size = 2 * attributes.number("depth_radius", 5) + 1;
  const how = {
    size,
    alpha: attributes.number("alpha", 1) * size,
    beta: attributes.number("beta", 0.5),
    k: attributes.number("bias", 1),
  };
  return operations.imageLayer(at.b, at.name, at.value(0), (options) =>
    layers.localResponseNormalization({ ...options, ...how }),
  );
}

function slice(at: Call): Operand {
  const [starts, sizes] = [at.numbers(1), at.numbers(2)];
  const shape = shapeOf(at.value(0));
  const parts = starts.map((start, axis) => ({
    start,
    end: sizes[axis] === -1 ? shape[axis] : start + sizes[axis],
    step: 1,
  }));
  return operations.slice(at.b, at.name, at.value(0), parts);
}

/** x[starts:ends:steps], where bits of the masks leave ends open or take an axis away. */
function stridedSlice(at: Call): Operand {
  const [starts, ends, steps] = [1, 2, 3].map((i) => at.numbers(i));
  const [begin, end, shrink, ...others] = [
    "begin_mask",
    "end_mask",
    "shrink_axis_mask",
    "ellipsis_mask",
    "new_axis_mask",
  ].map((name) => at.attributes.number(name, 0));
  if (others.some((mask) => mask !== 0))
    throw new UnsupportedError(`${at.b.file}: ${show(at.name)} has an ellipsis or new axes`);
  const shape = shapeOf(at.value(0));
  const parts = shape.map((size, axis) => {
    const isOpen = (mask: number) => axis >= starts.length || ((mask >> axis) & 1) === 1;
    const start = isOpen(begin) ? 0 : starts[axis];
    if (axis < starts.length && (shrink >> axis) & 1) return { start, end: start === -1 ? size : start + 1, step: 1 };
    return { start, end: isOpen(end) ? size : ends[axis], step: steps[axis] ?? 1 };
  });
  const part = operations.slice(at.b, at.name, at.value(0), parts);
  const left = shapeOf(part).filter((_, axis) => axis === 0 || ((shrink >> axis) & 1) === 0);
  return operations.reshape(at.b, at.name, part, left);
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  Add: merge("add"),
  AddV2: merge("add"),
  AvgPool: pool("average"),
  BiasAdd: merge("add"),
  ClipByValue: (at) => ({ ...at.value(0), curve: clamped(at.value(0).curve, at.numbers(1)[0], at.numbers(2)[0]) }),
  ConcatV2: concat,
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dTranspose,
  DepthToSpace: blocks(layers.depthToSpace),
  DepthwiseConv2d: depthwiseConv2d,
  DepthwiseConv2dNative: depthwiseConv2d,
  Elu: grow(call({ activation: "elu" })),
  ExpandDims: expandDims,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  FusedDepthwiseConv2dNative: depthwiseConv2d,
  Identity: (at) => at.inputs[0] as Operand,
  LRN: localResponseNorm,
  LeakyRelu: (at) => leaky(at.value(0), at.attributes.number("alpha", 0.2)),
  LogSoftmax: (at) => operations.softmax(at.b, at.name, "logSoftmax", at.value(0), -1),
  MatMul: matMul,
  Max: reduction("max"),
  MaxPool: pool("max"),
  Maximum: extreme("maximum"),
  Mean: reduction("average"),
  Minimum: extreme("minimum"),
  MirrorPad: pad((at) => (at.attributes.text("mode", "REFLECT") === "REFLECT" ? "reflect" : "symmetric")),
  Mul: merge("mul"),
  Neg: grow((x) => ({ ...x, curve: rescaled(x.curve, -1, 0) })),
  Pad: pad(zeros),
  PadV2: pad(zeros),
  Prelu: (at) => prelu(at, at.value(0), at.constant(1)),
  RealDiv: divide,
  Relu: grow(FUSED.Relu),
  Relu6: grow(FUSED.Relu6),
  Reshape: (at) => operations.reshape(at.b, at.name, at.value(0), at.numbers(1)),
  ResizeBilinear: resize("bilinear"),
  ResizeNearestNeighbor: resize("nearest"),
  Selu: grow(call({ activation: "selu" })),
  Sigmoid: grow(call({ activation: "sigmoid" })),
  Slice: slice,
  Softmax: (at) => operations.softmax(at.b, at.name, "softmax", at.value(0), -1),
  Softplus: grow(call({ activation: "softplus" })),
  SpaceToDepth: blocks(layers.spaceToDepth),
  Squeeze: squeeze,
  StopGradient: (at) => at.inputs[0] as Operand,
  StridedSlice: stridedSlice,
  Sub: merge("sub"),
  Tanh: grow(call({ activation: "tanh" })),
  Transpose: (at) => operations.transpose(at.b, at.name, at.value(0), at.numbers(1)),
  _FusedConv2D: conv2d,
  _FusedMatMul: matMul,
};

/** An operation on the only input. */
function grow(f: (x: Value, at: Call) => Value): Operation {
  return (at) => f(at.value(0), at);
}

/** The names of all operations that become layers. */
export const TENSORFLOW_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

export function isKnownOperation(op: string): boolean {
  return Object.hasOwn(OPERATIONS, op);
}

export function runOperation(b: Builder, node: Node, inputs: Inputs): readonly Operand[] {
  return [OPERATIONS[node.op](new Call(b, node, inputs))];
}
