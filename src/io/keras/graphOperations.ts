/** TensorFlow's operations as layers. */
import * as layers from "../../layers/index.ts";
import * as borders from "../network/borders.ts";
import type { Builder, MergeName } from "../network/builder.ts";
import { clamped, rescaled } from "../network/curve.ts";
import type { Budget } from "../network/folding.ts";
import * as operations from "../network/operations.ts";
import { type Operand, shapeAsConstant, shapeOf, type Value, value } from "../network/value.ts";
import * as windows from "../network/windows.ts";
import { Call, type Inputs, type Node, type Operation } from "./graphCall.ts";
import { call, conv2d, conv2dTranspose, depthwiseConv2d, FUSED, leaky, matMul, prelu } from "./graphConvolutions.ts";
import { FOLDS } from "./graphFolding.ts";

function batchNorm(at: Call): Value {
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => at.constant(i).data);
  const epsilon = at.attributes.number("epsilon", 1e-3);
  return value(at.b.normalize(at.name, at.b.computed(at.value(0)), { scale, offset, mean, variance, epsilon }));
}

const pool =
  (kind: "max" | "average"): Operation =>
  (at) =>
    windows.pool(at.b, at.name, kind, at.value(0), {
      ...at.geometry(),
      dilations: undefined,
      poolSize: at.window("ksize"),
    });

const reduction =
  (kind: layers.ReduceLayerOptions["reduction"]): Operation =>
  (at) =>
    operations.reduce(at.b, at.name, kind, at.value(0), at.numbers(1), at.attributes.flag("keep_dims"));

const merge =
  (kind: MergeName): Operation =>
  (at) => {
    const [a, b] = at.inputs as readonly Operand[];
    return at.b.merge(at.name, kind, a, b);
  };

/** The axis stands last. */
function concat(at: Call): Operand {
  const last = at.inputs.length - 1;
  const values = at.inputs.slice(0, -1).map((_, i) => at.value(i));
  return operations.concatenate(at.b, at.name, values, at.numbers(last)[0]);
}

const pad =
  (borderOf: (at: Call) => borders.Border): Operation =>
  (at) => {
    const sizes = at.numbers(1);
    const pairs = shapeOf(at.value(0)).map((_, axis) => [sizes[2 * axis], sizes[2 * axis + 1]] as const);
    return borders.pad(at.b, at.name, at.value(0), pairs, borderOf(at));
  };

function constantBorder(at: Call): borders.Border {
  const [value = 0] = at.inputs.length > 2 ? at.numbers(2) : [];
  return { mode: "constant", ...(value !== 0 && { value }) };
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

function stridedSlice(at: Call): Operand {
  const { parts, left } = at.stridedParts(shapeOf(at.value(0)));
  const part = operations.slice(at.b, at.name, at.value(0), parts);
  return operations.reshape(
    at.b,
    at.name,
    part,
    shapeOf(part).filter((_, axis) => axis === 0 || left(axis)),
  );
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
  ExpandDims: (at) => operations.reshape(at.b, at.name, at.value(0), at.withAxis(shapeOf(at.value(0)))),
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
  Maximum: merge("maximum"),
  Mean: reduction("mean"),
  Min: reduction("min"),
  Minimum: merge("minimum"),
  MirrorPad: pad((at) => ({ mode: at.attributes.text("mode", "REFLECT") === "REFLECT" ? "reflect" : "symmetric" })),
  Mul: merge("mul"),
  Neg: grow((x) => ({ ...x, curve: rescaled(x.curve, -1, 0) })),
  Pad: pad(constantBorder),
  PadV2: pad(constantBorder),
  Prelu: (at) => prelu(at, at.value(0), at.constant(1)),
  RealDiv: merge("div"),
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
  Shape: (at) => shapeAsConstant(at.inputs[0] as Operand),
  Squeeze: (at) => operations.reshape(at.b, at.name, at.value(0), at.withoutAxes(shapeOf(at.value(0)), 1)),
  StopGradient: (at) => at.inputs[0] as Operand,
  StridedSlice: stridedSlice,
  Sub: merge("sub"),
  Sum: reduction("sum"),
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
  return Object.hasOwn(OPERATIONS, op) || Object.hasOwn(FOLDS, op);
}

export function runOperation(b: Builder, node: Node, inputs: Inputs, budget: Budget): readonly Operand[] {
  const at = new Call(b, node, inputs, budget);
  const isFolded = inputs.length > 0 && inputs.every((one) => one?.kind === "constant");
  const operation = isFolded && Object.hasOwn(FOLDS, node.op) ? FOLDS[node.op] : OPERATIONS[node.op];
  if (operation === undefined) throw at.unsupported("is computed for constants only");
  return [operation(at)];
}
